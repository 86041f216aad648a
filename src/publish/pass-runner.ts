import { createHash } from 'node:crypto';
import { type CommandSession, openCommand, say } from '../commands/execute.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import type { Tree } from '../discover/tree.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { EMPTY_REPORT, type RotationReport } from '../plan/body/report.ts';
import { pinKey } from '../plan/pins.ts';
import type { Plan, Rotation } from '../plan/plan.ts';
import { matchesGlob } from '../policy/image-glob.ts';
import type { Log } from '../schedule/log.ts';
import {
  type PassRunner,
  type RepositoryName,
  type RotationRequest,
  repositoryKey,
  type Visit,
} from '../schedule/request.ts';
import { syncConfigIssue } from './config-issue.ts';
import { findDashboard, startKey, syncDashboard, tickedStarts } from './dashboard.ts';
import type { Commit, Forge, Issue, RepositoryFacts } from './forge.ts';
import { baseSuffix } from './groups.ts';
import { type Replannable, toPlannedPass } from './narrow.ts';
import type { Asked, PlannedPass, PublishReport } from './pass.ts';
import { publishPlan } from './publish.ts';
import {
  findOrganisationSettings,
  findSettings,
  type LoadedSettings,
  readSettings,
  type SettingsText,
} from './repository-settings.ts';
import { answerAll, namesRotation, rotateElsewhere, settleSettings } from './run-commands.ts';
import { type PendingSettings, pendingSettings } from './settings-pull.ts';

/** What planning is given beside the tree. */
export type PlanRequest = {
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  readonly now: Date;
  readonly repository: RepositoryName;
  readonly signal: AbortSignal;
};

export type PassRunnerOptions = {
  readonly openForge: (repository: RepositoryName, installationId: number | null) => Promise<Forge>;
  readonly plan: (tree: Tree, request: PlanRequest) => Promise<Replannable>;
  /** What is known of a rotation beyond the plan: scans, signatures, ages. */
  readonly reportOf?: (pass: Replannable, rotation: Rotation) => RotationReport;
  readonly clock: () => Date;
  readonly log: Log;
  /** Whether the repository's own schedule makes a visit due; absent: always. */
  readonly isDue?: (config: RepositoryConfig, visit: Visit, repository: RepositoryName) => boolean;
  /** Told the settings of each pass: what webhooks must watch. */
  readonly onSettings?: (repository: RepositoryName, config: RepositoryConfig) => Promise<void>;
  /** Lines for the dashboard: passes that were given up. */
  readonly troubles?: (repository: RepositoryName) => Promise<readonly string[]>;
};

/** What the last pass over a repository left: lets a scheduled pass end after one conditional request. */
type Known = { readonly head: string; readonly plan: string; readonly quiet: boolean };

const KNOWN_LIMIT = 10_000;
const ORGANISATION_TTL = 10 * 60_000;

/**
 * The passes of the queue: reads a repository, plans, publishes and answers the comments that asked. Holds caches only;
 * every decision is made from git and the forge. Idempotent: a request that runs twice ends in the same state.
 */
export function createPassRunner(options: PassRunnerOptions): PassRunner {
  const known = new Map<string, Known>();
  const organisations = new Map<string, { readonly at: number; readonly file: SettingsText | null }>();

  const organisationSettings = async (forge: Forge): Promise<SettingsText | null> => {
    const key = forge.repository.owner.toLowerCase();
    const now = options.clock().getTime();
    const cached = organisations.get(key);
    if (cached !== undefined && now - cached.at < ORGANISATION_TTL) return cached.file;
    const file = await findOrganisationSettings(forge);
    organisations.set(key, { at: now, file });
    if (organisations.size > KNOWN_LIMIT) organisations.clear();
    return file;
  };

  return async (request, signal) => {
    const key = repositoryKey(request.repository);
    const forge = await options.openForge(request.repository, request.installationId);
    const before = known.get(key);
    known.delete(key);
    const pass = new Pass(options, forge, request, signal, organisationSettings);
    const after = await pass.run(before ?? null);
    if (after !== null) known.set(key, after);
    for (const oldest of known.keys()) {
      if (known.size <= KNOWN_LIMIT) break;
      known.delete(oldest);
    }
  };
}

type Base = { readonly branch: string; readonly commit: Commit };

/** One pass over one repository. */
class Pass {
  readonly #options: PassRunnerOptions;
  readonly #forge: Forge;
  readonly #request: RotationRequest;
  readonly #signal: AbortSignal;
  readonly #organisation: (forge: Forge) => Promise<SettingsText | null>;
  readonly #now: Date;

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
  }

  /** Runs; gives what a later pass may rely on, null where nothing. */
  async run(before: Known | null): Promise<Known | null> {
    const quick = await this.#runQuick(before);
    if (quick !== null) return quick;
    const facts = await this.#factsOrNull();
    if (facts === null) return null;
    const head = await this.#forge.commit('HEAD');
    if (head === null) return this.#skip('the repository is empty');
    const sessions = await this.#openCommands();
    if (!this.#wantsPass(sessions)) {
      await answerAll(this.#forge, sessions, null, null);
      return null;
    }
    const tree = this.#forge.treeAt(head);
    const loaded = await this.#settings(tree, facts);
    const ownIssues = await this.#forge.ownIssues();
    if (loaded.status === 'broken') {
      await syncConfigIssue(this.#forge, ownIssues, loaded.file, loaded.problems);
      const line = `The settings cannot be read: ${loaded.problems[0] ?? loaded.file}`;
      await answerAll(
        this.#forge,
        sessions.map((one) => say(one, [line], true)),
        null,
        null,
      );
      return this.#skip(`the settings cannot be read: ${loaded.problems.join('; ')}`);
    }
    await syncConfigIssue(this.#forge, ownIssues, '', []);
    const idle = this.#idleBecause(loaded, facts);
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
    return this.#work(facts, head, loaded, ownIssues, sessions);
  }

  /**
   * The scheduled pass over a repository where nothing happened: one conditional request for its head; the files come
   * from the caches. Null where more is to be done.
   */
  async #runQuick(before: Known | null): Promise<Known | null> {
    const { causes, commands, scope, visit } = this.#request;
    const special = commands.length > 0 || scope.dashboard || scope.pullRequests.length > 0;
    if (before === null || !before.quiet || special || causes.some((cause) => cause !== 'cron')) return null;
    const head = await this.#forge.commit('HEAD');
    if (head === null || head.sha !== before.head) return null;
    const tree = this.#forge.treeAt(head);
    const loaded = readSettings(await this.#organisation(this.#forge), await findSettings(tree));
    if (loaded.status === 'broken' || loaded.config.branches.length > 0) return null;
    if (visit !== null && this.#options.isDue?.(loaded.config, visit, this.#request.repository) === false) return before;
    const pass = await this.#plan(head, loaded.config, loaded.organisation);
    return planKey([pass.plan]) === before.plan ? before : null;
  }

  async #work(
    facts: RepositoryFacts,
    head: Commit,
    loaded: LoadedSettings & { readonly status: 'ready' },
    ownIssues: readonly Issue[],
    opened: readonly CommandSession[],
  ): Promise<Known | null> {
    const forge = this.#forge;
    const { organisation } = loaded;
    let config = withPending(loaded.config, await pendingSettings(forge, ownIssues));
    let sessions = opened;
    const home = { branch: facts.defaultBranch, commit: head };
    const passes: { base: Base; pass: Replannable }[] = [];
    for (const base of await this.#bases(config, home)) {
      passes.push({ base, pass: await this.#plan(base.commit, config, organisation) });
    }
    if (sessions.some((session) => session.effects.settings.length > 0)) {
      const plan = joined(passes.map((one) => one.pass.plan));
      const settled = await settleSettings(forge, home, sessions, plan, this.#now);
      sessions = settled.sessions;
      if (settled.changed) {
        const fresh = await forge.ownIssues();
        config = withPending(loaded.config, await pendingSettings(forge, fresh));
        for (const one of passes) one.pass = await this.#plan(one.base.commit, config, organisation);
      }
    }
    sessions = await rotateElsewhere(
      forge,
      sessions,
      async (commit) => this.#planned(await this.#plan(commit, config, organisation), () => false, false),
      isoDate(this.#now),
    );
    const { report, plan } = await this.#publish(facts, config, passes, ownIssues, sessions);
    await answerAll(forge, sessions, plan, report);
    const quiet =
      config.branches.length === 0 &&
      plan.failures.length === 0 &&
      report.outcomes.every((one) => one.status === 'nothing' || one.status === 'cleaned');
    return { head: head.sha, plan: planKey(passes.map((one) => one.pass.plan)), quiet };
  }

  async #publish(
    facts: RepositoryFacts,
    config: RepositoryConfig,
    passes: readonly { readonly base: Base; readonly pass: Replannable }[],
    ownIssues: readonly Issue[],
    sessions: readonly CommandSession[],
  ): Promise<{ readonly report: PublishReport; readonly plan: Plan }> {
    const forge = this.#forge;
    const dashboard = findDashboard(ownIssues);
    const ticked = tickedStarts(dashboard?.body ?? '');
    const isNamed = (rotation: Rotation): boolean =>
      ticked.has(startKey(rotation)) || namesRotation(sessions, rotation);
    const asked: Asked = {
      names: isNamed,
      rebuild: new Set(sessions.flatMap((session) => session.effects.rebuild)),
    };
    const branches: string[] = [];
    for (const number of this.#request.scope.pullRequests) {
      const pull = await forge.pullRequest(number);
      if (pull !== null && !pull.fromFork) branches.push(pull.head.branch);
    }
    const reports: PublishReport[] = [];
    const plans: Plan[] = [];
    const identity = await forge.identity();
    const byParts =
      config.groups.by !== 'all' ||
      config.groups.named.length > 0 ||
      config.images.some((rule) => rule.group !== undefined);
    for (const { base, pass } of passes) {
      const planned = this.#planned(pass, isNamed, byParts);
      plans.push(planned.plan);
      const report = await publishPlan(
        {
          forge,
          identity,
          facts,
          base,
          suffix: base.branch === facts.defaultBranch ? '' : baseSuffix(base.branch),
          pass: planned,
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
    await this.#showDashboard(config, dashboard, plan, report);
    return { report, plan };
  }

  async #showDashboard(
    config: RepositoryConfig,
    dashboard: Issue | null,
    plan: Plan,
    report: PublishReport,
  ): Promise<void> {
    const troubles = (await this.#options.troubles?.(this.#request.repository)) ?? [];
    try {
      await syncDashboard(this.#forge, dashboard, config.dashboard, {
        plan,
        outcomes: report.outcomes,
        troubles,
      });
    } catch (error) {
      // Issues may be switched off (410), or not granted. The pull requests are what counts.
      if (isTemporary(error)) throw error;
      this.#options.log.warn(this.#about({ reason: messageOf(error) }), 'the dashboard could not be written');
    }
  }

  /** The default branch, or the branches that the settings name; patterns take `*`. */
  async #bases(config: RepositoryConfig, home: Base): Promise<readonly Base[]> {
    if (config.branches.length === 0) return [home];
    const patterns = config.branches.filter((branch) => branch.includes('*'));
    const all = patterns.length === 0 ? [] : await this.#forge.branches();
    const names = new Set([
      ...config.branches.filter((branch) => !branch.includes('*')),
      ...all.filter((name) => patterns.some((pattern) => matchesGlob(pattern, name))),
    ]);
    const bases: Base[] = [];
    for (const branch of names) {
      const commit = branch === home.branch ? home.commit : await this.#forge.commit(`heads/${branch}`);
      if (commit !== null) bases.push({ branch, commit });
    }
    return bases;
  }

  async #settings(tree: Tree, facts: RepositoryFacts): Promise<LoadedSettings> {
    const own = await findSettings(tree);
    const organisation = facts.name === '.github' ? null : await this.#organisation(this.#forge);
    return readSettings(organisation, own);
  }

  #plan(commit: Commit, config: RepositoryConfig, organisation: PolicySettings | null): Promise<Replannable> {
    this.#signal.throwIfAborted();
    return this.#options.plan(this.#forge.treeAt(commit), {
      config,
      organisation,
      now: this.#now,
      repository: this.#request.repository,
      signal: this.#signal,
    });
  }

  #planned(pass: Replannable, release: (rotation: Rotation) => boolean, byParts: boolean): PlannedPass {
    const { reportOf } = this.#options;
    return toPlannedPass(pass, {
      reportOf: (rotation) => reportOf?.(pass, rotation) ?? EMPTY_REPORT,
      release,
      byParts,
    });
  }

  async #openCommands(): Promise<readonly CommandSession[]> {
    const sessions: CommandSession[] = [];
    for (const command of this.#request.commands) sessions.push(await openCommand(this.#forge, command));
    return sessions;
  }

  /** Whether there is more to do than to answer: comments of people without write access start nothing. */
  #wantsPass(sessions: readonly CommandSession[]): boolean {
    const { scope, visit, commands } = this.#request;
    const scoped =
      scope.everything ||
      scope.dashboard ||
      scope.pullRequests.length + scope.images.length + scope.files.length > 0;
    if (scoped || visit !== null || commands.length === 0) return true;
    return sessions.some(({ effects }) => {
      const asked = effects.images.length + effects.rebuild.length + effects.rotateIn.length;
      return effects.everything || effects.status || asked + effects.settings.length > 0;
    });
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

  #idleBecause(loaded: LoadedSettings & { readonly status: 'ready' }, facts: RepositoryFacts): string | null {
    const { config } = loaded;
    if (!config.enabled) return 'the settings switch Pinwheel off';
    if (facts.fork && !loaded.ownFileTakesForks) {
      return 'the repository is a fork; `forks: true` in its own settings has it worked on';
    }
    const { visit, causes, commands, scope } = this.#request;
    const onlyVisit =
      visit !== null &&
      commands.length === 0 &&
      !scope.dashboard &&
      causes.every((cause) => cause === 'cron');
    if (onlyVisit && this.#options.isDue?.(config, visit, this.#request.repository) === false)
      return 'its schedule makes nothing due now';
    return null;
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

/** What our open settings pull request adds to and takes from holds and ignores, done to the settings of the base. */
function withPending(config: RepositoryConfig, pending: PendingSettings | null): RepositoryConfig {
  if (pending === null) return config;
  const now = readSettings(null, pending.now);
  const before = readSettings(null, pending.before);
  if (now.status === 'broken' || before.status === 'broken') return config;
  return {
    ...config,
    holds: changed(config.holds, before.config.holds, now.config.holds),
    ignores: changed(config.ignores, before.config.ignores, now.config.ignores),
  };
}

function changed<Entry>(
  base: readonly Entry[],
  before: readonly Entry[],
  now: readonly Entry[],
): readonly Entry[] {
  const keys = (entries: readonly Entry[]): ReadonlySet<string> =>
    new Set(entries.map((entry) => JSON.stringify(entry)));
  const [had, has] = [keys(before), keys(now)];
  const stays = base.filter((entry) => {
    const key = JSON.stringify(entry);
    return !had.has(key) || has.has(key);
  });
  return [...stays, ...now.filter((entry) => !had.has(JSON.stringify(entry)))];
}

function joined(plans: readonly Plan[]): Plan {
  return {
    rotations: plans.flatMap((plan) => plan.rotations),
    edits: plans.flatMap((plan) => plan.edits),
    ledger: plans[0]?.ledger ?? null,
    failures: plans.flatMap((plan) => plan.failures),
  };
}

/** Equal where the same was decided of the same pins. */
function planKey(plans: readonly Plan[]): string {
  const parts = plans.map((plan) => [
    plan.rotations.map((one) => [pinKey(one), one.toTag, one.to, one.verdict]),
    plan.failures.map((failure) => [failure.subject, failure.code]),
  ]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function isTemporary(error: unknown): boolean {
  return error instanceof Error && 'temporary' in error && error.temporary === true;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
