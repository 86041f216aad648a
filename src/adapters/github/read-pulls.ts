import type { ForgeReader } from '../../forge/reader.ts';
import { commitOf, pullRequestOf, rangesOf } from './answers.ts';
import type { ForgeContext } from './context.ts';
import { PAGE, pages, unlessMissing } from './pages.ts';

/** GitHub lists 3,000 files of a pull request and no more, and 250 of its commits. */
const FILE_PAGES = 30;

/** Pull requests. */
export function pullRequestReader(
  context: ForgeContext,
): Pick<ForgeReader, 'pullRequestsFrom' | 'pullRequest' | 'openPullRequests'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  return {
    async pullRequestsFrom(branch) {
      const { data } = await octokit.request('GET /repos/{owner}/{repo}/pulls', {
        ...at,
        state: 'all',
        head: `${repository.owner}:${branch}`,
        sort: 'created',
        direction: 'desc',
        per_page: PAGE,
      });
      // GitHub ignores a `head` it cannot read and answers with every pull request.
      return data.map(pullRequestOf).filter((pull) => pull.head.branch === branch && !pull.fromFork);
    },

    pullRequest(number) {
      return unlessMissing(async () => {
        const { data } = await octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...at,
          pull_number: number,
        });
        return pullRequestOf(data);
      });
    },

    async openPullRequests() {
      const { data } = await octokit.request('GET /repos/{owner}/{repo}/pulls', {
        ...at,
        state: 'open',
        sort: 'updated',
        direction: 'desc',
        per_page: PAGE,
      });
      return data.map(pullRequestOf);
    },
  };
}

/** What pull requests bring along. */
export function changeReader(
  context: ForgeContext,
): Pick<ForgeReader, 'commitsOf' | 'filesChangedBy' | 'pathsChangedBy'> {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
  const changedFiles = (pullRequest: number) =>
    pages(FILE_PAGES, (page) =>
      octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', {
        ...at,
        pull_number: pullRequest,
        per_page: PAGE,
        page,
      }),
    );
  return {
    async commitsOf(pullRequest) {
      const commits = await pages(3, (page) =>
        octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', {
          ...at,
          pull_number: pullRequest,
          per_page: PAGE,
          page,
        }),
      );
      return commits.map(commitOf);
    },

    async filesChangedBy(pullRequest) {
      const files = await changedFiles(pullRequest);
      return files
        .filter((file) => file.status !== 'removed')
        .map((file) => ({ path: file.filename, ranges: rangesOf(file.patch ?? '') }));
    },

    async pathsChangedBy(pullRequest) {
      const files = await changedFiles(pullRequest);
      if (files.length >= FILE_PAGES * PAGE) return 'all';
      return files.flatMap((file) => [
        file.filename,
        ...(file.previous_filename === undefined ? [] : [file.previous_filename]),
      ]);
    },
  };
}
