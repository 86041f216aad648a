import type { ForgeWriter } from '../../forge/writer.ts';
import { pullRequestOf } from './answers.ts';
import type { ForgeContext } from './context.ts';
import { isGitHubError } from './errors.ts';

/** Pull requests: each method is one request and what its refusals mean. */
export function pullRequestWriter(
  context: ForgeContext,
): Pick<ForgeWriter, 'openPullRequest' | 'updatePullRequest' | 'enableAutomerge'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
    async openPullRequest(request) {
      try {
        const { data } = await octokit.request('POST /repos/{owner}/{repo}/pulls', {
          ...at,
          head: request.branch,
          base: request.base,
          title: request.title,
          body: request.body,
          draft: request.draft,
        });
        return pullRequestOf(data);
      } catch (error) {
        if (!isGitHubError(error, 'unprocessable')) throw error;
        const words = `${error.message} ${errorsOf(error.cause)}`;
        if (/already exists/i.test(words)) return 'exists';
        if (/no commits between/i.test(words)) return 'nothing';
        // Drafts are not there for private repositories of some plans.
        if (request.draft && /draft pull requests are not supported/i.test(words)) {
          return this.openPullRequest({ ...request, draft: false });
        }
        throw error;
      }
    },

    async updatePullRequest(number, change) {
      await octokit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
        ...at,
        pull_number: number,
        ...change,
      });
    },

    async enableAutomerge(pullRequest, method) {
      await octokit.graphql(
        `mutation pinwheelAutomerge($id: ID!, $mergeMethod: PullRequestMergeMethod!) {
  enablePullRequestAutoMerge(input: { pullRequestId: $id, mergeMethod: $mergeMethod }) {
    pullRequest { number }
  }
}`,
        { id: pullRequest.id, mergeMethod: method.toUpperCase() },
      );
    },
  };
}

/** The `errors` GitHub adds to a 422, as text to look into. */
function errorsOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('response' in cause)) return '';
  return JSON.stringify(cause.response).slice(0, 4000);
}
