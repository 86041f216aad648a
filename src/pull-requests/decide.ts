import type { Marker } from '../plan/body/marker.ts';

/** An open pull request of a group, as far as deciding needs to know it. */
export type OpenState = {
  readonly marker: Marker | null;
  readonly baseBranch: string;
  /** Every commit on it is ours. */
  readonly ours: boolean;
  /** A person ticked the box, or asked by `/rotate`. */
  readonly rebuildAsked: boolean;
};

export type GroupState = {
  readonly open: OpenState | null;
  /** Whether the branch is still there though its last pull request is closed and its head is ours. */
  readonly leftoverBranch: boolean;
};

/** What the plan wants of a group: null where it wants nothing. */
export type Wanted = {
  readonly content: string;
  readonly material: string;
  readonly baseBranch: string;
} | null;

export type Limits = {
  /** Pull requests that may still be opened: at once, and within this hour. */
  readonly open: number;
  readonly perHour: number;
};

export type Action =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'open' }
  | { readonly kind: 'wait'; readonly because: 'open-limit' | 'hourly-limit' }
  | {
      readonly kind: 'rebuild';
      readonly because: 'asked' | 'moved' | 'base-branch' | 'unknown-state';
    }
  | { readonly kind: 'refresh-text' }
  | { readonly kind: 'leave-alone' }
  | { readonly kind: 'close' }
  | { readonly kind: 'delete-branch' };

/**
 * What to do with a group's pull request. Pure: the same state and wish give the same action, and the state that an
 * action leads to gives `nothing` (or `leave-alone`).
 *
 * | open        | wanted | |
 * |---|---|---|
 * | none        | no     | delete a branch that was left over, else nothing |
 * | none        | yes    | open one, if the limits let it |
 * | not ours    | any    | leave alone; rebuild only where asked and wanted |
 * | ours        | no     | close |
 * | ours        | yes    | rebuild where asked, where the files differ or the base branch does; else refresh the text; else nothing |
 */
export function decidePullRequest(state: GroupState, wanted: Wanted, limits: Limits): Action {
  const { open } = state;
  if (open === null) {
    if (wanted === null) return { kind: state.leftoverBranch ? 'delete-branch' : 'nothing' };
    if (limits.open <= 0) return { kind: 'wait', because: 'open-limit' };
    if (limits.perHour <= 0) return { kind: 'wait', because: 'hourly-limit' };
    return { kind: 'open' };
  }
  if (!open.ours) {
    return open.rebuildAsked && wanted !== null
      ? { kind: 'rebuild', because: 'asked' }
      : { kind: 'leave-alone' };
  }
  if (wanted === null) return { kind: 'close' };
  if (open.rebuildAsked) return { kind: 'rebuild', because: 'asked' };
  if (open.marker === null) return { kind: 'rebuild', because: 'unknown-state' };
  if (open.baseBranch !== wanted.baseBranch) return { kind: 'rebuild', because: 'base-branch' };
  if (open.marker.content !== wanted.content) return { kind: 'rebuild', because: 'moved' };
  if (open.marker.material !== wanted.material) return { kind: 'refresh-text' };
  return { kind: 'nothing' };
}
