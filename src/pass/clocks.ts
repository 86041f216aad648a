import { type PinHistory, type PinnedOn, readMade } from '../assess/age.ts';
import type { Digest } from '../domain/digest.ts';
import { type IsoDate, isIsoDate, isoDate } from '../domain/ledger-entry.ts';
import { believePublished, type KnownSince } from '../domain/published.ts';
import type { Pin } from '../plan/pins.ts';
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
    const firstSeen = row?.firstSeen ?? null;
    const pinnedOn = row?.pinnedOn ?? fromHistory ?? commentDate(pin);
    const written = takesLedger(pin) ? (row?.published ?? null) : null;
    const published =
      written ??
      (age.basis.includes('published')
        ? await this.#published(pin, pin.from, { firstSeen, pinnedOn })
        : null);
    return { published, firstSeen, pinnedOn };
  }

  /** The clocks that the ledger and a comment alone tell, where they settle the age; null where a registry must be asked. */
  atHand({ pin, age }: Timed): PinClocks | null {
    const row = this.#sources.rowOf(pin);
    if (row === null || !this.#sources.takesLedger(pin)) return null;
    const { published, firstSeen, pinnedOn } = row;
    const clocks = { published, firstSeen, pinnedOn: pinnedOn ?? commentDate(pin) };
    const { basis } = assessAge({ clocks, hasNewer: null }, age, this.#sources.asOf);
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
    } catch {
      // What the registry does not answer is no fact; the other clocks speak, and its outage shows in the resolution.
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

/** The day a comment beside the pin gives: `# debian:bookworm-slim (pinned 2026-01-31)`. */
function commentDate(pin: Pin): IsoDate | null {
  const dates = pin.sites.flatMap((site) =>
    [...site.slots, ...(site.tagHint?.slots ?? [])].flatMap(({ holds, text }) =>
      holds === 'date' && isIsoDate(text) ? [text] : [],
    ),
  );
  return dates.sort()[0] ?? null;
}
