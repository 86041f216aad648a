import type { WorkBudget } from '../work-budget.ts';
import { type Binding, type Piece, pushLiteral, pushPiece } from './binding.ts';
import type { LogicalLine } from './logical-line.ts';
import { MAX_VALUE, refuseTooLong } from './refusal.ts';

/** Where the characters of a run come from, and what pays for them. */
type RunSource = { readonly line: LogicalLine; readonly owner: Binding | null; readonly budget: WorkBudget };

/** A stretch of a word being put together: literal characters of the line, and what expansions in it come to. */
export class WordRun {
  readonly pieces: Piece[] = [];
  variables = 0;
  #literals = 0;
  #length = 0;
  #start: number;
  readonly #source: RunSource;

  constructor(source: RunSource, start: number) {
    this.#source = source;
    this.#start = start;
  }

  /** Whether variables were joined with each other or with other text. */
  get isComposed(): boolean {
    return this.variables > 0 && this.variables + this.#literals > 1;
  }

  /** Takes the literal characters up to `to`, and goes on at `next`. */
  flush(to: number, next = to): void {
    if (to > this.#start) {
      this.#literals++;
      this.#length += to - this.#start;
      pushLiteral(this.pieces, this.#source.line, this.#start, to, this.#source.owner);
    }
    this.#start = next;
  }

  /** Takes what an expansion or a quotation comes to, and goes on at `next`. Throws a Refusal past the caps. */
  append(part: readonly Piece[], kind: 'variable' | 'literal', next: number): void {
    if (kind === 'variable') this.variables++;
    else if (part.length > 0) this.#literals++;
    for (const piece of part) this.#length += piece.text.length;
    if (this.#length > MAX_VALUE || !this.#source.budget.spend(part.length + 1)) refuseTooLong();
    for (const piece of part) pushPiece(this.pieces, piece);
    this.#start = next;
  }

  /** The pieces; throws a Refusal where they are longer than the cap. */
  finish(): Piece[] {
    if (this.#length > MAX_VALUE) refuseTooLong();
    return this.pieces;
  }
}
