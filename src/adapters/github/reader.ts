import type { Octokit } from '@octokit/rest';
import type {
  CheckRun,
  Comment,
  Commit,
  ForgeIdentity,
  ForgeReader,
  Issue,
  Permission,
  PullRequest,
} from '../../publish/forge.ts';
import type { RepositoryName } from '../../schedule/request.ts';
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

/** Reads one repository through GitHub's API. See the port for what each method promises. */
export function createReader(context: ForgeContext): ForgeReader {
  const { octokit, repository } = context;
  const at = { owner: repository.owner, repo: repository.name };
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
        // GitHub keeps `size` at 0 for a while after the first push, so this alone proves nothing.
        empty: false,
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
      const files = await pages(30, (page) =>
        octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', {
          ...at,
          pull_number: pullRequest,
          per_page: PAGE,
          page,
        }),
      );
      return files
        .filter((file) => file.status !== 'removed')
        .map((file) => ({ path: file.filename, ranges: rangesOf(file.patch ?? '') }));
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
      const run = data.check_runs.find((one) => one.name === name);
      return run === undefined ? null : { id: Number(run.id), externalId: run.external_id ?? '' };
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

// A custom role answers `permission` by the standard role it is built on, and `role_name` by its own name.
function permissionOf(permission: string, role: string | undefined): Permission {
  if (role === 'maintain' || role === 'triage') return role;
  // The words of the repository roles are `push` and `pull` in other answers, and in those of some compatible servers.
  if (permission === 'push' || permission === 'maintain') return 'write';
  if (permission === 'admin' || permission === 'write' || permission === 'read') return permission;
  return 'none';
}

/** GitHub's answer about a commit as the port's value. */
export function commitOf(data: {
  readonly sha: string;
  readonly parents: readonly { readonly sha: string }[];
  readonly author: object | null;
  readonly committer: object | null;
  readonly commit: {
    readonly committer?: { readonly email?: string | undefined } | null | undefined;
    readonly message: string;
    readonly tree: { readonly sha: string };
    readonly verification?: { readonly verified: boolean } | undefined;
  };
}): Commit {
  const byForge = data.commit.committer?.email === 'noreply@github.com';
  return {
    sha: data.sha,
    tree: data.commit.tree.sha,
    message: data.commit.message,
    parents: data.parents.map((parent) => parent.sha),
    author: loginOf(data.author),
    committer: loginOf(data.committer) ?? (byForge ? 'web-flow' : null),
    verified: data.commit.verification?.verified ?? false,
  };
}

/** The new side's lines of each hunk of a unified diff: `@@ -1,4 +1,5 @@`. */
function rangesOf(patch: string): readonly { readonly start: number; readonly end: number }[] {
  return patch.split('\n').flatMap((line) => {
    const match = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (match === null) return [];
    const start = Number(match[1]);
    const length = match[2] === undefined ? 1 : Number(match[2]);
    return length === 0 ? [] : [{ start, end: start + length - 1 }];
  });
}

function loginOf(account: object | null): string | null {
  return account !== null && 'login' in account && typeof account.login === 'string' ? account.login : null;
}

type PullRequestAnswer = {
  readonly number: number;
  readonly node_id: string;
  readonly state: string;
  readonly merged_at: string | null;
  readonly draft?: boolean | undefined;
  readonly title: string;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly full_name: string; readonly owner: { readonly login: string } } | null;
  };
  readonly base: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly full_name: string };
  };
  readonly html_url: string;
  readonly labels: readonly { readonly name: string }[];
  readonly created_at: string;
  readonly closed_at: string | null;
};

/** GitHub's answer about a pull request as the port's value. */
export function pullRequestOf(data: PullRequestAnswer): PullRequest {
  return {
    number: data.number,
    id: data.node_id,
    state: data.state === 'open' ? 'open' : 'closed',
    merged: data.merged_at !== null,
    draft: data.draft ?? false,
    title: data.title,
    body: data.body ?? '',
    author: data.user?.login ?? '',
    head: { branch: data.head.ref, sha: data.head.sha, owner: data.head.repo?.owner.login ?? null },
    base: { branch: data.base.ref, sha: data.base.sha },
    fromFork: data.head.repo?.full_name !== data.base.repo.full_name,
    url: data.html_url,
    labels: data.labels.map((label) => label.name),
    createdAt: data.created_at,
    closedAt: data.closed_at,
  };
}

/** GitHub's answer about an issue as the port's value. */
export function issueOf(data: {
  readonly number: number;
  readonly title: string;
  readonly body?: string | null | undefined;
  readonly user: { readonly login: string } | null;
  readonly state: string;
  readonly pull_request?: object | undefined;
  readonly html_url: string;
}): Issue {
  return {
    number: data.number,
    title: data.title,
    body: data.body ?? '',
    author: data.user?.login ?? '',
    state: data.state === 'open' ? 'open' : 'closed',
    isPullRequest: data.pull_request !== undefined,
    url: data.html_url,
  };
}

/** GitHub's answer about a comment as the port's value. */
export function commentOf(data: {
  readonly id: number | bigint;
  readonly body?: string | undefined;
  readonly user: { readonly login: string } | null;
}): Comment {
  return { id: Number(data.id), body: data.body ?? '', author: data.user?.login ?? '' };
}
