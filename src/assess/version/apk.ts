import { compareNumbers } from './debian.ts';

/**
 * Compares two Alpine versions `1.2.3a_rc1_p2-r4` (apk-package(5)). Negative: `a` is older; null where one is no such
 * version. Linear.
 */
export function compareApk(a: string, b: string): number | null {
  const [x, y] = [parse(a), parse(b)];
  if (x === null || y === null) return null;
  return (
    compareLists(x.numbers, y.numbers) ||
    (x.letter === y.letter ? 0 : x.letter < y.letter ? -1 : 1) ||
    compareSuffixes(x.suffixes, y.suffixes) ||
    compareNumbers(x.revision, y.revision)
  );
}

/** The version without its `-r` revision. */
export function withoutApkRevision(version: string): string {
  return version.replace(/-r\d+$/, '');
}

type Suffix = { readonly rank: number; readonly number: string };

type Parsed = {
  readonly numbers: readonly string[];
  readonly letter: string;
  readonly suffixes: readonly Suffix[];
  readonly revision: string;
};

const RANKS: ReadonlyMap<string, number> = new Map([
  ['alpha', -4],
  ['beta', -3],
  ['pre', -2],
  ['rc', -1],
  ['cvs', 1],
  ['svn', 2],
  ['git', 3],
  ['hg', 4],
  ['p', 5],
]);

function parse(version: string): Parsed | null {
  const match = /^(\d+(?:\.\d+)*)([a-z]?)((?:_[a-z]+\d*)*)(?:~[0-9a-f]+)?(?:-r(\d+))?$/.exec(version);
  if (match === null) return null;
  const [, numbers = '', letter = '', suffixes = '', revision = '0'] = match;
  const parsed: Suffix[] = [];
  for (const [, word = '', number = ''] of suffixes.matchAll(/_([a-z]+)(\d*)/g)) {
    const rank = RANKS.get(word);
    if (rank === undefined) return null;
    parsed.push({ rank, number });
  }
  return { numbers: numbers.split('.'), letter, suffixes: parsed, revision };
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const difference = compareNumbers(x, y);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareSuffixes(a: readonly Suffix[], b: readonly Suffix[]): number {
  const none: Suffix = { rank: 0, number: '' };
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i] ?? none, b[i] ?? none];
    const difference = x.rank - y.rank || compareNumbers(x.number, y.number);
    if (difference !== 0) return difference;
  }
  return 0;
}
