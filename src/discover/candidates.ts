import type { Format } from '../domain/site.ts';
import type { FormatExtractor } from '../extract/format.ts';

/** Files to read beside those whose names say what they are: a glob on paths, and the format to read them as. */
export type IncludeRule = {
  readonly glob: string;
  /** Null: the format the path has by itself, else `dockerfile`. */
  readonly format: Format | null;
};

/** What a repository's configuration says about its files. */
export type CandidateRules = {
  readonly include: readonly IncludeRule[];
  /** Globs of files and folders not to read; they win over `include`. */
  readonly exclude: readonly string[];
  /** Whether folders of test data (`testdata`, `fixtures`, …) are left out. Default off. */
  readonly skipTestData: boolean;
};

export const DEFAULT_RULES: CandidateRules = { include: [], exclude: [], skipTestData: false };

/** Folders that hold other people's files, or none of anyone's. At any depth. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['.git', 'node_modules', 'vendor']);
const TEST_DATA_FOLDERS: ReadonlySet<string> = new Set([
  'testdata',
  'test-data',
  'test_data',
  'fixtures',
  '__fixtures__',
  'testfixtures',
]);

/** Decides which paths of a tree are read, and as what. Paths are relative with `/`. */
export type Candidates = {
  /** Whether a folder's files are left out altogether. For `Tree.list`. */
  skipFolder(path: string): boolean;
  /** The extractors for a file, in the order of the list; empty where it is no candidate. */
  formatsOf(path: string): readonly FormatExtractor[];
};

const NO_FORMATS: readonly FormatExtractor[] = [];

/** Prepares the choice of files for one repository. Throws a RangeError for a glob that is not well-formed. */
export function candidatesFor(formats: readonly FormatExtractor[], rules: CandidateRules): Candidates {
  const include = rules.include.map((rule) => ({ format: rule.format, matches: compileGlob(rule.glob) }));
  const exclude = rules.exclude.map((glob) => compileGlob(glob));
  const fallback = formats.filter((format) => format.format === 'dockerfile');

  const isExcluded = (path: string): boolean => exclude.some((matches) => matches(path));
  const skipsName = (name: string): boolean =>
    SKIPPED_FOLDERS.has(name) || (rules.skipTestData && TEST_DATA_FOLDERS.has(name));

  const skipFolder = (path: string): boolean =>
    skipsName(path.slice(path.lastIndexOf('/') + 1)) || isExcluded(path) || isExcluded(`${path}/`);

  const isInSkippedFolder = (path: string): boolean => {
    for (let slash = path.indexOf('/'), start = 0; slash >= 0; slash = path.indexOf('/', start)) {
      if (skipsName(path.slice(start, slash))) return true;
      if (exclude.length > 0 && (isExcluded(path.slice(0, slash)) || isExcluded(path.slice(0, slash + 1)))) {
        return true;
      }
      start = slash + 1;
    }
    return false;
  };

  const formatsOf = (path: string): readonly FormatExtractor[] => {
    const own = formats.filter((format) => format.matchesPath(path));
    const added = include.filter((rule) => rule.matches(path));
    if (own.length === 0 && added.length === 0) return NO_FORMATS;
    if (isInSkippedFolder(path) || isExcluded(path)) return NO_FORMATS;
    const chosen = new Set(own);
    for (const rule of added) {
      const named =
        rule.format === null
          ? own.length > 0
            ? own
            : fallback
          : formats.filter((f) => f.format === rule.format);
      for (const format of named) chosen.add(format);
    }
    return formats.filter((format) => chosen.has(format));
  };

  return { skipFolder, formatsOf };
}

const MAX_GLOB = 1024;
const MAX_ALTERNATIVES = 256;

/**
 * Compiles a glob on a whole path: `*` and `?` stop at `/`, `**` as a whole segment crosses any number of segments (none
 * too), `[a-z]` and `[!a-z]` are classes, `{a,b}` alternatives (nested too), `\` takes the next character as it is. A
 * glob without `/` matches the last segment in any folder; one that ends in `/` matches the folder's files. Matching
 * takes glob × text steps at most. Throws a RangeError that quotes what is wrong.
 */
export function compileGlob(glob: string): (text: string) => boolean {
  if (glob === '' || glob.length > MAX_GLOB) {
    throw new RangeError(`the glob ${quote(glob)} must have 1 to ${MAX_GLOB} characters`);
  }
  const alternatives = expandBraces(glob);
  const programs = alternatives.map((text) => compileOne(anchor(text)));
  return (text) => programs.some((program) => run(program, text));
}

/** A glob without a slash holds in any folder; `/x` is `x` at the top; `x/` is all below x. */
function anchor(glob: string): string {
  const text = glob.startsWith('./') ? glob.slice(1) : glob;
  const below = text.endsWith('/') ? `${text}**` : text;
  if (below.startsWith('/')) return below.slice(1);
  const body = text.endsWith('/') ? text.slice(0, -1) : text;
  return body.includes('/') ? below : `**/${below}`;
}

type Step =
  | { readonly kind: 'char'; readonly code: number }
  | { readonly kind: 'any' | 'star' | 'globstar' | 'deep' }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    };

const SLASH = 47;

function compileOne(glob: string): readonly Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i];
    if (c === '\\' && i + 1 < glob.length) {
      i++;
      steps.push({ kind: 'char', code: glob.charCodeAt(i) });
    } else if (c === '*') {
      const startsSegment = i === 0 || glob[i - 1] === '/';
      if (glob[i + 1] !== '*' || !startsSegment) {
        while (glob[i + 1] === '*') i++;
        steps.push({ kind: 'star' });
      } else if (glob[i + 2] === '/') {
        i += 2;
        steps.push({ kind: 'globstar' });
      } else {
        while (glob[i + 1] === '*') i++;
        steps.push({ kind: i + 1 === glob.length ? 'deep' : 'star' });
      }
    } else if (c === '?') {
      steps.push({ kind: 'any' });
    } else if (c === '[') {
      const parsed = readClass(glob, i);
      steps.push(parsed.step);
      i = parsed.end;
    } else {
      steps.push({ kind: 'char', code: glob.charCodeAt(i) });
    }
  }
  return steps;
}

function readClass(glob: string, start: number): { readonly step: Step; readonly end: number } {
  let i = start + 1;
  const negated = glob[i] === '!' || glob[i] === '^';
  if (negated) i++;
  const ranges: (readonly [number, number])[] = [];
  for (let isFirst = true; glob[i] !== ']' || isFirst; isFirst = false) {
    if (i >= glob.length) throw new RangeError(`the glob ${quote(glob)} has a "[" without its "]"`);
    if (glob[i] === '\\') i++;
    const low = glob.charCodeAt(i);
    if (glob[i + 1] === '-' && i + 2 < glob.length && glob[i + 2] !== ']') {
      ranges.push([low, glob.charCodeAt(i + 2)]);
      i += 3;
    } else {
      ranges.push([low, low]);
      i++;
    }
  }
  return { step: { kind: 'class', negated, ranges }, end: i };
}

/** Runs all ways through the glob at once: no backtracking. */
function run(program: readonly Step[], text: string): boolean {
  let states = new Uint8Array(program.length + 1);
  let next = new Uint8Array(program.length + 1);
  states[0] = 1;
  for (let at = 0; ; at++) {
    const atSegment = at === 0 || text.charCodeAt(at - 1) === SLASH;
    for (let i = 0; i < program.length; i++) {
      if (states[i] === 0) continue;
      const kind = program[i]?.kind;
      if (kind === 'star' || kind === 'deep' || (kind === 'globstar' && atSegment)) states[i + 1] = 1;
    }
    if (at === text.length) return states[program.length] === 1;
    const c = text.charCodeAt(at);
    next.fill(0);
    let alive = false;
    for (let i = 0; i < program.length; i++) {
      const step = program[i];
      if (states[i] === 0 || step === undefined) continue;
      const target = stepOver(step, c, i);
      if (target < 0) continue;
      next[target] = 1;
      alive = true;
    }
    if (!alive) return false;
    [states, next] = [next, states];
  }
}

/** The state after a character, or -1. */
function stepOver(step: Step, c: number, at: number): number {
  switch (step.kind) {
    case 'char':
      return step.code === c ? at + 1 : -1;
    case 'any':
      return c === SLASH ? -1 : at + 1;
    case 'star':
      return c === SLASH ? -1 : at;
    case 'class': {
      if (c === SLASH) return -1;
      const inside = step.ranges.some(([low, high]) => c >= low && c <= high);
      return inside !== step.negated ? at + 1 : -1;
    }
    default:
      return at;
  }
}

/** All texts that `{a,b}` alternatives stand for. */
function expandBraces(glob: string): readonly string[] {
  let open: string[] = [''];
  let i = 0;
  while (i < glob.length) {
    const c = glob[i];
    let parts: readonly string[] = [c ?? ''];
    if (c === '\\') {
      parts = [glob.slice(i, i + 2)];
      i += 2;
    } else if (c === '{') {
      const group = readGroup(glob, i);
      parts = group.parts.flatMap(expandBraces);
      i = group.end + 1;
    } else {
      i++;
    }
    if (open.length * parts.length > MAX_ALTERNATIVES) {
      throw new RangeError(`the glob ${quote(glob)} stands for more than ${MAX_ALTERNATIVES} alternatives`);
    }
    open = open.flatMap((head) => parts.map((part) => head + part));
  }
  return open;
}

function readGroup(glob: string, start: number): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let i = start; i < glob.length; i++) {
    const c = glob[i];
    if (c === '\\') i++;
    else if (c === '{') depth++;
    else if (c === ',' && depth === 1) {
      parts.push(glob.slice(from, i));
      from = i + 1;
    } else if (c === '}') {
      depth--;
      if (depth > 0) continue;
      parts.push(glob.slice(from, i));
      return { parts, end: i };
    }
  }
  throw new RangeError(`the glob ${quote(glob)} has a "{" without its "}"`);
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
