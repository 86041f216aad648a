import type { ForgeWriter } from '../../forge/writer.ts';
import type { ForgeContext } from './context.ts';

/** Who is to look at a pull request, and what is said at its lines: each method is one request or two. */
export function reviewWriter(context: ForgeContext): Pick<ForgeWriter, 'tag' | 'requestReviews' | 'suggest'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
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
