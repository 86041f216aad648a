import type { Octokit } from '@octokit/rest';
import type { RepositoryName } from '../../domain/repository-name.ts';
import type { ForgeIdentity } from '../../forge/types.ts';
import type { BlobReader } from './blobs.ts';
import type { ListingCache } from './tree.ts';

/** What reading and writing one repository on GitHub needs. */
export type ForgeContext = {
  readonly octokit: Octokit;
  readonly repository: RepositoryName;
  readonly identity: () => Promise<ForgeIdentity>;
  readonly blobs: BlobReader;
  readonly listings: ListingCache;
};
