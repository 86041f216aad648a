import type { Digest } from '../../domain/digest.ts';
import type { Repository } from '../../domain/image-reference.ts';
import { type Platform, platformKey } from '../../domain/platform.ts';
import type { Index, IndexEntry, Manifest, Registry } from '../../resolve/registry.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';

/** One platform's image behind a digest. */
export type ImageVariant = {
  readonly digest: Digest;
  /** Null for a manifest on its own whose configuration was not read yet. */
  readonly platform: Platform | null;
  /** The index, where this is the only image in it: what is attached to that index is then about this image, too. */
  readonly within: Digest | null;
  /** BuildKit's attestation manifests about this one (moby/buildkit, attestation-storage.md). */
  readonly attestations: readonly IndexEntry[];
};

/** What a digest holds: one image, or one for each platform. */
export type LoadedDigest = {
  readonly index: Index | null;
  readonly variants: readonly ImageVariant[];
};

/** One platform's manifest and configuration. */
export type LoadedImage = ImageVariant & {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
};

const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

/** Reads what a digest holds: one request. Throws {@link RegistryError}. */
export async function loadDigest(
  registry: Registry,
  repository: Repository,
  digest: Digest,
): Promise<LoadedDigest> {
  const document = await registry.manifest(repository, digest);
  if (document.kind === 'manifest') {
    return { index: null, variants: [{ digest, platform: null, within: null, attestations: [] }] };
  }
  const attestations = document.entries.filter(isAttestation);
  const images = document.entries.filter((entry) => !isAttestation(entry) && !isUnknownPlatform(entry));
  return {
    index: document,
    variants: images.map((entry) => ({
      digest: entry.digest,
      platform: entry.platform,
      within: images.length === 1 ? digest : null,
      attestations: attestations.filter(
        (candidate) => candidate.annotations['vnd.docker.reference.digest'] === entry.digest,
      ),
    })),
  };
}

/** Reads one platform's manifest and configuration: two requests, no layer. Throws {@link RegistryError} or a RangeError. */
export async function loadImage(
  registry: Registry,
  repository: Repository,
  variant: ImageVariant,
): Promise<LoadedImage> {
  const manifest = await registry.manifest(repository, variant.digest);
  if (manifest.kind !== 'manifest') throw new RangeError(`${variant.digest} is an index inside an index`);
  const bytes = await registry.blob(repository, manifest.config.digest, MAX_CONFIG_BYTES);
  const config = parseImageConfig(new TextDecoder().decode(bytes));
  if (!config.ok) throw new RangeError(`${variant.digest}: ${config.fault}`);
  return {
    ...variant,
    platform: variant.platform ?? platformOf(config.value),
    manifest,
    config: config.value,
  };
}

/** The platform an image configuration names; null where it names none. */
function platformOf(config: ImageConfig): Platform | null {
  if (config.os === '' || config.architecture === '') return null;
  return { os: config.os, architecture: config.architecture, variant: config.variant };
}

/** The variant of `digest` that runs on `platform`, by normalised platform; a manifest alone is any platform's. */
export function variantFor(loaded: LoadedDigest, platform: Platform | null): ImageVariant | null {
  const [first] = loaded.variants;
  if (loaded.index === null) return first ?? null;
  if (platform === null) return first ?? null;
  const key = platformKey(platform);
  return (
    loaded.variants.find((variant) => variant.platform !== null && platformKey(variant.platform) === key) ??
    null
  );
}

function isAttestation(entry: IndexEntry): boolean {
  return entry.annotations['vnd.docker.reference.type'] !== undefined;
}

function isUnknownPlatform(entry: IndexEntry): boolean {
  return entry.platform?.os === 'unknown' || entry.platform?.architecture === 'unknown';
}
