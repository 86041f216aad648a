import type { Digest } from '../../domain/digest.ts';
import { parseImageReference, type Repository } from '../../domain/image-reference.ts';
import { type IsoDate, isIsoDate } from '../../domain/ledger-entry.ts';
import { isDelimiterRow, isNothing, splitRow } from './cells.ts';
import { type Column, readHead } from './columns.ts';
import type { TextLine } from './lines.ts';

/** A table people wrote, with an image and a digest column. */
export type HandTable = {
  /** The head and the line under it. */
  readonly head: readonly [TextLine, TextLine];
  readonly rows: readonly HandRow[];
};

/** One row of it, as far as it could be read. */
export type HandRow = {
  readonly line: TextLine;
  /** Null where the image cell names none, or the digest cell holds no digest. */
  readonly pin: HandPin | null;
  readonly published: IsoDate | null;
  readonly firstSeen: IsoDate | null;
  readonly pinnedOn: IsoDate | null;
  /** What the row says and the ledger has no place for, by the head's words: it keeps the row where it stands. */
  readonly extra: readonly string[];
};

export type HandPin = Repository & {
  readonly tag: string | null;
  readonly algorithm: 'sha256' | 'sha512' | null;
  /** The first hex digits, at least seven; all of them where the digest is whole. */
  readonly prefix: string;
  /** The last ones, where the middle was left out; else empty. */
  readonly suffix: string;
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DATE_COLUMNS = ['published', 'firstSeen', 'pinnedOn'] as const;

/** Finds the tables with an image and a digest column. Code blocks are left alone. Linear. */
export function findHandTables(lines: readonly TextLine[]): readonly HandTable[] {
  const tables: HandTable[] = [];
  for (let at = 0; at + 1 < lines.length; at++) {
    const [head, under] = [lines[at], lines[at + 1]];
    if (head === undefined || under === undefined || !isRow(head) || !isRow(under)) continue;
    const names = splitRow(head.text);
    const delimiters = splitRow(under.text);
    if (!isDelimiterRow(delimiters) || delimiters.length !== names.length) continue;
    const columns = readHead(names.map(plainText));
    const rows: HandRow[] = [];
    let end = at + 2;
    for (let line = lines[end]; line !== undefined && isRow(line); line = lines[end]) {
      rows.push(readRow(line, columns, names.map(plainText)));
      end += 1;
    }
    if (columns.includes('image') && columns.includes('digest')) tables.push({ head: [head, under], rows });
    at = end - 1;
  }
  return tables;
}

/** Whether a hand-written row means this image at this digest. */
export function rowMeans(
  row: HandPin,
  image: Repository & { readonly tag: string },
  digest: Digest,
): boolean {
  const colon = digest.indexOf(':');
  const hex = digest.slice(colon + 1);
  return (
    row.registry === image.registry &&
    row.repository === image.repository &&
    (row.tag === null || row.tag === image.tag) &&
    (row.algorithm === null || row.algorithm === digest.slice(0, colon)) &&
    hex.startsWith(row.prefix) &&
    hex.endsWith(row.suffix)
  );
}

/** What a cell says without links, code, emphasis, line breaks and escapes. Linear. */
export function plainText(cell: string): string {
  return cell
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/[`*]|\\(?=[_~|-])/g, '')
    .trim();
}

function isRow(line: TextLine): boolean {
  return !line.fenced && line.text.includes('|');
}

function readRow(line: TextLine, columns: readonly (Column | null)[], names: readonly string[]): HandRow {
  const cells = splitRow(line.text).map(plainText);
  const cell = (column: Column): string => cells[columns.indexOf(column)] ?? '';
  const extra = cells.flatMap((text, index) => {
    const known = index < columns.length && (columns[index] ?? null) !== null;
    return known || isNothing(text) ? [] : [names[index] || text];
  });
  const dates = DATE_COLUMNS.map((column) => {
    const text = columns.includes(column) ? cell(column) : '';
    const date = readDate(text);
    if (date === null && !isNothing(text) && text.toLowerCase() !== 'unknown') {
      extra.push(names[columns.indexOf(column)] ?? column);
    }
    return date;
  });
  const [published = null, firstSeen = null, pinnedOn = null] = dates;
  return {
    line,
    pin: readPin(cell('image'), cell('tag'), cell('digest')),
    published,
    firstSeen,
    pinnedOn,
    extra,
  };
}

function readPin(imageCell: string, tagCell: string, digestCell: string): HandPin | null {
  const named = (imageCell.split('@')[0] ?? '').trim().toLowerCase();
  const withTag = parseImageReference(keepTagCase(imageCell, named));
  if (!withTag.ok) return null;
  const { registry, repository } = withTag.value;
  const digest = /(?:(sha256|sha512):)?([0-9a-f]{7,128})(?:(?:…|\.{2,3})([0-9a-f]{0,128}))?/.exec(
    digestCell.toLowerCase(),
  );
  if (digest === null) return null;
  const algorithm = digest[1] === 'sha256' || digest[1] === 'sha512' ? digest[1] : null;
  const tag = isNothing(tagCell) ? withTag.value.tag : tagCell.replace(/^:/, '');
  return { registry, repository, tag, algorithm, prefix: digest[2] ?? '', suffix: digest[3] ?? '' };
}

/** Names are lower case and people write "Python"; tags keep their case. */
function keepTagCase(imageCell: string, named: string): string {
  const original = (imageCell.split('@')[0] ?? '').trim();
  const colon = original.indexOf(':', original.lastIndexOf('/') + 1);
  return colon < 0 ? named : named.slice(0, colon) + original.slice(colon);
}

/** `2026-01-31`, also with a time behind it; `31 Jan 2026`; `January 31, 2026`. Numbers alone are ambiguous: null. */
function readDate(text: string): IsoDate | null {
  const iso = text.slice(0, 10);
  if (isIsoDate(iso) && !/^\d/.test(text.slice(10))) return iso;
  const words = text
    .toLowerCase()
    .split(/[\s,.]+/)
    .filter((word) => word !== '');
  if (words.length !== 3) return null;
  const month = words.findIndex((word) => MONTHS.includes(word.slice(0, 3)) && /^[a-z]+$/.test(word));
  const year = words.find((word) => /^\d{4}$/.test(word));
  const day = words.find((word) => /^\d{1,2}(?:st|nd|rd|th)?$/.test(word));
  if (month < 0 || year === undefined || day === undefined) return null;
  const monthNumber = MONTHS.indexOf((words[month] ?? '').slice(0, 3)) + 1;
  const date = `${year}-${String(monthNumber).padStart(2, '0')}-${String(Number.parseInt(day, 10)).padStart(2, '0')}`;
  return isIsoDate(date) ? date : null;
}
