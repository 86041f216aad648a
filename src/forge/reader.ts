import type { Tree } from '../discover/tree.ts';
import type { RepositoryName } from '../domain/repository-name.ts';
import type {
  ChangedFile,
  CheckRun,
  Comment,
  Commit,
  ForgeIdentity,
  Issue,
  Permission,
  PullRequest,
  RepositoryFacts,
} from './types.ts';

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
  /** All pull requests of a branch of this repository, open and closed, newest first. */
  pullRequestsFrom(branch: string): Promise<readonly PullRequest[]>;
  pullRequest(number: number): Promise<PullRequest | null>;
  /** The commits of a pull request, oldest first. */
  commitsOf(pullRequest: number): Promise<readonly Commit[]>;
  /** Files a pull request adds or changes. */
  filesChangedBy(pullRequest: number): Promise<readonly ChangedFile[]>;
  /**
   * Every path that merging a pull request would touch: added, changed, deleted, both names of a renamed file. `all` where
   * it touches more than the forge lists.
   */
  pathsChangedBy(pullRequest: number): Promise<readonly string[] | 'all'>;
  /** The open pull requests, whoever opened them; the last changed first. */
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
