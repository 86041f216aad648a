import {
  describe,
  type RunnerTask,
  type RunnerTestCase,
  type RunnerTestFile,
  TestRunner,
  type TestTryOptions,
  vi,
} from 'vitest';
import { Journal } from './journal.ts';
import { Watchdog } from './watchdog.ts';

/** What the process that starts the tests hands to those that run them, as JSON in `MUTATION_RUN`. */
export type RunSettings = {
  readonly journal: string;
  /** Tests that take longer than this without a mutant, in time of the processor, are not tried on mutants. */
  readonly slowMs: number;
  readonly watchdogMs: number;
  /** The test files that try mutants of what runs while modules are loaded, which is slow. */
  readonly near: readonly string[];
};

/** Rounds of loops in one test before its mutant counts as endless. */
const MOST_ROUNDS = 2_000_000;

const settings: RunSettings = JSON.parse(process.env['MUTATION_RUN'] ?? '{}');
const journal = new Journal(settings.journal);
const watchdog = new Watchdog(settings.journal, settings.watchdogMs);

/** What instrumented code sees: which mutant is on, and, while no mutant is, which ones it passed. */
const state = { active: 0, passed: null as Set<number> | null, rounds: 0 };

Object.assign(globalThis, {
  __mutant: Object.assign(
    (id: number) => {
      state.passed?.add(id);
      return id === state.active;
    },
    {
      round() {
        if (state.active === 0) return;
        state.rounds += 1;
        if (state.rounds > MOST_ROUNDS) throw new Error('endless');
      },
    },
  ),
});

function activate(id: number): void {
  state.active = id;
  state.passed = null;
  state.rounds = 0;
  if (id === 0) watchdog.rest();
  else watchdog.watch(id);
}

/**
 * Runs a test file three times in one process: unchanged, noting which mutants each test passes; once more with each test
 * repeated for every mutant that it passes; and again for each mutant that runs while modules are loaded, on modules of
 * its own. Everything within a test (hooks, time limit, `expect`) stays Vitest's.
 */
export default class MutationRunner extends TestRunner {
  /** Passed while the test file and what it imports are loaded. */
  readonly #atLoad = new Set<number>();
  readonly #unchanged: { passed: ReadonlySet<number>; ms: number }[] = [];
  /** Where a test stands in its run of the file: the same place in each run is the same test. */
  readonly #placeOf = new Map<string, number>();
  /** The mutants to try, by the id of the test. */
  readonly #toTry = new Map<string, readonly number[]>();
  readonly #loadMutantOf = new Map<string, number>();
  readonly #unchangedIds = new Set<string>();
  #started = { at: 0, cpu: process.cpuUsage() };
  #file: RunnerTestFile | null = null;

  override onCollectStart(file: RunnerTestFile): void {
    super.onCollectStart(file);
    this.#file = file;
  }

  override async importFile(filepath: string, source: 'collect' | 'setup'): Promise<unknown> {
    if (source === 'setup') return super.importFile(filepath, source);
    journal.follow();
    describe('unchanged', async () => {
      activate(0);
      state.passed = this.#atLoad;
      await super.importFile(filepath, source);
    });
    describe('mutants', async () => {
      activate(0);
      journal.append({ kind: 'hit', ids: [...this.#atLoad] });
      vi.resetModules();
      await super.importFile(filepath, source);
    });
    describe('mutants at load', () => {
      if (!settings.near.includes(filepath)) return;
      for (const id of this.#atLoad) {
        if (!journal.decided.has(id)) describe(String(id), () => this.#importMutated(id, filepath));
      }
    });
    return undefined;
  }

  /** Suites are collected here and not by Vitest, so that an error in one is the mutant's end and not the file's. */
  async #importMutated(id: number, filepath: string): Promise<void> {
    vi.resetModules();
    activate(id);
    const { tasks } = TestRunner.getCurrentSuite();
    try {
      await super.importFile(filepath, 'collect');
      for (const [index, task] of tasks.entries()) {
        if (task.type === 'collector' && this.#file !== null) tasks[index] = await task.collect(this.#file);
      }
    } catch (error) {
      tasks.length = 0;
      this.#kill(id, `${filepath} fails to load: ${messageOf(error)}`);
    }
  }

  /** Called by Vitest once all suites are known. */
  onCollected(files: readonly RunnerTestFile[]): void {
    activate(0);
    for (const file of files) {
      for (const { message } of file.result?.errors ?? [])
        journal.append({ kind: 'red', test: file.filepath, message });
      const [unchanged, mutants, atLoad] = file.tasks;
      if (unchanged !== undefined) {
        for (const test of this.#number(unchanged)) this.#unchangedIds.add(test.id);
      }
      if (mutants !== undefined) this.#number(mutants);
      for (const suite of atLoad?.type === 'suite' ? atLoad.tasks : []) {
        for (const test of this.#number(suite)) this.#loadMutantOf.set(test.id, Number(suite.name));
      }
    }
  }

  #number(root: RunnerTask): readonly RunnerTestCase[] {
    const tests = testsOf(root);
    for (const [place, test] of tests.entries()) this.#placeOf.set(test.id, place);
    return tests;
  }

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    if (test.mode === 'skip' || this.#unchangedIds.has(test.id)) return;
    journal.follow();
    const mutants = this.#mutantsOf(test);
    if (mutants.length === 0) {
      test.mode = 'skip';
      return;
    }
    this.#toTry.set(test.id, mutants);
    test.repeats = mutants.length - 1;
  }

  #mutantsOf(test: RunnerTestCase): readonly number[] {
    const atLoad = this.#loadMutantOf.get(test.id);
    const before = this.#unchanged[this.#placeOf.get(test.id) ?? -1];
    if (before === undefined ? atLoad === undefined : before.ms > settings.slowMs) return [];
    const candidates = atLoad === undefined ? [...(before?.passed ?? [])] : [atLoad];
    return candidates.filter(
      (id) => !journal.decided.has(id) && (atLoad !== undefined || !this.#atLoad.has(id)),
    );
  }

  override onBeforeTryTask(test: RunnerTestCase, options: TestTryOptions): void {
    super.onBeforeTryTask(test, options);
    const id = this.#toTry.get(test.id)?.[options.repeats] ?? 0;
    activate(id);
    if (id === 0) state.passed = new Set();
    this.#started = { at: performance.now(), cpu: process.cpuUsage() };
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: TestTryOptions): Promise<void> {
    const { active, passed, rounds } = state;
    activate(0);
    await super.onAfterRetryTask(test, options);
    const failed = test.result?.state === 'fail';
    if (active === 0) {
      this.#note(test, passed ?? new Set(), failed);
    } else if (rounds > MOST_ROUNDS) {
      journal.append({ kind: 'endless', id: active, by: test.fullName });
    } else if (failed) {
      this.#kill(active, test.fullName);
    }
    if (failed && active !== 0) delete test.result?.errors;
  }

  #note(test: RunnerTestCase, passed: ReadonlySet<number>, failed: boolean): void {
    // Time of the processor, so that a busy machine leaves out no test; waiting counts a quarter.
    const { user, system } = process.cpuUsage(this.#started.cpu);
    const ms = Math.max((user + system) / 1000, (performance.now() - this.#started.at) / 4);
    this.#unchanged[this.#placeOf.get(test.id) ?? -1] = { passed, ms };
    journal.append({ kind: 'hit', ids: [...passed] });
    if (ms > settings.slowMs) {
      journal.append({ kind: 'slow', test: test.fullName, ms: Math.round(ms) });
    } else if (failed) {
      const message = test.result?.errors?.[0]?.message ?? 'it fails';
      journal.append({ kind: 'red', test: test.fullName, message });
    }
  }

  #kill(id: number, by: string): void {
    journal.append({ kind: 'killed', id, by });
    journal.decided.add(id);
  }

  override onAfterRunFiles(files: RunnerTestFile[]): void {
    super.onAfterRunFiles(files);
    for (const { filepath } of files) journal.append({ kind: 'done', file: filepath });
  }
}

function testsOf(task: RunnerTask): readonly RunnerTestCase[] {
  return task.type === 'suite' ? task.tasks.flatMap(testsOf) : [task];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
