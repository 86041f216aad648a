import type { WorkBudget } from '../work-budget.ts';
import { BACKSLASH, CLOSE_BRACE, QUESTION, SLASH, STAR } from './chars.ts';

/** A shell pattern as BuildKit reads it: literals, `*` and `?`, no brackets. Negative numbers are the wildcards. */
export type ShellPattern = readonly number[];

const ANY = -1;
const ONE = -2;

/**
 * Reads a pattern (shell/lex.go `convertShellPatternToRegex`): a backslash escapes `*`, `?` and itself, and is dropped
 * before `}` and `/`. Null where an escape is none of these.
 */
export function parseShellPattern(text: string): ShellPattern | null {
  const pattern: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === STAR) {
      if (pattern.at(-1) !== ANY) pattern.push(ANY);
    } else if (c === QUESTION) {
      pattern.push(ONE);
    } else if (c === BACKSLASH) {
      i++;
      const next = text.charCodeAt(i);
      const known =
        next === CLOSE_BRACE || next === SLASH || next === STAR || next === QUESTION || next === BACKSLASH;
      if (!known) return null;
      pattern.push(next);
    } else {
      pattern.push(c);
    }
  }
  return pattern;
}

/**
 * The length of the shortest or longest match of `pattern` at `from`, or -1 where there is none. `step` -1 reads value
 * and pattern backwards from `from` (exclusive), for suffixes. Costs value × pattern steps at most; null past the budget.
 */
export function matchLength(
  pattern: ShellPattern,
  value: string,
  from: number,
  options: { readonly longest: boolean; readonly step: 1 | -1; readonly budget: WorkBudget },
): number | null {
  const { longest, step, budget } = options;
  const size = pattern.length;
  const available = step === 1 ? value.length - from : from;
  const symbol = (i: number): number => pattern[step === 1 ? i : size - 1 - i] ?? 0;
  let states = new Uint8Array(size + 1);
  let next = new Uint8Array(size + 1);
  states[0] = 1;
  let best = -1;
  for (let length = 0; ; length++) {
    if (!budget.spend(size + 1)) return null;
    let alive = false;
    for (let i = 0; i < size; i++) {
      if (states[i] === 1 && symbol(i) === ANY) states[i + 1] = 1;
    }
    if (states[size] === 1) {
      best = length;
      if (!longest) return best;
    }
    if (length === available) return best;
    const c = value.charCodeAt(step === 1 ? from + length : from - 1 - length);
    next.fill(0);
    for (let i = 0; i < size; i++) {
      if (states[i] !== 1) continue;
      const s = symbol(i);
      if (s === ANY) next[i] = 1;
      else if (s === ONE || s === c) next[i + 1] = 1;
      else continue;
      alive = true;
    }
    if (!alive) return best;
    [states, next] = [next, states];
  }
}
