import type { ForgeReader } from '../../forge/reader.ts';
import { commitOf } from './answers.ts';
import { readHeadFiles } from './blobs.ts';
import type { ForgeContext } from './context.ts';
import { PAGE, pages, unlessMissing } from './pages.ts';
import { GitHubTree } from './tree.ts';

/** Commits with their files, and branches. */
export function commitReader(
  context: ForgeContext,
): Pick<ForgeReader, 'commit' | 'treeAt' | 'filesOf' | 'branchTip' | 'branches'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
    commit(ref) {
      return unlessMissing(
        async () => {
          // Files are paged too: one keeps the answer small.
          const { data } = await octokit.request('GET /repos/{owner}/{repo}/commits/{ref}', {
            ...at,
            ref,
            per_page: 1,
          });
          return commitOf(data);
        },
        // 409: the repository is empty; 422: no such ref.
        ['not-found', 'conflict', 'unprocessable'],
      );
    },

    treeAt(commit) {
      return new GitHubTree({
        octokit,
        owner: repository.owner,
        name: repository.name,
        root: commit.tree,
        blobs: context.blobs,
        cache: context.listings,
      });
    },

    filesOf(name, paths) {
      return readHeadFiles(octokit, repository.owner, name, paths);
    },

    branchTip(branch) {
      return unlessMissing(async () => {
        const { data } = await octokit.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
          ...at,
          ref: `heads/${branch}`,
        });
        return data.object.sha;
      });
    },

    async branches() {
      const found = await pages(20, (page) =>
        octokit.request('GET /repos/{owner}/{repo}/branches', { ...at, per_page: PAGE, page }),
      );
      return found.map((branch) => branch.name);
    },
  };
}
