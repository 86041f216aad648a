import type { RepositoryName } from '../../domain/repository-name.ts';
import type { Forge } from '../../forge/forge.ts';
import { BlobReader } from './blobs.ts';
import type { GitHub } from './client.ts';
import type { ForgeContext } from './context.ts';
import { ByteLimitedCache } from './http-cache.ts';
import { createReader } from './reader.ts';
import { GITHUB_RULES } from './rules.ts';
import type { ListingCache, TreeListing } from './tree.ts';
import { createWriter } from './writer.ts';

/** What is remembered by object id over all passes: contents that never change. */
export type ObjectCaches = {
  readonly blobs: ByteLimitedCache<Uint8Array>;
  readonly listings: ListingCache;
};

/** Caches bounded to `mebibytes` in all. */
export function objectCaches(mebibytes = 32): ObjectCaches {
  const half = (mebibytes * 1024 * 1024) / 2;
  return {
    blobs: new ByteLimitedCache<Uint8Array>(half, (bytes) => bytes.length + 128),
    listings: new ByteLimitedCache<TreeListing>(half, (listing) =>
      listing.entries.reduce((sum, entry) => sum + entry.path.length + 200, 200),
    ),
  };
}

/** The forge port for one repository on GitHub. `installationId` is looked up where it is null and an App asks. */
export async function openForge(
  github: GitHub,
  repository: RepositoryName,
  installationId: number | null,
  caches: ObjectCaches,
): Promise<Forge> {
  const octokit = await github.repository(repository.owner, repository.name, installationId);
  const context: ForgeContext = {
    octokit,
    repository,
    identity: async () => {
      const { login, kind } = await github.identity();
      // Only Apps may write checks.
      return { login, kind, writesChecks: kind === 'app' };
    },
    blobs: new BlobReader(octokit, repository.owner, repository.name, caches.blobs),
    listings: caches.listings,
  };
  return { ...createReader(context), ...createWriter(context), ...GITHUB_RULES };
}
