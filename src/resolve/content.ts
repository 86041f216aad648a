import type { Digest } from '../domain/digest.ts';
import type { Repository } from '../domain/image-reference.ts';
import { type Platform, platformKey } from '../domain/platform.ts';
import { believableTime, believePublished } from '../domain/published.ts';
import { madeFacts } from './made-facts.ts';
import { type Index, type IndexEntry, type Manifest, RegistryError } from './registry.ts';
import type { ImageShape } from './resolution.ts';
import type { SharedRegistry } from './shared-registry.ts';

/** What runs, by platform: the manifests' digests of each, sorted (Windows lists one platform several times). */
export type Runnable = {
  readonly shape: ImageShape;
  readonly byPlatform: ReadonlyMap<
    string,
    { readonly platform: Platform; readonly digests: readonly Digest[] }
  >;
  /** Manifests without a platform of their own. */
  readonly nameless: readonly Digest[];
  readonly created: Date | null;
};

/** What an image's configuration says of where it runs and when it was made (image-spec, config.md). */
export type ConfigFacts = {
  readonly platform: Platform | null;
  readonly osVersion: string | null;
  readonly created: Date | null;
};

const CREATED = 'org.opencontainers.image.created';
const ATTESTATION = 'vnd.docker.reference.type';

/** Whether an entry is an image that can run: no attestation, no artefact without a platform. */
export function isRunnable(entry: IndexEntry): boolean {
  if (entry.annotations[ATTESTATION] !== undefined) return false;
  if (entry.platform?.os === 'unknown' || entry.platform?.architecture === 'unknown') return false;
  return entry.artifactType === null || entry.platform !== null;
}

/** What runs of an index. Pure. */
export function runnableOfIndex(index: Index, now: Date): Runnable {
  const byPlatform = new Map<string, { platform: Platform; digests: Digest[] }>();
  const nameless: Digest[] = [];
  let created = believableTime(index.annotations[CREATED], now);
  for (const entry of index.entries) {
    if (!isRunnable(entry)) continue;
    created = newest(created, believableTime(entry.annotations[CREATED], now));
    if (entry.platform === null) {
      nameless.push(entry.digest);
      continue;
    }
    const key = platformKey(entry.platform);
    const known = byPlatform.get(key);
    if (known === undefined) byPlatform.set(key, { platform: entry.platform, digests: [entry.digest] });
    else if (!known.digests.includes(entry.digest)) known.digests.push(entry.digest);
  }
  for (const { digests } of byPlatform.values()) digests.sort();
  const platforms = [...byPlatform.values()].map((one) => one.platform);
  return { shape: { kind: 'index', platforms }, byPlatform, nameless: nameless.sort(), created };
}

/** What runs of a single manifest, by its configuration. `platform` is null where that does not say. */
export function runnableOfManifest(manifest: Manifest, facts: ConfigFacts): Runnable {
  const { platform } = facts;
  const digest = manifest.descriptor.digest;
  return {
    shape: { kind: 'manifest', platforms: platform === null ? [] : [platform] },
    byPlatform:
      platform === null ? new Map() : new Map([[platformKey(platform), { platform, digests: [digest] }]]),
    nameless: platform === null ? [digest] : [],
    created: facts.created,
  };
}

/** Whether the same manifests run on the same platforms. */
export function sameRunnable(a: Runnable, b: Runnable): boolean {
  if (a.byPlatform.size !== b.byPlatform.size || !sameTexts(a.nameless, b.nameless)) return false;
  for (const [key, { digests }] of a.byPlatform) {
    if (!sameTexts(digests, b.byPlatform.get(key)?.digests ?? [])) return false;
  }
  return true;
}

/** Platforms of `a` that `b` has nothing for. */
export function missingPlatforms(a: Runnable, b: Runnable): readonly Platform[] {
  return [...a.byPlatform].flatMap(([key, one]) => (b.byPlatform.has(key) ? [] : [one.platform]));
}

/** Platforms that run the very same manifests in both. */
export function unchangedPlatforms(a: Runnable, b: Runnable): readonly Platform[] {
  return [...b.byPlatform].flatMap(([key, one]) =>
    sameTexts(one.digests, a.byPlatform.get(key)?.digests ?? []) ? [one.platform] : [],
  );
}

/**
 * Reads the configuration of a manifest. An artefact in the shape of a manifest (a Helm chart, a signature) has no
 * platform: that is an answer, not an error. Throws RegistryError where the registry does not give it.
 */
export async function readConfig(
  repository: Repository,
  manifest: Manifest,
  registry: SharedRegistry,
  now: Date,
): Promise<ConfigFacts> {
  if (manifest.artifactType !== null || !isImageConfig(manifest.config.mediaType)) {
    return { platform: null, osVersion: null, created: null };
  }
  const bytes = await registry.config(repository, manifest.config.digest);
  let config: unknown;
  try {
    config = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new RegistryError({
      code: 'invalid-response',
      message: `${repository.registry}: the configuration ${manifest.config.digest} of ${repository.repository} is not JSON`,
      cause,
    });
  }
  const os = textField(config, 'os');
  const architecture = textField(config, 'architecture');
  const known = os !== null && architecture !== null;
  return {
    platform: known ? { os, architecture, variant: textField(config, 'variant') } : null,
    osVersion: textField(config, 'os.version'),
    created: createdOf(config, now),
  };
}

/** The time of its making, where it is not older than what it is made of. */
function createdOf(config: unknown, now: Date): Date | null {
  const made = madeFacts(config);
  const day = believePublished(made, now, { firstSeen: null, pinnedOn: null });
  return day === null ? null : believableTime(made.created, now);
}

function isImageConfig(mediaType: string): boolean {
  return (
    mediaType === 'application/vnd.oci.image.config.v1+json' ||
    mediaType === 'application/vnd.docker.container.image.v1+json'
  );
}

function textField(value: unknown, key: string): string | null {
  if (typeof value !== 'object' || value === null) return null;
  const field: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof field === 'string' && field !== '' ? field : null;
}

function newest(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}
