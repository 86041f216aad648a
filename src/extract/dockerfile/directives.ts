import { BACKSLASH, BACKTICK, BOM, HASH, isSpace, LF, SLASH } from './chars.ts';

export type Directives = {
  /** The escape character's code. */
  readonly escapeCode: number;
  /** Where the frontend image is named; null without a `syntax` directive. */
  readonly syntax: { readonly start: number; readonly end: number } | null;
  /** Whether the syntax stands in another comment style (`//`, JSON): the file is not a Dockerfile then. */
  readonly isForeign: boolean;
  readonly faults: readonly { readonly offset: number; readonly message: string }[];
};

type Directive = {
  readonly name: string;
  readonly offset: number;
  readonly start: number;
  readonly end: number;
};

const NONE: readonly Directive[] = [];
const KNOWN: ReadonlySet<string> = new Set(['syntax', 'escape', 'check']);
const FAULTLESS: Directives['faults'] = [];

/**
 * Reads the parser directives at the very top (BuildKit parser/directives.go): `syntax`, `escape` and `check`, in any
 * order, case-insensitive; the first line that is none ends them. `syntax` is looked for as `DetectSyntax` does: after a
 * shebang, as `# syntax=`, `// syntax=` or a JSON object; `escape` as `Parse` does: no shebang, leading blanks allowed.
 */
export function readDirectives(text: string): Directives {
  const start = text.charCodeAt(0) === BOM ? 1 : 0;
  let first = start;
  while (isSpace(text.charCodeAt(first))) first++;
  const c = text.charCodeAt(first);
  if (c !== HASH && c !== SLASH && c !== 123) {
    return { escapeCode: BACKSLASH, syntax: null, isForeign: false, faults: FAULTLESS };
  }
  const faults: { offset: number; message: string }[] = [];
  const escapeCode = readEscape(text, start, faults);
  const isShebang = text.startsWith('#!', start);
  const top = isShebang ? lineEnd(text, start) + 1 : start;
  const hash = syntaxOf(text, top, '#');
  if (hash !== null) return { escapeCode, syntax: hash, isForeign: false, faults };
  const foreign = syntaxOf(text, top, '//') ?? jsonSyntax(text, top);
  return { escapeCode, syntax: foreign, isForeign: foreign !== null, faults };
}

function readEscape(text: string, start: number, faults: { offset: number; message: string }[]): number {
  const directives = readAll(text, start, '#', true, faults);
  for (const directive of directives) {
    if (directive.name !== 'escape') continue;
    const value = text.slice(directive.start, directive.end);
    if (value === '`') return BACKTICK;
    if (value !== '\\') {
      faults.push({
        offset: directive.offset,
        message: `the escape directive takes a backslash or a backtick, not ${JSON.stringify(value.slice(0, 40))}`,
      });
    }
  }
  return BACKSLASH;
}

function syntaxOf(text: string, start: number, comment: string): Directives['syntax'] {
  for (const directive of readAll(text, start, comment, false, null)) {
    if (directive.name !== 'syntax') continue;
    const space = text.indexOf(' ', directive.start);
    const end = space >= 0 && space < directive.end ? space : directive.end;
    return { start: directive.start, end };
  }
  return null;
}

function readAll(
  text: string,
  start: number,
  comment: string,
  trimsLines: boolean,
  faults: { offset: number; message: string }[] | null,
): readonly Directive[] {
  let found: Directive[] | null = null;
  let pos = start;
  while (pos < text.length) {
    const end = lineEnd(text, pos);
    let from = pos;
    if (trimsLines) while (from < end && isSpace(text.charCodeAt(from))) from++;
    const directive = readDirective(text, from, end, comment);
    if (directive === null) break;
    if (found?.some((other) => other.name === directive.name)) {
      faults?.push({
        offset: from,
        message: `the directive "${directive.name}" is given twice; BuildKit allows it once`,
      });
      break;
    }
    found ??= [];
    found.push(directive);
    pos = end + 1;
  }
  return found ?? NONE;
}

/** `^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$` after the comment sign and blanks, by hand. */
function readDirective(text: string, from: number, end: number, comment: string): Directive | null {
  if (!text.startsWith(comment, from)) return null;
  let pos = from + comment.length;
  while (pos < end && isSpace(text.charCodeAt(pos))) pos++;
  const nameStart = pos;
  while (pos < end && isAsciiWord(text.charCodeAt(pos))) pos++;
  const length = pos - nameStart;
  if (length === 0 || length > 6 || text.charCodeAt(nameStart) <= 57) return null;
  const name = text.slice(nameStart, pos).toLowerCase();
  if (!KNOWN.has(name)) return null;
  while (pos < end && isPatternSpace(text.charCodeAt(pos))) pos++;
  if (text[pos] !== '=') return null;
  pos++;
  while (pos < end && isPatternSpace(text.charCodeAt(pos))) pos++;
  let to = end;
  while (to > pos && isPatternSpace(text.charCodeAt(to - 1))) to--;
  return to > pos ? { name, offset: from, start: pos, end: to } : null;
}

/** The frontend of a whole-file JSON object `{"syntax": "…"}`. */
function jsonSyntax(text: string, start: number): Directives['syntax'] {
  const json = text.slice(start);
  if (!json.trimStart().startsWith('{') || !json.includes('"syntax"')) return null;
  try {
    const parsed: unknown = JSON.parse(json);
    if (typeof parsed !== 'object' || parsed === null || !('syntax' in parsed)) return null;
    if (typeof parsed.syntax !== 'string') return null;
  } catch {
    return null;
  }
  return topLevelString(text, start, 'syntax');
}

/** The value of a top-level key in JSON that is known to be well-formed and to hold a string there. */
function topLevelString(text: string, start: number, key: string): Directives['syntax'] {
  let depth = 0;
  let isKey = false;
  for (let i = start; i < text.length; i++) {
    const c = text[i];
    if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') depth--;
    else if (c === ',') isKey = false;
    if (c !== '"') continue;
    const from = i + 1;
    i = from;
    while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
    if (depth !== 1) continue;
    if (isKey) return { start: from, end: i };
    isKey = text.slice(from, i) === key;
  }
  return null;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function isAsciiWord(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57);
}

/** Go's `\s`: blanks without the vertical tab. */
function isPatternSpace(c: number): boolean {
  return c === 32 || c === 9 || c === LF || c === 12 || c === 13;
}
