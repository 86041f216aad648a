import type { WorkBudget } from '../work-budget.ts';
import { type MappedText, part, trimmed } from './mapped-text.ts';

/**
 * The lines of a text that is a list, one item on each: trimmed, empty ones and comments (`#`) left out. `budget` pays for
 * each character: one text may be aliased many times; where it cannot, there are no lines.
 */
export function readLines(text: MappedText, budget: WorkBudget): readonly MappedText[] {
  const { value } = text;
  if (!budget.spend(value.length)) return [];
  const lines: MappedText[] = [];
  for (let at = 0; at <= value.length; ) {
    const lineFeed = value.indexOf('\n', at);
    const end = lineFeed < 0 ? value.length : lineFeed;
    const line = trimmed(part(text, at, end));
    if (line.value !== '' && !line.value.startsWith('#')) lines.push(line);
    at = end + 1;
  }
  return lines;
}
