import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import type { Tree } from '../discover/tree.ts';
import type { RotationReport } from '../plan/body/report.ts';
import type { Rotation } from '../plan/plan.ts';
import type { Log } from '../schedule/log.ts';
import type { RepositoryName, Visit } from '../schedule/request.ts';
import type { Commit, Forge, PullRequest } from './forge.ts';
import type { Replannable } from './narrow.ts';

/** What planning is given beside the tree. */
export type PlanRequest = {
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  readonly now: Date;
  readonly repository: RepositoryName;
  readonly signal: AbortSignal;
};

/** Somebody else's pull request, and how to plan at any commit with the settings of the base. */
export type JudgedPull = {
  readonly forge: Forge;
  readonly pull: PullRequest;
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  readonly planAt: (commit: Commit) => Promise<Replannable>;
};

export type PassRunnerOptions = {
  readonly openForge: (repository: RepositoryName, installationId: number | null) => Promise<Forge>;
  readonly plan: (tree: Tree, request: PlanRequest) => Promise<Replannable>;
  /** What is known of a rotation beyond the plan: scans, signatures, ages. Absent: {@link defaultReport}. */
  readonly reportOf?: (pass: Replannable, rotation: Rotation) => RotationReport;
  readonly clock: () => Date;
  readonly log: Log;
  /** Whether the repository's own schedule makes a visit due; absent: always. */
  readonly isDue?: (config: RepositoryConfig, visit: Visit, repository: RepositoryName) => boolean;
  /** Told the settings of each pass: what webhooks must watch. */
  readonly onSettings?: (repository: RepositoryName, config: RepositoryConfig) => Promise<void>;
  /** Judges somebody else's pull request that was opened or pushed to; absent: those are left alone. */
  readonly judge?: (judged: JudgedPull) => Promise<void>;
  /** Lines for the dashboard: passes that were given up. */
  readonly troubles?: (repository: RepositoryName) => Promise<readonly string[]>;
};
