import { describe, expect, it } from 'vitest';
import type { PinHistory } from '../../src/assess/age.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { digestOf } from '../support/findings.ts';

/** One commit on the default branch, at noon UTC. */
export type HistoryCommit = {
  readonly day: string;
  /** What the files it changes are from then on; null: gone. */
  readonly files: Readonly<Record<string, string | null>>;
  /** The former names of files it renamed. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** The day it was merged, where it was made on a branch of its own. */
  readonly mergedOn?: string;
};

/** How a suite gets histories. */
export interface PinHistoryHarness {
  /** The history of a repository with these commits, the oldest first. */
  open(commits: readonly HistoryCommit[]): Promise<PinHistory>;
  /** A history that cannot be asked. */
  broken(): Promise<PinHistory>;
}

const [A, B, C] = [digestOf('a'), digestOf('b'), digestOf('c')];
const from = (digest: Digest) => `FROM python:3.11@${digest}\nRUN one\nRUN two\nRUN three\n`;
const on = (day: string, text: string | null, path = 'Dockerfile'): HistoryCommit => ({
  day,
  files: { [path]: text },
});

type Case = readonly [
  what: string,
  commits: readonly HistoryCommit[],
  day: string | null,
  files: readonly string[],
];

const CASES: readonly Case[] = [
  ['of the first commit', [on('2026-01-01', from(A))], '2026-01-01', ['Dockerfile']],
  [
    'of the commit that brought it',
    [on('2026-01-01', from(B)), on('2026-02-01', from(A))],
    '2026-02-01',
    ['Dockerfile'],
  ],
  [
    'of the commit that brought it, not of later ones to the file',
    [
      on('2026-01-01', from(B)),
      on('2026-02-01', from(A)),
      on('2026-03-01', `# note\n${from(A)}`),
      on('2026-04-01', `${from(A)}USER 1\n`),
    ],
    '2026-02-01',
    ['Dockerfile'],
  ],
  [
    'of its return, where it went and came back',
    [on('2026-01-01', from(A)), on('2026-02-01', from(B)), on('2026-03-01', from(A))],
    '2026-03-01',
    ['Dockerfile'],
  ],
  [
    'of the earliest file, where a pin was copied',
    [
      on('2026-01-01', from(A)),
      on('2026-02-01', from(A), 'other.Dockerfile'),
      on('2026-03-01', `${from(A)}USER 1\n`, 'other.Dockerfile'),
    ],
    '2026-01-01',
    ['other.Dockerfile', 'Dockerfile'],
  ],
  [
    'before a renaming',
    [
      on('2026-01-01', from(A)),
      {
        day: '2026-02-01',
        files: { Dockerfile: null, 'api/Dockerfile': from(A) },
        renamed: { 'api/Dockerfile': 'Dockerfile' },
      },
    ],
    '2026-01-01',
    ['api/Dockerfile'],
  ],
  [
    'of the merge, where a branch brought it',
    [on('2026-01-01', from(B)), { ...on('2026-01-05', from(A)), mergedOn: '2026-02-09' }],
    '2026-02-09',
    ['Dockerfile'],
  ],
  ['of none, where no commit has it', [on('2026-01-01', from(B))], null, ['Dockerfile']],
];

/** What every {@link PinHistory} does. Runs on each implementation. */
export function pinHistoryContract(name: string, harness: PinHistoryHarness): void {
  describe(`${name} as a history of pins`, () => {
    it.each(CASES)('tells the day %s', async (_, commits, day, files) => {
      const answer = await (await harness.open(commits)).pinnedOn([A], () => files);
      const expected = day === null ? { status: 'uncommitted' } : { status: 'known', date: day };
      expect([...answer]).toEqual([[A, expected]]);
    });

    it('answers every digest it is asked for, once, and no other', async () => {
      const history = await harness.open([on('2026-01-01', from(B)), on('2026-02-01', from(A))]);
      const answer = await history.pinnedOn([A, C, A], () => ['Dockerfile']);
      expect([...answer.keys()].sort()).toEqual([A, C]);
      expect(answer.get(A)).toEqual({ status: 'known', date: '2026-02-01' });
      expect(await history.pinnedOn([])).toEqual(new Map());
    });

    it('does not know what it cannot ask, says why, and never throws', async () => {
      const answer = await (await harness.broken()).pinnedOn([A, B], () => ['Dockerfile']);
      for (const digest of [A, B]) {
        expect(answer.get(digest)).toEqual({ status: 'unknown', reason: expect.stringMatching(/\w{3}/) });
      }
    });
  });
}
