import { releaseNamed } from '../../domain/distribution-release.ts';
import {
  canonicalName,
  DOCKER_HUB,
  type Repository,
  type TaggedImage,
} from '../../domain/image-reference.ts';

const LIMIT = 3;
/** The oldest releases that have small variants at all. */
const OLDEST_DEBIAN = 11;
const OLDEST_UBUNTU = 22;
/** Distroless images of today, the newest first. */
const DISTROLESS_DEBIAN = [13, 12] as const;
/** Words of a tag that say it is small already, or is something that has no small variant. */
const SMALL =
  /^(?:slim|alpine[\d.]*|distroless|chiseled|minimal|micro|nano\w*|windowsservercore|ltsc\d+|musl|onbuild)$/;
/** Chainguard's images of the same software; the free ones have no tag but `latest`. */
const CHAINGUARD: ReadonlyMap<string, string> = new Map([
  ['golang', 'go'],
  ...['nginx', 'node', 'php', 'postgres', 'python', 'ruby'].map((name) => [name, name] as const),
]);

/**
 * Smaller images that are the same software in the same version, at most three, the closest first: the slim variant of
 * a tag with the distribution it names (`3.11-bookworm` → `3.11-slim-bookworm`), Microsoft's chiseled and Red Hat's
 * minimal images, and for Docker Official Images the distroless or Chainguard image where its publisher's documentation
 * leaves no doubt which one it is. Whether they exist is for the registry to say. Pure; linear in the tag.
 */
export function variantImages(image: TaggedImage): readonly TaggedImage[] {
  return [...sameRepository(image), ...siblings(image)].slice(0, LIMIT);
}

function sameRepository(image: TaggedImage): readonly TaggedImage[] {
  const words = image.tag.split('-');
  if (words.some((word) => SMALL.test(word))) return [];
  const name = canonicalName(image);
  if (name.startsWith('mcr.microsoft.com/dotnet/')) {
    return words.some(isUbuntu) ? [{ ...image, tag: `${image.tag}-chiseled` }] : [];
  }
  const ubi = /^registry\.(?:access\.)?redhat\.(?:com|io)\/(ubi\d+)\/ubi$/.exec(name)?.[1];
  if (ubi !== undefined) return [{ ...image, repository: `${ubi}/ubi-minimal` }];
  return slimTags(image.tag, words).map((tag) => ({ ...image, tag }));
}

/** The Debian release that a word of a tag names: `bookworm` → 12; tags name them, and distroless images are made of them. */
function debianOf(word: string): number | null {
  const release = releaseNamed(word);
  if (release?.distribution !== 'debian') return null;
  const [major] = release.version;
  return major >= OLDEST_DEBIAN ? major : null;
}

function isUbuntu(word: string): boolean {
  const release = releaseNamed(word);
  return release?.distribution === 'ubuntu' && release.version[0] >= OLDEST_UBUNTU;
}

/** Python writes `3.11-slim-bookworm`, Node `22-bookworm-slim`. */
function slimTags(tag: string, words: readonly string[]): readonly string[] {
  if (tag === 'latest') return ['slim'];
  const at = words.findIndex((word) => debianOf(word) !== null);
  if (at < 0) return [`${tag}-slim`];
  return [[...words.slice(0, at), 'slim', ...words.slice(at)].join('-'), `${tag}-slim`];
}

function siblings(image: TaggedImage): readonly TaggedImage[] {
  if (image.registry !== DOCKER_HUB || !image.repository.startsWith('library/')) return [];
  const name = image.repository.slice('library/'.length);
  const chainguard = image.tag === 'latest' ? CHAINGUARD.get(name) : undefined;
  if (chainguard !== undefined) {
    return [{ registry: 'cgr.dev', repository: `chainguard/${chainguard}`, tag: 'latest' }];
  }
  // A tag that says more than that (`3.11.6`, `3.11-windowsservercore`) is none of those that distroless follows.
  const [version = '', ...rest] = image.tag.split('-');
  const words = rest.filter((word) => word !== 'slim');
  const release = debianOf(words[0] ?? '');
  if (release !== null) words.shift();
  const wanted = release === null ? DISTROLESS_DEBIAN : [release];
  return wanted.flatMap((debian) => distroless(name, version, words.join('-'), debian) ?? []);
}

/** GoogleContainerTools/distroless, README: nodejsN, javaN; Python is the one of the Debian release. */
function distroless(name: string, version: string, kind: string, debian: number): TaggedImage | null {
  const of = (what: string): Repository & { readonly tag: string } => ({
    registry: 'gcr.io',
    repository: `distroless/${what}-debian${debian}`,
    tag: 'latest',
  });
  if (name === 'node' && kind === '' && /^\d{2}$/.test(version)) return of(`nodejs${version}`);
  if (name === 'eclipse-temurin' && kind === 'jre' && /^\d{2}$/.test(version)) return of(`java${version}`);
  if (name === 'python' && kind === '' && DEBIAN_PYTHON.get(debian) === version) return of('python3');
  return null;
}

const DEBIAN_PYTHON: ReadonlyMap<number, string> = new Map([
  [12, '3.11'],
  [13, '3.13'],
]);
