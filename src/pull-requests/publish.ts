import { messageOf } from '../domain/errors.ts';
import { hasCode, isTemporary } from '../forge/errors.ts';
import type { Issue } from '../forge/types.ts';
import { groupOfBranch } from '../plan/body/branch.ts';
import { readMarker } from '../plan/body/marker.ts';
import type { Rotation } from '../plan/plan.ts';
import type { PublishContext } from './context.ts';
import { groupRotations } from './groups.ts';
import type { GroupOutcome, PublishReport } from './outcome.ts';
import { publishGroup } from './pull-request.ts';
import { SETTINGS_GROUP } from './settings-pull.ts';
import { lookUp, type Standing } from './standing.ts';

const HOUR = 3_600_000;

/** What is needed beside the context to find every pull request that may be ours. */
export type PublishScope = {
  /** Open issues and pull requests that we made. */
  readonly ownIssues: readonly Issue[];
  /** Branches of pull requests that something happened to: closed, merged, edited. */
  readonly branches: readonly string[];
  readonly now: Date;
};

/**
 * Brings every pull request of Pinwheel in one repository to what the plan wants: opens, rebuilds, refreshes, closes.
 * Idempotent: killed anywhere and called again it ends in the same state. One group's failure does not keep the others
 * back; what may pass by itself (an outage, a rate limit) is thrown once all groups had their turn, so that the pass
 * is tried again.
 */
export async function publishPlan(
  given: Omit<PublishContext, 'warn'>,
  scope: PublishScope,
): Promise<PublishReport> {
  const warnings: string[] = [];
  const context = { ...given, warn: (message: string): void => void warnings.push(message) };
  const { pass, settings, suffix } = context;
  const moving = pass.plan.rotations.filter((rotation) => rotation.verdict === 'rotate');
  const wanted = new Map<string, readonly Rotation[]>(
    groupRotations(moving, settings).map((group) => [group.name + suffix, group.rotations]),
  );
  const names = new Set([...wanted.keys(), ...otherGroups(context, scope)]);

  const outcomes: GroupOutcome[] = [];
  const standings = new Map<string, Standing>();
  const faults: unknown[] = [];
  for (const name of names) {
    try {
      standings.set(name, await lookUp(context, name));
    } catch (error) {
      if (isLimit(error)) throw error;
      faults.push(error);
      outcomes.push(failed(name, wanted.get(name) ?? [], error));
    }
  }
  const counts = countOpen([...standings.values()], scope.now);
  // What shrinks the number of open pull requests comes first, then what is urgent.
  const isUrgent = (name: string): boolean =>
    (wanted.get(name) ?? []).some((rotation) => context.reportOf(rotation).label !== null);
  const turns = [...standings].map(([name, standing]) => ({
    name,
    standing,
    turn: wanted.has(name) ? (isUrgent(name) ? 1 : 2) : 0,
  }));
  for (const { name, standing } of turns.sort((a, b) => a.turn - b.turn)) {
    // Limits are for what comes by itself; what a person asks for by name goes through.
    const named = (wanted.get(name) ?? []).some(context.asked.names);
    const { limit, perHour } = settings.pullRequests;
    const limits = {
      open: named || limit === 0 ? Infinity : limit - counts.open,
      perHour: named || perHour === 0 ? Infinity : perHour - counts.recent,
    };
    try {
      const outcome = await publishGroup(context, name, wanted.get(name) ?? [], standing, limits);
      if (outcome.status === 'opened') {
        counts.open += 1;
        counts.recent += 1;
      }
      if (outcome.status === 'closed') counts.open -= 1;
      outcomes.push(outcome);
    } catch (error) {
      if (isLimit(error)) throw error;
      faults.push(error);
      outcomes.push(failed(name, wanted.get(name) ?? [], error));
    }
  }
  const passing = faults.find(isTemporary);
  if (passing !== undefined) throw passing;
  return { outcomes, warnings };
}

/** Groups that are not wanted (any more) and may have a pull request or a branch. */
function otherGroups(context: PublishContext, scope: PublishScope): readonly string[] {
  const fromMarkers = scope.ownIssues.flatMap((issue) => {
    const marker = issue.isPullRequest ? readMarker(issue.body) : null;
    return marker === null ? [] : [marker.group];
  });
  const fromBranches = scope.branches.flatMap((branch) => groupOfBranch(branch) ?? []);
  // The usual group is always looked at, so that its branch goes after a merge that nobody told us of.
  const usual = context.settings.groups.by === 'all' ? [`all${context.suffix}`] : [];
  return [...fromMarkers, ...fromBranches, ...usual].filter((name) => isOfBase(name, context.suffix));
}

/** Whether a group's name belongs to the base with this suffix. The settings' own pull request belongs to none. */
function isOfBase(name: string, suffix: string): boolean {
  if (name === SETTINGS_GROUP || !/^[a-z0-9._@-]+$/.test(name)) return false;
  const at = name.indexOf('@');
  return (at < 0 ? '' : name.slice(at)) === suffix;
}

function countOpen(standings: readonly Standing[], now: Date): { open: number; recent: number } {
  const pulls = standings.flatMap((standing) => [
    ...(standing.open === null ? [] : [standing.open]),
    ...standing.closed,
  ]);
  return {
    open: standings.filter((standing) => standing.open !== null).length,
    recent: pulls.filter((pull) => now.getTime() - Date.parse(pull.createdAt) < HOUR).length,
  };
}

function failed(group: string, rotations: readonly Rotation[], error: unknown): GroupOutcome {
  return { group, rotations, status: 'failed', number: null, url: null, detail: messageOf(error) };
}

function isLimit(error: unknown): boolean {
  return hasCode(error, 'rate-limited');
}
