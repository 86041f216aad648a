import type { ForgeWriter } from '../../forge/writer.ts';
import type { ForgeContext } from './context.ts';
import { isGitHubError } from './errors.ts';

/** Branches: each method is one request and what its refusals mean. */
export function branchWriter(
  context: ForgeContext,
): Pick<ForgeWriter, 'createBranch' | 'moveBranch' | 'deleteBranch'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
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
  };
}
