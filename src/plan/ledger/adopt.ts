import type { Digest } from '../../domain/digest.ts';
import type { Repository, TaggedImage } from '../../domain/image-reference.ts';
import type { LedgerEntry } from '../../domain/ledger-entry.ts';
import type { SourceSpan } from '../../domain/source-span.ts';
import type { LedgerDocument } from './document.ts';
import { type HandPin, type HandRow, type HandTable, rowMeans } from './hand-table.ts';
import type { TextLine } from './lines.ts';

/** What a hand-written ledger gave. */
export type Adoption = {
  /** What its rows say of pins that were found, with whole digests. */
  readonly entries: readonly LedgerEntry[];
  /** Whole lines whose every word is in `entries`, in order. */
  readonly removed: readonly SourceSpan[];
  /** Where the ledger goes: the start of the first table; null for the end of the text. */
  readonly at: number | null;
  /** One sentence for each row that stays where it is. */
  readonly notes: readonly string[];
};

/**
 * Reads the facts of hand-written rows for the pins they mean: same image, same tag where one is written, and digests
 * that agree in all the digits written. A row goes into the ledger's table only if all it says has a place there; any
 * other (no pin means it, a note in a column of its own, an unreadable date) stays where it is and is reported.
 */
export function adoptTables(
  document: LedgerDocument,
  pins: readonly { readonly image: TaggedImage; readonly digest: Digest }[],
): Adoption {
  const entries: LedgerEntry[] = [];
  const removed: SourceSpan[] = [];
  const notes: string[] = [];
  for (const table of document.tables) {
    const kept = table.rows.filter((row) => {
      const adopted = adoptRow(row, pins);
      entries.push(...adopted);
      const why = reasonToKeep(row, adopted.length);
      if (why !== null)
        notes.push(`${document.path}:${row.line.number}: this row was left unchanged: ${why}`);
      return why !== null;
    });
    removed.push(...linesToRemove(table, new Set(kept)));
  }
  return { entries, removed, at: document.tables[0]?.head[0].start ?? null, notes };
}

/**
 * The tag the ledger knows a digest by: what a `FROM debian@sha256:…` follows. Hand-written rows count, short digests
 * too. Null where no row means it, or rows disagree.
 */
export function ledgerTag(document: LedgerDocument, repository: Repository, digest: Digest): string | null {
  const tags = new Set<string>();
  for (const entry of document.entries) {
    const { image } = entry;
    const same = image.registry === repository.registry && image.repository === repository.repository;
    if (same && entry.digest === digest) tags.add(image.tag);
  }
  for (const { pin } of document.tables.flatMap((table) => table.rows)) {
    if (pin?.tag != null && rowMeans(pin, { ...repository, tag: pin.tag }, digest)) tags.add(pin.tag);
  }
  const [tag, ...others] = tags;
  return others.length === 0 ? (tag ?? null) : null;
}

function adoptRow(
  row: HandRow,
  pins: readonly { readonly image: TaggedImage; readonly digest: Digest }[],
): readonly LedgerEntry[] {
  const meant: HandPin | null = row.pin;
  if (meant === null) return [];
  const { published, firstSeen, pinnedOn } = row;
  return pins
    .filter((pin) => rowMeans(meant, pin.image, pin.digest))
    .map(({ image, digest }) => ({
      image,
      digest,
      kind: null,
      platforms: [],
      published,
      firstSeen,
      pinnedOn,
      status: 'unknown',
      stopped: null,
      usedIn: [],
    }));
}

function reasonToKeep(row: HandRow, adopted: number): string | null {
  if (row.pin === null) return 'it has no readable image and digest';
  if (adopted === 0) return 'no pin in the files has this image, tag and digest';
  if (row.extra.length === 0) return null;
  return `the ledger has no column for ${row.extra.map((name) => JSON.stringify(name)).join(', ')}`;
}

function linesToRemove(table: HandTable, kept: ReadonlySet<HandRow>): readonly SourceSpan[] {
  const lines: TextLine[] = table.rows.filter((row) => !kept.has(row)).map((row) => row.line);
  if (kept.size === 0) lines.unshift(...table.head);
  return lines.map((line) => ({ start: line.start, end: line.next }));
}
