import type { PinHistory, PinnedOn } from '../../assess/age.ts';
import type { Digest } from '../../domain/digest.ts';
import { isoDate } from '../../domain/ledger-entry.ts';
import { type GitRunner, GitUnavailable } from './run-git.ts';

const DIGEST = /sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})/g;
const COMMIT = 'pinwheel-commit ';
/** Lock files are full of checksums that are no pins. */
const NOT_PINS = [':(exclude,glob)**/*.lock', ':(exclude,glob)**/*-lock.*', ':(exclude,glob)**/*.sum'];

/**
 * The history of a local clone. Walks the default branch's own commits (`--first-parent`) from the newest to the oldest
 * and counts, for each digest, how many places each commit brought or took: a digest came in with the commit before
 * which it stood nowhere. So moving a line, renaming a file or copying a pin into a second file changes nothing, and a
 * digest that went and came back counts from its return.
 */
export class GitHistory implements PinHistory {
  readonly #git: GitRunner;

  constructor(git: GitRunner) {
    this.#git = git;
  }

  async pinnedOn(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, PinnedOn>> {
    const wanted = [...new Set(digests)];
    if (wanted.length === 0) return new Map();
    try {
      const found = await this.#walk(wanted);
      return new Map(wanted.map((digest) => [digest, found.get(digest) ?? NOWHERE]));
    } catch (error) {
      if (!(error instanceof GitUnavailable)) throw error;
      return new Map(wanted.map((digest) => [digest, { status: 'unknown', reason: error.message }]));
    }
  }

  async #walk(wanted: readonly Digest[]): Promise<ReadonlyMap<Digest, PinnedOn>> {
    const shallow = (await this.#first(['rev-parse', '--is-shallow-repository'])) === 'true';
    if ((await this.#first(['rev-parse', '--verify', '--quiet', 'HEAD'], [1])) === null) {
      return new Map(wanted.map((digest) => [digest, { status: 'uncommitted' }]));
    }
    const counts = await this.#countsAtHead(wanted);
    const open = new Map([...counts].filter(([, count]) => count > 0));
    const found = new Map<Digest, PinnedOn>(
      [...counts].filter(([, count]) => count === 0).map(([digest]) => [digest, { status: 'uncommitted' }]),
    );
    let commit: CommitLine | null = null;
    let changes = new Map<Digest, number>();
    const closeCommit = () => {
      if (commit === null) return;
      for (const [digest, change] of changes) {
        const before = (open.get(digest) ?? 0) - change;
        open.set(digest, before);
        if (before > 0) continue;
        open.delete(digest);
        found.set(digest, cameWith(commit, shallow));
      }
    };
    for await (const line of this.#git.lines(logArguments(), { timeoutMs: 120_000 })) {
      if (line.startsWith(COMMIT)) {
        closeCommit();
        if (open.size === 0) break;
        commit = parseCommit(line);
        changes = new Map();
        continue;
      }
      const sign =
        line.startsWith('+') && !line.startsWith('+++')
          ? 1
          : line.startsWith('-') && !line.startsWith('---')
            ? -1
            : 0;
      if (sign === 0) continue;
      for (const [text] of line.matchAll(DIGEST)) {
        const digest = text as Digest;
        if (open.has(digest)) changes.set(digest, (changes.get(digest) ?? 0) + sign);
      }
    }
    closeCommit();
    return found;
  }

  /** In how many places each digest stands in HEAD. */
  async #countsAtHead(wanted: readonly Digest[]): Promise<Map<Digest, number>> {
    const counts = new Map(wanted.map((digest) => [digest, 0]));
    const patterns = wanted.flatMap((digest) => ['-e', digest]);
    const arguments_ = [
      'grep',
      '-I',
      '-h',
      '-o',
      '-F',
      '--full-name',
      ...patterns,
      'HEAD',
      '--',
      ':(top)',
      ...NOT_PINS,
    ];
    // git grep answers 1 where nothing matches.
    for await (const line of this.#git.lines(arguments_, { allowedCodes: [1] })) {
      const digest = line.trim() as Digest;
      const known = counts.get(digest);
      if (known !== undefined) counts.set(digest, known + 1);
    }
    return counts;
  }

  async #first(arguments_: readonly string[], allowedCodes: readonly number[] = []): Promise<string | null> {
    for await (const line of this.#git.lines(arguments_, { allowedCodes })) return line.trim();
    return null;
  }
}

type CommitLine = { readonly date: string; readonly isRoot: boolean };

const NOWHERE: PinnedOn = {
  status: 'unknown',
  reason: 'the history does not show the commit that added it',
};

function cameWith(commit: CommitLine, shallow: boolean): PinnedOn {
  if (commit.isRoot && shallow) {
    return {
      status: 'unknown',
      reason:
        'this clone is shallow and does not reach far enough back (actions/checkout: set fetch-depth: 0)',
    };
  }
  const time = new Date(commit.date);
  if (Number.isNaN(time.getTime())) return { status: 'unknown', reason: 'its commit has no readable date' };
  return { status: 'known', date: isoDate(time) };
}

function logArguments(): readonly string[] {
  return [
    'log',
    '--first-parent',
    // Shows a merge as what it brought to the first parent.
    '-m',
    '-M',
    '-p',
    '-U0',
    '--no-color',
    '--no-ext-diff',
    '--no-textconv',
    '--no-show-signature',
    '-G',
    'sha(256|512):[0-9a-f]{64}',
    `--format=${COMMIT}%cI %P`,
    'HEAD',
    '--',
    ':(top)',
    ...NOT_PINS,
  ];
}

function parseCommit(line: string): CommitLine {
  const [date = '', ...parents] = line.slice(COMMIT.length).trim().split(' ');
  return { date, isRoot: parents.length === 0 };
}
