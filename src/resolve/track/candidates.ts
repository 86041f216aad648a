import semver from 'semver';
import { compareTagVersions, moveLevel, sameLine } from '../../domain/compare-tags.ts';
import type { TagVersion } from '../../domain/tag-version.ts';

/** How far tags may move: `digest` not at all, a level, or a range as npm writes it (`^3.11`, `>=3.11 <3.14`). */
export type Track =
  | { readonly to: 'digest' | 'patch' | 'minor' | 'major' }
  | { readonly to: 'range'; readonly range: semver.Range };

const RANGE_LIMIT = 200;
/** People write `>=22.04` as the tag is written; semver knows no such numbers. */
const LEADING_ZEROS = /(^|[^0-9A-Za-z])0+(?=\d)/g;
/** Stands for "the newest of its line" where a tag has fewer than three numbers. */
const ANY_LATER = 999_999_999;

/** The setting `track`; null where it is neither one of the words nor a range that semver reads. Pure. */
export function parseTrack(track: string): Track | null {
  switch (track) {
    case 'digest':
    case 'patch':
    case 'minor':
    case 'major':
      return { to: track };
  }
  if (track.length > RANGE_LIMIT || track.trim() === '') return null;
  try {
    return { to: 'range', range: new semver.Range(track.replace(LEADING_ZEROS, '$1')) };
  } catch {
    return null;
  }
}

/**
 * The tags that `from` may move to, newest first: of the same variant, precision, prefix and kind, newer, and within
 * `track`. Never a pre-release, unless `from` is one of the same version or a range names one. Empty for `digest`. Pure;
 * linear in the tags but for sorting.
 */
export function newerVersions(
  from: TagVersion,
  versions: readonly TagVersion[],
  track: Track,
): readonly TagVersion[] {
  if (track.to === 'digest') return [];
  const found = new Map<string, TagVersion>();
  for (const version of versions) {
    if (!sameLine(from, version) || compareTagVersions(version, from) <= 0) continue;
    if (isWithin(from, version, track)) found.set(version.tag, version);
  }
  return [...found.values()].sort((a, b) => compareTagVersions(b, a) || (a.tag < b.tag ? -1 : 1));
}

function isWithin(from: TagVersion, to: TagVersion, track: Track): boolean {
  if (track.to === 'range') return inRange(from, to, track.range);
  if (to.preRelease !== null && !isLaterStage(from, to)) return false;
  const level = moveLevel(from, to);
  // A day is no promise of compatibility, so the levels say nothing of it: a line of days is followed or it is not.
  if (level === 'date' || level === 'rebuild' || track.to === 'major') return true;
  return level === 'patch' || (level === 'minor' && track.to === 'minor');
}

function inRange(from: TagVersion, to: TagVersion, range: semver.Range): boolean {
  // To semver a pre-release is in a range only where the range names one; who follows one already needs not write so.
  return range.test(semverOf(to)) || (isLaterStage(from, to) && range.test(releaseOf(to)));
}

/** A later pre-release of the very version that is followed as a pre-release: `3.15.0a2` → `3.15.0b1`. */
function isLaterStage(from: TagVersion, to: TagVersion): boolean {
  if (from.preRelease === null || to.preRelease === null) return false;
  // `3.15-rc` moves by itself and never becomes `3.15-rc2`.
  if ((from.preRelease.numbers.length === 0) !== (to.preRelease.numbers.length === 0)) return false;
  return from.parts.every((part, index) => part === to.parts[index]);
}

/** What a tag is to a range: the release it names, or the newest of its line where it has fewer than three numbers. */
function semverOf(version: TagVersion): string {
  const { preRelease } = version;
  if (preRelease === null) return releaseOf(version);
  const [major = 0, minor = 0, patch = 0] = version.parts;
  const stage = ['alpha', 'beta', 'preview', 'rc'][preRelease.stage] ?? 'alpha';
  return `${major}.${minor}.${patch}-${[stage, ...preRelease.numbers].join('.')}`;
}

function releaseOf(version: TagVersion): string {
  const [major = 0, minor = ANY_LATER, patch = ANY_LATER] = version.parts;
  return `${major}.${minor}.${patch}`;
}
