import { planKey } from '../../pull-requests/plan-parts.ts';
import { findSettings, readSettings } from '../../pull-requests/settings-file.ts';
import type { RotationRequest } from '../../queue/request.ts';
import type { DailyLook } from './daily-look.ts';
import { type PassContext, planCommit } from './pass-context.ts';
import { isIdleVisit } from './pass-rules.ts';

/** What a pass over a repository leaves: lets a scheduled pass end after one conditional request. */
export type Known = {
  readonly branch: string;
  readonly head: string;
  readonly plan: string;
  /** The plan wants nothing: while it stays the same, a pass that is due has nothing to do either. */
  readonly quiet: boolean;
};

/** The plan of a visit that planned nothing. */
export const UNPLANNED = '';

/**
 * The scheduled pass over a repository where nothing happened since `before`: one conditional request for its head; the
 * files come from the caches. Null where more is to be done.
 */
export async function quickPass(
  context: PassContext,
  daily: DailyLook,
  before: Known,
): Promise<Known | null> {
  const { forge, request, options } = context;
  if (!isByClockAlone(request)) return null;
  const head = await forge.commit('HEAD');
  if (head === null || head.sha !== before.head) return null;
  const settings = readSettings(
    await context.organisationFile(forge),
    await findSettings(forge.treeAt(head)),
  );
  if (settings.status === 'broken' || settings.config.branches.length > 0 || !settings.config.enabled) {
    return null;
  }
  const home = { branch: before.branch, commit: head };
  if (isIdleVisit(request, settings.config, options.isDue)) {
    return (await daily.look([home], settings)) ? null : before;
  }
  if (!before.quiet) return null;
  const pass = await planCommit(context, head, settings);
  if (planKey([pass.plan]) !== before.plan) return null;
  await daily.check([home], settings);
  return before;
}

/** Whether only the clock asked. */
function isByClockAlone({ causes, commands, scope }: RotationRequest): boolean {
  const asked = commands.length + scope.pullRequests.length + scope.mergeGroups.length;
  return asked === 0 && !scope.dashboard && causes.every((cause) => cause === 'cron');
}
