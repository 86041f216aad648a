import type { RepositoryName } from '../app/queue/request.ts';
import type { Tree } from '../discover/tree.ts';

/** Who the commits, pull requests and comments are made as. */
export type ForgeIdentity = {
  readonly login: string;
  /** `app`: commits are signed by the forge, and that is how they are known; `user`: a person's or machine user's token. */
  readonly kind: 'app' | 'user';
};

export type RepositoryFacts = RepositoryName & {
  readonly defaultBranch: string;
  readonly archived: boolean;
  readonly disabled: boolean;
  readonly fork: boolean;
  readonly private: boolean;
  /** Where a person looks at it. */
  readonly url: string;
};

export type Commit = {
  readonly sha: string;
  readonly tree: string;
  readonly message: string;
  readonly parents: readonly string[];
  /** The account the forge gives as author; null where it knows none. */
  readonly author: string | null;
  /** The account given as committer; `web-flow` where the forge made the commit itself. */
  readonly committer: string | null;
  /** Whether the forge itself vouches for the signature. */
  readonly verified: boolean;
};

export type PullRequest = {
  readonly number: number;
  readonly id: string;
  readonly state: 'open' | 'closed';
  readonly merged: boolean;
  readonly draft: boolean;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly head: { readonly branch: string; readonly sha: string; readonly owner: string | null };
  readonly base: { readonly branch: string; readonly sha: string };
  /** Its head is in another repository. */
  readonly fromFork: boolean;
  readonly url: string;
  readonly labels: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  readonly closedAt: string | null;
};

export type Issue = {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  readonly state: 'open' | 'closed';
  readonly isPullRequest: boolean;
  readonly url: string;
};

export type Comment = { readonly id: number; readonly body: string; readonly author: string };

/** One file to write. `mode` is git's; content is written as it is. */
export type TreeWrite = {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000';
  readonly bytes: Uint8Array;
};

export type CommitRequest = {
  readonly parent: string;
  /** The tree the writes are laid over. */
  readonly baseTree: string;
  readonly writes: readonly TreeWrite[];
  readonly message: string;
};

export type PullRequestRequest = {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
};

export type CheckConclusion = 'success' | 'neutral' | 'failure' | 'action_required';

export type Annotation = {
  readonly path: string;
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
};

export type CheckRequest = {
  readonly name: string;
  readonly sha: string;
  readonly conclusion: CheckConclusion;
  readonly title: string;
  /** At most 65,535 characters each. */
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
  /** What this check was made of: a check that is there with the same value is up to date. */
  readonly externalId: string;
};

export type CheckRun = {
  readonly externalId: string;
  /** False once somebody asked for it to be run again. */
  readonly isCompleted: boolean;
};

export type Permission = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export type Reaction = 'eyes' | 'rocket' | 'confused' | '+1' | '-1';

/** A change of whole lines proposed on a pull request: `line` (and `startLine` where it spans several), from 1. */
export type Suggestion = {
  readonly path: string;
  readonly startLine: number;
  readonly line: number;
  readonly body: string;
};

/** A file in a pull request's diff, and the lines of its new side that the diff shows, from 1, ends included. */
export type ChangedFile = {
  readonly path: string;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
};

/** Reading a repository. Throws the adapter's error where the forge cannot be asked; "not there" is `null`. */
export interface ForgeReader {
  readonly repository: RepositoryName;
  identity(): Promise<ForgeIdentity>;
  /** `Name <mail>` of the identity, for a sign-off that agrees with the commit's author. */
  signature(): Promise<string>;
  facts(): Promise<RepositoryFacts>;
  /** The commit a branch, `HEAD` or a SHA names; null where there is none. A conditional request. */
  commit(ref: string): Promise<Commit | null>;
  /** The files of a commit. */
  treeAt(commit: Commit): Tree;
  /** Texts of files of another repository of the same owner, at its HEAD; null for each that is not there. */
  filesOf(repository: string, paths: readonly string[]): Promise<readonly (string | null)[]>;
  /** The commit a branch points to; null where there is no such branch. */
  branchTip(branch: string): Promise<string | null>;
  /** All pull requests of a branch of this repository, open and closed, newest first (at most 100). */
  pullRequestsFrom(branch: string): Promise<readonly PullRequest[]>;
  pullRequest(number: number): Promise<PullRequest | null>;
  /** The commits of a pull request, oldest first (at most 250). */
  commitsOf(pullRequest: number): Promise<readonly Commit[]>;
  /** Files a pull request adds or changes (at most 3,000). */
  filesChangedBy(pullRequest: number): Promise<readonly ChangedFile[]>;
  /**
   * Every path that merging a pull request would touch: added, changed, deleted, both names of a renamed file. `all` where
   * the forge lists no more (beyond 3,000 files).
   */
  pathsChangedBy(pullRequest: number): Promise<readonly string[] | 'all'>;
  /** The open pull requests, whoever opened them; the last changed first (at most 100). */
  openPullRequests(): Promise<readonly PullRequest[]>;
  /** The names of all branches. */
  branches(): Promise<readonly string[]>;
  /** Open issues and pull requests that this identity made. */
  ownIssues(): Promise<readonly Issue[]>;
  comments(issue: number): Promise<readonly Comment[]>;
  checkRun(sha: string, name: string): Promise<CheckRun | null>;
  /** What a user may do in this repository, as the forge says. */
  permissionOf(login: string): Promise<Permission>;
}

/** Writing to a repository. Each method is one request unless it says otherwise. */
export interface ForgeWriter {
  /** Makes the tree and the commit (two requests, one more for each file that is no UTF-8 text); nothing points to it yet. */
  writeCommit(request: CommitRequest): Promise<string>;
  createBranch(branch: string, sha: string): Promise<'created' | 'exists'>;
  /** Moves a branch in one step. Without `force` only forward. */
  moveBranch(branch: string, sha: string, force: boolean): Promise<'moved' | 'gone' | 'not-fast-forward'>;
  /** Deletes a branch; one that is gone already is fine. */
  deleteBranch(branch: string): Promise<void>;
  /** `exists`: there is an open pull request of this branch already; `nothing`: no commits between the two. */
  openPullRequest(request: PullRequestRequest): Promise<PullRequest | 'exists' | 'nothing'>;
  updatePullRequest(
    number: number,
    change: {
      readonly title?: string;
      readonly body?: string;
      readonly base?: string;
      readonly state?: 'open' | 'closed';
    },
  ): Promise<void>;
  /** Adds labels and assignees, one request for each that is not empty; none is ever taken away. Unknown assignees are ignored. */
  tag(issue: number, labels: readonly string[], assignees: readonly string[]): Promise<void>;
  requestReviews(number: number, users: readonly string[], teams: readonly string[]): Promise<void>;
  enableAutomerge(pullRequest: PullRequest, method: 'merge' | 'squash' | 'rebase'): Promise<void>;
  openIssue(issue: {
    readonly title: string;
    readonly body: string;
    readonly labels: readonly string[];
  }): Promise<Issue>;
  updateIssue(
    number: number,
    change: { readonly title?: string; readonly body?: string; readonly state?: 'open' | 'closed' },
  ): Promise<void>;
  comment(issue: number, body: string): Promise<Comment>;
  editComment(id: number, body: string): Promise<void>;
  react(commentId: number, reaction: Reaction): Promise<void>;
  /**
   * Makes the check anew, in place of one of this name that is there: updating that would only add to its annotations.
   * More than 50 annotations take further requests.
   */
  putCheck(request: CheckRequest): Promise<void>;
  /**
   * Hands a SARIF log of a pull request's head to code scanning, unless that has one of ours for this very commit (two
   * requests). `off`: it is not enabled there, or not granted.
   */
  uploadSarif(pullRequest: number, sha: string, sarif: string): Promise<'taken' | 'off'>;
  /**
   * Keeps files for download in a commit of their own that is on no branch: `refs/pinwheel/<name>` points to it, whatever
   * stood there before. Three requests. Gives the commit.
   */
  keepFiles(
    name: string,
    files: readonly { readonly path: string; readonly text: string }[],
    message: string,
  ): Promise<string>;
  /** One review with suggested changes. */
  suggest(number: number, sha: string, body: string, suggestions: readonly Suggestion[]): Promise<void>;
}

/** The port to one repository on a code forge. */
export interface Forge extends ForgeReader, ForgeWriter {}
