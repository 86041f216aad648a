import { type MappedText, MappedTextBuilder } from './mapped-text.ts';

/** The text of a here-document; with `<<-`, without the blanks that all its lines begin with. */
export function heredocText(
  text: string,
  lines: readonly { start: number; end: number }[],
  indented: boolean,
): MappedText {
  let cut = indented ? Number.POSITIVE_INFINITY : 0;
  for (const line of indented ? lines : []) {
    let at = line.start;
    while (at < line.end && (text[at] === ' ' || text[at] === '\t')) at++;
    if (at < line.end && text[at] !== '\n' && text[at] !== '\r') cut = Math.min(cut, at - line.start);
  }
  const builder = new MappedTextBuilder();
  for (const line of lines) {
    let from = line.start;
    while (from < line.start + cut && (text[from] === ' ' || text[from] === '\t')) from++;
    builder.copy(text.slice(from, line.end), from);
  }
  return builder.build();
}

/**
 * The end of a `${…}` or `%{…}` at `at`, strings in it as wholes; `at + 1` where none begins, `at + 3` past `$${`.
 * -1 where it does not end on its line: then no other does, either.
 */
export function interpolationEnd(text: string, at: number): number {
  if (text[at + 1] === text[at] && text[at + 2] === '{') return at + 3;
  if (text[at + 1] !== '{') return at + 1;
  let depth = 0;
  let quoted = false;
  for (let end = at + 1; end < text.length && text[end] !== '\n'; end++) {
    const c = text[end];
    if (c === '\\') end++;
    else if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === '{') depth++;
    else if (c === '}' && --depth === 0) return end + 1;
  }
  return -1;
}

/** What an escape at `at` in a quoted string stands for. */
export function unescaped(text: string, at: number): string {
  const c = text[at + 1] ?? '';
  if (c === 'n') return '\n';
  if (c === 't') return '\t';
  if (c === 'r') return '\r';
  if (c !== 'u' && c !== 'U') return c;
  const code = Number.parseInt(text.slice(at + 2, at + (c === 'u' ? 6 : 10)), 16);
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

/** The end of a name or number that begins at `at`. */
export function identifierEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && isNamePart(text.charCodeAt(end))) end++;
  return end;
}

function isNamePart(c: number): boolean {
  return isAsciiDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 45 || c > 127;
}

/** Whether a character code is one of 0 to 9. */
export function isAsciiDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** The offset of the line feed that ends the line at `at`, or of the end of the text. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
