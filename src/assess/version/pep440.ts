import { compareNumbers } from './debian.ts';

/**
 * Compares two Python versions (PEP 440: epochs, pre-, post- and development releases, local labels). Negative: `a` is
 * older; null where one is no such version. Linear.
 */
export function comparePep440(a: string, b: string): number | null {
  const [x, y] = [parse(a), parse(b)];
  if (x === null || y === null) return null;
  return (
    compareNumbers(x.epoch, y.epoch) ||
    compareReleases(x.release, y.release) ||
    compareStages(x.pre, y.pre) ||
    compareStages(x.post, y.post) ||
    compareStages(x.dev, y.dev) ||
    (x.local === y.local ? 0 : x.local < y.local ? -1 : 1)
  );
}

/** A rank and a number: the rank orders `dev` < `a` < `b` < `rc` < release < `post`. */
type Stage = { readonly rank: number; readonly number: string };

type Parsed = {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre: Stage;
  readonly post: Stage;
  readonly dev: Stage;
  readonly local: string;
};

const PATTERN =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/;

function parse(version: string): Parsed | null {
  if (version.length > 200) return null;
  const match = PATTERN.exec(version.trim().toLowerCase());
  if (match === null) return null;
  const [
    ,
    epoch = '0',
    release = '',
    pre,
    preNumber = '',
    implicitPost,
    post,
    postNumber = '',
    dev,
    devNumber = '',
  ] = match;
  const isPost = implicitPost !== undefined || post !== undefined;
  const isDev = dev !== undefined;
  return {
    epoch,
    release: release.split('.'),
    // 1.0.dev1 comes before 1.0a1: a development release of the release itself ranks below every pre-release.
    pre:
      pre !== undefined
        ? { rank: preRank(pre), number: preNumber }
        : { rank: isDev && !isPost ? 0 : 9, number: '' },
    post: isPost ? { rank: 1, number: implicitPost ?? postNumber } : { rank: 0, number: '' },
    dev: isDev ? { rank: 0, number: devNumber } : { rank: 1, number: '' },
    local: match[10] ?? '',
  };
}

function preRank(word: string): number {
  if (word.startsWith('a')) return 1;
  return word.startsWith('b') ? 2 : 3;
}

function compareStages(a: Stage, b: Stage): number {
  return a.rank - b.rank || compareNumbers(a.number, b.number);
}

function compareReleases(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = compareNumbers(a[i] ?? '0', b[i] ?? '0');
    if (difference !== 0) return difference;
  }
  return 0;
}
