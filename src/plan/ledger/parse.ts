import { isDigest } from '../../domain/digest.ts';
import { parseImageReference } from '../../domain/image-reference.ts';
import { type IsoDate, isIsoDate, type LedgerEntry } from '../../domain/ledger-entry.ts';
import { PIN_STATUSES } from '../../domain/pin-status.ts';
import {
  EMPTY_CELL,
  isDelimiterRow,
  isNothing,
  parsePathsCell,
  parsePlatformsCell,
  parseStatusCell,
  splitRow,
  withoutCode,
} from './cells.ts';
import { type Column, readHead } from './columns.ts';
import { damaged, END_MARKER, type LedgerDocument, START_MARKER } from './document.ts';
import { findHandTables } from './hand-table.ts';
import { splitLines, type TextLine } from './lines.ts';

const REQUIRED: readonly Column[] = ['image', 'tag', 'digest'];

/**
 * Reads a ledger's text (null: there is no file). Between the markers every line must be right; outside, the text is
 * people's own and only looked at for tables to adopt where there are no markers yet.
 * Throws PlanError `ledger-damaged` with the line: a marker missing or doubled, conflict markers, a row that is broken,
 * doubled or says something impossible. Linear in the text's length.
 */
export function parseLedger(path: string, text: string | null): LedgerDocument {
  if (text === null) return { path, text, lineEnd: '\n', block: null, entries: [], tables: [] };
  const lines = splitLines(text);
  refuseConflict(path, lines);
  const starts = lines.filter((line) => isMarker(line, START_MARKER));
  const ends = lines.filter((line) => isMarker(line, END_MARKER));
  const lineEnd = preferredLineEnd(text, starts[0]);
  const [start, secondStart] = starts;
  const [end, secondEnd] = ends;
  if (start === undefined && end === undefined) {
    return { path, text, lineEnd, block: null, entries: [], tables: findHandTables(lines) };
  }
  if (secondStart !== undefined)
    throw damaged(path, secondStart.number, 'there is a second start marker here');
  if (secondEnd !== undefined) throw damaged(path, secondEnd.number, 'there is a second end marker here');
  if (start === undefined)
    throw damaged(path, end?.number ?? 1, `this end marker has no start: ${START_MARKER}`);
  if (end === undefined) throw damaged(path, start.number, `this start marker has no end: ${END_MARKER}`);
  if (end.start < start.start)
    throw damaged(path, end.number, 'the end marker comes before the start marker');
  const within = lines.slice(start.number, end.number - 1);
  const block = { start: markerStart(start), end: markerStart(end) + end.text.trim().length };
  return { path, text, lineEnd, block, entries: parseBlock(path, start, within), tables: [] };
}

function parseBlock(path: string, start: TextLine, lines: readonly TextLine[]): readonly LedgerEntry[] {
  const filled = lines.filter((line) => line.text.trim() !== '');
  const [head, under, ...rows] = filled;
  if (head === undefined) return [];
  const columns = readHead(splitRow(head.text));
  const unknown = columns.indexOf(null);
  if (!head.text.trim().startsWith('|')) throw damaged(path, head.number, 'expected a table row here');
  if (unknown >= 0) {
    const name = splitRow(head.text)[unknown] ?? '';
    throw damaged(path, head.number, `the ledger has no column ${JSON.stringify(name)}`);
  }
  for (const column of REQUIRED) {
    if (!columns.includes(column)) throw damaged(path, head.number, `the table has no ${column} column`);
  }
  const dashes = under === undefined ? [] : splitRow(under.text);
  if (!isDelimiterRow(dashes)) {
    throw damaged(path, under?.number ?? start.number, 'the line of dashes under the table head is missing');
  }
  if (under !== undefined && dashes.length !== columns.length) {
    const found = `the line of dashes has ${dashes.length} cells and the head ${columns.length}`;
    throw damaged(path, under.number, `${found}: this is not a table`);
  }
  const seen = new Map<string, number>();
  return rows.map((line) => {
    const entry = parseRow(path, line, columns);
    const key = `${entry.image.registry}/${entry.image.repository}:${entry.image.tag}@${entry.digest}`;
    const earlier = seen.get(key);
    if (earlier !== undefined)
      throw damaged(path, line.number, `this row is the same pin as line ${earlier}`);
    seen.set(key, line.number);
    return entry;
  });
}

function parseRow(path: string, line: TextLine, columns: readonly (Column | null)[]): LedgerEntry {
  if (!line.text.trim().startsWith('|')) throw damaged(path, line.number, 'expected a table row here');
  const cells = splitRow(line.text);
  if (cells.length !== columns.length) {
    throw damaged(
      path,
      line.number,
      `the row has ${cells.length} cells and the table ${columns.length} columns`,
    );
  }
  const cell = (column: Column): string => cells[columns.indexOf(column)] ?? EMPTY_CELL;
  const bad = (column: Column, want: string) =>
    damaged(path, line.number, `${JSON.stringify(cell(column).slice(0, 120))} is not ${want}`);

  const name = withoutCode(cell('image'));
  const tag = withoutCode(cell('tag'));
  const reference = parseImageReference(`${name}:${tag}`);
  if (!reference.ok || reference.value.name !== name) throw bad('image', 'an image name with a valid tag');
  const digest = withoutCode(cell('digest'));
  if (!isDigest(digest)) throw bad('digest', 'a whole digest ("sha256:" and 64 hex digits)');
  const shape = parsePlatformsCell(cell('platforms'));
  if (shape === null) throw bad('platforms', 'a kind ("index" or "manifest") and platforms');
  const usedIn = parsePathsCell(cell('usedIn'));
  if (usedIn === null) throw bad('usedIn', 'a list of paths, each in backticks');
  const stands = parseStatusCell(columns.includes('status') ? withoutCode(cell('status')) : 'unknown');
  if (stands === null) {
    throw bad(
      'status',
      `a status (${PIN_STATUSES.join(', ')}, optionally followed by ", held" or ", blocked")`,
    );
  }
  const date = (column: Column): IsoDate | null => {
    const text = cell(column);
    if (isNothing(text)) return null;
    if (!isIsoDate(text)) throw bad(column, 'a day like 2026-01-31');
    return text;
  };
  const { registry, repository } = reference.value;
  return {
    image: { registry, repository, tag },
    digest,
    ...shape,
    published: date('published'),
    firstSeen: date('firstSeen'),
    pinnedOn: date('pinnedOn'),
    ...stands,
    usedIn,
  };
}

function refuseConflict(path: string, lines: readonly TextLine[]): void {
  for (const line of lines) {
    if (line.fenced) continue;
    if (/^(?:<{7}|>{7}|\|{7})(?: |$)/.test(line.text)) {
      throw damaged(path, line.number, 'there is an unresolved merge conflict here');
    }
  }
}

function isMarker(line: TextLine, marker: string): boolean {
  return !line.fenced && line.text.trim() === marker && !/^(?: {4}|\t)/.test(line.text);
}

function markerStart(line: TextLine): number {
  return line.end - line.text.trimStart().length;
}

function preferredLineEnd(text: string, marker: TextLine | undefined): '\n' | '\r\n' {
  const at = marker?.end ?? text.search(/[\r\n]/);
  return text.startsWith('\r\n', at < 0 ? text.length : at) ? '\r\n' : '\n';
}
