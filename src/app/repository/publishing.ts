import type { PassResult } from '../../comments/answer.ts';
import { effectsOf, namesRotation } from '../../comments/effects.ts';
import type { CommandSession } from '../../comments/session.ts';
import type { RepositoryConfig } from '../../config/repository.ts';
import { isoDate } from '../../domain/ledger-entry.ts';
import { hasCode } from '../../forge/errors.ts';
import type { Issue, RepositoryFacts } from '../../forge/types.ts';
import { findDashboard, startKey, syncDashboard, tickedStarts } from '../../issues/dashboard.ts';
import type { Pass } from '../../pass/pass.ts';
import { released } from '../../pass/rotate.ts';
import { markDigest, readMarker } from '../../plan/body/marker.ts';
import { sayUnmatched, unmatchedInAll } from '../../policy/unmatched-patterns.ts';
import { baseSuffix } from '../../pull-requests/groups.ts';
import type { Asked, PublishReport } from '../../pull-requests/outcome.ts';
import { joined } from '../../pull-requests/plan-parts.ts';
import { publishPlan } from '../../pull-requests/publish.ts';
import { reportOf } from '../../pull-requests/report.ts';
import { orLogged } from './answering.ts';
import type { Intake } from './opening.ts';
import { about, type PassContext } from './pass-context.ts';
import { isOnOwnBranch } from './pass-rules.ts';
import type { Planned } from './planning.ts';

/** All that publishing looks at. */
export type Publishing = {
  readonly facts: RepositoryFacts;
  readonly planned: Planned;
  readonly ownIssues: readonly Issue[];
  readonly found: Pick<Intake, 'sessions' | 'pulls'>;
};

/**
 * Brings the pull requests of every base branch, and the dashboard, to what was planned. What fails on one base is thrown
 * once all of them had their turn. Throws what the forge throws.
 */
export async function publishBases(context: PassContext, publishing: Publishing): Promise<PassResult> {
  const { options, forge, request, now } = context;
  const { facts, planned, ownIssues, found } = publishing;
  const { config } = planned.settings;
  const asked = askedFor(ownIssues, found.sessions);
  const branches = found.pulls.filter(isOnOwnBranch).map((pull) => pull.head.branch);
  const identity = await forge.identity();
  const reports: PublishReport[] = [];
  const parts: Pass[] = [];
  const faults: unknown[] = [];
  const byParts = sharesLedger(config);
  for (const { base, pass } of planned.passes) {
    const part = released(pass, asked.names);
    parts.push(part);
    const publish = publishPlan(
      {
        forge,
        identity,
        facts,
        base,
        suffix: base.branch === facts.defaultBranch ? '' : baseSuffix(base.branch),
        pass: part,
        byParts,
        reportOf: (rotation) => reportOf(part, rotation),
        settings: config,
        asked,
        today: isoDate(now),
      },
      { ownIssues, branches, now },
    );
    try {
      reports.push(await publish);
    } catch (error) {
      if (hasCode(error, 'rate-limited')) throw error;
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  const report: PublishReport = {
    outcomes: reports.flatMap((one) => one.outcomes),
    warnings: reports.flatMap((one) => one.warnings),
  };
  logReport(context, report);
  const plan = joined(parts.map((part) => part.plan));
  const result = { plan, report, troubles: await options.troubles(request.repository) };
  await updateDashboard(context, config, ownIssues, result, parts);
  return result;
}

/** What people asked for beyond the plan: by a box on the dashboard, by a comment, or earlier. */
function askedFor(ownIssues: readonly Issue[], sessions: readonly CommandSession[]): Asked {
  const ticked = tickedStarts(findDashboard(ownIssues)?.body ?? '');
  // What was asked for once is proposed as long as its pull request is open.
  const namedBefore = new Set(
    ownIssues.flatMap((issue) => (issue.isPullRequest ? (readMarker(issue.body)?.named ?? []) : [])),
  );
  return {
    names: (rotation) =>
      ticked.has(startKey(rotation)) ||
      namesRotation(sessions, rotation) ||
      namedBefore.has(markDigest(rotation.to)),
    rebuild: new Set(effectsOf(sessions, 'rebuild').map(({ pullRequest }) => pullRequest)),
  };
}

/** Whether several pull requests may be open at once, so that each writes its own rows of the ledger alone. */
function sharesLedger({ groups, images }: RepositoryConfig): boolean {
  return (
    groups.by !== 'all' ||
    groups.named.length > 0 ||
    images.some((rule) => rule.group !== undefined || (rule.track ?? 'digest') !== 'digest')
  );
}

async function updateDashboard(
  context: PassContext,
  config: RepositoryConfig,
  ownIssues: readonly Issue[],
  { plan, report, troubles }: PassResult,
  passes: readonly Pass[],
): Promise<void> {
  const shown = {
    plan,
    outcomes: report.outcomes,
    answers: passes.flatMap(({ answers }) => answers),
    notes: [
      ...new Set(passes.flatMap(({ notes }) => notes)),
      ...unmatchedInAll(passes.map(({ survey }) => survey.unmatched)).map(sayUnmatched),
    ],
    troubles,
  };
  // Issues may be switched off, or not granted: the pull requests are what counts.
  await orLogged(context, 'the dashboard could not be written', () =>
    syncDashboard(context.forge, findDashboard(ownIssues), config.dashboard, shown),
  );
}

function logReport(context: PassContext, { outcomes, warnings }: PublishReport): void {
  const { log } = context.options;
  for (const { group, status, number, detail } of outcomes) {
    log.info(about(context, { group, status, number, detail }), 'pull request');
  }
  for (const warning of warnings) log.warn(about(context, {}), warning);
}
