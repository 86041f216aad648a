import { putUnchecked } from '../../checks/pin-check.ts';
import type { Digest } from '../../domain/digest.ts';
import { messageOf } from '../../domain/errors.ts';
import { type TaggedImage, tagKey } from '../../domain/image-reference.ts';
import { isoDate } from '../../domain/ledger-entry.ts';
import { repositoryKey } from '../../domain/repository-name.ts';
import { isTemporary } from '../../forge/errors.ts';
import { fingerprintText } from '../../forge/fingerprint.ts';
import type { Forge } from '../../forge/forge.ts';
import type { PullRequest } from '../../forge/types.ts';
import type { Pass } from '../../pass/pass.ts';
import type { GroupOutcome } from '../../pull-requests/outcome.ts';
import { priorityRank, type RotationRequest } from '../../queue/request.ts';
import { about, type PassContext, planCommit } from './pass-context.ts';
import type { Marks, PassSettings, PinChecks } from './pass-options.ts';
import type { Base } from './pass-rules.ts';

const OPEN: ReadonlySet<GroupOutcome['status']> = new Set([
  'opened',
  'rebuilt',
  'refreshed',
  'unchanged',
  'left-alone',
]);

/**
 * What is done every day, whatever a repository's own schedule says: the pins of the base branches and of the open pull
 * requests are checked again, since they age without a push, and an urgent fix is looked for. What was done today is
 * kept in one mark, so that an hourly visit costs one look at it.
 */
export class DailyLook {
  readonly #context: PassContext;
  readonly #forge: Forge;
  readonly #pinChecks: PinChecks;
  readonly #marks: Marks;
  readonly #request: RotationRequest;
  readonly #day: string;
  #done: Set<string> | null = null;

  constructor(context: PassContext) {
    this.#context = context;
    this.#forge = context.forge;
    this.#pinChecks = context.options.pinChecks;
    this.#marks = context.options.marks;
    this.#request = context.request;
    this.#day = isoDate(context.now);
  }

  /** What is done every day although nothing is due; true where an urgent fix makes the pass due after all. */
  async look(bases: readonly Base[], settings: PassSettings): Promise<boolean> {
    await this.check(bases, settings);
    const isUrgent = await this.#urgentWaits(bases, settings);
    if (isUrgent) {
      const { log } = this.#context.options;
      log.info(about(this.#context, {}), 'an urgent fix is waiting: running ahead of schedule');
    }
    return isUrgent;
  }

  /** Checks what was not checked today: the heads of the base branches, and the open pull requests. */
  async check(bases: readonly Base[], settings: PassSettings): Promise<void> {
    if (!(await this.#mayWrite())) return;
    for (const base of bases) await this.#checkHead(base, settings, false);
    await this.#checkOpenPulls(settings);
  }

  /**
   * After a pass that published: checks the base branches (again, unless only the clock asked) and Pinwheel's own pull requests,
   * whose webhooks nobody listens to. What was published is remembered, so that {@link look} does not call it urgent again.
   */
  async afterPass(
    published: readonly { readonly base: Base; readonly pass: Pass }[],
    settings: PassSettings,
    outcomes: readonly GroupOutcome[],
  ): Promise<void> {
    await this.#rememberUrgent(
      published.map(({ pass }) => pass),
      outcomes,
    );
    if (!(await this.#mayWrite())) return;
    const isAsked = this.#request.causes.some((cause) => cause !== 'cron');
    for (const { base } of published) await this.#checkHead(base, settings, isAsked);
    for (const { number, status } of outcomes) {
      if (number !== null && OPEN.has(status)) await this.#checkOwn(number, settings);
    }
    await this.#checkOpenPulls(settings);
  }

  /** Checks a merge queue's branches. */
  async checkMergeGroups(branches: readonly string[], settings: PassSettings): Promise<void> {
    if (branches.length === 0 || !(await this.#mayWrite())) return;
    for (const branch of branches) {
      const toCheck = { forge: this.#forge, branch, again: this.#isRerun(), ...only(settings) };
      await this.#isSettled(() => this.#pinChecks.mergeGroup(toCheck));
    }
  }

  /** Checks pull requests that something happened to. */
  async checkPulls(pulls: readonly PullRequest[], settings: PassSettings): Promise<void> {
    if (pulls.length === 0 || !(await this.#mayWrite())) return;
    for (const pull of pulls) {
      if (pull.state !== 'open') continue;
      const toCheck = { forge: this.#forge, pull, again: this.#isRerun(), ...only(settings) };
      await this.#isSettled(() => this.#pinChecks.pull(toCheck));
    }
  }

  /** Says on commits that their pins could not be checked, and why: a required check that never comes would be a riddle. */
  async notChecked(shas: readonly string[], why: string): Promise<void> {
    if (!(await this.#mayWrite())) return;
    for (const sha of shas) {
      await this.#isSettled(async () => {
        await putUnchecked(this.#forge, sha, why);
        return true;
      });
    }
  }

  /** Whether a rotation waits that is urgent by the policy and was not proposed yet. Looked for once a day. */
  async #urgentWaits(bases: readonly Base[], settings: PassSettings): Promise<boolean> {
    if (await this.#isDone('urgent')) return false;
    const passes = await Promise.all(bases.map(({ commit }) => planCommit(this.#context, commit, settings)));
    const proposed = (await this.#marks.mark(this.#name('urgent')))?.split(' ') ?? [];
    if (urgentMoves(passes).some((move) => !proposed.includes(move))) return true;
    const isKnown = !passes.some(({ plan: { failures } }) => failures.some(({ temporary }) => temporary));
    if (isKnown) await this.#note('urgent');
    return false;
  }

  /** One that stays open must not make every day due: only another one is urgent again. */
  async #rememberUrgent(passes: readonly Pass[], outcomes: readonly GroupOutcome[]): Promise<void> {
    const left = new Set(
      outcomes
        .filter(({ status }) => status === 'waiting' || status === 'failed')
        .flatMap(({ rotations }) => rotations.map(({ image, to }) => moveName(image, to))),
    );
    const moves = urgentMoves(passes).filter((move) => !left.has(move));
    if (moves.length > 0) await this.#marks.setMark(this.#name('urgent'), moves.join(' '));
    await this.#note('urgent');
  }

  async #checkHead(base: Base, settings: PassSettings, again: boolean): Promise<void> {
    const { sha } = base.commit;
    if (!again && (await this.#isDone(sha))) return;
    const toCheck = { forge: this.#forge, base, again: this.#isRerun(), ...only(settings) };
    if (await this.#isSettled(() => this.#pinChecks.head(toCheck))) await this.#note(sha);
  }

  async #checkOwn(number: number, settings: PassSettings): Promise<void> {
    const pull = await this.#forge.pullRequest(number);
    if (pull === null || pull.state !== 'open') return;
    const again = this.#isRerun() && this.#request.scope.pullRequests.includes(number);
    if (!again && (await this.#isDone(pull.head.sha))) return;
    const toCheck = { forge: this.#forge, pull, again, ...only(settings) };
    if (await this.#isSettled(() => this.#pinChecks.pull(toCheck))) await this.#note(pull.head.sha);
  }

  async #checkOpenPulls(settings: PassSettings): Promise<void> {
    if (await this.#isDone('pulls')) return;
    let allSettled = true;
    for (const pull of await this.#forge.openPullRequests()) {
      if (await this.#isDone(pull.head.sha)) continue;
      const toCheck = { forge: this.#forge, pull, again: false, ...only(settings) };
      // One by one, so that a pass that is cut off goes on where it was.
      if (await this.#isSettled(() => this.#pinChecks.pull(toCheck))) await this.#note(pull.head.sha);
      else allSettled = false;
    }
    if (allSettled) await this.#note('pulls');
  }

  async #mayWrite(): Promise<boolean> {
    return (await this.#forge.identity()).writesChecks;
  }

  /** Whether someone pressed "re-run" on a check: then it must be answered, though it says the same. */
  #isRerun(): boolean {
    const { causes, priority } = this.#request;
    return causes.includes('webhook') && priorityRank(priority) >= priorityRank('command');
  }

  /**
   * Whether the day's check is done. A check that may not be written blocks nothing, and is not tried every
   * hour; what may pass by itself has the pass tried again.
   */
  async #isSettled(task: () => Promise<boolean>): Promise<boolean> {
    this.#context.signal.throwIfAborted();
    try {
      return await task();
    } catch (error) {
      if (isTemporary(error)) throw error;
      const { log } = this.#context.options;
      log.warn(about(this.#context, { reason: messageOf(error) }), 'the pin check could not be written');
      return true;
    }
  }

  async #isDone(what: string): Promise<boolean> {
    return (await this.#doneToday()).has(what);
  }

  async #note(what: string): Promise<void> {
    const done = await this.#doneToday();
    if (done.has(what)) return;
    done.add(what);
    await this.#marks.setMark(this.#name('checked'), [this.#day, ...done].join(' '));
  }

  async #doneToday(): Promise<Set<string>> {
    if (this.#done !== null) return this.#done;
    const text = (await this.#marks.mark(this.#name('checked'))) ?? '';
    const [day, ...done] = text.split(' ');
    this.#done = new Set(day === this.#day ? done : []);
    return this.#done;
  }

  #name(kind: 'checked' | 'urgent'): string {
    return `${kind}:${repositoryKey(this.#request.repository)}`;
  }
}

/** Of what was loaded, the two that a check needs. */
function only({ config, organisation }: PassSettings): PassSettings {
  return { config, organisation };
}

function moveName(image: TaggedImage, to: Digest | null): string {
  return fingerprintText(`${tagKey(image)} ${to ?? ''}`);
}

/** The urgent rotations of some passes, a short name each. */
function urgentMoves(passes: readonly Pass[]): readonly string[] {
  const moves = passes.flatMap(({ answers }) =>
    answers.flatMap(({ pin, judged }) =>
      judged?.judgement.verdict === 'rotate' && judged.judgement.urgency.urgent
        ? [moveName(pin.image, judged.judgement.adopt)]
        : [],
    ),
  );
  return [...new Set(moves)].sort();
}
