import { RE2JS } from 're2js';
import { messageOf, type Result } from '../../../domain/errors.ts';
import type { SourceSpan } from '../../../domain/source-span.ts';

/** A pattern of a repository's configuration, compiled, with the names of its groups. */
export type Pattern = { readonly expression: RE2JS; readonly groups: readonly string[] };

/** Instructions a pattern may compile to; `sha256:[a-f0-9]{64}` takes about 80. */
const SIZE_LIMIT = 2000;
/** How far one match may reach, in characters, and how many are taken of a file. */
const WINDOW = 1 << 11;
const MATCH_LIMIT = 1000;

/** Compiles a pattern in RE2 syntax, `^` and `$` at the ends of lines. Linear engine: it cannot run away. */
export function compilePattern(pattern: string): Result<Pattern, string> {
  try {
    const expression = RE2JS.compile(pattern, RE2JS.MULTILINE);
    if (expression.programSize() > SIZE_LIMIT)
      return { ok: false, fault: 'the pattern is too large: use smaller repetitions' };
    return { ok: true, value: { expression, groups: Object.keys(expression.namedGroups()) } };
  } catch (cause) {
    const problem = messageOf(cause);
    return { ok: false, fault: `the pattern is not RE2: ${problem.slice(0, 300)}` };
  }
}

/**
 * All matches in a text, from left to right, as spans by group name; a group that took no part is missing. Looks at a
 * window of 2 to 4 Ki characters at a time, so that each match has a price, and stops after 1,000.
 */
export function patternMatches(pattern: Pattern, text: string): readonly ReadonlyMap<string, SourceSpan>[] {
  const found: ReadonlyMap<string, SourceSpan>[] = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length && found.length < MATCH_LIMIT) {
    // One character before, so that `^` and `\b` see what is there.
    const from = Math.max(0, at - 1);
    const lineFeed = text.indexOf('\n', at + WINDOW);
    const to =
      lineFeed < 0 || lineFeed > at + 2 * WINDOW ? Math.min(text.length, at + 2 * WINDOW) : lineFeed + 1;
    const matcher = pattern.expression.matcher(text.slice(from, to));
    if (!matcher.find(at - from)) {
      at = to >= text.length ? text.length : Math.max(at + 1, to - WINDOW / 4);
      continue;
    }
    const spans = new Map<string, SourceSpan>();
    for (const name of pattern.groups) {
      const start = matcher.start(name);
      if (start >= 0) spans.set(name, { start: from + start, end: from + matcher.end(name) });
    }
    found.push(spans);
    const end = from + matcher.end();
    at = end > at ? end : at + 1;
  }
  return found;
}
