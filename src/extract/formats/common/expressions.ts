import { concat, type MappedText, part, trimmed } from '../../readers/mapped-text.ts';

/** The texts an expression may stand for; several where a matrix says so; undefined where this file does not say. */
export type ExpressionScope = (expression: string) => readonly MappedText[] | undefined;

/** More readings than this are not followed: a matrix of images has a handful. */
export const READING_LIMIT = 64;
/** What each of several readings costs of a file's work: all places that ask may ask for all values. */
export const READING_COST = 100;
const DEPTH_LIMIT = 8;
const LENGTH_LIMIT = 1 << 20;
/** How many expressions inside answers are answered for one text, and how long an answer may be. */
const NESTED_LIMIT = 64;
const ANSWER_LIMIT = 8192;

/** What opens and closes an expression: GitHub's `${{ … }}`, unless told otherwise. */
export type Marks = { readonly open: string; readonly close: string };

const GITHUB: Marks = { open: '${{', close: '}}' };

/**
 * All readings of a text with expressions in it (`${{ … }}`). Every character keeps the place where it really stands.
 * Expressions without an answer are left in the text; so are those that ask for themselves, and what comes after a
 * number of answers that nobody's file needs.
 */
export function readings(
  text: MappedText,
  scope: ExpressionScope,
  marks: Marks = GITHUB,
): readonly MappedText[] {
  return new Reader(scope, marks).read(text);
}

class Reader {
  readonly #scope: ExpressionScope;
  readonly #marks: Marks;
  /** Expressions that are being answered. */
  readonly #open = new Set<string>();
  #answered = 0;

  constructor(scope: ExpressionScope, marks: Marks) {
    this.#scope = scope;
    this.#marks = marks;
  }

  read(text: MappedText): readonly MappedText[] {
    const { value } = text;
    const { open, close } = this.#marks;
    let found: MappedText[][] = [[]];
    let at = 0;
    let length = 0;
    for (let from = value.indexOf(open); from >= 0; from = value.indexOf(open, at)) {
      const end = value.indexOf(close, from);
      if (end < 0) break;
      const before = part(text, at, from);
      at = end + close.length;
      const options = this.#answers(value.slice(from + open.length, end).trim());
      if (options.length === 0) options.push(part(text, from, at));
      length += before.value.length + (options[0]?.value.length ?? 0);
      if (length > LENGTH_LIMIT) return [text];
      if (found.length * options.length > READING_LIMIT) return [text];
      found = found.flatMap((pieces) =>
        options.length === 1
          ? [push(pieces, before, options[0])]
          : options.map((o) => [...pieces, before, o]),
      );
    }
    if (at === 0) return [text];
    const rest = part(text, at, value.length);
    return found.map((pieces) => concat([...pieces, rest]));
  }

  #answers(expression: string): MappedText[] {
    if (this.#open.has(expression) || this.#open.size > DEPTH_LIMIT) return [];
    if (this.#open.size > 0 && ++this.#answered > NESTED_LIMIT) return [];
    this.#open.add(expression);
    const options: MappedText[] = [];
    for (const answer of this.#scope(expression) ?? []) {
      if (options.length >= READING_LIMIT) break;
      if (answer.value.length <= ANSWER_LIMIT) options.push(...this.read(trimmed(answer)));
    }
    this.#open.delete(expression);
    return options.slice(0, READING_LIMIT);
  }
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
