import { type PinHistory, type PinnedOn, readMade } from '../assess/age.ts';
import type { Digest } from '../domain/digest.ts';
import { type Failure, toFailure } from '../domain/errors.ts';
import { tagKey } from '../domain/image-reference.ts';
import { type IsoDate, isIsoDate, isoDate, type LedgerEntry } from '../domain/ledger-entry.ts';
import { believePublished, type KnownSince } from '../domain/published.ts';
import { type Pin, pinKey } from '../plan/pins.ts';
import { type AgeAssessment, assessAge, type PinClocks } from '../policy/age.ts';
import type { AgeRules } from '../policy/rules.ts';
import type { Registry } from '../resolve/registry.ts';
import type { LedgerRows } from './ledger-rows.ts';

export type ClockSources = {
  readonly registry: Registry;
  readonly history: PinHistory | null;
  readonly rowOf: LedgerRows;
  /** Whether the ledger's word on when a pin's digest was published is taken. */
  readonly takesLedger: (pin: Pin) => boolean;
  readonly asOf: Date;
};

/** A pin whose clocks are asked for, and by which of them its age is counted. */
export type Timed = { readonly pin: Pin; readonly age: AgeRules };

/**
 * The three clocks of pins: one place that reads the ledger, the history and the images themselves, so that every view of
 * a pass has the same dates. What one pin was told another is not asked again.
 */
export class Clocks {
  readonly #sources: ClockSources;
  readonly #history = new Map<Digest, PinnedOn>();
  readonly #unread = new Map<string, Failure>();

  constructor(sources: ClockSources) {
    this.#sources = sources;
  }

  /**
   * Asks the history about pins whose ledger row does not say since when they are pinned: one question for all of them.
   * To be called before {@link read}.
   */
  async prepare(pins: readonly Pin[]): Promise<void> {
    const { history, rowOf } = this.#sources;
    if (history === null) return;
    const files = new Map<Digest, Set<string>>();
    for (const pin of pins) {
      if (pin.from === null || rowOf(pin)?.pinnedOn || this.#history.has(pin.from)) continue;
      const known = files.get(pin.from) ?? new Set();
      files.set(pin.from, known);
      for (const site of pin.sites) known.add(site.file);
    }
    if (files.size === 0) return;
    const told = await history.pinnedOn([...files.keys()], (digest) => [...(files.get(digest) ?? [])]);
    for (const [digest, answer] of told) this.#history.set(digest, answer);
  }

  /** The clocks of a pin: the ledger's word first, then the history's and the image's own, for which it may be fetched. */
  async read({ pin, age }: Timed): Promise<PinClocks> {
    if (pin.from === null) return NO_CLOCKS;
    const { rowOf, asOf, takesLedger } = this.#sources;
    const row = rowOf(pin);
    const told = this.#history.get(pin.from);
    const fromHistory =
      told?.status === 'known' ? told.date : told?.status === 'uncommitted' ? isoDate(asOf) : null;
    const pinnedOn = row?.pinnedOn ?? fromHistory ?? commentDate(pin);
    const firstSeen = seenSince(row, pinnedOn);
    const written = row !== null && takesLedger(pin) ? believedRow(row, asOf) : null;
    const published =
      written ??
      (age.basis.includes('published')
        ? await this.#published(pin, pin.from, { firstSeen, pinnedOn })
        : null);
    return { published, firstSeen, pinnedOn };
  }

  /** The image that did not say when it was published because its registry did not answer; null where it did, or was not asked. */
  unread(pin: Pin): Failure | null {
    return this.#unread.get(pinKey(pin)) ?? null;
  }

  /** The clocks that the ledger and a comment alone tell, where they settle the age; null where a registry must be asked. */
  atHand({ pin, age }: Timed): PinClocks | null {
    const { rowOf, takesLedger, asOf } = this.#sources;
    const row = rowOf(pin);
    if (row === null || !takesLedger(pin)) return null;
    const pinnedOn = row.pinnedOn ?? commentDate(pin);
    const clocks = { published: believedRow(row, asOf), firstSeen: seenSince(row, pinnedOn), pinnedOn };
    const { basis } = assessAge({ clocks, hasNewer: null }, age, asOf);
    // Without a day on which it was pinned the history may know of an earlier one than the row's first seen.
    if (basis === 'first-seen' && row.pinnedOn === null) return null;
    return basis !== null && basis === age.basis[0] ? clocks : null;
  }

  /** Why the history does not say since when some pins are there, each reason once, as sentences. */
  notes(): readonly string[] {
    const reasons = [...this.#history.values()].flatMap((told) =>
      told.status === 'unknown' ? [told.reason] : [],
    );
    return [...new Set(reasons)].map(
      (reason) => `the history does not show when some pins were added: ${reason}`,
    );
  }

  async #published(pin: Pin, digest: Digest, known: KnownSince): Promise<IsoDate | null> {
    try {
      const made = await readMade(this.#sources.registry, pin.image, digest);
      return made === null ? null : believePublished(made, this.#sources.asOf, known);
    } catch (error) {
      // What the registry does not answer is no fact: the other clocks speak, and the outage is told.
      this.#unread.set(pinKey({ image: pin.image, from: digest }), toFailure(tagKey(pin.image), error));
      return null;
    }
  }
}

export const NO_CLOCKS: PinClocks = { published: null, firstSeen: null, pinnedOn: null };

/** The age of a pinned digest; null where its clocks were not looked at. Pure. */
export function ageOf(
  clocks: PinClocks | null,
  hasNewer: boolean | null,
  rules: AgeRules,
  asOf: Date,
): AgeAssessment | null {
  return clocks === null ? null : assessAge({ clocks, hasNewer }, rules, asOf);
}

/** What was pinned on a day was there to be seen on it: a row written without the history may say a later one. */
function seenSince(row: LedgerEntry | null, pinnedOn: IsoDate | null): IsoDate | null {
  const firstSeen = row?.firstSeen ?? null;
  return firstSeen !== null && pinnedOn !== null && pinnedOn < firstSeen ? pinnedOn : firstSeen;
}

/** The day of publishing that a row says, by the same rule as the image's own word; null where it is not believable. */
function believedRow({ published, firstSeen, pinnedOn }: LedgerEntry, asOf: Date): IsoDate | null {
  return believePublished({ created: published, newestPart: null }, asOf, { firstSeen, pinnedOn });
}

/** The day a comment beside the pin gives: `# debian:bookworm-slim (pinned 2026-01-31)`. */
export function commentDate(pin: Pin): IsoDate | null {
  const dates = pin.sites.flatMap((site) =>
    [...site.slots, ...(site.tagHint?.slots ?? [])].flatMap(({ holds, text }) =>
      holds === 'date' && isIsoDate(text) ? [text] : [],
    ),
  );
  return dates.sort()[0] ?? null;
}
