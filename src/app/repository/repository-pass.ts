import type { PassResult } from '../../comments/answer.ts';
import type { RepositoryFacts } from '../../forge/types.ts';
import { planKey } from '../../pull-requests/plan-parts.ts';
import { answerComments } from './answering.ts';
import { DailyLook } from './daily-look.ts';
import {
  type Intake,
  reachableFacts,
  takeIn,
  type Usable,
  underItsNewName,
  usableSettings,
} from './opening.ts';
import { type PassContext, skip } from './pass-context.ts';
import { type Base, basesOf, isIdleVisit, wantsPass } from './pass-rules.ts';
import { dropClosedSettings, type Planned, planBases, rotateInPulls, settleComments } from './planning.ts';
import { publishBases } from './publishing.ts';
import { type Known, quickPass, UNPLANNED } from './quick-pass.ts';

/**
 * One pass over one repository, from the request to the last write: what asked for it is taken in, the settings are read,
 * other people's commits are checked, every base branch is planned and published, comments are answered. Gives what a
 * later pass may rely on, null where that is nothing. Throws what the forge throws: the queue calls again then.
 */
export async function runRepositoryPass(context: PassContext, before: Known | null): Promise<Known | null> {
  const { forge, request, options } = context;
  const daily = new DailyLook(context);
  const quick = before === null ? null : await quickPass(context, daily, before);
  if (quick !== null) return quick;

  const facts = await reachableFacts(context);
  if (facts === null) return null;
  const renamed = await underItsNewName(context, facts);
  if (renamed !== null) return runRepositoryPass(renamed, null);
  const head = await forge.commit('HEAD');
  if (head === null) return skip(context, 'the repository is empty');
  const home: Base = { branch: facts.defaultBranch, commit: head };

  const found = await takeIn(context);
  const { mergeGroups } = request.scope;
  const isWanted = wantsPass(request, found.sessions, found.pulls);
  if (!isWanted && found.toCheck.length + mergeGroups.length === 0) return answerOnly(context, found);

  const usable = await usableSettings(context, daily, { facts, home }, found);
  if (usable === null) return null;
  const { settings } = usable;
  await options.onSettings(request.repository, settings.config);
  if (isIdleVisit(request, settings.config, options.isDue)) {
    const bases = await basesOf(forge, settings.config, home);
    if (!(await daily.look(bases, settings))) {
      skip(context, 'nothing is due by its schedule');
      return { branch: home.branch, head: head.sha, plan: UNPLANNED, quiet: false };
    }
  }

  await daily.checkPulls(found.toCheck, settings);
  await daily.checkMergeGroups(mergeGroups, settings);
  if (!isWanted) return answerOnly(context, found);
  return rotate(context, daily, { facts, home, usable, found });
}

/** Plans, publishes and answers. */
async function rotate(
  context: PassContext,
  daily: DailyLook,
  opened: {
    readonly facts: RepositoryFacts;
    readonly home: Base;
    readonly usable: Usable;
    readonly found: Intake;
  },
): Promise<Known> {
  const { facts, home, usable, found } = opened;
  await dropClosedSettings(context, found);
  const first = { planned: await planBases(context, home, usable), sessions: found.sessions };
  const { planned, sessions: settled } = await settleComments(context, home, usable, first);
  const sessions = await rotateInPulls(context, settled, planned.settings);
  const { ownIssues } = usable;
  const publishing = { facts, planned, ownIssues, found: { pulls: found.pulls, sessions } };
  const result = await publishBases(context, publishing);
  await answerComments(context, sessions, result);
  await daily.afterPass(planned.passes, usable.settings, result.report.outcomes);
  return leftBehind(home, planned, result);
}

/** Comments that need no pass: of people who may not write, or that ask for help. */
async function answerOnly(context: PassContext, { sessions }: Intake): Promise<null> {
  await answerComments(context, sessions, null);
  return null;
}

function leftBehind(home: Base, { settings, passes }: Planned, { plan, report }: PassResult): Known {
  const quiet =
    settings.config.branches.length === 0 &&
    plan.failures.length === 0 &&
    report.outcomes.every(({ status }) => status === 'nothing' || status === 'cleaned');
  const key = planKey(passes.map(({ pass }) => pass.plan));
  return { branch: home.branch, head: home.commit.sha, plan: key, quiet };
}
