import type { RepositoryName } from '../domain/repository-name.ts';

/** Who the commits, pull requests and comments are made as. */
export type ForgeIdentity = {
  readonly login: string;
  /** `app`: commits are signed by the forge, and that is how they are known; `user`: a person's or machine user's token. */
  readonly kind: 'app' | 'user';
  /** Whether it may write checks at all. */
  readonly writesChecks: boolean;
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
  /** The account given as committer; null where it is none, or the forge itself ({@link Commit.byForge}). */
  readonly committer: string | null;
  /** The commit says that the forge itself made it, for an App or in its web editor. Anybody may write that: see `verified`. */
  readonly byForge: boolean;
  /** Whether the forge itself vouches for the signature. */
  readonly verified: boolean;
  /** A merge that the forge itself made ("Update branch"), beyond doubt: nobody can push one. */
  readonly ownMerge: boolean;
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

export type CheckRunConclusion = 'success' | 'neutral' | 'failure' | 'action_required';

export type Annotation = {
  readonly path: string;
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
};

export type CheckRunRequest = {
  readonly name: string;
  readonly sha: string;
  readonly conclusion: CheckRunConclusion;
  readonly title: string;
  /** At most `limits.checkText` characters each. */
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
  /** What this check was made of: a check that is there with the same value is up to date. */
  readonly externalId: string;
};

export type CheckRun = {
  readonly externalId: string;
  /** False once someone asked for a re-run. */
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
