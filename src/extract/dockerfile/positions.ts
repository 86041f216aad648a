import { LineIndex, type SourcePosition } from '../../domain/source-span.ts';

/** Answers positions in one text; reads its lines the first time it is asked. */
export class Positions {
  readonly #text: string;
  #starts: readonly number[] | null = null;
  #index: LineIndex | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  /** Line and column of an offset, as {@link LineIndex} counts them. */
  at(offset: number): SourcePosition {
    if (this.#index !== null) return this.#index.at(offset);
    const starts = this.#starts ?? this.#read();
    if (starts === null) return this.at(offset);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const bom = low === 0 && offset > 0 && this.#text.charCodeAt(0) === 0xfeff ? 1 : 0;
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 - bom };
  }

  /** Line starts by native search where lines end at LF; otherwise the index that knows CR. */
  #read(): readonly number[] | null {
    const text = this.#text;
    if (text.includes('\r')) {
      this.#index = new LineIndex(text);
      return null;
    }
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
    return starts;
  }
}
