import type { ForgeWriter } from '../../forge/writer.ts';
import { commentOf, issueOf } from './answers.ts';
import type { ForgeContext } from './context.ts';

/** Issues, comments and reactions. */
export function issueWriter(
  context: ForgeContext,
): Pick<ForgeWriter, 'openIssue' | 'updateIssue' | 'comment' | 'editComment' | 'react'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
    async openIssue(issue) {
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/issues', {
        ...at,
        title: issue.title,
        body: issue.body,
        labels: [...issue.labels],
      });
      return issueOf(data);
    },

    async updateIssue(number, change) {
      await octokit.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        ...at,
        issue_number: number,
        ...change,
      });
    },

    async comment(issue, body) {
      const { data } = await octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...at,
        issue_number: issue,
        body,
      });
      return commentOf(data);
    },

    async editComment(id, body) {
      await octokit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        ...at,
        comment_id: id,
        body,
      });
    },

    async react(commentId, reaction) {
      await octokit.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
        ...at,
        comment_id: commentId,
        content: reaction,
      });
    },
  };
}
