import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/adapters/github/client.ts';
import { GitHubPinHistory, PinDays } from '../../../src/adapters/github/pin-history.ts';
import { toDigest } from '../../../src/domain/digest.ts';

const API = 'https://api.github.test';
const DIGEST = toDigest(`sha256:${'a'.repeat(64)}`);
const OTHER = toDigest(`sha256:${'b'.repeat(64)}`);

type Commit = {
  readonly day: string;
  readonly text: string;
  /** The file's name before this commit. */
  readonly renamedFrom?: string;
  /** The day its pull request was merged into this branch. */
  readonly merged?: readonly { readonly into: string; readonly on: string | null }[];
  readonly size?: number;
};

/** A repository whose files have these commits each, newest first, behind GitHub's API. Gives what was asked for. */
function serve(files: Readonly<Record<string, readonly Commit[]>>, broken = ''): string[] {
  const asked: string[] = [];
  const commitOf = (sha: string): { readonly file: string; readonly commit: Commit | undefined } => {
    const file = Object.keys(files)[Number(sha.slice(0, 4))] ?? '';
    return { file, commit: files[file]?.[Number(sha.slice(4))] };
  };
  const shaOf = (file: string, index: number): string =>
    `${String(Object.keys(files).indexOf(file)).padStart(4, '0')}${String(index).padStart(36, '0')}`;
  nock(API)
    .persist()
    .get(/.*/)
    .reply((request: Request) => {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname).replace('/repos/o/r/', '');
      asked.push(path);
      if (broken !== '' && path.startsWith(broken)) return [403, { message: 'no' }];
      const pulls = /^commits\/(\d+)\/pulls$/.exec(path);
      if (pulls !== null) {
        const { commit } = commitOf(pulls[1] ?? '');
        const merged = commit?.merged ?? [];
        return [200, merged.map(({ into, on }) => ({ base: { ref: into }, merged_at: on }))];
      }
      if (path === 'commits') {
        const file = url.searchParams.get('path') ?? '';
        const page = Number(url.searchParams.get('page'));
        const all = (files[file] ?? []).map(({ day }, i) => ({
          sha: shaOf(file, i),
          commit: { committer: { date: `${day}T12:00:00Z` } },
        }));
        return [200, all.slice((page - 1) * 100, page * 100)];
      }
      if (path.startsWith('commits/')) {
        const { file, commit } = commitOf(path.slice('commits/'.length));
        const former = commit?.renamedFrom;
        const renamed = former === undefined ? {} : { previous_filename: former };
        return [200, { files: [{ filename: file, ...renamed }], parents: [{ sha: 'f'.repeat(40) }] }];
      }
      const { file, commit } = commitOf(url.searchParams.get('ref') ?? '');
      if (commit === undefined || path !== `contents/${file}`) return [404, { message: 'Not Found' }];
      const content = Buffer.from(commit.text).toString('base64');
      return [200, { type: 'file', size: commit.size ?? commit.text.length, content }];
    });
  return asked;
}

async function history(days?: PinDays): Promise<GitHubPinHistory> {
  const github = new GitHub({
    baseUrl: API,
    credentials: { kind: 'token', token: 't' },
    sleep: async () => {},
  });
  return new GitHubPinHistory(await github.repository('o', 'r'), { owner: 'o', name: 'r' }, 'main', days);
}

const has = `FROM python:3.11@${DIGEST}\n`;
const hasNot = `FROM python:3.11@${OTHER}\n`;
const on = (day: string, text: string, more: Partial<Commit> = {}): Commit => ({ day, text, ...more });
const daysBack = (count: number, text: (i: number) => string): readonly Commit[] =>
  Array.from({ length: count }, (_, i) =>
    on(new Date(Date.UTC(2026, 10, 20) - i * 86_400_000).toISOString().slice(0, 10), text(i)),
  );

describe('the day a digest came into a branch', () => {
  it.each<[string, Readonly<Record<string, readonly Commit[]>>, string]>([
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
    serve(files);
    const [first = '', ...rest] = Object.keys(files);
    const asked = files[first]?.[0]?.renamedFrom === undefined ? [first, ...rest] : [first];
    const answer = await (await history()).pinnedOn([DIGEST], () => asked);
    expect(answer.get(DIGEST)).toEqual({ status: 'known', date: day });
  });

  it.each<[string, Readonly<Record<string, readonly Commit[]>>, string]>([
    ['a file that the branch does not have', {}, ''],
    ['a digest that it does not have', { Dockerfile: [on('2026-11-01', hasNot)] }, ''],
  ])('%s is uncommitted', async (_, files) => {
    serve(files);
    const answer = await (await history()).pinnedOn([DIGEST], () => ['Dockerfile']);
    expect(answer.get(DIGEST)).toEqual({ status: 'uncommitted' });
  });

  it.each<[string, Readonly<Record<string, readonly Commit[]>>, string, RegExp]>([
    ['that GitHub does not tell', { Dockerfile: [on('2026-11-01', has)] }, 'commits', /403/],
    ['of a file that may not be read', { Dockerfile: [on('2026-11-01', has)] }, 'contents', /403/],
    ['of a file too large', { Dockerfile: [on('2026-11-01', has, { size: 2_000_000 })] }, '', /too large/],
    ['far back', { Dockerfile: daysBack(1200, () => has) }, '', /more than 1000 commits, at least since/],
  ])('%s is unknown, and why', async (_, files, broken, reason) => {
    serve(files, broken);
    const answer = await (await history()).pinnedOn([DIGEST], () => ['Dockerfile']);
    expect(answer.get(DIGEST)).toEqual({ status: 'unknown', reason: expect.stringMatching(reason) });
  });

  it('of no file is unknown', async () => {
    const answer = await (await history()).pinnedOn([DIGEST]);
    expect(answer.get(DIGEST)).toMatchObject({ status: 'unknown' });
  });

  it('costs few requests, and none the next time', async () => {
    const asked = serve({ Dockerfile: daysBack(90, (i) => (i < 37 ? has : hasNot)) });
    const days = new PinDays();
    await (await history(days)).pinnedOn([DIGEST], () => ['Dockerfile']);
    expect(asked.length).toBeLessThanOrEqual(11);
    const before = asked.length;
    await (await history(days)).pinnedOn([DIGEST, DIGEST], () => ['Dockerfile']);
    expect(asked).toHaveLength(before);
  });
});
