import { type Piece, pushLiteral } from './binding.ts';
import { DOUBLE_QUOTE, EQUALS, isBlank, isSpace, MINUS, SINGLE_QUOTE } from './chars.ts';
import type { LogicalLine } from './logical-line.ts';

/** A range [from, to) of a logical line's text. */
export type Range = { readonly from: number; readonly to: number };

/** A builder flag `--name[=value]`, quotes and escapes taken out. `value` is null where there is no `=`. */
export type Flag = {
  readonly name: string;
  readonly value: string | null;
  /** Where the value's characters stand. */
  readonly pieces: readonly Piece[];
};

/** Skips blanks from `at`, as Go's `unicode.IsSpace` has them. */
function skipSpace(text: string, at: number, to: number): number {
  let i = at;
  while (i < to && isSpace(text.charCodeAt(i))) i++;
  return i;
}

/**
 * Reads the flags at the head of an instruction's arguments (parser/split_command.go `extractBuilderFlags`): words that
 * start with `--`, quotes removed, the escape character taking the next one as it is; a lone `--` ends them.
 * Returns the flags and where the rest begins.
 */
export function readFlags(
  line: LogicalLine,
  from: number,
  to: number,
  escapeCode: number,
): { readonly flags: readonly Flag[]; readonly rest: number } {
  const text = line.text;
  let flags: Flag[] | null = null;
  let pos = from;
  for (;;) {
    pos = skipSpace(text, pos, to);
    if (text.charCodeAt(pos) !== MINUS || text.charCodeAt(pos + 1) !== MINUS || pos + 1 >= to) {
      return { flags: flags ?? [], rest: pos };
    }
    const word = readFlag(line, pos, to, escapeCode);
    pos = word.end;
    if (word.flag === null) return { flags: flags ?? [], rest: pos };
    flags ??= [];
    flags.push(word.flag);
  }
}

/** One flag word from `--`; null for a lone `--`. */
function readFlag(
  line: LogicalLine,
  from: number,
  to: number,
  escapeCode: number,
): { readonly flag: Flag | null; readonly end: number } {
  const text = line.text;
  let name = '';
  let inValue = false;
  let quote = 0;
  let runStart = from + 2;
  let pos = runStart;
  const pieces: Piece[] = [];
  const flush = (end: number): void => {
    if (inValue) pushLiteral(pieces, line, runStart, end, null);
    else name += text.slice(runStart, end);
  };
  for (; pos < to; pos++) {
    const c = text.charCodeAt(pos);
    if (quote === 0 && isSpace(c)) break;
    if (quote === 0 ? c === SINGLE_QUOTE || c === DOUBLE_QUOTE : c === quote) {
      flush(pos);
      runStart = pos + 1;
      quote = quote === 0 ? c : 0;
    } else if (c === escapeCode) {
      flush(pos);
      runStart = pos + 1;
      pos++;
    } else if (c === EQUALS && !inValue) {
      flush(pos);
      runStart = pos + 1;
      inValue = true;
    }
  }
  const end = Math.min(pos, to);
  if (runStart < end) flush(end);
  if (name === '' && !inValue) return { flag: null, end };
  let value: string | null = null;
  if (inValue) {
    value = '';
    for (const piece of pieces) value += piece.text;
  }
  return { flag: { name, value, pieces }, end };
}

/** Splits at blanks and nothing else, as BuildKit splits the arguments of FROM. At most `limit` words are returned. */
export function splitBlanks(text: string, from: number, to: number, limit: number): readonly Range[] {
  const words: Range[] = [];
  let pos = from;
  while (pos < to && words.length < limit) {
    while (pos < to && isBlank(text.charCodeAt(pos))) pos++;
    if (pos >= to) break;
    const start = pos;
    while (pos < to && !isBlank(text.charCodeAt(pos))) pos++;
    words.push({ from: start, to: pos });
  }
  return words;
}

/**
 * Splits at blanks outside quotes and escapes, keeping both (parser/line_parsers.go `parseWords`): the words of ARG.
 * An escape character at the very end is left out.
 */
export function splitWords(text: string, from: number, to: number, escapeCode: number): readonly Range[] {
  const words: Range[] = [];
  let pos = from;
  for (;;) {
    pos = skipSpace(text, pos, to);
    if (pos >= to) return words;
    const start = pos;
    let quote = 0;
    let dropped = 0;
    while (pos < to) {
      const c = text.charCodeAt(pos);
      if (quote === 0 && isSpace(c)) break;
      if (c === escapeCode && quote !== SINGLE_QUOTE) {
        if (pos + 1 >= to) dropped = 1;
        pos += 2;
        continue;
      }
      if (quote === 0) {
        if (c === SINGLE_QUOTE || c === DOUBLE_QUOTE) quote = c;
      } else if (c === quote) {
        quote = 0;
      }
      pos++;
    }
    pos = Math.min(pos, to);
    if (pos - dropped > start) words.push({ from: start, to: pos - dropped });
  }
}
