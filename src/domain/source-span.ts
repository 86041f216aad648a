/** A half-open range [start, end) of UTF-16 offsets in a file's decoded text; a BOM counts as one. */
export type SourceSpan = {
  readonly start: number;
  readonly end: number;
};

/** A place for a person: line and column from 1, the column in UTF-16 units. */
export type SourcePosition = {
  readonly line: number;
  readonly column: number;
};

/**
 * Answers positions in one text without reading it again for each. Lines end at LF, CRLF or a lone CR.
 * A BOM at the start takes no column.
 */
export class LineIndex {
  readonly #starts: readonly number[];
  readonly #hasBom: boolean;

  constructor(text: string) {
    const starts = [0];
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === 10) starts.push(i + 1);
      else if (c === 13 && text.charCodeAt(i + 1) !== 10) starts.push(i + 1);
    }
    this.#starts = starts;
    this.#hasBom = text.charCodeAt(0) === 0xfeff;
  }

  /** The position of a UTF-16 offset. */
  at(offset: number): SourcePosition {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const bom = low === 0 && this.#hasBom && offset > 0 ? 1 : 0;
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 - bom };
  }
}
