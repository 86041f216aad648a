import type { Result } from './errors.ts';
import {
  compileGlob,
  type Glob,
  type GlobFaultCode,
  globMatches,
  globParts,
  type PatternFault,
  plainOf,
  quotePattern,
} from './glob.ts';
import { expandBraces } from './glob-braces.ts';

/** Why a pattern could never match a file of the repository, or a branch. */
export type PathPatternFaultCode =
  | GlobFaultCode
  | 'scheme'
  | 'negation'
  | 'backslash'
  | 'absolute'
  | 'outside'
  | 'dot-part'
  | 'empty-part'
  | 'slash-class'
  | 'invalid-branch';

export type PathPatternFault = PatternFault<PathPatternFaultCode>;

/** A checked pattern for paths of the repository. Plain data; `text` is as written. */
export type PathPattern = { readonly text: string; readonly alternatives: readonly Glob[] };

/** A checked pattern for branches. Plain data; `text` is as written. */
export type BranchPattern = {
  readonly text: string;
  readonly alternatives: readonly Glob[];
  /** The only branch it names, where it holds no wildcard. */
  readonly branch: string | null;
};

type Refusal = { readonly ok: false; readonly fault: PathPatternFault };

/**
 * Checks a pattern for files, on the whole path from the repository's root. One without a slash holds in any folder;
 * one that begins with `/` or `./` holds from the root; one that ends in `/` is all below that folder. The dialect:
 * docs/configuration.md, "Patterns". A pattern that no path could ever match is a fault that says what to write. Pure;
 * linear; never throws.
 */
export function parsePathPattern(text: string): Result<PathPattern, PathPatternFault> {
  const unfit = pathTextFault(text);
  if (unfit !== null) return unfit;
  return parseWith(text, (alternative) => {
    const bad = pathPartsFault(alternative, text);
    return bad ?? { ok: true, value: anchor(alternative) };
  });
}

/** The pattern in `text`; throws a RangeError where it is none. For literals and values that were checked before. */
export function toPathPattern(text: string): PathPattern {
  const parsed = parsePathPattern(text);
  if (!parsed.ok) throw new RangeError(parsed.fault.message);
  return parsed.value;
}

/** Whether the pattern matches a path, relative to the root with `/`. Pure. */
export function matchesPath(pattern: PathPattern, path: string): boolean {
  return pattern.alternatives.some((glob) => globMatches(glob, path));
}

/**
 * Checks a pattern for branches: the characters of paths, on the whole name (`main`, `release/*`), without `refs/heads/`.
 * A pattern that no branch could match (git-check-ref-format) is a fault that says what to write. Pure; never throws.
 */
export function parseBranchPattern(text: string): Result<BranchPattern, PathPatternFault> {
  const parsed = parseWith(text, (alternative) => {
    const bad = branchFault(alternative, text);
    return bad ?? { ok: true, value: alternative };
  });
  if (!parsed.ok) return parsed;
  const [only, ...others] = parsed.value.alternatives;
  return {
    ok: true,
    value: { ...parsed.value, branch: others.length === 0 ? (only?.literal ?? null) : null },
  };
}

/** The pattern in `text`; throws a RangeError where it is none. */
export function toBranchPattern(text: string): BranchPattern {
  const parsed = parseBranchPattern(text);
  if (!parsed.ok) throw new RangeError(parsed.fault.message);
  return parsed.value;
}

/** Whether the pattern matches a branch's name, without `refs/heads/`. Pure. */
export function matchesBranch(pattern: BranchPattern, branch: string): boolean {
  return pattern.alternatives.some((glob) => globMatches(glob, branch));
}

function parseWith(
  text: string,
  place: (alternative: string) => Result<string, PathPatternFault>,
): Result<PathPattern, PathPatternFault> {
  const expanded = expandBraces(text);
  if (!expanded.ok) return expanded;
  const alternatives: Glob[] = [];
  for (const alternative of expanded.value) {
    // Told here, so that what follows may rely on a well-formed text.
    const wellFormed = compileGlob(alternative, text);
    if (!wellFormed.ok) return wellFormed;
    const slashes = slashClassFault(wellFormed.value, text);
    if (slashes !== null) return slashes;
    const placed = place(alternative);
    if (!placed.ok) return placed;
    const glob = compileGlob(placed.value, text);
    if (!glob.ok) return glob;
    alternatives.push(glob.value);
  }
  return { ok: true, value: { text, alternatives } };
}

/** A glob without a slash holds in any folder; `/x` is `x` at the top; `x/` is all below x. */
function anchor(glob: string): string {
  const text = glob.startsWith('./') ? glob.slice(1) : glob;
  const below = text.endsWith('/') ? `${text}**` : text;
  if (below.startsWith('/')) return below.slice(1);
  const body = text.endsWith('/') ? text.slice(0, -1) : text;
  return globParts(body).length > 1 ? below : `**/${below}`;
}

/** What can be told of the text before it is taken apart. */
function pathTextFault(text: string): Refusal | null {
  const shown = quotePattern(text);
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    return refuse(
      'scheme',
      `${shown} is an address; write a path from the repository's root, such as "docker/**"`,
    );
  }
  if (text.startsWith('!')) {
    const message = `${shown} begins with "!", but patterns cannot be negated; use "files.exclude", or write ${quotePattern(`\\${text}`)} for a name that begins with "!"`;
    return refuse('negation', message);
  }
  if (/^[A-Za-z]:[/\\]/.test(text)) {
    const right = quotePattern(text.slice(3).replaceAll('\\', '/'));
    return refuse(
      'absolute',
      `${shown} begins with a drive; paths begin at the repository's root, such as ${right}`,
    );
  }
  if (/\\[\p{L}\p{N}_./ -]/u.test(text)) {
    const right = quotePattern(text.replaceAll('\\', '/'));
    return refuse('backslash', `${shown} has "\\" between folders; write ${right}`);
  }
  return null;
}

function pathPartsFault(alternative: string, text: string): Refusal | null {
  const shown = quotePattern(text);
  const parts = globParts(alternative);
  const isRooted = parts[0] === '' || parts[0] === '.';
  const inner = isRooted && parts.length > 1 ? parts.slice(1) : parts;
  if (inner.every((part) => part === '')) {
    return refuse('empty-part', `${shown} names no file; write "**" for every file, or a name`);
  }
  const isFolder = inner.at(-1) === '';
  for (const part of isFolder ? inner.slice(0, -1) : inner) {
    if (part === '') return refuse('empty-part', `${shown} has two slashes in a row; write one`);
    if (part === '..') {
      return refuse(
        'outside',
        `${shown} has a ".."; paths begin at the repository's root and stay inside it`,
      );
    }
    if (part === '.')
      return refuse('dot-part', `${shown} has a "." as a folder, which no path has; remove it`);
  }
  return null;
}

/** What git-check-ref-format lets no branch have. */
function branchFault(alternative: string, text: string): Refusal | null {
  const shown = quotePattern(text);
  if (text.startsWith('refs/heads/')) {
    const right = quotePattern(text.slice('refs/heads/'.length));
    return refuse('invalid-branch', `${shown} is a ref; write the branch's name, ${right}`);
  }
  if (/\\[*?[]/.test(alternative)) {
    const message = `${shown} has "*", "?" or "[" as text, which no branch has; take it out, or the "\\" in front of it`;
    return refuse('invalid-branch', message);
  }
  const plain = globParts(alternative).map(plainOf).join('/');
  const odd = /[ ~^:?\\]|\[|@\{/.exec(plain)?.[0];
  if (odd !== undefined) {
    return refuse('invalid-branch', `${shown} has ${quotePattern(odd)}, which no branch has; remove it`);
  }
  if (/^[/-]|\/$|\/\/|\.\.|\.$|(?:^|\/)\.|\.lock(?:\/|$)/.test(plain)) {
    const message = `${shown} cannot be a branch: no "//", "..", leading "-" or ".", trailing "/", "." or ".lock"; correct it`;
    return refuse('invalid-branch', message);
  }
  return null;
}

/** A class whose only member is a slash matches nothing. */
function slashClassFault(glob: Glob, text: string): Refusal | null {
  const isHopeless = glob.steps.some(
    (step) =>
      step.kind === 'class' &&
      !step.negated &&
      step.ranges.every(({ low, high }) => low === 47 && high === 47),
  );
  if (!isHopeless) return null;
  const message = `${quotePattern(text)} has a "[/]", but classes never match a slash; write the slash without brackets`;
  return refuse('slash-class', message);
}

function refuse(code: PathPatternFaultCode, message: string): Refusal {
  return { ok: false, fault: { code, message } };
}
