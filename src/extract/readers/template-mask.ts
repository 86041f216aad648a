/** Stands for each character of a template expression in a masked text; in no sensible file. */
export const MASK = '\ue000';

const OPENERS: ReadonlyMap<string, string> = new Map([
  ['{{', '}}'],
  ['{%', '%}'],
  ['{#', '#}'],
]);

/**
 * Hides template expressions (`{{ … }}` of Go templates and Jinja, `{% … %}`, `{# … #}`) so that the rest can be read as
 * YAML: a line that holds nothing else becomes blank, an expression inside a line becomes {@link MASK} characters. Every
 * other character keeps its offset. `${{ … }}` is GitHub's and stays. Pure, linear.
 */
export function maskTemplates(text: string): string {
  if (!text.includes('{{') && !text.includes('{%')) return text;
  const closes = new Map([...OPENERS].map(([opener, closer]) => [opener, text.lastIndexOf(closer)]));
  const endOf = (at: number): number => expressionEnd(text, at, closes);
  const parts: string[] = [];
  let copied = 0;
  for (let at = text.indexOf('{'); at >= 0; ) {
    const end = endOf(at);
    if (end < 0) {
      at = text.indexOf('{', at + 1);
      continue;
    }
    // Only a line's first expression looks ahead, so that a long line of them costs one pass.
    const lineEnd = startsLine(text, at) ? endOfBareLine(text, end, endOf) : null;
    const stop = lineEnd ?? end;
    parts.push(
      text.slice(copied, at),
      text.slice(at, stop).replace(/[^\r\n]/g, lineEnd === null ? MASK : ' '),
    );
    copied = stop;
    at = text.indexOf('{', stop);
  }
  parts.push(text.slice(copied));
  return parts.join('');
}

/** The end of the expression that opens at `at`, or -1 where none does; `closes` holds the last place of each closer. */
function expressionEnd(text: string, at: number, closes: ReadonlyMap<string, number>): number {
  const opener = text.slice(at, at + 2);
  const closer = OPENERS.get(opener);
  if (closer === undefined || text[at - 1] === '$' || (closes.get(opener) ?? -1) < at + 2) return -1;
  return text.indexOf(closer, at + 2) + 2;
}

function startsLine(text: string, at: number): boolean {
  let before = at - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return before < 0 || text[before] === '\n' || text[before] === '\ufeff';
}

/** Where the line's expressions end, if nothing but expressions and blanks follows `from` on it; else null. */
function endOfBareLine(text: string, from: number, endOf: (at: number) => number): number | null {
  let at = from;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at++;
    if (at >= text.length || text[at] === '\n') return at;
    const end = text[at] === '{' ? endOf(at) : -1;
    if (end < 0) return null;
    at = end;
  }
}
