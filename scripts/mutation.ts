/**
 * `npm run mutation`: plants small faults ("mutants") in the code, one at a time, and counts those that a test notices.
 * CONTRIBUTING.md says how to use it and how survivors are read; `npm run mutation -- --help` lists the options.
 */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EQUIVALENT } from './mutation/equivalent.ts';
import { instrument } from './mutation/instrument.ts';
import type { Entry } from './mutation/journal.ts';
import { type Mutant, type Scan, scan } from './mutation/mutants.ts';
import { Progress } from './mutation/progress.ts';
import { folderOf, isEquivalent, type Result, report, score, stale } from './mutation/report.ts';
import { RedTests, runMutants } from './mutation/run.ts';
import { selectTests } from './mutation/select-tests.ts';

const HELP = `npm run mutation -- [FOLDER or FILE …] [options]

  FOLDER or FILE     what to mutate; default: src/policy src/resolve src/plan src/pass src/pull-requests src/checks
  --since REVISION   only lines that differ from this Git revision
  --max N            at most N mutants, drawn at random
  --seed N           which ones --max draws (default 1)
  --threshold N      least score in each folder, in percent (default 85); below it the exit code is 1
  --reach N          imports between a test of another folder and the code it may catch faults in (default 2)
  --slow MS          leave out tests that take longer than this (default 400)
  --jobs N           test processes (default 2)
`;
const TARGETS = ['policy', 'resolve', 'plan', 'pass', 'pull-requests', 'checks'].map((name) => `src/${name}`);
const root = join(import.meta.dirname, '..');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    since: { type: 'string' },
    max: { type: 'string' },
    seed: { type: 'string', default: '1' },
    threshold: { type: 'string', default: '85' },
    reach: { type: 'string', default: '2' },
    slow: { type: 'string', default: '400' },
    jobs: { type: 'string', default: '2' },
  },
});
if (values.help) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const texts = new Map<string, string>();
  const textOf = (file: string) => texts.get(file) ?? '';
  const scans = new Map<string, Scan>();
  let nextId = 1;
  for (const file of sources(positionals.length > 0 ? positionals : TARGETS)) {
    const text = readFileSync(join(root, file), 'utf8');
    const found = scan(file, text, nextId);
    nextId += found.mutants.length;
    texts.set(file, text);
    scans.set(file, found);
  }
  const all = [...scans.values()].flatMap(({ mutants }) => mutants);
  for (const { file, line } of stale(EQUIVALENT, all, textOf)) {
    console.error(`${file}: no mutant matches the one listed in scripts/mutation/equivalent.ts: ${line}`);
  }
  const chosen = choose(all.filter((mutant) => !isEquivalent(textOf(mutant.file), mutant, EQUIVALENT)));
  const results = await run(chosen, scans, textOf);
  if (results === null) return 2;
  process.stdout.write(report(results, textOf));
  const folders = [...Map.groupBy(results, ({ mutant }) => folderOf(mutant.file))];
  const below = folders.filter(([, ofFolder]) => score(ofFolder) < numberOf('threshold'));
  for (const [folder, ofFolder] of below) {
    console.error(`${folder}: ${score(ofFolder)} % is below ${values.threshold} %`);
  }
  return below.length > 0 ? 1 : 0;
}

async function run(
  chosen: readonly Mutant[],
  scans: ReadonlyMap<string, Scan>,
  textOf: (file: string) => string,
): Promise<readonly Result[] | null> {
  const byFile = Map.groupBy(chosen, ({ file }) => file);
  const instrumented = new Map(
    [...byFile].map(([file, mutants]) => {
      const loops = scans.get(file)?.loops ?? [];
      return [join(root, file), instrument(textOf(file), { mutants, loops })];
    }),
  );
  const tests = selectTests(root, [...byFile.keys()], numberOf('reach'));
  const progress = new Progress(chosen.length, tests.length);
  try {
    const onEntries = (entries: readonly Entry[]) => progress.take(entries);
    await runMutants({
      root,
      instrumented,
      tests,
      jobs: numberOf('jobs'),
      slowMs: numberOf('slow'),
      onEntries,
    });
  } catch (error) {
    if (!(error instanceof RedTests)) throw error;
    console.error(`Tests fail without any mutant; fix them first:\n${error.message}`);
    return null;
  }
  progress.end();
  return chosen.map((mutant) => ({ mutant, outcome: progress.outcomeOf(mutant.id) }));
}

/** The TypeScript files of folders and files, from the root. Throws where a path names none. */
function sources(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const found = path.endsWith('.ts')
      ? globSync(path, { cwd: root })
      : globSync(`${path}/**/*.ts`, { cwd: root });
    if (found.length === 0) throw new Error(`${path}: no TypeScript file there`);
    return found.map((file) => file.replaceAll('\\', '/')).sort();
  });
}

function choose(mutants: readonly Mutant[]): readonly Mutant[] {
  const since = values.since === undefined ? null : changedLines(values.since);
  const inQuestion =
    since === null ? mutants : mutants.filter(({ file, line }) => since.has(`${file}:${line}`));
  if (values.max === undefined) return inQuestion;
  const random = generator(numberOf('seed'));
  const drawn = inQuestion.map((mutant) => ({ mutant, at: random() }));
  const kept = drawn.sort((a, b) => a.at - b.at).slice(0, numberOf('max'));
  return kept.map(({ mutant }) => mutant).sort((a, b) => a.id - b.id);
}

/** `path:line` of each line that is new since the revision. */
function changedLines(revision: string): ReadonlySet<string> {
  const args = [
    'diff',
    '--unified=0',
    '--no-color',
    '--no-ext-diff',
    '--src-prefix=a/',
    '--dst-prefix=b/',
    revision,
  ];
  const diff = execFileSync('git', [...args, '--', 'src'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const lines = new Set<string>();
  let file = '';
  for (const line of diff.split('\n')) {
    if (line.startsWith('+++ b/')) file = line.slice('+++ b/'.length);
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null) continue;
    const first = Number(hunk[1]);
    for (let offset = 0; offset < Number(hunk[2] ?? '1'); offset += 1) lines.add(`${file}:${first + offset}`);
  }
  return lines;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function numberOf(name: 'max' | 'seed' | 'threshold' | 'reach' | 'slow' | 'jobs'): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`--${name} ${values[name]}: expected a whole number`);
  return value;
}
