import { describe, expect, it } from 'vitest';
import { PinDays } from '../../../src/adapters/github/pin-history.ts';
import { toDigest } from '../../../src/domain/digest.ts';
import { type HistoryCommit, pinHistoryContract } from '../../contract/pin-history.ts';
import { type FileCommit, githubHistory, serveFileHistory } from '../../support/github/file-history.ts';

const DIGEST = toDigest(`sha256:${'a'.repeat(64)}`);
const OTHER = toDigest(`sha256:${'b'.repeat(64)}`);

const has = `FROM python:3.11@${DIGEST}\n`;
const hasNot = `FROM python:3.11@${OTHER}\n`;
const on = (day: string, text: string, more: Partial<FileCommit> = {}): FileCommit => ({
  day,
  text,
  ...more,
});
const daysBack = (count: number, text: (i: number) => string): readonly FileCommit[] =>
  Array.from({ length: count }, (_, i) =>
    on(new Date(Date.UTC(2026, 10, 20) - i * 86_400_000).toISOString().slice(0, 10), text(i)),
  );

/** What a file was in each commit that changed it, newest first, as GitHub's API tells it. */
function fileCommits(commits: readonly HistoryCommit[]): Readonly<Record<string, readonly FileCommit[]>> {
  const files: Record<string, FileCommit[]> = {};
  for (const { day, files: changed, renamed, mergedOn } of commits) {
    for (const [path, text] of Object.entries(changed)) {
      if (text === null) continue;
      const merged = mergedOn === undefined ? [] : [{ into: 'main', on: `${mergedOn}T12:00:00Z` }];
      const former = renamed?.[path];
      const commit = { day, text, merged, ...(former === undefined ? {} : { renamedFrom: former }) };
      files[path] = [commit, ...(files[path] ?? [])];
    }
  }
  return files;
}

pinHistoryContract('GitHub', {
  open: async (commits) => {
    serveFileHistory(fileCommits(commits));
    return githubHistory();
  },
  broken: async () => {
    serveFileHistory({ Dockerfile: [] }, 'commits');
    return githubHistory();
  },
});

describe('the day a digest came into a branch', () => {
  it.each<[string, Readonly<Record<string, readonly FileCommit[]>>, string]>([
    ['of a file with one commit', { Dockerfile: [on('2026-11-01', has)] }, '2026-11-01'],
    [
      'is that of the commit that brought it, not of the last one',
      {
        Dockerfile: [
          on('2026-11-10', `${has}RUN a\n`),
          on('2026-11-05', has),
          on('2026-11-01', hasNot),
          on('2026-10-01', ''),
        ],
      },
      '2026-11-05',
    ],
    ['is found among many', { Dockerfile: daysBack(90, (i) => (i < 37 ? has : hasNot)) }, '2026-10-15'],
    ['is found behind a page', { Dockerfile: daysBack(450, (i) => (i < 333 ? has : hasNot)) }, '2025-12-23'],
    [
      'is found at the end of a page',
      { Dockerfile: daysBack(200, (i) => (i < 100 ? has : hasNot)) },
      '2026-08-13',
    ],
    ['is found where every page is full', { Dockerfile: daysBack(100, () => has) }, '2026-08-13'],
    [
      'is the day of the merge, where a pull request brought it',
      {
        Dockerfile: [on('2026-10-01', has, { merged: [{ into: 'main', on: '2026-11-07T23:00:00Z' }] })],
      },
      '2026-11-07',
    ],
    [
      'is not the day of a merge into another branch, or of none',
      {
        Dockerfile: [
          on('2026-10-01', has, {
            merged: [
              { into: 'next', on: '2026-10-02T00:00:00Z' },
              { into: 'main', on: null },
            ],
          }),
        ],
      },
      '2026-10-01',
    ],
    [
      'outlives a renaming',
      {
        'api/Dockerfile': [on('2026-11-10', has, { renamedFrom: 'Dockerfile' })],
        Dockerfile: [on('2026-11-02', has), on('2026-10-01', hasNot)],
      },
      '2026-11-02',
    ],
    [
      'is the renaming where that brought it',
      {
        'api/Dockerfile': [on('2026-11-10', has, { renamedFrom: 'Dockerfile' })],
        Dockerfile: [on('2026-10-01', hasNot)],
      },
      '2026-11-10',
    ],
    [
      'is the earliest of its files',
      {
        'a/Dockerfile': [on('2026-11-10', has)],
        'b/Dockerfile': [on('2026-11-03', has)],
        'c/Dockerfile': [on('2026-11-12', has)],
      },
      '2026-11-03',
    ],
  ])('%s', async (_, files, day) => {
    serveFileHistory(files);
    const [first = '', ...rest] = Object.keys(files);
    const asked = files[first]?.[0]?.renamedFrom === undefined ? [first, ...rest] : [first];
    const answer = await (await githubHistory()).pinnedOn([DIGEST], () => asked);
    expect(answer.get(DIGEST)).toEqual({ status: 'known', date: day });
  });

  it.each<[string, Readonly<Record<string, readonly FileCommit[]>>, string]>([
    ['a file that the branch does not have', {}, ''],
    ['a digest that it does not have', { Dockerfile: [on('2026-11-01', hasNot)] }, ''],
  ])('%s is uncommitted', async (_, files) => {
    serveFileHistory(files);
    const answer = await (await githubHistory()).pinnedOn([DIGEST], () => ['Dockerfile']);
    expect(answer.get(DIGEST)).toEqual({ status: 'uncommitted' });
  });

  it.each<[string, Readonly<Record<string, readonly FileCommit[]>>, string, RegExp]>([
    ['that GitHub does not tell', { Dockerfile: [on('2026-11-01', has)] }, 'commits', /403/],
    ['of a file that may not be read', { Dockerfile: [on('2026-11-01', has)] }, 'contents', /403/],
    ['of a file too large', { Dockerfile: [on('2026-11-01', has, { size: 2_000_000 })] }, '', /too large/],
    ['far back', { Dockerfile: daysBack(1200, () => has) }, '', /more than 1000 commits, at least since/],
  ])('%s is unknown, and why', async (_, files, broken, reason) => {
    serveFileHistory(files, broken);
    const answer = await (await githubHistory()).pinnedOn([DIGEST], () => ['Dockerfile']);
    expect(answer.get(DIGEST)).toEqual({ status: 'unknown', reason: expect.stringMatching(reason) });
  });

  it('of no file is unknown', async () => {
    const answer = await (await githubHistory()).pinnedOn([DIGEST]);
    expect(answer.get(DIGEST)).toMatchObject({ status: 'unknown' });
  });

  it('costs few requests, and none the next time', async () => {
    const asked = serveFileHistory({ Dockerfile: daysBack(90, (i) => (i < 37 ? has : hasNot)) });
    const days = new PinDays();
    await (await githubHistory(days)).pinnedOn([DIGEST], () => ['Dockerfile']);
    expect(asked.length).toBeLessThanOrEqual(11);
    const before = asked.length;
    await (await githubHistory(days)).pinnedOn([DIGEST, DIGEST], () => ['Dockerfile']);
    expect(asked).toHaveLength(before);
  });
});
