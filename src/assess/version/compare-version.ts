import semver from 'semver';
import { compareApk, withoutApkRevision } from './apk.ts';
import { compareDebian, compareNumbers } from './debian.ts';
import { comparePep440 } from './pep440.ts';
import { compareRpm, splitRpm } from './rpm.ts';

/** How a version moved by its ecosystem's own order; a rebuild is the same upstream version packaged again. */
export type VersionMove = 'upgrade' | 'downgrade' | 'rebuild' | 'unknown';

/**
 * Compares two versions of a package of purl type `type` by its ecosystem's own rules: Debian, Alpine, RPM, PEP 440, and
 * semantic versions for the rest, falling back to digits and words in turn. Negative: `a` is older. Zero: the same
 * version, though maybe spelled differently. Null: no order is known.
 */
export function comparePackageVersions(type: string, a: string, b: string): number | null {
  if (a === b) return 0;
  if (a === '' || b === '') return null;
  switch (type) {
    case 'deb':
      return compareDebian(a, b);
    case 'rpm':
      return compareRpm(a, b);
    case 'apk':
      return compareApk(a, b) ?? compareDebian(a, b);
    case 'alpm':
      return compareRpm(a, b);
    case 'pypi':
      return comparePep440(a, b) ?? compareWords(a, b);
    case 'npm':
    case 'golang':
    case 'cargo':
    case 'composer':
    case 'nuget':
      return compareSemver(a, b) ?? compareWords(a, b);
    default:
      return compareWords(a, b);
  }
}

/** How a package's version moved. A rebuild is the same upstream version packaged again: `+b1`, `-r2`, another build of an RPM. */
export function versionMove(type: string, from: string, to: string): VersionMove {
  const order = comparePackageVersions(type, from, to);
  if (order === null) return 'unknown';
  if (order === 0 || sameBuild(type, from) === sameBuild(type, to)) return 'rebuild';
  return order < 0 ? 'upgrade' : 'downgrade';
}

/** The smallest of `fixes` that is newer than `installed`; null where none is. */
export function nextFix(type: string, installed: string, fixes: readonly string[]): string | null {
  let best: string | null = null;
  for (const fix of fixes) {
    const order = comparePackageVersions(type, fix, installed);
    if (order === null || order <= 0) continue;
    if (best === null || (comparePackageVersions(type, fix, best) ?? 0) < 0) best = fix;
  }
  return best;
}

function sameBuild(type: string, version: string): string {
  switch (type) {
    case 'deb':
      return version.replace(/\+b\d+$/, '');
    case 'apk':
      return withoutApkRevision(version);
    case 'rpm': {
      const { epoch, version: upstream, release } = splitRpm(version);
      // 1.el9 and 1.el9_4.2: what stands before the distribution's tag is the packager's own count.
      return `${epoch}:${upstream}-${release.split('.')[0] ?? ''}`;
    }
    default:
      return version;
  }
}

function compareSemver(a: string, b: string): number | null {
  const [x, y] = [semver.parse(a, { loose: true }), semver.parse(b, { loose: true })];
  return x === null || y === null ? null : semver.compareBuild(x, y);
}

const PRE_RELEASES: ReadonlySet<string> = new Set([
  'alpha',
  'a',
  'beta',
  'b',
  'm',
  'milestone',
  'pre',
  'rc',
  'cr',
  'snapshot',
  'dev',
]);

const ZERO = 1;

/** Digits as numbers, words by the alphabet; a pre-release's word is older than the end, every other newer. */
function compareWords(a: string, b: string): number {
  const [x, y] = [words(a), words(b)];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const [one, other] = [x[i] ?? '', y[i] ?? ''];
    if (one === other) continue;
    const difference = rank(one) - rank(other);
    if (difference !== 0) return difference;
    if (rank(one) === ZERO) continue;
    const inRank = /^\d/.test(one) ? compareNumbers(one, other) : one < other ? -1 : 1;
    if (inRank !== 0) return inRank;
  }
  return 0;
}

function words(version: string): readonly string[] {
  const trimmed = version.toLowerCase().replace(/^v(?=\d)/, '');
  return trimmed.match(/\d+|[a-z]+/g) ?? [];
}

function rank(word: string): number {
  if (word === '' || /^0+$/.test(word)) return ZERO;
  if (PRE_RELEASES.has(word)) return 0;
  return /^\d/.test(word) ? 3 : 2;
}
