import type { Binding } from './binding.ts';
import { DOUBLE_QUOTE, SINGLE_QUOTE } from './chars.ts';
import type { Range } from './words.ts';

const STAGE_NAME = /^[a-z][a-z0-9\-_.]*$/;

/** Whether BuildKit takes a lower-case name for a stage's. */
export function isStageName(name: string): boolean {
  return STAGE_NAME.test(name);
}

/** The stage's name in lower case; null where it has none; undefined where FROM has the wrong words. */
export function stageName(text: string, words: readonly Range[]): string | null | undefined {
  if (words.length === 1) return null;
  const [, as, name] = words;
  if (words.length !== 3 || as === undefined || name === undefined) return undefined;
  if (text.slice(as.from, as.to).toLowerCase() !== 'as') return undefined;
  return text.slice(name.from, name.to).toLowerCase();
}

/** Marks an ARG, and those its default is made of, as naming an image. */
export function markNaming(binding: Binding): void {
  const open = [binding];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.namesImage) continue;
    next.namesImage = true;
    for (const read of next.reads) if (!read.namesImage) open.push(read);
  }
}

/** What Go's `strconv.Atoi` takes. */
export function isStageNumber(value: string): boolean {
  let i = value[0] === '+' || value[0] === '-' ? 1 : 0;
  if (i === value.length) return false;
  for (; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c < 48 || c > 57) return false;
  }
  return true;
}

/** Whether a value holds what the shell lexer would take out: BuildKit refuses it where it does not expand. */
export function hasQuoteOrEscape(value: string, escapeCode: number): boolean {
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c === SINGLE_QUOTE || c === DOUBLE_QUOTE || c === escapeCode) return true;
  }
  return false;
}
