import type { WorkBudget } from '../work-budget.ts';
import type { Binding, Piece } from './binding.ts';
import type { LogicalLine } from './logical-line.ts';
import { Refusal } from './refusal.ts';
import { ShellLexer } from './shell-lexer.ts';

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

export type ExpansionFault = {
  /** `variable`: a value cannot be known. `syntax`: BuildKit refuses the word. */
  readonly kind: 'variable' | 'syntax';
  readonly message: string;
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

/**
 * Expands one word as BuildKit's shell lexer does (`frontend/dockerfile/shell/lex.go`, `ProcessWord`): quotes, the
 * escape character, `$x`, `${x}` and the modifiers `:- - :+ + :? ? # ## % %% / //`, nested. Unlike BuildKit, which
 * takes a variable without a value for empty, it says which one the word needs (`unset`). Values are capped at 8192
 * characters and nesting at 32. Never throws for its input.
 */
export function expandWord(input: ExpandInput): Expansion | ExpansionFault {
  try {
    return new ShellLexer(input).run();
  } catch (error) {
    if (error instanceof Refusal) return { kind: error.kind, message: error.message };
    throw error;
  }
}

/** Whether {@link expandWord} refused. */
export function isFault(result: Expansion | ExpansionFault): result is ExpansionFault {
  return 'kind' in result;
}
