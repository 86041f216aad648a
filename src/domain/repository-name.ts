/** A repository on a forge. The spelling is the forge's; two spellings that differ in case are the same repository. */
export type RepositoryName = { readonly owner: string; readonly name: string };

/** `owner/name` in lower case: what queues, leases, limits and caches know a repository by. */
export function repositoryKey(repository: RepositoryName): string {
  return `${repository.owner}/${repository.name}`.toLowerCase();
}
