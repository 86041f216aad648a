import type {
  CheckRunRequest,
  Comment,
  CommitRequest,
  Issue,
  PullRequest,
  PullRequestRequest,
  Reaction,
  Suggestion,
} from './types.ts';

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
  /** Users, and teams as `organisation/team`. */
  requestReviews(number: number, reviewers: readonly string[]): Promise<void>;
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
   * Creates the check again, in place of an existing one of this name: updating that would only add to its annotations.
   * One request, further ones where it takes no more annotations at once.
   */
  putCheck(request: CheckRunRequest): Promise<void>;
  /**
   * Hands a SARIF log of a pull request's head to the forge's code scanning, unless that has one of ours for this very
   * commit (two requests). `off`: it is not enabled there, or not granted.
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
