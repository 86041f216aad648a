import { type PinHistory, type PinnedOn, readMade } from '../assess/age.ts';
import type { Digest } from '../domain/digest.ts';
import { type IsoDate, isIsoDate, isoDate, type LedgerEntry } from '../domain/ledger-entry.ts';
import { adoptTables } from '../plan/ledger/adopt.ts';
import { type Pin, pinKey } from '../plan/pins.ts';
import type { PinClocks } from '../policy/age.ts';
import { believePublished } from '../policy/published.ts';
import type { ImageRules } from '../policy/rules.ts';
import type { Registry } from '../resolve/registry.ts';
import type { Survey } from './survey.ts';

/** The ledger's row of a pin; null where it has none. */
export type LedgerRows = (pin: Pick<Pin, 'image' | 'from'>) => LedgerEntry | null;

/** What the clocks of a pin are read from. */
export type ClockSources = {
  readonly ports: { readonly registry: Registry };
  readonly asOf: Date;
  readonly rowOf: LedgerRows;
  readonly history: ReadonlyMap<Digest, PinnedOn>;
  /** Whether the ledger's word on when a digest was published is taken; default true. */
  readonly takesLedger?: boolean;
};

/** The three clocks of a pin: the ledger's word first, then the history's and the image's own. */
export async function clocksOf(pin: Pin, rules: ImageRules, context: ClockSources): Promise<PinClocks> {
  if (pin.from === null) return { published: null, firstSeen: null, pinnedOn: null };
  const entry = context.rowOf(pin);
  const told = context.history.get(pin.from);
  const fromHistory =
    told?.status === 'known' ? told.date : told?.status === 'uncommitted' ? isoDate(context.asOf) : null;
  const firstSeen = entry?.firstSeen ?? null;
  const pinnedOn = entry?.pinnedOn ?? fromHistory ?? commentDate(pin);
  const published =
    (context.takesLedger === false ? null : entry?.published) ??
    (rules.age.basis.includes('published')
      ? await publishedOf(pin, pin.from, context, { firstSeen, pinnedOn })
      : null);
  return { published, firstSeen, pinnedOn };
}

async function publishedOf(
  pin: Pin,
  digest: Digest,
  { ports, asOf }: ClockSources,
  known: { readonly firstSeen: IsoDate | null; readonly pinnedOn: IsoDate | null },
): Promise<IsoDate | null> {
  try {
    const made = await readMade(ports.registry, pin.image, digest);
    return made === null ? null : believePublished({ pushed: null, ...made }, asOf, known).date;
  } catch {
    // What the registry does not answer is no fact; the other clocks speak, and its outage shows in the resolution.
    return null;
  }
}

/** When the pins came in of which the ledger does not say it. */
export async function askHistory(
  history: PinHistory | null,
  pinned: readonly Pin[],
  rowOf: LedgerRows,
): Promise<ReadonlyMap<Digest, PinnedOn>> {
  const open = pinned.flatMap((pin) => (pin.from === null || rowOf(pin)?.pinnedOn ? [] : [pin.from]));
  if (history === null || open.length === 0) return new Map();
  const files = new Map<Digest, string[]>();
  for (const { from, sites } of pinned) {
    if (from !== null) files.set(from, [...(files.get(from) ?? []), ...sites.map((site) => site.file)]);
  }
  return history.pinnedOn(open, (digest) => [...new Set(files.get(digest) ?? [])]);
}

/** The ledger's rows. Hand-written tables count, as they would once the ledger is written. */
export function ledgerEntries({ ledger }: Survey, pinned: readonly Pin[]): readonly LedgerEntry[] {
  if (ledger === null) return [];
  const pins = pinned.flatMap((pin) => (pin.from === null ? [] : [{ image: pin.image, digest: pin.from }]));
  return [...ledger.entries, ...adoptTables(ledger, pins).entries];
}

/** Finds rows by pin, each in one step; of rows that stand twice the first counts. */
export function ledgerRows(entries: readonly LedgerEntry[]): LedgerRows {
  const rows = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const key = pinKey({ image: entry.image, from: entry.digest });
    if (!rows.has(key)) rows.set(key, entry);
  }
  return (pin) => rows.get(pinKey(pin)) ?? null;
}

/** The ledger's clocks of a pin, and the day of a comment beside it: what is known without asking anyone. */
export function ledgerClocks(pin: Pin, rowOf: LedgerRows): PinClocks {
  const entry = rowOf(pin);
  return {
    published: entry?.published ?? null,
    firstSeen: entry?.firstSeen ?? null,
    pinnedOn: entry?.pinnedOn ?? commentDate(pin),
  };
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

/** Why the history does not say it, each reason once, as sentences. */
export function historyNotes(history: ReadonlyMap<Digest, PinnedOn>): readonly string[] {
  const reasons = [...history.values()].flatMap((told) => (told.status === 'unknown' ? [told.reason] : []));
  return [...new Set(reasons)].map(
    (reason) => `the history does not say since when some pins are there: ${reason}`,
  );
}
