import type { WorkBudget } from '../work-budget.ts';
import type { Binding, Piece } from './binding.ts';
import type { LogicalLine } from './logical-line.ts';

/** An expanded word: its value with where each character stands, and how it came about. */
export type Expansion = {
  readonly pieces: readonly Piece[];
  readonly value: string;
  /** Whether variables were joined with other text, cut or replaced: the value is not one literal. */
  readonly composed: boolean;
  /** The ARG whose value the word is, whole and unchanged. */
  readonly sole: Binding | null;
  /** ARGs whose values were looked at. */
  readonly reads: readonly Binding[];
  /** The first variable without a value that the word needs; null where all are known. */
  readonly unset: string | null;
};

export type ExpandInput = {
  readonly line: LogicalLine;
  /** The word, [from, to) of the line's text. */
  readonly from: number;
  readonly to: number;
  readonly escapeCode: number;
  readonly owner: Binding | null;
  lookup(name: string): Binding | undefined;
  readonly budget: WorkBudget;
};
