import { effectsOf } from '../../comments/effects.ts';
import { rotateElsewhere } from '../../comments/rotate-in-pull.ts';
import type { CommandSession } from '../../comments/session.ts';
import { settleSettings } from '../../comments/settle-settings.ts';
import { isoDate } from '../../domain/ledger-entry.ts';
import type { Pass } from '../../pass/pass.ts';
import { pendingSettings, withPending } from '../../pull-requests/pending-settings.ts';
import { joined } from '../../pull-requests/plan-parts.ts';
import { SETTINGS_BRANCH } from '../../pull-requests/settings-pull.ts';
import type { Intake, Usable } from './opening.ts';
import { type PassContext, planCommit } from './pass-context.ts';
import type { PassSettings } from './pass-options.ts';
import { type Base, basesOf } from './pass-rules.ts';

/** A base branch and what was decided of it. */
export type BasePass = { readonly base: Base; readonly pass: Pass };

/** What was decided of every base branch, by which settings. */
export type Planned = { readonly settings: PassSettings; readonly passes: readonly BasePass[] };

/** Plans every base branch by the settings, and by what our open settings pull request adds to them. */
export async function planBases(context: PassContext, home: Base, usable: Usable): Promise<Planned> {
  const settings = await settingsWith(context, usable, usable.ownIssues);
  return planAll(context, settings, await basesOf(context.forge, settings.config, home));
}

/** The settings of the base, and what our open settings pull request, among `issues`, adds to them. */
async function settingsWith(
  { forge }: PassContext,
  { settings: { config, organisation } }: Usable,
  issues: Parameters<typeof pendingSettings>[1],
): Promise<PassSettings> {
  return { config: withPending(config, await pendingSettings(forge, issues)), organisation };
}

async function planAll(
  context: PassContext,
  settings: PassSettings,
  bases: readonly Base[],
): Promise<Planned> {
  const passes: BasePass[] = [];
  for (const base of bases) {
    passes.push({ base, pass: await planCommit(context, base.commit, settings) });
  }
  return { settings, passes };
}

/** Deletes the branch of our settings pull request once that was closed or merged. */
export async function dropClosedSettings({ forge }: PassContext, { pulls }: Intake): Promise<void> {
  const isClosed = pulls.some((pull) => pull.state === 'closed' && pull.head.branch === SETTINGS_BRANCH);
  if (isClosed) await forge.deleteBranch(SETTINGS_BRANCH);
}

/**
 * Writes what comments ask of the settings file, and plans again by what it says then: a hold counts for the pass that
 * was asked for it.
 */
export async function settleComments(
  context: PassContext,
  home: Base,
  usable: Usable,
  asked: { readonly planned: Planned; readonly sessions: readonly CommandSession[] },
): Promise<{ readonly planned: Planned; readonly sessions: readonly CommandSession[] }> {
  if (effectsOf(asked.sessions, 'settings').length === 0) return asked;
  const { forge, now } = context;
  const plan = joined(asked.planned.passes.map((one) => one.pass.plan));
  const { sessions, pull } = await settleSettings({ forge, base: home, plan, now }, asked.sessions);
  if (pull === null) return { ...asked, sessions };
  // Asked for by number: what was written a moment ago may be missing from the forge's lists.
  const written = await forge.pullRequest(pull);
  const listed = written === null ? [] : [{ body: written.body, isPullRequest: true }];
  const settings = await settingsWith(context, usable, listed);
  const bases = asked.planned.passes.map(({ base }) => base);
  return { planned: await planAll(context, settings, bases), sessions };
}

/** Rotates in other people's pull requests, where comments there ask for it. */
export function rotateInPulls(
  context: PassContext,
  sessions: readonly CommandSession[],
  settings: PassSettings,
): Promise<readonly CommandSession[]> {
  return rotateElsewhere(
    context.forge,
    sessions,
    (commit) => planCommit(context, commit, settings),
    isoDate(context.now),
  );
}
