import type { Rotation } from '../plan/plan.ts';

/** What somebody asked for beyond the plan. */
export type Asked = {
  /** Rotations a person named: proposed again even where a pull request with this digest was closed. */
  readonly names: (rotation: Rotation) => boolean;
  /** Pull requests to rebuild, whoever pushed to them. */
  readonly rebuild: ReadonlySet<number>;
};

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
