import type { LedgerEntry } from '../../domain/ledger-entry.ts';
import type { SourceSpan } from '../../domain/source-span.ts';
import type { Adoption } from './adopt.ts';
import { EMPTY_CELL, imageName, pathsCell, platformsCell, statusCell } from './cells.ts';
import { HEAD } from './columns.ts';
import { END_MARKER, type LedgerDocument, START_MARKER } from './document.ts';

const PREFACE = `# Base image digests

The base images this repository pins. Pinwheel keeps the table; everything outside its two markers is yours and stays as
it is.

*First seen* is the day Pinwheel first saw the digest, *pinned on* the day it came into this repository, and *published*
what the publisher says. A dash means unknown.
`;

/**
 * The whole text of the ledger with these rows, which are expected in their order. Text outside the markers stays byte
 * for byte, line ends and BOM too; where the rows say what the table says already, so does the table, however it is
 * laid out. Without markers the table goes where a hand-written one begins, else to the end; without a file it gets a
 * short preface.
 */
export function renderLedger(
  document: LedgerDocument,
  entries: readonly LedgerEntry[],
  adoption: Pick<Adoption, 'at' | 'removed'> = { at: null, removed: [] },
): string {
  const block = renderBlock(entries, document.lineEnd);
  const { text, lineEnd } = document;
  if (text === null) return `${PREFACE}\n${block}\n`;
  if (document.block !== null) {
    if (sameEntries(document.entries, entries)) return text;
    return text.slice(0, document.block.start) + block + text.slice(document.block.end);
  }
  const at = adoption.at ?? text.length;
  const before = without(text, 0, at, adoption.removed);
  const after = without(text, at, text.length, adoption.removed);
  return before + gapAfter(before, lineEnd) + block + lineEnd + gapBefore(after, lineEnd) + after;
}

/** The markers and the table between them. */
function renderBlock(entries: readonly LedgerEntry[], lineEnd: string): string {
  const rows = [
    row(HEAD.map(([, name]) => name)),
    row(HEAD.map(() => '---')),
    ...entries.map((entry) => row(cells(entry))),
  ];
  return [START_MARKER, '', ...rows, '', END_MARKER].join(lineEnd);
}

function cells(entry: LedgerEntry): readonly string[] {
  const texts = {
    image: code(imageName(entry.image)),
    tag: code(entry.image.tag),
    digest: code(entry.digest),
    platforms: platformsCell(entry),
    published: entry.published ?? EMPTY_CELL,
    firstSeen: entry.firstSeen ?? EMPTY_CELL,
    pinnedOn: entry.pinnedOn ?? EMPTY_CELL,
    status: statusCell(entry),
    usedIn: pathsCell(entry.usedIn),
  };
  return HEAD.map(([column]) => texts[column]);
}

function row(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function sameEntries(a: readonly LedgerEntry[], b: readonly LedgerEntry[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((entry, index) => {
    const other = b[index];
    return other !== undefined && cells(entry).join('|') === cells(other).join('|');
  });
}

/** `text` from `start` to `end` without the spans, which lie in order. */
function without(text: string, start: number, end: number, spans: readonly SourceSpan[]): string {
  let kept = '';
  let from = start;
  for (const span of spans) {
    if (span.end <= start || span.start >= end) continue;
    kept += text.slice(from, span.start);
    from = span.end;
  }
  return kept + text.slice(from, end);
}

/** What stands between people's text and the table: one empty line. */
function gapAfter(before: string, lineEnd: string): string {
  if (before === '' || before === '\ufeff') return '';
  if (!before.endsWith('\n') && !before.endsWith('\r')) return lineEnd + lineEnd;
  const line = before.slice(0, before.endsWith('\r\n') ? -2 : -1);
  return line.endsWith('\n') || line.endsWith('\r') || line === '' ? '' : lineEnd;
}

function gapBefore(after: string, lineEnd: string): string {
  return after === '' || after.startsWith('\n') || after.startsWith('\r') ? '' : lineEnd;
}
