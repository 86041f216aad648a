import type { WorkBudget } from '../work-budget.ts';
import { type Piece, pushPiece, slicePieces, textOf } from './binding.ts';
import { HASH } from './chars.ts';
import { MAX_VALUE, Refusal, refuseTooLong } from './refusal.ts';
import { matchLength, parseShellPattern, type ShellPattern } from './shell-pattern.ts';

/**
 * `${value#word}` and `${value%word}`, and with the operator doubled at the word's start the longest match
 * (shell/lex.go `trimPrefix`, `trimSuffix`). What is left keeps where it stands. Throws a Refusal.
 */
export function trimMatch(
  value: readonly Piece[],
  word: string,
  operator: number,
  budget: WorkBudget,
): Piece[] {
  const longest = word.charCodeAt(0) === operator;
  const pattern = patternOf(longest ? word.slice(1) : word);
  const subject = textOf(value);
  const step = operator === HASH ? 1 : -1;
  const length = matchLength(pattern, subject, step === 1 ? 0 : subject.length, { longest, step, budget });
  if (length === null) refuseTooLong();
  if (length <= 0) return [...value];
  return step === 1
    ? slicePieces(value, length, subject.length)
    : slicePieces(value, 0, subject.length - length);
}

/**
 * `${value/search/replacement}`, with `all` `${value//search/replacement}`: leftmost, longest. What is put in stands
 * nowhere in the file, as far as edits go. Throws a Refusal.
 */
export function replaceMatches(
  value: readonly Piece[],
  search: string,
  replacement: readonly Piece[],
  all: boolean,
  budget: WorkBudget,
): Piece[] {
  const pattern = patternOf(search);
  const inserted = textOf(replacement);
  // Go's ReplaceAllString would read it as a reference to a group.
  if (all && inserted.includes('$'))
    throw new Refusal('syntax', 'a replacement with "$" in it is not supported');
  const subject = textOf(value);
  const pieces: Piece[] = [];
  let total = subject.length;
  let copied = 0;
  let matchedTo = -1;
  for (let i = 0; i <= subject.length; i++) {
    const length = matchLength(pattern, subject, i, { longest: true, step: 1, budget });
    if (length === null) refuseTooLong();
    if (length < 0 || (length === 0 && i === matchedTo)) continue;
    total += inserted.length - length;
    if (total > MAX_VALUE || !budget.spend(value.length)) refuseTooLong();
    for (const piece of slicePieces(value, copied, i)) pushPiece(pieces, piece);
    pushPiece(pieces, { text: inserted, at: -1, owner: null });
    copied = i + length;
    matchedTo = copied;
    if (!all) break;
    if (length > 0) i = copied - 1;
  }
  for (const piece of slicePieces(value, copied, subject.length)) pushPiece(pieces, piece);
  return pieces;
}

function patternOf(text: string): ShellPattern {
  const pattern = parseShellPattern(text);
  if (pattern !== null) return pattern;
  throw new Refusal('syntax', `the pattern "${text.slice(0, 80)}" contains an escape that BuildKit rejects`);
}
