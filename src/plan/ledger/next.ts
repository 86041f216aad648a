import type { Digest } from '../../domain/digest.ts';
import { canonicalName, type TaggedImage, tagKey } from '../../domain/image-reference.ts';
import type { IsoDate, LedgerEntry } from '../../domain/ledger-entry.ts';
import { PIN_STATUSES, type PinStatus, type Stopped } from '../../domain/pin-status.ts';
import { parsePlatform, platformKey } from '../../domain/platform.ts';
import { compareText } from '../../domain/text.ts';

/** One pin as it stands after the pass. */
export type LedgerPin = {
  readonly image: TaggedImage;
  readonly digest: Digest;
  /** Whether this pass brings the digest into the files. */
  readonly moved: boolean;
  /** Null, or no platforms, where it was not looked up: then the ledger's words stay. */
  readonly shape: Pick<LedgerEntry, 'kind' | 'platforms'> | null;
  /** Null where unknown: then the ledger's word stays. */
  readonly published: IsoDate | null;
  readonly firstSeen: IsoDate | null;
  /** When an unmoved digest came into the repository. */
  readonly pinnedOn: IsoDate | null;
  /** Null where it was not looked up: then the ledger's word stays. */
  readonly status: PinStatus | null;
  /** `as-before` where no registry answered, so that an outage changes nothing. */
  readonly stopped: Stopped | 'as-before' | null;
  readonly usedIn: readonly string[];
};

/**
 * The ledger's rows after a pass, sorted, one for each image, tag and digest; pins that came to agree are one row. Rows
 * of pins that are gone are left out.
 *
 * First seen and pinned on stay as long as the digest does, under whichever tag. A new row is first seen today, unless
 * somebody knows of an earlier day. It is pinned today if this pass pinned it, or if it takes the place of a row that is
 * gone (a person moved it); any other pin is older than anyone here knows, and its day stays open. Doing it again
 * changes nothing.
 */
export function nextLedger(
  previous: readonly LedgerEntry[],
  pins: readonly LedgerPin[],
  today: IsoDate,
): readonly LedgerEntry[] {
  const byRow = new Map(previous.map((entry) => [rowKey(entry), entry]));
  const byDigest = Map.groupBy(previous, digestKey);
  const groups = Map.groupBy(pins, rowKey);
  const replaced = new Set(
    previous.filter((row) => !groups.has(rowKey(row))).map((row) => tagKey(row.image)),
  );
  return [...groups.values()]
    .flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const known = byRow.get(rowKey(first)) ?? byDigest.get(digestKey(first))?.[0] ?? null;
      return [nextEntry([first, ...others], known, replaced.has(tagKey(first.image)), today)];
    })
    .sort(compareRows);
}

/** Whether rows name a digest of an image, under whichever tag. */
export function rowFinder(rows: readonly LedgerEntry[]): (row: RowName) => boolean {
  const known = new Set(rows.map(digestKey));
  return (row) => known.has(digestKey(row));
}

type RowName = Pick<LedgerEntry, 'image' | 'digest'>;

/** The ledger's order: image, tag, digest, by code unit. */
export function compareRows(a: RowName, b: RowName): number {
  return (
    compareText(canonicalName(a.image), canonicalName(b.image)) ||
    compareText(a.image.tag, b.image.tag) ||
    compareText(a.digest, b.digest)
  );
}

function nextEntry(
  pins: readonly [LedgerPin, ...LedgerPin[]],
  known: LedgerEntry | null,
  replacesRow: boolean,
  today: IsoDate,
): LedgerEntry {
  const [{ image, digest }] = pins;
  const isNew = known === null && (replacesRow || pins.every((pin) => pin.moved));
  const pinnedBefore = earliest(pins.map((pin) => (pin.moved ? null : pin.pinnedOn)));
  const pinnedOn = known?.pinnedOn ?? pinnedBefore ?? (isNew ? today : null);
  return {
    image,
    digest,
    ...nextShape(pins, known),
    published: earliest(pins.map((pin) => pin.published)) ?? known?.published ?? null,
    // What was pinned on a day was there to be seen on it.
    firstSeen: earliest([known?.firstSeen ?? earliest(pins.map((pin) => pin.firstSeen)), pinnedOn]) ?? today,
    pinnedOn,
    status: worst(pins.map((pin) => pin.status)) ?? known?.status ?? 'unknown',
    stopped: nextStopped(pins, known),
    usedIn: [...new Set(pins.flatMap((pin) => pin.usedIn))].sort(compareText),
  };
}

function nextShape(
  pins: readonly LedgerPin[],
  known: LedgerEntry | null,
): Pick<LedgerEntry, 'kind' | 'platforms'> {
  const seen = pins.map((pin) => pin.shape).find((shape) => shape !== null && shape.platforms.length > 0);
  if (seen != null) return { kind: seen.kind, platforms: normalise(seen.platforms) };
  const kind = pins.map((pin) => pin.shape?.kind ?? null).find((one) => one !== null) ?? null;
  return { kind: kind ?? known?.kind ?? null, platforms: known?.platforms ?? [] };
}

function normalise(platforms: readonly string[]): readonly string[] {
  const texts = platforms.map((text) => {
    const platform = parsePlatform(text);
    return platform === null ? text : platformKey(platform);
  });
  return [...new Set(texts)].filter((text) => text !== '').sort(compareText);
}

function earliest(dates: readonly (IsoDate | null)[]): IsoDate | null {
  return dates.filter((date) => date !== null).sort(compareText)[0] ?? null;
}

function worst(statuses: readonly (PinStatus | null)[]): PinStatus | null {
  return PIN_STATUSES.find((status) => statuses.includes(status)) ?? null;
}

/** Blocked before held; the row's own word where no registry answered for any of the pins. */
function nextStopped(pins: readonly LedgerPin[], known: LedgerEntry | null): Stopped | null {
  const told = pins.map((pin) => pin.stopped);
  if (told.includes('blocked')) return 'blocked';
  if (told.includes('held')) return 'held';
  return told.every((one) => one === 'as-before') ? (known?.stopped ?? null) : null;
}

function rowKey(row: { readonly image: TaggedImage; readonly digest: Digest }): string {
  return `${tagKey(row.image)}@${row.digest}`;
}

function digestKey(row: { readonly image: TaggedImage; readonly digest: Digest }): string {
  return `${canonicalName(row.image)}@${row.digest}`;
}
