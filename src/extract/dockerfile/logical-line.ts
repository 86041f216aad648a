/**
 * One instruction with its continuation lines joined, and the way back to the source.
 * `text` is what BuildKit's parser sees; `source(i)` is the offset in the file of `text[i]`.
 */
export class LogicalLine {
  readonly text: string;
  readonly #base: number;
  /** Pairs (offset in `text`, offset in the file), ascending; null where the line is one piece. */
  readonly #joins: readonly number[] | null;

  constructor(text: string, base: number, joins: readonly number[] | null) {
    this.text = text;
    this.#base = base;
    this.#joins = joins;
  }

  /** The file offset of the character at `index`; for the end of a word use `source(end - 1) + 1`. */
  source(index: number): number {
    const joins = this.#joins;
    if (joins === null) return this.#base + index;
    const at = this.#piece(index);
    return (joins[at + 1] ?? 0) + (index - (joins[at] ?? 0));
  }

  /** The end, at most `to`, of the part from `from` that stands in one piece in the file. */
  contiguousEnd(from: number, to: number): number {
    const joins = this.#joins;
    if (joins === null) return to;
    const next = joins[this.#piece(from) + 2];
    return next === undefined || next > to ? to : next;
  }

  #piece(index: number): number {
    const joins = this.#joins ?? [];
    let low = 0;
    let high = (joins.length >> 1) - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((joins[middle * 2] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low * 2;
  }
}

/** Joins pieces of `text` given as pairs [start, end) of file offsets. */
export function joinPieces(text: string, bounds: readonly number[]): LogicalLine {
  const start = bounds[0] ?? 0;
  if (bounds.length <= 2) return new LogicalLine(text.slice(start, bounds[1] ?? start), start, null);
  const parts: string[] = [];
  const joins: number[] = [];
  let length = 0;
  for (let i = 0; i < bounds.length; i += 2) {
    const from = bounds[i] ?? 0;
    const to = bounds[i + 1] ?? from;
    if (from === to) continue;
    joins.push(length, from);
    parts.push(text.slice(from, to));
    length += to - from;
  }
  if (joins.length === 0) joins.push(0, start);
  return new LogicalLine(parts.join(''), start, joins);
}
