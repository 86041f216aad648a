import { isDecimalDigit, isNameChar } from './chars.ts';

/** POSIX special parameters, each a name of one character. */
const SPECIAL = '@*#?-$!';

/**
 * The end of the variable name that starts at `from` (shell/lex.go `processName`): digits alone, one special parameter,
 * or letters, digits and `_`. Equal to `from` where there is none.
 */
export function nameEnd(text: string, from: number, to: number): number {
  const first = from < to ? text.codePointAt(from) : undefined;
  if (first === undefined) return from;
  let pos = from;
  if (isDecimalDigit(first)) {
    while (pos < to && isDecimalDigit(text.codePointAt(pos) ?? 0)) pos += width(text, pos);
    return pos;
  }
  if (first < 0x80 && SPECIAL.includes(String.fromCharCode(first))) return from + 1;
  while (pos < to && isNameChar(text.codePointAt(pos) ?? 0)) pos += width(text, pos);
  return pos;
}

function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
