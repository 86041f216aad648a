import type { Result } from './errors.ts';

/**
 * The one glob engine. `image-glob.ts`, `registry-glob.ts` and `path-glob.ts` say what a pattern means for images,
 * registries, files and branches; the characters mean the same everywhere (docs/configuration.md, "Patterns").
 */

/** Why a text is no glob at all. What a glob may not say of an image or a path is told by those modules. */
export type GlobFaultCode =
  | 'empty'
  | 'too-long'
  | 'too-many-alternatives'
  | 'unclosed-braces'
  | 'unclosed-class'
  | 'reversed-range'
  | 'dangling-escape'
  | 'control-character'
  | 'surrounding-blank';

/** `message` is one sentence that quotes the pattern, says what is wrong and what to write in its place. */
export type PatternFault<Code extends string> = { readonly code: Code; readonly message: string };

type Range = { readonly low: number; readonly high: number };

export type Step =
  | { readonly kind: 'char'; readonly code: number }
  /** `?`, `*`: stop at a slash. `across`: `**` and whatever it runs over. `folders`: a whole `**` + slash, none too. */
  | { readonly kind: 'any' | 'star' | 'across' | 'folders' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly Range[] };

/** One compiled alternative. Plain data: it may be compared and written as JSON. */
export type Glob = {
  readonly steps: readonly Step[];
  /** The only text it matches, where it holds no wildcard. */
  readonly literal: string | null;
  /** Characters of the shortest text it matches. */
  readonly shortest: number;
};

/** No file name or image name is longer; a longer text matches only literally. */
const MAX_TEXT = 8192;
const SLASH = 47;

/**
 * Compiles one alternative. `*` and `?` stop at a slash, `**` crosses slashes, and as a whole part before a
 * slash it also stands for none; `[a-z]` and `[!a-z]` are classes of one character, never a slash; `\` takes the next character as it is.
 * `pattern` is what a fault quotes. Pure; never throws.
 */
export function compileGlob(
  alternative: string,
  pattern = alternative,
): Result<Glob, PatternFault<GlobFaultCode>> {
  const steps: Step[] = [];
  for (let i = 0; i < alternative.length; ) {
    const c = alternative[i];
    if (c === '*') {
      const { step, end } = readStars(alternative, i);
      steps.push(step);
      i = end;
    } else if (c === '?') {
      steps.push({ kind: 'any' });
      i++;
    } else if (c === '[') {
      const read = readClass(alternative, i, pattern);
      if (!read.ok) return read;
      steps.push(read.value.step);
      i = read.value.end;
    } else {
      const at = c === '\\' ? i + 1 : i;
      const code = alternative.codePointAt(at);
      if (code === undefined) return dangling(pattern);
      steps.push({ kind: 'char', code });
      i = at + (code > 0xffff ? 2 : 1);
    }
  }
  return { ok: true, value: globOf(steps) };
}

/** A glob in which only `*` is special and stands for any run of characters, slashes too: for identities and URLs. */
export function compileTextGlob(text: string): Glob {
  const steps: Step[] = [];
  for (const char of text) {
    if (char !== '*') steps.push({ kind: 'char', code: char.codePointAt(0) ?? 0 });
    else if (steps.at(-1)?.kind !== 'across') steps.push({ kind: 'across' });
  }
  return globOf(steps);
}

function globOf(steps: readonly Step[]): Glob {
  const single = steps.filter(({ kind }) => kind === 'char' || kind === 'any' || kind === 'class');
  return { steps, literal: literalOf(steps), shortest: single.length };
}

/** Whether the glob matches the whole text. All ways are followed at once: time is steps × characters at most. Pure. */
export function globMatches(glob: Glob, text: string): boolean {
  const { steps, literal, shortest } = glob;
  if (literal !== null) return literal === text;
  if (text.length > MAX_TEXT || text.length < shortest) return false;
  let states = new Uint8Array(steps.length + 1);
  let next = new Uint8Array(steps.length + 1);
  states[0] = 1;
  for (let at = 0; ; ) {
    const atSegment = at === 0 || text.charCodeAt(at - 1) === SLASH;
    for (let i = 0; i < steps.length; i++) {
      if (states[i] === 1 && mayBeNothing(steps[i], atSegment)) states[i + 1] = 1;
    }
    if (at >= text.length) return states[steps.length] === 1;
    const code = text.codePointAt(at) ?? 0;
    at += code > 0xffff ? 2 : 1;
    next.fill(0);
    let alive = false;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i];
      if (states[i] === 0 || step === undefined || !takes(step, code)) continue;
      next[step.kind === 'char' || step.kind === 'any' || step.kind === 'class' ? i + 1 : i] = 1;
      alive = true;
    }
    if (!alive) return false;
    [states, next] = [next, states];
  }
}

/** Whether the step can stand for one of these characters. */
export function takesOneOf(step: Step, alphabet: string): boolean {
  for (const char of alphabet) if (takes(step, char.codePointAt(0) ?? 0)) return true;
  return false;
}

/**
 * The parts of an alternative between slashes, as written. A slash inside of `[…]` divides nothing. The alternative is
 * well-formed: {@link compileGlob} took it.
 */
export function globParts(alternative: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (let i = 0; i < alternative.length; i = nextToken(alternative, i)) {
    if (alternative[i] !== '/') continue;
    parts.push(alternative.slice(from, i));
    from = i + 1;
  }
  return [...parts, alternative.slice(from)];
}

/** The part's characters that stand for themselves, each wildcard and class as one `*`. The part is well-formed. */
export function plainOf(part: string): string {
  let plain = '';
  for (let i = 0; i < part.length; i = nextToken(part, i)) {
    const c = part[i] ?? '';
    if (c === '[' || c === '?' || c === '*') plain += '*';
    else plain += c === '\\' ? part.slice(i + 1, nextToken(part, i)) : c;
  }
  return plain;
}

/** A pattern for a message, in quotation marks and not too long. */
export function quotePattern(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Where the character, the escaped pair or the class at `i` ends. */
export function nextToken(text: string, i: number): number {
  if (text[i] === '\\')
    return Math.min(text.length, i + 1 + ((text.codePointAt(i + 1) ?? 0) > 0xffff ? 2 : 1));
  const end = text[i] === '[' ? classEnd(text, i) : -1;
  return end < 0 ? i + 1 : end;
}

/** Behind the `]` of the class that begins at `start`; -1 where it is not closed. A `]` right at the beginning is a member. */
export function classEnd(text: string, start: number): number {
  let i = start + 1;
  if (text[i] === '!' || text[i] === '^') i++;
  for (let isFirst = true; i < text.length; isFirst = false) {
    if (text[i] === ']' && !isFirst) return i + 1;
    i += text[i] === '\\' ? 2 : 1;
  }
  return -1;
}

function readStars(text: string, start: number): { readonly step: Step; readonly end: number } {
  let end = start;
  while (text[end] === '*') end++;
  if (end - start === 1) return { step: { kind: 'star' }, end };
  const isWholePart = (start === 0 || text[start - 1] === '/') && text[end] === '/';
  return isWholePart ? { step: { kind: 'folders' }, end: end + 1 } : { step: { kind: 'across' }, end };
}

function readClass(
  text: string,
  start: number,
  pattern: string,
): Result<{ readonly step: Step; readonly end: number }, PatternFault<GlobFaultCode>> {
  const end = classEnd(text, start);
  if (end < 0) return unclosedClass(pattern);
  const negated = text[start + 1] === '!' || text[start + 1] === '^';
  const members = membersOf(text.slice(start + (negated ? 2 : 1), end - 1));
  const ranges: Range[] = [];
  for (let i = 0; i < members.length; i++) {
    const low = members[i];
    const high = members[i + 2];
    if (low === undefined) continue;
    if (members[i + 1]?.text !== '-' || high === undefined) {
      ranges.push({ low: low.code, high: low.code });
      continue;
    }
    if (low.code > high.code) {
      const right = `[${high.char}-${low.char}]`;
      const message = `${quotePattern(pattern)} has a range that runs backwards; write ${quotePattern(right)}`;
      return fault('reversed-range', message);
    }
    ranges.push({ low: low.code, high: high.code });
    i += 2;
  }
  return { ok: true, value: { step: { kind: 'class', negated, ranges }, end } };
}

/** The characters of a class; `text` tells an escaped hyphen from a range's. */
function membersOf(inside: string) {
  return [...inside.matchAll(/\\?(.)/gsu)].map(([text, char = '']) => ({
    text,
    char,
    code: char.codePointAt(0) ?? 0,
  }));
}

function mayBeNothing(step: Step | undefined, atSegment: boolean): boolean {
  if (step?.kind === 'folders') return atSegment;
  return step?.kind === 'star' || step?.kind === 'across';
}

function takes(step: Step, code: number): boolean {
  switch (step.kind) {
    case 'char':
      return step.code === code;
    case 'any':
    case 'star':
      return code !== SLASH;
    case 'class':
      return (
        code !== SLASH && step.ranges.some(({ low, high }) => code >= low && code <= high) !== step.negated
      );
    case 'across':
    case 'folders':
      return true;
  }
}

function literalOf(steps: readonly Step[]): string | null {
  let text = '';
  for (const step of steps) {
    if (step.kind !== 'char') return null;
    text += String.fromCodePoint(step.code);
  }
  return text;
}

/** The fault of a pattern with a class that is not closed. */
export function unclosedClass(pattern: string) {
  const message = `${quotePattern(pattern)} has a "[" without its "]"; close it`;
  return fault('unclosed-class', message);
}

function dangling(pattern: string) {
  const message = `${quotePattern(pattern)} ends in "\\", which needs a character after it; remove it`;
  return fault('dangling-escape', message);
}

function fault(code: GlobFaultCode, message: string) {
  return { ok: false as const, fault: { code, message } };
}
