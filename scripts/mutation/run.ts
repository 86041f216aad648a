import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { BaseSequencer, createVitest, type TestSpecification, type Vitest } from 'vitest/node';
import config from '../../vitest.config.ts';
import { type Entry, Journal } from './journal.ts';
import type { RunSettings } from './runner.ts';
import type { NearTest } from './select-tests.ts';

export type RunOptions = {
  readonly root: string;
  /** Instrumented texts by absolute path. */
  readonly instrumented: ReadonlyMap<string, string>;
  /** From `root`, in the order to run them. */
  readonly tests: readonly NearTest[];
  readonly jobs: number;
  readonly slowMs: number;
  readonly onEntries: (entries: readonly Entry[]) => void;
};

/** A test of the repository fails without any mutant, so that nothing can be said of mutants. */
export class RedTests extends Error {}

/** Longest that a test may take with a mutant before it counts as failed. */
const TEST_MS = 4_000;
/** Longest that a process may be busy with one mutant without returning to Vitest. */
const WATCHDOG_MS = 10_000;

/**
 * Runs the tests against all mutants of the instrumented texts and reports what it learns as it goes. A test process that
 * had to be ended is started again without the mutant that kept it busy. Throws {@link RedTests}.
 */
export async function runMutants(options: RunOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'));
  const journal = new Journal(join(folder, 'journal'));
  const settings: RunSettings = {
    journal: journal.path,
    slowMs: options.slowMs,
    watchdogMs: WATCHDOG_MS,
    near: options.tests.filter(({ own }) => own).map(({ file }) => join(options.root, file)),
  };
  const done = new Set<string>();
  const red: string[] = [];
  const listen = () => {
    const entries = journal.follow();
    for (const entry of entries) {
      if (entry.kind === 'done') done.add(relative(options.root, entry.file));
      if (entry.kind === 'red') red.push(`${entry.test}: ${entry.message}`);
    }
    options.onEntries(entries);
  };
  const vitest = await start(options, settings);
  const timer = setInterval(listen, 500);
  try {
    let left = options.tests.map(({ file }) => file);
    while (left.length > 0 && red.length === 0) {
      const decided = journal.decided.size;
      const result = await vitest.runTestSpecifications(specifications(vitest, options.root, left));
      listen();
      const before = left.length;
      left = left.filter((file) => !done.has(file));
      if (left.length === before && journal.decided.size === decided) {
        throw new Error(`cannot run ${left.join(', ')}: ${result.unhandledErrors.map(String).join('; ')}`);
      }
    }
    if (red.length > 0) throw new RedTests(red.join('\n'));
  } finally {
    clearInterval(timer);
    await vitest.close();
    journal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Vitest with the settings of the unit project, so that a test runs as it does in `npm test`. */
function start(options: RunOptions, settings: RunSettings): Promise<Vitest> {
  const unit = config.test?.projects?.find((project) => typeof project === 'object' && 'test' in project);
  if (typeof unit !== 'object' || !('test' in unit)) throw new Error('vitest.config.ts has no unit project');
  return createVitest(
    {
      ...unit.test,
      root: options.root,
      config: false,
      watch: false,
      reporters: [],
      silent: true,
      fsModuleCache: false,
      update: 'none',
      passWithNoTests: true,
      dangerouslyIgnoreUnhandledErrors: true,
      testTimeout: TEST_MS,
      runner: join(import.meta.dirname, 'runner.ts'),
      pool: 'forks',
      maxWorkers: options.jobs,
      sequence: { sequencer: GivenOrder },
      env: { MUTATION_RUN: JSON.stringify(settings) },
    },
    {
      plugins: [
        {
          name: 'mutation',
          enforce: 'pre',
          transform: (_code, id) => options.instrumented.get(id.replace(/\?.*$/, '')) ?? null,
        },
      ],
    },
  );
}

function specifications(vitest: Vitest, root: string, files: readonly string[]): TestSpecification[] {
  return files.map((file) => vitest.getRootProject().createSpecification(join(root, file)));
}

class GivenOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}
