import type { Digest } from '../domain/digest.ts';
import type { Repository } from '../domain/image-reference.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
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

/** What an image says of its own making. Times as found, RFC 3339 or anything else. */
export type MadeFacts = {
  readonly created: string | null;
  /** The newest time in the image's history: what it is made of cannot be newer than it is. */
  readonly newestPart: string | null;
};

const PREFERRED = { os: 'linux', architecture: 'amd64', variant: null } as const;
const MAX_CONFIG_BYTES = 8 * 1024 * 1024;
const MAX_HISTORY = 1000;
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
    if (annotated.length > 0) return { created: newest(annotated), newestPart: null };
    const variant = variantFor(loaded, PREFERRED) ?? loaded.variants[0];
    if (variant === undefined) return null;
    const manifest = await registry.manifest(repository, variant.digest);
    if (manifest.kind !== 'manifest' || manifest.artifactType !== null) return null;
    const bytes = await registry.blob(repository, manifest.config.digest, MAX_CONFIG_BYTES);
    return madeFacts(new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not-found') return null;
    throw error;
  }
}

/** `created` and the newest history entry of an image configuration's JSON; null where it is none. Never throws. */
export function madeFacts(json: string): MadeFacts | null {
  let config: unknown;
  try {
    config = JSON.parse(json);
  } catch {
    return null;
  }
  if (typeof config !== 'object' || config === null) return null;
  const created = textAt(config, 'created');
  const history: unknown = 'history' in config ? config.history : null;
  const entries: readonly unknown[] = Array.isArray(history) ? history.slice(0, MAX_HISTORY) : [];
  return { created, newestPart: newest(entries.flatMap((entry) => textAt(entry, 'created') ?? [])) };
}

/** The latest of some times; texts that are none do not count. */
function newest(times: readonly string[]): string | null {
  const readable = times.filter((time) => !Number.isNaN(Date.parse(time)));
  return readable.reduce<string | null>(
    (latest, time) => (latest === null || Date.parse(time) > Date.parse(latest) ? time : latest),
    null,
  );
}

function textAt(data: unknown, key: 'created'): string | null {
  if (typeof data !== 'object' || data === null || !(key in data)) return null;
  const value: unknown = (data as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' && value !== '' ? value : null;
}
