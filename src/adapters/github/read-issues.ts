import type { ForgeReader } from '../../forge/reader.ts';
import type { CheckRun } from '../../forge/types.ts';
import { commentOf, issueOf } from './answers.ts';
import type { ForgeContext } from './context.ts';
import { PAGE, pages } from './pages.ts';

/** Issues with their comments, and the check runs of commits. */
export function issueReader(context: ForgeContext): Pick<ForgeReader, 'ownIssues' | 'comments' | 'checkRun'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
    async ownIssues() {
      const { login } = await context.identity();
      const issues = await pages(10, (page) =>
        octokit.request('GET /repos/{owner}/{repo}/issues', {
          ...at,
          state: 'open',
          creator: login,
          per_page: PAGE,
          page,
        }),
      );
      return issues.map(issueOf).filter((issue) => issue.author === login);
    },

    async comments(issue) {
      const found = await pages(30, (page) =>
        octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...at,
          issue_number: issue,
          per_page: PAGE,
          page,
        }),
      );
      return found.map(commentOf);
    },

    async checkRun(sha, name): Promise<CheckRun | null> {
      const { data } = await octokit.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
        ...at,
        ref: sha,
        check_name: name,
        filter: 'latest',
      });
      const [run] = data.check_runs
        .filter((one) => one.name === name)
        .sort((a, b) => Number(b.id) - Number(a.id));
      if (run === undefined) return null;
      return { externalId: run.external_id ?? '', isCompleted: run.status === 'completed' };
    },
  };
}
