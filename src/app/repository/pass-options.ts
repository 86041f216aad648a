import type { RepositoryConfig } from '../../config/repository.ts';
import type { PolicySettings } from '../../config/schema/policy.ts';
import type { Tree } from '../../discover/tree.ts';
import type { Log } from '../../domain/log.ts';
import type { RepositoryName } from '../../domain/repository-name.ts';
import type { Forge } from '../../forge/forge.ts';
import type { Commit, PullRequest } from '../../forge/types.ts';
import type { Pass } from '../../pass/pass.ts';
import type { Visit } from '../../schedule/due.ts';

/** The settings that count: the base branch's. */
export type PassSettings = {
  readonly config: RepositoryConfig;
  /** What the organisation enforces. */
  readonly organisation: PolicySettings | null;
};

/** What planning is given beside the tree. */
export type PlanRequest = PassSettings & {
  readonly now: Date;
  readonly repository: RepositoryName;
  /** The commit whose tree is planned: where its history is looked back from. */
  readonly commit: string;
  readonly signal: AbortSignal;
};

type ToCheck = PassSettings & {
  readonly forge: Forge;
  /** Someone asked for a re-run: it is written though it says the same. */
  readonly again: boolean;
};

/** A pull request to check by the settings of the base. */
export type PullToCheck = ToCheck & { readonly pull: PullRequest };

/** A merge queue's branch, to check by the settings of its base. */
export type MergeGroupToCheck = ToCheck & { readonly branch: string };

/** The head of a base branch, to check as it stands. */
export type HeadToCheck = ToCheck & {
  readonly base: { readonly branch: string; readonly commit: Commit };
};

/** Checks pins and writes what they are found to be on a commit. False where an outage left something open. */
export type PinChecks = {
  readonly pull: (toCheck: PullToCheck) => Promise<boolean>;
  readonly head: (toCheck: HeadToCheck) => Promise<boolean>;
  readonly mergeGroup: (toCheck: MergeGroupToCheck) => Promise<boolean>;
};

/** Texts kept over restarts by name; losing them costs time only. */
export interface Marks {
  mark(name: string): Promise<string | null>;
  setMark(name: string, text: string): Promise<void>;
}

/** What passes over repositories are made of. */
export type PassRunnerOptions = {
  readonly openForge: (repository: RepositoryName, installationId: number | null) => Promise<Forge>;
  readonly plan: (tree: Tree, request: PlanRequest) => Promise<Pass>;
  readonly pinChecks: PinChecks;
  readonly clock: () => Date;
  readonly log: Log;
  /** Whether the repository's own schedule makes a visit due. */
  readonly isDue: (config: RepositoryConfig, visit: Visit, repository: RepositoryName) => boolean;
  /** Told the settings of each pass: what webhooks must watch. */
  readonly onSettings: (repository: RepositoryName, config: RepositoryConfig) => Promise<void>;
  /** What was done already is kept here. */
  readonly marks: Marks;
  /** Lines for the dashboard: passes that were given up. */
  readonly troubles: (repository: RepositoryName) => Promise<readonly string[]>;
};
