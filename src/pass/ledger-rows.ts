import type { LedgerEntry } from '../domain/ledger-entry.ts';
import { parsePlatforms } from '../domain/platform.ts';
import { adoptTables } from '../plan/ledger/adopt.ts';
import { type Pin, pinKey } from '../plan/pins.ts';
import type { ImageShape, PinnedImage } from '../resolve/resolution.ts';
import type { Survey } from './survey.ts';

/** The ledger's row of a pin, found in one step; null where it has none. */
export type LedgerRows = (pin: Pick<Pin, 'image' | 'from'>) => LedgerEntry | null;

/** The ledger's rows. Hand-written tables count, as they would once the ledger is written. */
export function ledgerEntries({ ledger }: Survey, pins: readonly Pin[]): readonly LedgerEntry[] {
  if (ledger === null) return [];
  const pinned = pins.flatMap((pin) => (pin.from === null ? [] : [{ image: pin.image, digest: pin.from }]));
  return [...ledger.entries, ...adoptTables(ledger, pinned).entries];
}

/** Finds rows by pin; of rows that stand twice the first counts. */
export function ledgerRows(entries: readonly LedgerEntry[]): LedgerRows {
  const rows = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const key = pinKey({ image: entry.image, from: entry.digest });
    if (!rows.has(key)) rows.set(key, entry);
  }
  return (pin) => rows.get(pinKey(pin)) ?? null;
}

/** The ledger's word on what a pinned digest is: saves asking the registry. */
export function knownShapes(rowOf: LedgerRows): (pin: PinnedImage) => ImageShape | null {
  return (pin) => {
    const row = rowOf(pin);
    if (row === null || row.kind === null) return null;
    const platforms = parsePlatforms(row.platforms);
    return platforms.length === 0 ? null : { kind: row.kind, platforms };
  };
}
