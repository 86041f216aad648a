import type { Comment, Commit, Issue, Permission, PullRequest } from '../../forge/types.ts';

/**
 * What a user may do. A custom role answers `permission` by the standard role it is built on, and `role_name` by its own
 * name.
 */
export function permissionOf(permission: string, role: string | undefined): Permission {
  if (role === 'maintain' || role === 'triage') return role;
  // The words of the repository roles are `push` and `pull` in other answers, and in those of some compatible servers.
  if (permission === 'push' || permission === 'maintain') return 'write';
  if (permission === 'admin' || permission === 'write' || permission === 'read') return permission;
  return 'none';
}

// The account that commits for the web editor, the button "Update branch" and Apps, with a key that only GitHub has.
const WEB_FLOW = 'web-flow';

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
  const committer = loginOf(data.committer);
  const byForge =
    committer === WEB_FLOW || (committer === null && data.commit.committer?.email === 'noreply@github.com');
  const verified = data.commit.verification?.verified ?? false;
  return {
    sha: data.sha,
    tree: data.commit.tree.sha,
    message: data.commit.message,
    parents: data.parents.map((parent) => parent.sha),
    author: loginOf(data.author),
    committer: byForge ? null : committer,
    byForge,
    verified,
    ownMerge: byForge && verified && data.parents.length > 1,
  };
}

/** The new side's lines of each hunk of a unified diff: `@@ -1,4 +1,5 @@`. */
export function rangesOf(patch: string): readonly { readonly start: number; readonly end: number }[] {
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
