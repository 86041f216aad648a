import { BOM, CR, HASH, isBlank, isSpace, LF, MINUS, SPACE, TAB } from './chars.ts';
import { type Heredoc, heredocsOf } from './heredoc.ts';
import { joinPieces, type LogicalLine } from './logical-line.ts';

/** The instructions that can name an image, or change what a name means; all others are passed over. */
export type Keyword = 'from' | 'arg' | 'copy' | 'add' | 'run' | 'onbuild' | 'env' | 'other';

export type Instruction = {
  readonly keyword: Keyword;
  /** File offset of the keyword. */
  readonly start: number;
  /** The joined line and where its arguments begin and end (blanks trimmed); null where nothing in it matters. */
  readonly line: LogicalLine | null;
  readonly args: number;
  readonly end: number;
  /** Set where a heredoc's body never ends: its name. The file is read to its end then. */
  readonly unterminated: string | null;
};

const KEYWORDS: readonly (readonly [string, Keyword])[] = [
  ['run', 'run'],
  ['copy', 'copy'],
  ['env', 'env'],
  ['arg', 'arg'],
  ['from', 'from'],
  ['add', 'add'],
  ['onbuild', 'onbuild'],
];

/** What the keyword at [from, to) is. Case-insensitive. */
export function keywordOf(text: string, from: number, to: number): Keyword {
  const length = to - from;
  if (length < 3 || length > 7) return 'other';
  for (const [spelled, keyword] of KEYWORDS) {
    if (spelled.length !== length) continue;
    let i = 0;
    while (i < length && (text.charCodeAt(from + i) | 32) === spelled.charCodeAt(i)) i++;
    if (i === length) return keyword;
  }
  return 'other';
}

/**
 * Reads a Dockerfile instruction by instruction, as BuildKit's `parser.Parse` does: comments and empty lines dropped,
 * also inside continuations; lines continued by an escape character that is not itself escaped; heredoc bodies passed
 * over. Touches only line starts and ends of instructions that cannot name an image. Linear.
 */
export class InstructionReader {
  readonly #text: string;
  readonly #escape: number;
  #pos: number;
  /** The next `<<` in the file, searched for once per hit. */
  #nextMarker: number;
  /** Bounds of the pieces of the current instruction, pairs of file offsets. */
  #bounds: number[] = [];

  constructor(text: string, escapeCode: number) {
    this.#text = text;
    this.#escape = escapeCode;
    this.#pos = text.charCodeAt(0) === BOM ? 1 : 0;
    this.#nextMarker = text.indexOf('<<');
  }

  /** The next instruction, or null at the end. */
  next(): Instruction | null {
    const text = this.#text;
    while (this.#pos < text.length) {
      const lineStart = this.#pos;
      const newline = text.indexOf('\n', lineStart);
      const end = trimReturns(text, lineStart, newline < 0 ? text.length : newline);
      this.#pos = newline < 0 ? text.length : newline + 1;
      let start = lineStart;
      while (start < end && isSpace(text.charCodeAt(start))) start++;
      if (start === end || text.charCodeAt(start) === HASH) continue;
      return this.#instruction(start, end);
    }
    return null;
  }

  #instruction(start: number, firstEnd: number): Instruction {
    const text = this.#text;
    const continued = this.#continuation(start, firstEnd);
    const contentEnd = continued < 0 ? firstEnd : continued;
    let keywordEnd = start;
    while (keywordEnd < contentEnd && !isBlank(text.charCodeAt(keywordEnd))) keywordEnd++;
    let keyword = keywordOf(text, start, keywordEnd);
    // A keyword that runs into the continuation goes on in the next line.
    const isSplit = continued >= 0 && keywordEnd === contentEnd;
    if (keyword === 'other' && !isSplit) {
      if (continued >= 0) this.#continue(null);
      return bare(keyword, start);
    }
    const bounds = this.#bounds;
    bounds.length = 0;
    bounds.push(start, contentEnd);
    if (continued >= 0) this.#continue(bounds);
    const lastEnd = bounds.at(-1) ?? contentEnd;
    const mayOpenHeredoc = this.#hasMarkerBefore(start, lastEnd);
    if (!isSplit && !mayOpenHeredoc && isPassedOver(text, keyword, keywordEnd, contentEnd, continued >= 0)) {
      return bare(keyword, start);
    }
    const line = joinPieces(text, bounds);
    let args = 0;
    if (isSplit) {
      while (args < line.text.length && !isBlank(line.text.charCodeAt(args))) args++;
      keyword = keywordOf(line.text, 0, args);
      // The first line may have held the escape character alone.
      if (args === 0) return this.#indented(line, start, mayOpenHeredoc);
    } else {
      args = keywordEnd - start;
    }
    return this.#finish(keyword, start, line, args, mayOpenHeredoc);
  }

  /** An instruction whose first line is an escape character alone: the keyword comes after leading blanks. */
  #indented(line: LogicalLine, start: number, mayOpenHeredoc: boolean): Instruction {
    const text = line.text;
    let from = 0;
    while (from < text.length && isSpace(text.charCodeAt(from))) from++;
    if (from === text.length) return bare('other', start);
    let to = from;
    while (to < text.length && !isBlank(text.charCodeAt(to))) to++;
    return this.#finish(keywordOf(text, from, to), line.source(from), line, to, mayOpenHeredoc);
  }

  #finish(
    keyword: Keyword,
    start: number,
    line: LogicalLine,
    keywordEnd: number,
    mayOpenHeredoc: boolean,
  ): Instruction {
    const text = line.text;
    let args = keywordEnd;
    while (args < text.length && isSpace(text.charCodeAt(args))) args++;
    let end = text.length;
    while (end > args && isSpace(text.charCodeAt(end - 1))) end--;
    const unterminated = mayOpenHeredoc ? this.#skipBodies(keyword, line, args, end) : null;
    return { keyword, start, line, args, end, unterminated };
  }

  /** The end of the content where the line is continued, else -1. */
  #continuation(start: number, lineEnd: number): number {
    const text = this.#text;
    let end = lineEnd;
    while (end > start && isSpaceOrTab(text.charCodeAt(end - 1))) end--;
    if (end === start || text.charCodeAt(end - 1) !== this.#escape) return -1;
    if (end - 1 > start && text.charCodeAt(end - 2) === this.#escape) return -1;
    return end - 1;
  }

  /** Reads the lines that continue an instruction; their bounds are added where `bounds` is given. */
  #continue(bounds: number[] | null): void {
    const text = this.#text;
    while (this.#pos < text.length) {
      const lineStart = this.#pos;
      const newline = text.indexOf('\n', lineStart);
      const end = trimReturns(text, lineStart, newline < 0 ? text.length : newline);
      this.#pos = newline < 0 ? text.length : newline + 1;
      let content = lineStart;
      while (content < end && isSpace(text.charCodeAt(content))) content++;
      if (content === end || text.charCodeAt(content) === HASH) continue;
      const continued = this.#continuation(lineStart, end);
      bounds?.push(lineStart, continued < 0 ? end : continued);
      if (continued < 0) return;
    }
  }

  #hasMarkerBefore(start: number, end: number): boolean {
    if (this.#nextMarker < 0) return false;
    if (this.#nextMarker < start) this.#nextMarker = this.#text.indexOf('<<', start);
    return this.#nextMarker >= 0 && this.#nextMarker < end;
  }

  /** Passes over the bodies of the heredocs the line opens; answers the name of one that does not end. */
  #skipBodies(keyword: Keyword, line: LogicalLine, args: number, end: number): string | null {
    let opener = keyword;
    let from = args;
    if (keyword === 'onbuild') {
      let to = args;
      while (to < end && !isBlank(line.text.charCodeAt(to))) to++;
      opener = keywordOf(line.text, args, to);
      from = to;
    }
    if (opener !== 'run' && opener !== 'copy' && opener !== 'add') return null;
    if (!line.text.includes('<<') || isJsonForm(line.text.slice(from, end))) return null;
    for (const heredoc of heredocsOf(line.text)) {
      if (!this.#skipBody(heredoc)) return heredoc.name;
    }
    return null;
  }

  #skipBody(heredoc: Heredoc): boolean {
    const text = this.#text;
    while (this.#pos < text.length) {
      let start = this.#pos;
      const newline = text.indexOf('\n', start);
      const end = trimReturns(text, start, newline < 0 ? text.length : newline);
      this.#pos = newline < 0 ? text.length : newline + 1;
      if (heredoc.chomp) while (start < end && text.charCodeAt(start) === TAB) start++;
      if (end - start === heredoc.name.length && text.startsWith(heredoc.name, start)) return true;
    }
    return false;
  }
}

/** Whether an instruction without `<<` says nothing of images, by its first line: a RUN, COPY or ADD without flags. */
function isPassedOver(
  text: string,
  keyword: Keyword,
  keywordEnd: number,
  end: number,
  isContinued: boolean,
): boolean {
  if (keyword !== 'run' && keyword !== 'copy' && keyword !== 'add') return false;
  let at = keywordEnd;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  if (isContinued && at + 1 >= end) return false;
  return text.charCodeAt(at) !== MINUS || text.charCodeAt(at + 1) !== MINUS;
}

/** BuildKit takes arguments for JSON where they are an array of strings as a whole; flags stand before it. */
function isJsonForm(args: string): boolean {
  let rest = args.trimStart();
  while (rest.startsWith('--')) {
    const blank = rest.search(/\s/);
    if (blank < 0) return false;
    rest = rest.slice(blank).trimStart();
  }
  if (!rest.startsWith('[')) return false;
  try {
    const parsed: unknown = JSON.parse(rest);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string');
  } catch {
    return false;
  }
}

function bare(keyword: Keyword, start: number): Instruction {
  return { keyword, start, line: null, args: 0, end: 0, unterminated: null };
}

function trimReturns(text: string, start: number, end: number): number {
  let to = end;
  while (to > start && (text.charCodeAt(to - 1) === CR || text.charCodeAt(to - 1) === LF)) to--;
  return to;
}

function isSpaceOrTab(c: number): boolean {
  return c === SPACE || c === TAB;
}
