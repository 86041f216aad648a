import type { Digest } from '../domain/digest.ts';
import type { Repository } from '../domain/image-reference.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import type { MadeFacts } from '../domain/published.ts';
import { madeFacts, newestTime } from '../resolve/made-facts.ts';
import { type Registry, RegistryError } from '../resolve/registry.ts';
import { loadDigest, variantFor } from './image/load-image.ts';

/**
 * When a digest came into the default branch.
 * - `known`: the UTC day of the commit that brought it (a merge counts as the day it was merged).
 * - `uncommitted`: it stands in the files and in no commit yet.
 * - `unknown`: nobody can say, and why. Never to be read as "new".
 */
export type PinnedOn =
  | { readonly status: 'known'; readonly date: IsoDate }
  | { readonly status: 'uncommitted' }
  | { readonly status: 'unknown'; readonly reason: string };

/** The port to a repository's past: a local clone, or GitHub's API. Never throws: what fails is `unknown`. */
export interface PinHistory {
  /**
   * For each digest when it came in; every digest asked for is in the answer. `filesOf` tells which files hold a digest
   * now, for histories that are asked file by file.
   */
  pinnedOn(
    digests: readonly Digest[],
    filesOf?: (digest: Digest) => readonly string[],
  ): Promise<ReadonlyMap<Digest, PinnedOn>>;
}

const PREFERRED = { os: 'linux', architecture: 'amd64', variant: null } as const;
const MAX_CONFIG_BYTES = 8 * 1024 * 1024;
const CREATED = 'org.opencontainers.image.created';

/**
 * Reads `created` and the history of one platform's configuration behind a digest: at most three requests, no layer.
 * Null where the digest is no image, or is gone. Throws RegistryError where the registry does not answer.
 */
export async function readMade(
  registry: Registry,
  repository: Repository,
  digest: Digest,
): Promise<MadeFacts | null> {
  try {
    const loaded = await loadDigest(registry, repository, digest);
    // Docker Official Images say it in the index: that spares two requests, one of which counts as a pull.
    const annotated = loaded.index?.entries.flatMap((entry) => entry.annotations[CREATED] ?? []) ?? [];
    if (annotated.length > 0) return { created: newestTime(annotated), newestPart: null };
    const variant = variantFor(loaded, PREFERRED) ?? loaded.variants[0];
    if (variant === undefined) return null;
    const manifest = await registry.manifest(repository, variant.digest);
    if (manifest.kind !== 'manifest' || manifest.artifactType !== null) return null;
    const bytes = await registry.blob(repository, manifest.config.digest, MAX_CONFIG_BYTES);
    return parsedFacts(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not-found') return null;
    throw error;
  }
}

/** What a configuration's JSON says; null where it is none. */
function parsedFacts(json: string): MadeFacts | null {
  try {
    const config: unknown = JSON.parse(json);
    return typeof config === 'object' && config !== null ? madeFacts(config) : null;
  } catch {
    return null;
  }
}
