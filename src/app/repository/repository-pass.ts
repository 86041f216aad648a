import { type CommandSession, openCommand, say } from '../../comments/execute.ts';
import { answerAll, namesRotation, rotateElsewhere, settleSettings } from '../../comments/run-commands.ts';
import type { RepositoryConfig } from '../../config/repository.ts';
import type { PolicySettings } from '../../config/schema/policy.ts';
import type { Tree } from '../../discover/tree.ts';
import { isoDate } from '../../domain/ledger-entry.ts';
import { repositoryKey } from '../../domain/repository-name.ts';
import { hasCode } from '../../forge/errors.ts';
import type { Forge } from '../../forge/forge.ts';
import type { Commit, Issue, PullRequest, RepositoryFacts } from '../../forge/types.ts';
import { syncConfigIssue } from '../../issues/config-issue.ts';
import { findDashboard, startKey, tickedStarts, tryDashboard } from '../../issues/dashboard.ts';
import type { Pass } from '../../pass/pass.ts';
import { released } from '../../pass/rotate.ts';
import { markDigest, readMarker } from '../../plan/body/marker.ts';
import type { Plan, Rotation } from '../../plan/plan.ts';
import { sayUnmatched, unmatchedInAll } from '../../policy/unmatched-patterns.ts';
import { baseSuffix } from '../../pull-requests/groups.ts';
import type { Asked, PublishReport } from '../../pull-requests/outcome.ts';
import { pendingSettings, withPending } from '../../pull-requests/pending-settings.ts';
import { joined, planKey } from '../../pull-requests/plan-parts.ts';
import { publishPlan } from '../../pull-requests/publish.ts';
import {
  findSettings,
  type LoadedSettings,
  readSettings,
  type SettingsText,
} from '../../pull-requests/settings-file.ts';
import { SETTINGS_BRANCH } from '../../pull-requests/settings-pull.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import type { RotationRequest } from '../queue/request.ts';
import { DailyLook } from './daily-look.ts';
import type { PassRunnerOptions } from './pass-options.ts';
import {
  type Base,
  basesOf,
  idleBecause,
  isIdleVisit,
  isOurs,
  pullsInScope,
  type Ready,
  wantsPass,
} from './pass-rules.ts';

/** What a pass over a repository leaves: lets a scheduled pass end after one conditional request. */
export type Known = {
  readonly branch: string;
  readonly head: string;
  readonly plan: string;
  /** The plan wants nothing: while it stays the same, a pass that is due has nothing to do either. */
  readonly quiet: boolean;
};

/** The plan of a visit that planned nothing. */
const UNPLANNED = '';

/** What was found on the forge before planning. */
type Found = {
  readonly ownIssues: readonly Issue[];
  readonly sessions: readonly CommandSession[];
  /** Pull requests that something happened to. */
  readonly pulls: readonly PullRequest[];
};

/** One pass over one repository. */
export class RepositoryPass {
  readonly #options: PassRunnerOptions;
  readonly #forge: Forge;
  readonly #request: RotationRequest;
  readonly #signal: AbortSignal;
  readonly #organisation: (forge: Forge) => Promise<SettingsText | null>;
  readonly #now: Date;
  readonly #daily: DailyLook;

  constructor(
    options: PassRunnerOptions,
    forge: Forge,
    request: RotationRequest,
    signal: AbortSignal,
    organisation: (forge: Forge) => Promise<SettingsText | null>,
  ) {
    this.#options = options;
    this.#forge = forge;
    this.#request = request;
    this.#signal = signal;
    this.#organisation = organisation;
    this.#now = options.clock();
    this.#daily = new DailyLook(options, forge, request, { now: this.#now, signal });
  }

  /** Runs; gives what a later pass may rely on, null where nothing. */
  async run(before: Known | null): Promise<Known | null> {
    const quick = await this.#runQuick(before);
    if (quick !== null) return quick;
    const facts = await this.#factsOrNull();
    if (facts === null) return null;
    if (repositoryKey(facts) !== repositoryKey(this.#request.repository)) return this.#runRenamed(facts);
    const head = await this.#forge.commit('HEAD');
    if (head === null) return this.#skip('the repository is empty');
    const sessions = await this.#openCommands();
    const pulls = await pullsInScope(this.#forge, this.#request);
    const toJudge = this.#options.judge === undefined ? [] : pulls.filter((pull) => !isOurs(pull));
    const { mergeGroups } = this.#request.scope;
    if (!wantsPass(this.#request, sessions, pulls) && toJudge.length + mergeGroups.length === 0) {
      await answerAll(this.#forge, sessions, null, null);
      return null;
    }
    const tree = this.#forge.treeAt(head);
    const loaded = await this.#settings(tree, facts);
    const ownIssues = await this.#forge.ownIssues();
    if (loaded.status === 'broken') {
      await syncConfigIssue(this.#forge, ownIssues, loaded.file, loaded.problems);
      const line = `The settings cannot be read: ${escapeMarkdown(loaded.problems[0] ?? loaded.file, 500)}`;
      await answerAll(
        this.#forge,
        sessions.map((one) => say(one, [line], true)),
        null,
        null,
      );
      const why = `the settings cannot be read: ${loaded.problems.join('; ')}`;
      const heads = pulls.filter((pull) => pull.state === 'open').map((pull) => pull.head.sha);
      const queued = await Promise.all(mergeGroups.map((branch) => this.#forge.branchTip(branch)));
      await this.#daily.unjudged([head.sha, ...heads, ...queued.filter((sha) => sha !== null)], why);
      return this.#skip(why);
    }
    await syncConfigIssue(this.#forge, ownIssues, '', []);
    const idle = idleBecause(loaded, facts);
    if (idle !== null) {
      await answerAll(
        this.#forge,
        sessions.map((one) => say(one, [`Nothing is done here: ${idle}.`], true)),
        null,
        null,
      );
      return this.#skip(idle);
    }
    await this.#options.onSettings?.(this.#request.repository, loaded.config);
    const home = { branch: facts.defaultBranch, commit: head };
    if (
      isIdleVisit(this.#request, loaded.config, this.#options.isDue) &&
      !(await this.#lookDaily(loaded, home))
    ) {
      this.#skip('its schedule makes nothing due now');
      return { branch: home.branch, head: head.sha, plan: UNPLANNED, quiet: false };
    }
    await this.#daily.judgePulls(toJudge, loaded);
    await this.#daily.judgeMergeGroups(mergeGroups, loaded);
    if (!wantsPass(this.#request, sessions, pulls)) {
      await answerAll(this.#forge, sessions, null, null);
      return null;
    }
    return this.#work(facts, home, loaded, { ownIssues, sessions, pulls });
  }

  /** What is done every day although nothing is due; true where an urgent fix makes the pass due after all. */
  async #lookDaily(loaded: Ready, home: Base): Promise<boolean> {
    const bases = await basesOf(this.#forge, loaded.config, home);
    await this.#daily.judge(bases, loaded);
    const isUrgent = await this.#daily.urgentWaits(() =>
      Promise.all(bases.map((base) => this.#plan(base.commit, loaded.config, loaded.organisation))),
    );
    if (isUrgent) this.#options.log.info(this.#about({}), 'an urgent fix waits: the schedule does not count');
    return isUrgent;
  }

  /**
   * The scheduled pass over a repository where nothing happened: one conditional request for its head; the files come
   * from the caches. Null where more is to be done.
   */
  async #runQuick(before: Known | null): Promise<Known | null> {
    const { causes, commands, scope } = this.#request;
    const asked = commands.length + scope.pullRequests.length + scope.mergeGroups.length;
    const special = asked > 0 || scope.dashboard;
    if (before === null || special || causes.some((cause) => cause !== 'cron')) return null;
    const head = await this.#forge.commit('HEAD');
    if (head === null || head.sha !== before.head) return null;
    const tree = this.#forge.treeAt(head);
    const loaded = readSettings(await this.#organisation(this.#forge), await findSettings(tree));
    if (loaded.status === 'broken' || loaded.config.branches.length > 0 || !loaded.config.enabled)
      return null;
    const home = { branch: before.branch, commit: head };
    if (isIdleVisit(this.#request, loaded.config, this.#options.isDue))
      return (await this.#lookDaily(loaded, home)) ? null : before;
    if (!before.quiet) return null;
    const pass = await this.#plan(head, loaded.config, loaded.organisation);
    if (planKey([pass.plan]) !== before.plan) return null;
    await this.#daily.judge([home], loaded);
    return before;
  }

  /** A forge forwards the old name of a repository for reading; everything else wants the new one. */
  async #runRenamed({ owner, name }: RepositoryFacts): Promise<Known | null> {
    const repository = { owner, name };
    this.#options.log.info(this.#about({ now: repositoryKey(repository) }), 'the repository was renamed');
    const forge = await this.#options.openForge(repository, this.#request.installationId);
    const request = { ...this.#request, repository };
    return new RepositoryPass(this.#options, forge, request, this.#signal, this.#organisation).run(null);
  }

  async #work(facts: RepositoryFacts, home: Base, loaded: Ready, found: Found): Promise<Known | null> {
    const { ownIssues } = found;
    const forge = this.#forge;
    const { organisation } = loaded;
    let config = withPending(loaded.config, await pendingSettings(forge, ownIssues));
    let { sessions } = found;
    if (found.pulls.some((pull) => pull.state === 'closed' && pull.head.branch === SETTINGS_BRANCH)) {
      await forge.deleteBranch(SETTINGS_BRANCH);
    }
    const passes: { base: Base; pass: Pass }[] = [];
    for (const base of await basesOf(forge, config, home)) {
      passes.push({ base, pass: await this.#plan(base.commit, config, organisation) });
    }
    if (sessions.some((session) => session.effects.settings.length > 0)) {
      const plan = joined(passes.map((one) => one.pass.plan));
      const settled = await settleSettings(forge, home, sessions, plan, this.#now);
      sessions = settled.sessions;
      if (settled.pull !== null) {
        // Asked for by number: what was written a moment ago may be missing from the forge's lists.
        const pull = await forge.pullRequest(settled.pull);
        const listed = pull === null ? [] : [{ body: pull.body, isPullRequest: true }];
        config = withPending(loaded.config, await pendingSettings(forge, listed));
        for (const one of passes) one.pass = await this.#plan(one.base.commit, config, organisation);
      }
    }
    sessions = await rotateElsewhere(
      forge,
      sessions,
      (commit) => this.#plan(commit, config, organisation),
      isoDate(this.#now),
    );
    const { report, plan, troubles } = await this.#publish(facts, config, passes, { ...found, sessions });
    await answerAll(forge, sessions, plan, report, troubles);
    await this.#daily.afterPass(
      passes.map((one) => one.base),
      loaded,
      passes.map((one) => one.pass),
      report.outcomes,
    );
    const quiet =
      config.branches.length === 0 &&
      plan.failures.length === 0 &&
      report.outcomes.every((one) => one.status === 'nothing' || one.status === 'cleaned');
    const { branch, commit } = home;
    return { branch, head: commit.sha, plan: planKey(passes.map((one) => one.pass.plan)), quiet };
  }

  async #publish(
    facts: RepositoryFacts,
    config: RepositoryConfig,
    passes: readonly { readonly base: Base; readonly pass: Pass }[],
    found: Found,
  ): Promise<{ readonly report: PublishReport; readonly plan: Plan; readonly troubles: readonly string[] }> {
    const forge = this.#forge;
    const { ownIssues, sessions, pulls } = found;
    const dashboard = findDashboard(ownIssues);
    const ticked = tickedStarts(dashboard?.body ?? '');
    // What was asked for once is proposed as long as its pull request is open.
    const namedBefore = new Set(
      ownIssues.flatMap((issue) => (issue.isPullRequest ? (readMarker(issue.body)?.named ?? []) : [])),
    );
    const isNamed = (rotation: Rotation): boolean =>
      ticked.has(startKey(rotation)) ||
      namesRotation(sessions, rotation) ||
      namedBefore.has(markDigest(rotation.to));
    const asked: Asked = {
      names: isNamed,
      rebuild: new Set(sessions.flatMap((session) => session.effects.rebuild)),
    };
    const branches = pulls.filter(isOurs).map((pull) => pull.head.branch);
    const reports: PublishReport[] = [];
    const plans: Plan[] = [];
    const identity = await forge.identity();
    const byParts =
      config.groups.by !== 'all' ||
      config.groups.named.length > 0 ||
      config.images.some((rule) => rule.group !== undefined || (rule.track ?? 'digest') !== 'digest');
    for (const { base, pass } of passes) {
      const planned = released(pass, isNamed);
      plans.push(planned.plan);
      const report = await publishPlan(
        {
          forge,
          identity,
          facts,
          base,
          suffix: base.branch === facts.defaultBranch ? '' : baseSuffix(base.branch),
          pass: planned,
          byParts,
          settings: config,
          asked,
          today: isoDate(this.#now),
          warn: () => {},
        },
        { ownIssues, branches, now: this.#now },
      );
      reports.push(report);
    }
    const report: PublishReport = {
      outcomes: reports.flatMap((one) => one.outcomes),
      warnings: reports.flatMap((one) => one.warnings),
    };
    const plan = joined(plans);
    this.#logReport(report);
    const troubles = (await this.#options.troubles?.(this.#request.repository)) ?? [];
    const refusal = await tryDashboard(forge, dashboard, config.dashboard, {
      plan,
      outcomes: report.outcomes,
      answers: passes.flatMap(({ pass }) => pass.answers),
      notes: [
        ...new Set(passes.flatMap(({ pass }) => pass.notes)),
        ...unmatchedInAll(passes.map(({ pass }) => pass.survey.unmatched)).map(sayUnmatched),
      ],
      troubles,
    });
    if (refusal !== null) {
      this.#options.log.warn(this.#about({ reason: refusal }), 'the dashboard could not be written');
    }
    return { report, plan, troubles };
  }

  async #settings(tree: Tree, facts: RepositoryFacts): Promise<LoadedSettings> {
    const own = await findSettings(tree);
    const organisation =
      facts.name === this.#forge.ownerRepository ? null : await this.#organisation(this.#forge);
    return readSettings(organisation, own);
  }

  #plan(commit: Commit, config: RepositoryConfig, organisation: PolicySettings | null): Promise<Pass> {
    this.#signal.throwIfAborted();
    return this.#options.plan(this.#forge.treeAt(commit), {
      config,
      organisation,
      now: this.#now,
      repository: this.#request.repository,
      commit: commit.sha,
      signal: this.#signal,
    });
  }

  async #openCommands(): Promise<readonly CommandSession[]> {
    const sessions: CommandSession[] = [];
    for (const command of this.#request.commands) sessions.push(await openCommand(this.#forge, command));
    return sessions;
  }

  async #factsOrNull(): Promise<RepositoryFacts | null> {
    try {
      const facts = await this.#forge.facts();
      if (facts.archived) return this.#skip('the repository is archived');
      if (facts.disabled) return this.#skip('the repository is disabled');
      return facts;
    } catch (error) {
      if (!hasCode(error, 'not-found')) throw error;
      return this.#skip('the repository is gone, or may no longer be read');
    }
  }

  #skip(reason: string): null {
    this.#options.log.info(this.#about({ reason }), 'nothing done');
    return null;
  }

  #logReport(report: PublishReport): void {
    for (const { group, status, number, detail } of report.outcomes) {
      this.#options.log.info(this.#about({ group, status, number, detail }), 'pull request');
    }
    for (const warning of report.warnings) this.#options.log.warn(this.#about({}), warning);
  }

  #about(fields: object): object {
    return { repository: repositoryKey(this.#request.repository), ...fields };
  }
}
