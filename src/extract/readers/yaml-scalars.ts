import type { CST } from 'yaml';
import { type MappedText, MappedTextBuilder, verbatim } from './mapped-text.ts';

/** The value of a plain scalar whose source begins at `start`; line breaks are folded (YAML 1.2, 7.3.3). */
export function plainScalarText(source: string, start: number): MappedText {
  if (!source.includes('\n')) return verbatim(source, start);
  const builder = new MappedTextBuilder();
  foldLines(source, (line, at, breaks) => {
    addBreaks(builder, breaks);
    builder.copy(line, start + at);
  });
  return builder.build();
}

/** The value of a quoted scalar, `source` with its quotes (YAML 1.2, 7.3.1 and 7.3.2). Decoded escapes have no place. */
export function quotedText(quote: 'single' | 'double', source: string, start: number): MappedText {
  const mark = quote === 'single' ? "'" : '"';
  const closed = source.length > 1 && source.endsWith(mark);
  const body = source.slice(1, closed ? -1 : source.length);
  const escapeMark = quote === 'single' ? "'" : '\\';
  if (!body.includes('\n') && !body.includes(escapeMark)) return verbatim(body, start + 1);
  const builder = new MappedTextBuilder();
  let glued = false;
  foldLines(
    body,
    (line, at, breaks) => {
      if (!glued) addBreaks(builder, breaks);
      else builder.add('\n'.repeat(Math.max(0, breaks - 1)));
      glued =
        quote === 'single' ? single(line, start + 1 + at, builder) : double(line, start + 1 + at, builder);
    },
    true,
  );
  return builder.build();
}

/** The value of a literal or folded block scalar, and where it ends (YAML 1.2, 8.1). */
export function blockText(token: CST.BlockScalar, offset: number): { text: MappedText; end: number } {
  let header = '|';
  let content = offset + token.offset;
  for (const prop of token.props) {
    if (!('source' in prop)) continue;
    if (prop.type === 'block-scalar-header') header = prop.source;
    content = offset + prop.offset + prop.source.length;
  }
  const { source } = token;
  const folded = header.startsWith('>');
  const digit = /[1-9]/.exec(header)?.[0];
  const indent = digit === undefined ? contentIndent(source) : Math.max(0, token.indent) + Number(digit);
  const builder = new MappedTextBuilder();
  let breaks = 0;
  let previousFolds = false;
  let any = false;
  for (let at = 0; at < source.length; ) {
    const lineFeed = source.indexOf('\n', at);
    const next = lineFeed < 0 ? source.length : lineFeed + 1;
    const lineEnd =
      lineFeed < 0 ? source.length : lineFeed > at && source[lineFeed - 1] === '\r' ? lineFeed - 1 : lineFeed;
    const from = Math.min(at + leadingSpaces(source, at, indent), lineEnd);
    if (from === lineEnd) {
      breaks++;
    } else {
      const folds = folded && source[from] !== ' ' && source[from] !== '\t';
      if (any && folds && previousFolds) addBreaks(builder, breaks);
      else builder.add('\n'.repeat(breaks));
      builder.copy(source.slice(from, lineEnd), content + from);
      previousFolds = folds;
      breaks = lineFeed < 0 ? 0 : 1;
      any = true;
    }
    at = next;
  }
  const keep = header.includes('+');
  if (keep) builder.add('\n'.repeat(breaks));
  else if (any && breaks > 0 && !header.includes('-')) builder.add('\n');
  return { text: builder.build(), end: content + source.length };
}

/** The indentation of the first line that holds something; where none does, all blanks are indentation. */
function contentIndent(source: string): number {
  for (let at = 0; at < source.length; ) {
    const spaces = leadingSpaces(source, at, source.length);
    const first = source[at + spaces];
    if (first !== undefined && first !== '\n' && first !== '\r') return spaces;
    const lineFeed = source.indexOf('\n', at);
    if (lineFeed < 0) break;
    at = lineFeed + 1;
  }
  return source.length;
}

function leadingSpaces(source: string, at: number, limit: number): number {
  let count = 0;
  while (count < limit && source.charCodeAt(at + count) === 32) count++;
  return count;
}

/**
 * Calls `take` with each line that holds something, trimmed of blanks, and the line breaks before it. With `edges`,
 * blanks before the first line and after the last are part of it, as in quotes.
 */
function foldLines(
  source: string,
  take: (line: string, at: number, breaks: number) => void,
  edges = false,
): void {
  let breaks = 0;
  for (let at = 0, first = true; at <= source.length; first = false) {
    const lineFeed = source.indexOf('\n', at);
    const lineEnd = lineFeed < 0 ? source.length : lineFeed;
    let from = at;
    let to = lineEnd;
    if (!(edges && first)) while (from < to && isBlank(source.charCodeAt(from))) from++;
    if (!(edges && lineFeed < 0)) while (to > from && isBlank(source.charCodeAt(to - 1))) to--;
    if (from < to || (edges && lineFeed < 0)) {
      take(source.slice(from, to), from, breaks);
      breaks = 0;
    }
    if (lineFeed < 0) return;
    breaks++;
    at = lineFeed + 1;
  }
}

function addBreaks(builder: MappedTextBuilder, breaks: number): void {
  if (breaks === 1) builder.add(' ');
  else if (breaks > 1) builder.add('\n'.repeat(breaks - 1));
}

function single(line: string, start: number, builder: MappedTextBuilder): boolean {
  let at = 0;
  for (;;) {
    const quote = line.indexOf("''", at);
    if (quote < 0) break;
    if (quote > at) builder.copy(line.slice(at, quote), start + at);
    builder.add("'");
    at = quote + 2;
  }
  if (at < line.length) builder.copy(line.slice(at), start + at);
  return false;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
const HEX_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** Decodes one line of a double-quoted scalar; true where it ends in an escaped line break. */
function double(line: string, start: number, builder: MappedTextBuilder): boolean {
  let at = 0;
  for (;;) {
    const slash = line.indexOf('\\', at);
    if (slash < 0) break;
    if (slash > at) builder.copy(line.slice(at, slash), start + at);
    const letter = line[slash + 1];
    if (letter === undefined) return true;
    const digits = HEX_ESCAPES.get(letter) ?? 0;
    builder.add(
      digits > 0 ? codePoint(line.slice(slash + 2, slash + 2 + digits)) : (ESCAPES.get(letter) ?? letter),
    );
    at = slash + 2 + digits;
  }
  if (at < line.length) builder.copy(line.slice(at), start + at);
  return false;
}

function codePoint(hex: string): string {
  const code = /^[0-9a-fA-F]+$/.test(hex) ? Number.parseInt(hex, 16) : -1;
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}
