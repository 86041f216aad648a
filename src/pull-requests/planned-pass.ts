import type { FileChange } from '../discover/tree.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import type { RotationReport } from '../plan/body/report.ts';
import type { Plan, Rotation } from '../plan/plan.ts';

/** What a pass decided of one base branch, in the form that publishing needs. */
export type PlannedPass = {
  readonly plan: Plan;
  /**
   * The files of some of the plan's rotations alone (perhaps with fewer sites), the ledger's included where it changes.
   * `day` is the day to write into dates. Pure: the same day gives the same bytes.
   */
  readonly changesFor: (rotations: readonly Rotation[], day: IsoDate) => readonly FileChange[];
  readonly reportOf: (rotation: Rotation) => RotationReport;
  /** Canonical names of images that could not be looked up: nothing is known of them, so nothing about them changes. */
  readonly unresolved: ReadonlySet<string>;
};

/** What somebody asked for beyond the plan. */
export type Asked = {
  /** Rotations a person named: proposed again even where a pull request with this digest was closed. */
  readonly names: (rotation: Rotation) => boolean;
  /** Pull requests to build anew, whoever pushed to them. */
  readonly rebuild: ReadonlySet<number>;
};

export const NOTHING_ASKED: Asked = { names: () => false, rebuild: new Set() };

/** What became of one group. */
export type GroupOutcome = {
  readonly group: string;
  readonly rotations: readonly Rotation[];
  readonly status:
    | 'opened'
    | 'rebuilt'
    | 'refreshed'
    | 'unchanged'
    | 'closed'
    | 'left-alone'
    | 'declined'
    | 'waiting'
    | 'cleaned'
    | 'occupied'
    | 'nothing'
    | 'failed';
  readonly number: number | null;
  readonly url: string | null;
  /** One sentence for people where the status needs one. */
  readonly detail: string | null;
};

export type PublishReport = {
  readonly outcomes: readonly GroupOutcome[];
  /** What could not be done and does not stand in the way: a label, a reviewer, the check. */
  readonly warnings: readonly string[];
};
