import { type Digest, digestAlgorithm } from '../domain/digest.ts';
import type { Repository } from '../domain/image-reference.ts';
import { formatPlatform, type Platform, platformKey, samePlatform } from '../domain/platform.ts';
import {
  type ConfigFacts,
  isRunnable,
  missingPlatforms,
  type Runnable,
  readConfig,
  runnableOfIndex,
  runnableOfManifest,
  sameRunnable,
  unchangedPlatforms,
} from './content.ts';
import {
  type Descriptor,
  type Index,
  type IndexOrManifest,
  type Manifest,
  RegistryError,
  unlessGone,
} from './registry.ts';
import type { ImageShape, PinnedImage, Resolution } from './resolution.ts';
import type { SharedRegistry } from './shared-registry.ts';

export type CompareOptions = {
  readonly now: Date;
  readonly known?: (pin: PinnedImage) => ImageShape | null;
};

const INDEX_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]);

/**
 * What a tag's descriptor means for one pin:
 * - The pinned digest itself, or a manifest the tag's index lists: `current`.
 * - Pinned to an index: the new index, unless it runs the same manifests (`churn`) or lacks a platform that matters. Where the tag is
 *   a single manifest now, that counts as an index of one platform: adopted only if the old index ran nothing else.
 * - Pinned to a manifest: the new manifest of the same os, architecture and variant (and Windows build); where there is
 *   none, or its platform cannot be known, `unfollowable`.
 * - The pinned digest is gone from the registry: `moved`, to what the ledger knows was followed, else to the tag itself.
 * Throws RegistryError where anything it needs cannot be had.
 */
export async function compareWithTag(
  pin: PinnedImage,
  latest: Descriptor,
  registry: SharedRegistry,
  options: CompareOptions,
): Promise<Resolution> {
  if (pin.from === latest.digest) {
    return {
      ...pin,
      status: 'current',
      latest,
      churn: false,
      shape: currentShape(pin, latest, options),
    };
  }
  const fresh = await registry.manifest(pin.image, latest.digest);
  if (pin.from === null) {
    const now = await runnable(pin.image, fresh, registry, options.now);
    const created = await madeOn(pin.image, now, registry, options.now);
    return { ...pin, status: 'moved', to: latest.digest, latest, shape: now.shape, oldShape: null, created };
  }
  const listed =
    fresh.kind === 'index' ? fresh.entries.find((entry) => entry.digest === pin.from) : undefined;
  if (listed !== undefined) {
    const platforms = listed.platform === null || !isRunnable(listed) ? [] : [listed.platform];
    const kind = INDEX_TYPES.has(listed.mediaType) ? 'index' : 'manifest';
    return { ...pin, status: 'current', latest, churn: false, shape: { kind, platforms } };
  }
  const old = await unlessGone(registry.manifest(pin.image, pin.from));
  if (old === null) return compareWithGone(pin, latest, fresh, registry, options);
  if (old.kind === 'index') return compareIndex(pin, old, latest, fresh, registry, options);

  const facts = await readConfig(pin.image, old, registry, options.now);
  if (facts.platform === null) {
    const detail = `the configuration of ${pin.from} does not say which platform it is for`;
    return { ...pin, status: 'unfollowable', latest, detail };
  }
  const oldShape: ImageShape = { kind: 'manifest', platforms: [facts.platform] };
  const followed = { ...facts, platform: facts.platform };
  const resolution = await followPlatform(pin, followed, oldShape, latest, fresh, registry, options);
  if (resolution.status !== 'moved' || !(await sameImage(pin, old, resolution.to, fresh, registry))) {
    return resolution;
  }
  return { ...pin, status: 'current', latest, churn: true, shape: oldShape };
}

/**
 * Whether two manifests are of one configuration, and so of one image: annotations alone differ, or the pin is spelled
 * in another digest algorithm. Looked up only where it costs no request or where the algorithms differ.
 */
async function sameImage(
  pin: PinnedImage,
  old: Manifest,
  to: Digest,
  fresh: IndexOrManifest,
  registry: SharedRegistry,
): Promise<boolean> {
  const otherAlgorithm = pin.from !== null && digestAlgorithm(pin.from) !== digestAlgorithm(to);
  if (fresh.kind === 'index' && !otherAlgorithm) return false;
  const content = fresh.kind === 'manifest' ? fresh : await registry.manifest(pin.image, to);
  return content.kind === 'manifest' && content.config.digest === old.config.digest;
}

function currentShape(pin: PinnedImage, latest: Descriptor, options: CompareOptions): ImageShape {
  const known = options.known?.(pin) ?? null;
  if (known !== null) return known;
  return { kind: INDEX_TYPES.has(latest.mediaType) ? 'index' : 'manifest', platforms: [] };
}

async function compareIndex(
  pin: PinnedImage,
  old: Index,
  latest: Descriptor,
  fresh: IndexOrManifest,
  registry: SharedRegistry,
  options: CompareOptions,
): Promise<Resolution> {
  const before = runnableOfIndex(old, options.now);
  const after = await runnable(pin.image, fresh, registry, options.now);
  if (sameRunnable(before, after)) {
    return { ...pin, status: 'current', latest, churn: true, shape: before.shape };
  }
  if (after.byPlatform.size === 0 && after.nameless.length === 0) {
    return { ...pin, status: 'unfollowable', latest, detail: 'the tag now lists no runnable image' };
  }
  const lost = missingPlatforms(before, after).filter((platform) => matters(pin, platform));
  const move = {
    to: latest.digest,
    latest,
    shape: after.shape,
    oldShape: before.shape,
    unchanged: unchangedPlatforms(before, after),
    created: after.created,
  };
  if (lost.length > 0) return { ...pin, status: 'lost-platforms', ...move, lost };
  const created = await madeOn(pin.image, after, registry, options.now);
  return { ...pin, status: 'moved', ...move, created };
}

/** Nobody misses a platform that is none of those the configuration names. */
function matters({ platforms = [] }: PinnedImage, lost: Platform): boolean {
  return platforms.length === 0 || platforms.some((platform) => samePlatform(platform, lost));
}

/** The registry no longer has what is pinned: builds fail today, so what stands for it now is the better pin. */
async function compareWithGone(
  pin: PinnedImage,
  latest: Descriptor,
  fresh: IndexOrManifest,
  registry: SharedRegistry,
  options: CompareOptions,
): Promise<Resolution> {
  const known = options.known?.(pin) ?? null;
  const [platform, ...others] = known?.platforms ?? [];
  if (known?.kind === 'manifest' && platform !== undefined && others.length === 0) {
    const facts = { platform, osVersion: null, created: null };
    return followPlatform(pin, facts, null, latest, fresh, registry, options);
  }
  const after = await runnable(pin.image, fresh, registry, options.now);
  const created = await madeOn(pin.image, after, registry, options.now);
  return { ...pin, status: 'moved', to: latest.digest, latest, shape: after.shape, oldShape: null, created };
}

async function followPlatform(
  pin: PinnedImage,
  old: ConfigFacts & { readonly platform: Platform },
  oldShape: ImageShape | null,
  latest: Descriptor,
  fresh: IndexOrManifest,
  registry: SharedRegistry,
  options: CompareOptions,
): Promise<Resolution> {
  const wanted = formatPlatform(old.platform);
  const unfollowable = (detail: string): Resolution => ({ ...pin, status: 'unfollowable', latest, detail });
  const after = await runnable(pin.image, fresh, registry, options.now);
  const candidates = after.byPlatform.get(platformKey(old.platform));
  if (candidates === undefined) {
    const has = after.shape.platforms.map(formatPlatform).sort().join(', ') || 'no platform it names';
    return unfollowable(`the pin is the ${wanted} manifest, and the tag now has ${has}`);
  }
  const chosen = await choose(pin.image, candidates.digests, old, registry, options.now);
  if (chosen === null) {
    const build = old.osVersion === null ? 'no build number is known' : `none is for build ${old.osVersion}`;
    return unfollowable(`the tag has ${candidates.digests.length} manifests for ${wanted}, and ${build}`);
  }
  const shape: ImageShape = { kind: 'manifest', platforms: [candidates.platform] };
  const followed = { created: after.created, byPlatform: new Map([['', { digests: [chosen] }]]) };
  const created = await madeOn(pin.image, followed, registry, options.now);
  return { ...pin, status: 'moved', to: chosen, latest, shape, oldShape, created };
}

/** One of several manifests of one platform: Windows images differ in `os.version`, of which the first three parts count. */
async function choose(
  repository: Repository,
  digests: readonly Digest[],
  old: ConfigFacts,
  registry: SharedRegistry,
  now: Date,
): Promise<Digest | null> {
  const [only, ...more] = digests;
  if (only === undefined || more.length === 0) return only ?? null;
  const build = windowsBuild(old.osVersion);
  if (build === null) return null;
  const matching: Digest[] = [];
  for (const digest of digests) {
    const content = await registry.manifest(repository, digest);
    if (content.kind === 'index') continue;
    const facts = await readConfig(repository, content, registry, now);
    if (windowsBuild(facts.osVersion) === build) matching.push(digest);
  }
  return matching.length === 1 ? (matching[0] ?? null) : null;
}

function windowsBuild(version: string | null): string | null {
  return version === null ? null : version.split('.').slice(0, 3).join('.');
}

/**
 * When the content says it was made: by its annotations, else by one platform's configuration, for which two more
 * requests are worth it only for what moves. Not knowing it stops nothing.
 */
async function madeOn(
  repository: Repository,
  content: {
    readonly created: Date | null;
    readonly byPlatform: ReadonlyMap<string, { readonly digests: readonly Digest[] }>;
  },
  registry: SharedRegistry,
  now: Date,
): Promise<Date | null> {
  if (content.created !== null) return content.created;
  const [first] = content.byPlatform.values();
  const digest = (content.byPlatform.get('linux/amd64') ?? first)?.digests[0];
  if (digest === undefined) return null;
  try {
    const manifest = await registry.manifest(repository, digest);
    return manifest.kind === 'index' ? null : (await readConfig(repository, manifest, registry, now)).created;
  } catch (error) {
    if (error instanceof RegistryError) return null;
    throw error;
  }
}

async function runnable(
  repository: Repository,
  content: IndexOrManifest,
  registry: SharedRegistry,
  now: Date,
): Promise<Runnable> {
  if (content.kind === 'index') return runnableOfIndex(content, now);
  return runnableOfManifest(content, await readConfig(repository, content, registry, now));
}
