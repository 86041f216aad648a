import type { Octokit } from '@octokit/rest';
import type { RepositoryName } from '../../domain/repository-name.ts';
import type { ForgeReader } from '../../forge/reader.ts';
import type { CheckRun, ForgeIdentity, Permission } from '../../forge/types.ts';
import { commentOf, commitOf, issueOf, permissionOf, pullRequestOf, rangesOf } from './answers.ts';
import { type BlobReader, readHeadFiles } from './blobs.ts';
import { isGitHubError } from './errors.ts';
import { GitHubTree, type ListingCache } from './tree.ts';

export type ForgeContext = {
  readonly octokit: Octokit;
  readonly repository: RepositoryName;
  readonly identity: () => Promise<ForgeIdentity>;
  readonly blobs: BlobReader;
  readonly listings: ListingCache;
};

const PAGE = 100;
/** GitHub lists 3,000 files of a pull request and no more, and 250 of its commits. */
const FILE_PAGES = 30;

/**
 * Reads one repository through GitHub's API. See the port for what each method promises. Long, as the port is wide: each
 * method is one request and the translation of its answer.
 */
export function createReader(context: ForgeContext): ForgeReader {
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
    repository,
    identity: context.identity,

    async signature() {
      const { login } = await context.identity();
      const { data } = await octokit.request('GET /users/{username}', { username: login });
      // The address GitHub gives commits it makes for this account.
      return `${data.name ?? login} <${data.id}+${login}@users.noreply.github.com>`;
    },

    async facts() {
      const { data } = await octokit.request('GET /repos/{owner}/{repo}', at);
      return {
        owner: data.owner.login,
        name: data.name,
        defaultBranch: data.default_branch,
        archived: data.archived,
        disabled: data.disabled,
        fork: data.fork,
        private: data.private,
        url: data.html_url,
      };
    },

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

    async branches() {
      const found = await pages(20, (page) =>
        octokit.request('GET /repos/{owner}/{repo}/branches', { ...at, per_page: PAGE, page }),
      );
      return found.map((branch) => branch.name);
    },

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

    async permissionOf(login): Promise<Permission> {
      const found = await unlessMissing(async () => {
        const { data } = await octokit.request(
          'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
          { ...at, username: login },
        );
        return permissionOf(data.permission, data.role_name);
      });
      return found ?? 'none';
    },
  };
}

type Page<Item> = { readonly data: readonly Item[] };

async function pages<Item>(most: number, ask: (page: number) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = [];
  for (let page = 1; page <= most; page++) {
    const { data } = await ask(page);
    all.push(...data);
    if (data.length < PAGE) break;
  }
  return all;
}

async function unlessMissing<Value>(
  ask: () => Promise<Value>,
  codes: readonly ('not-found' | 'conflict' | 'unprocessable')[] = ['not-found'],
): Promise<Value | null> {
  try {
    return await ask();
  } catch (error) {
    if (isGitHubError(error, ...codes)) return null;
    throw error;
  }
}
