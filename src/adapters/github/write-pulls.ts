import type { ForgeWriter } from '../../forge/writer.ts';
import { pullRequestOf } from './answers.ts';
import { isGitHubError } from './errors.ts';
import type { ForgeContext } from './reader.ts';

/** Pull requests, and who is to look at them: each method is one request and what its refusals mean. */
export function pullRequestWriter(
  context: ForgeContext,
): Pick<
  ForgeWriter,
  'openPullRequest' | 'updatePullRequest' | 'tag' | 'requestReviews' | 'enableAutomerge' | 'suggest'
> {
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

    async tag(issue, labels, assignees) {
      if (labels.length > 0) {
        await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
          ...at,
          issue_number: issue,
          labels: [...labels],
        });
      }
      if (assignees.length > 0) {
        await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/assignees', {
          ...at,
          issue_number: issue,
          assignees: [...assignees],
        });
      }
    },

    async requestReviews(number, reviewers) {
      const teams = reviewers.filter((name) => name.includes('/'));
      await octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers', {
        ...at,
        pull_number: number,
        reviewers: reviewers.filter((name) => !name.includes('/')),
        team_reviewers: teams.map((name) => name.slice(name.indexOf('/') + 1)),
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

    async suggest(number, sha, body, suggestions) {
      await octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
        ...at,
        pull_number: number,
        commit_id: sha,
        event: 'COMMENT',
        body,
        comments: suggestions.map((one) => ({
          path: one.path,
          line: one.line,
          side: 'RIGHT',
          ...(one.startLine < one.line ? { start_line: one.startLine, start_side: 'RIGHT' } : {}),
          body: one.body,
        })),
      });
    },
  };
}

/** The `errors` GitHub adds to a 422, as text to look into. */
function errorsOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('response' in cause)) return '';
  return JSON.stringify(cause.response).slice(0, 4000);
}
