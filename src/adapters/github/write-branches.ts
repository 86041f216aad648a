import type { TreeWrite } from '../../forge/types.ts';
import type { ForgeWriter } from '../../forge/writer.ts';
import { isGitHubError } from './errors.ts';
import { keepFiles } from './keep-files.ts';
import type { ForgeContext } from './reader.ts';

/** Commits, branches, and files that are kept on none: each method is one request and what its refusals mean. */
export function branchWriter(
  context: ForgeContext,
): Pick<ForgeWriter, 'writeCommit' | 'createBranch' | 'moveBranch' | 'deleteBranch' | 'keepFiles'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };

  const treeEntry = async (write: TreeWrite) => {
    const place = { path: write.path, mode: write.mode, type: 'blob' } as const;
    const text = utf8Of(write.bytes);
    if (text !== null) return { ...place, content: text };
    const { data } = await octokit.request('POST /repos/{owner}/{repo}/git/blobs', {
      ...at,
      content: Buffer.from(write.bytes).toString('base64'),
      encoding: 'base64',
    });
    return { ...place, sha: data.sha };
  };

  return {
    async writeCommit(request) {
      const entries = [];
      for (const write of request.writes) entries.push(await treeEntry(write));
      const tree = await octokit.request('POST /repos/{owner}/{repo}/git/trees', {
        ...at,
        base_tree: request.baseTree,
        tree: entries,
      });
      // No author, no committer: only then does GitHub sign an App's commit.
      const commit = await octokit.request('POST /repos/{owner}/{repo}/git/commits', {
        ...at,
        message: request.message,
        tree: tree.data.sha,
        parents: [request.parent],
      });
      return commit.data.sha;
    },

    async createBranch(branch, sha) {
      try {
        await octokit.request('POST /repos/{owner}/{repo}/git/refs', {
          ...at,
          ref: `refs/heads/${branch}`,
          sha,
        });
        return 'created';
      } catch (error) {
        if (isGitHubError(error, 'unprocessable') && /already exists/i.test(error.message)) return 'exists';
        throw error;
      }
    },

    async moveBranch(branch, sha, force) {
      try {
        await octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
          ...at,
          ref: `heads/${branch}`,
          sha,
          force,
        });
        return 'moved';
      } catch (error) {
        if (isGitHubError(error, 'not-found')) return 'gone';
        if (!isGitHubError(error, 'unprocessable')) throw error;
        if (/fast.forward/i.test(error.message)) return 'not-fast-forward';
        if (/does not exist/i.test(error.message)) return 'gone';
        throw error;
      }
    },

    async deleteBranch(branch) {
      try {
        await octokit.request('DELETE /repos/{owner}/{repo}/git/refs/{ref}', {
          ...at,
          ref: `heads/${branch}`,
        });
      } catch (error) {
        // 422 "Reference does not exist": somebody, or GitHub after the merge, was first.
        if (!isGitHubError(error, 'not-found', 'unprocessable')) throw error;
      }
    },

    keepFiles: (name, files, message) => keepFiles(octokit, at, name, files, message),
  };
}

/** The text, where the bytes are UTF-8 that a JSON string carries without loss; null otherwise. */
function utf8Of(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
