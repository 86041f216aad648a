import type { RepositoryConfig } from '../../config/repository.ts';
import type { PolicySettings } from '../../config/schema/policy.ts';
import type { Tree } from '../../discover/tree.ts';
import type { Log } from '../../domain/log.ts';
import type { RepositoryName } from '../../domain/repository-name.ts';
import type { Forge } from '../../forge/forge.ts';
import type { Commit, PullRequest } from '../../forge/types.ts';
import type { Pass } from '../../pass/pass.ts';
import type { Visit } from '../../schedule/due.ts';

/** What planning is given beside the tree. */
export type PlanRequest = {
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  readonly now: Date;
  readonly repository: RepositoryName;
  /** The commit whose tree is planned: where its history is looked back from. */
  readonly commit: string;
  readonly signal: AbortSignal;
};

/** A pull request to judge by the settings of the base. */
export type JudgedPull = {
  readonly forge: Forge;
  readonly pull: PullRequest;
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  /** Somebody asked for it to be run again: it is written though it says the same. */
  readonly again: boolean;
};

/** A merge queue's branch, to judge by the settings of its base. */
export type JudgedMergeGroup = Omit<JudgedPull, 'pull'> & { readonly branch: string };

/** The head of a base branch, to judge as it stands. */
export type JudgedHead = Omit<JudgedPull, 'pull'> & {
  readonly base: { readonly branch: string; readonly commit: Commit };
};

/** Texts kept over restarts by name; losing them costs time only. */
export interface Marks {
  mark(name: string): Promise<string | null>;
  setMark(name: string, text: string): Promise<void>;
}

export type PassRunnerOptions = {
  readonly openForge: (repository: RepositoryName, installationId: number | null) => Promise<Forge>;
  readonly plan: (tree: Tree, request: PlanRequest) => Promise<Pass>;
  readonly clock: () => Date;
  readonly log: Log;
  /** Whether the repository's own schedule makes a visit due; absent: always. */
  readonly isDue?: (config: RepositoryConfig, visit: Visit, repository: RepositoryName) => boolean;
  /** Told the settings of each pass: what webhooks must watch. */
  readonly onSettings?: (repository: RepositoryName, config: RepositoryConfig) => Promise<void>;
  /** Judges the pins of a pull request; absent: none is judged. False where an outage left something open. */
  readonly judge?: (judged: JudgedPull) => Promise<boolean>;
  /** Judges the pins of a base branch's head; absent: none is judged. False where an outage left something open. */
  readonly judgeHead?: (judged: JudgedHead) => Promise<boolean>;
  /** Judges the pins of a merge queue's branch; absent: none is judged. */
  readonly judgeMergeGroup?: (judged: JudgedMergeGroup) => Promise<boolean>;
  /** What was done already is kept here; absent: within a pass only. */
  readonly marks?: Marks;
  /** Lines for the dashboard: passes that were given up. */
  readonly troubles?: (repository: RepositoryName) => Promise<readonly string[]>;
};
