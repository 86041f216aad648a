import type { ExpandInput, Expansion } from './expansion.ts';
import { Refusal } from './refusal.ts';
import { ShellLexer } from './shell-lexer.ts';

export type ExpansionFault = {
  /** `variable`: a value cannot be known. `syntax`: BuildKit refuses the word. */
  readonly kind: 'variable' | 'syntax';
  readonly message: string;
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
