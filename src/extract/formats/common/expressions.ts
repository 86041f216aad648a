import { concat, type MappedText, part, trimmed } from '../../readers/mapped-text.ts';

/** The texts an expression may stand for; several where a matrix says so; undefined where this file does not say. */
export type ExpressionScope = (expression: string) => readonly MappedText[] | undefined;

/** More readings than this are not followed: a matrix of images has a handful. */
const READING_LIMIT = 64;
const DEPTH_LIMIT = 8;
const LENGTH_LIMIT = 1 << 20;

/** What opens and closes an expression: GitHub's `${{ … }}`, unless told otherwise. */
export type Marks = { readonly open: string; readonly close: string };

const GITHUB: Marks = { open: '${{', close: '}}' };

/**
 * All readings of a text with expressions in it (`${{ … }}`). Every character keeps the place where it really stands.
 * Expressions without an answer are left in the text.
 */
export function readings(
  text: MappedText,
  scope: ExpressionScope,
  marks: Marks = GITHUB,
  depth = 0,
): readonly MappedText[] {
  const { value } = text;
  const open = value.indexOf(marks.open);
  if (open < 0 || depth > DEPTH_LIMIT) return [text];
  let found: MappedText[][] = [[]];
  let at = 0;
  let length = 0;
  for (let from = open; from >= 0; from = value.indexOf(marks.open, at)) {
    const close = value.indexOf(marks.close, from);
    if (close < 0) break;
    const before = part(text, at, from);
    const answers = scope(value.slice(from + marks.open.length, close).trim()) ?? [];
    const options = answers
      .flatMap((answer) => readings(trimmed(answer), scope, marks, depth + 1))
      .slice(0, READING_LIMIT);
    if (options.length === 0) options.push(part(text, from, close + marks.close.length));
    length += before.value.length + (options[0]?.value.length ?? 0);
    if (length > LENGTH_LIMIT) return [text];
    if (found.length * options.length > READING_LIMIT) return [text];
    found = found.flatMap((pieces) =>
      options.length === 1 ? [push(pieces, before, options[0])] : options.map((o) => [...pieces, before, o]),
    );
    at = close + marks.close.length;
  }
  const rest = part(text, at, value.length);
  return found.map((pieces) => concat([...pieces, rest]));
}

/** The one reading of a text, or the text itself where there are several. */
export function soleReading(text: MappedText, scope: ExpressionScope, marks: Marks = GITHUB): MappedText {
  const [first, ...others] = readings(text, scope, marks);
  return first === undefined || others.length > 0 ? text : first;
}

function push(pieces: MappedText[], ...more: readonly (MappedText | undefined)[]): MappedText[] {
  for (const piece of more) if (piece !== undefined) pieces.push(piece);
  return pieces;
}
