import { compareTagVersions } from '../domain/compare-tags.ts';
import { compareReleases, type DistributionRelease, releaseNamed } from '../domain/distribution-release.ts';
import { parseTag, type TagVersion } from '../domain/tag-version.ts';

const MAX_TAGS = 3;

/**
 * Tags to move to from a tag that is no longer built: newer versions and newer releases of the distribution in the same
 * variant (`3.9-slim-buster` → `3.13-slim-bookworm`, never `3.13-alpine`), written with as many numbers, and no
 * pre-releases unless it is one. At most three, the newest first; none for tags that carry neither a version nor a
 * release. Pure; linear in the list but for sorting.
 */
export function liveTags(current: string, tags: readonly string[]): readonly string[] {
  const own = read(current);
  if (own === null) return [];
  return tags
    .flatMap((tag) => {
      const other = read(tag);
      return other !== null && isSameKind(other, own) && isNewer(other, own) ? [{ tag, other }] : [];
    })
    .sort((a, b) => compareVersions(b.other, a.other) || compareRelease(b.other, a.other))
    .slice(0, MAX_TAGS)
    .map(({ tag }) => tag);
}

/** A tag as a version on a release of a distribution; it may lack one of the two. */
type VersionOnRelease = {
  readonly version: TagVersion | null;
  readonly release: DistributionRelease | null;
  /** What is left of the words around the version without the release: `slim`. */
  readonly variant: string;
};

function read(tag: string): VersionOnRelease | null {
  const version = parseTag(tag);
  const words = (version === null ? tag : `${version.prefix}-${version.variant}`).split('-');
  const release = words.map(releaseNamed).find((found) => found !== null) ?? null;
  if (version === null && release === null) return null;
  const others = words.filter((word) => word !== '' && releaseNamed(word) === null);
  return { version, release, variant: others.join('-') };
}

function isSameKind(a: VersionOnRelease, b: VersionOnRelease): boolean {
  return (
    a.variant === b.variant &&
    a.version?.kind === b.version?.kind &&
    a.version?.precision === b.version?.precision &&
    a.release?.distribution === b.release?.distribution
  );
}

/** Newer in something and older in nothing. */
function isNewer(a: VersionOnRelease, own: VersionOnRelease): boolean {
  if (a.version?.preRelease != null && own.version?.preRelease == null) return false;
  const [version, release] = [compareVersions(a, own), compareRelease(a, own)];
  return version >= 0 && release >= 0 && version + release > 0;
}

function compareVersions(a: VersionOnRelease, b: VersionOnRelease): number {
  return a.version === null || b.version === null ? 0 : compareTagVersions(a.version, b.version);
}

function compareRelease(a: VersionOnRelease, b: VersionOnRelease): number {
  return a.release === null || b.release === null ? 0 : compareReleases(a.release, b.release);
}
