import type { Result } from './errors.ts';
import {
  classEnd,
  type GlobFaultCode,
  nextToken,
  type PatternFault,
  quotePattern,
  unclosedClass,
} from './glob.ts';

/** Characters of a pattern as written; the settings allow no more than 1000. */
const MAX_PATTERN = 1024;
const MAX_ALTERNATIVES = 256;
/** Characters of all alternatives together: what bounds the time of a match. */
const MAX_EXPANDED = 8192;

/**
 * The alternatives that `{a,b}` stands for, nested ones too, in the order written; a pattern without braces is its own.
 * Braces inside of `[…]` and behind `\` are text. At most 256 alternatives and 8192 characters in all. Pure; never throws.
 */
export function expandBraces(pattern: string): Result<readonly string[], PatternFault<GlobFaultCode>> {
  const unfit = textFault(pattern);
  if (unfit !== null) return unfit;
  const expanded = expand(pattern, pattern);
  if (!expanded.ok) return expanded;
  const alternatives = [...new Set(expanded.value)];
  if (alternatives.includes('')) {
    return fault(
      'empty',
      `${quotePattern(pattern)} has an empty alternative, which matches nothing; remove it`,
    );
  }
  const length = alternatives.reduce((sum, text) => sum + text.length, 0);
  return length > MAX_EXPANDED ? tooMany(pattern) : { ok: true, value: alternatives };
}

function textFault(pattern: string) {
  if (pattern === '') return fault('empty', 'the pattern is empty; "**" is everything');
  if (pattern.length > MAX_PATTERN) {
    const message = `${quotePattern(pattern)} is longer than ${MAX_PATTERN} characters; write several patterns`;
    return fault('too-long', message);
  }
  if (/[\u0000-\u001f\u007f]/.test(pattern)) {
    const message = `${quotePattern(pattern)} contains a control character, which no name has; remove it`;
    return fault('control-character', message);
  }
  if (pattern !== pattern.trim()) {
    const message = `${quotePattern(pattern)} begins or ends with a space; write ${quotePattern(pattern.trim())}`;
    return fault('surrounding-blank', message);
  }
  return null;
}

function expand(text: string, pattern: string): Result<readonly string[], PatternFault<GlobFaultCode>> {
  let heads: readonly string[] = [''];
  let from = 0;
  const takePlain = (to: number): void => {
    const plain = text.slice(from, to);
    if (plain !== '') heads = heads.map((head) => head + plain);
  };
  for (let i = 0; i < text.length; ) {
    if (text[i] === '[' && classEnd(text, i) < 0) return unclosedClass(pattern);
    if (text[i] !== '{') {
      i = nextToken(text, i);
      continue;
    }
    takePlain(i);
    const group = readGroup(text, i);
    if (group === null) return unclosedBraces(pattern);
    const tails: string[] = [];
    for (const part of group.parts) {
      const inner = expand(part, pattern);
      if (!inner.ok) return inner;
      tails.push(...inner.value);
    }
    if (heads.length * tails.length > MAX_ALTERNATIVES) return tooMany(pattern);
    heads = heads.flatMap((head) => tails.map((tail) => head + tail));
    i = group.end;
    from = i;
  }
  takePlain(text.length);
  return { ok: true, value: heads };
}

/** The texts between the commas of the braces at `start`, and where the braces end; null where they do not. */
function readGroup(
  text: string,
  start: number,
): { readonly parts: readonly string[]; readonly end: number } | null {
  const parts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < text.length; i = nextToken(text, i)) {
    const c = text[i];
    if (c === '{') depth++;
    else if (c === ',' && depth === 1) {
      parts.push(text.slice(from, i));
      from = i + 1;
    } else if (c === '}') {
      depth--;
      if (depth === 0) return { parts: [...parts, text.slice(from, i)], end: i + 1 };
    }
  }
  return null;
}

function unclosedBraces(pattern: string) {
  const message = `${quotePattern(pattern)} has a "{" without its "}"; close it`;
  return fault('unclosed-braces', message);
}

function tooMany(pattern: string) {
  const message = `${quotePattern(pattern)} expands to more than ${MAX_ALTERNATIVES} alternatives, or ${MAX_EXPANDED} characters of them; write several patterns`;
  return fault('too-many-alternatives', message);
}

function fault(code: GlobFaultCode, message: string) {
  return { ok: false as const, fault: { code, message } };
}
