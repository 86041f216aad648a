import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GitHistory } from '../../../src/adapters/git-history/git-history.ts';
import { gitIn } from '../../../src/adapters/git-history/run-git.ts';
import { type Digest, toDigest } from '../../../src/domain/digest.ts';
import { pinHistoryContract } from '../../contract/pin-history.ts';

const A = toDigest(`sha256:${'a'.repeat(64)}`);
const B = toDigest(`sha256:${'b'.repeat(64)}`);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-git-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function git(...arguments_: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...arguments_], {
    cwd: folder,
    stdio: 'ignore',
  });
}

/** Commits files as they are said to be at a time; null removes one. */
function commit(date: string, files: Readonly<Record<string, string | null>>): void {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) rmSync(join(folder, path));
    else {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  git('add', '-A');
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '-m', 'c'], {
    cwd: folder,
    env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  });
}

function merge(branch: string, date: string): void {
  git('checkout', '-q', 'main');
  const words = ['merge', '-q', '--no-ff', '-m', 'm', branch];
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], {
    cwd: folder,
    env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
  });
  git('branch', '-q', '-D', branch);
}

const from = (digest: Digest) => `FROM python:3.11@${digest}\n`;

async function ask(...digests: readonly Digest[]): Promise<readonly unknown[]> {
  const answer = await new GitHistory(gitIn(folder)).pinnedOn(digests);
  return digests.map((digest) => answer.get(digest));
}

/** A repository of these commits. */
pinHistoryContract('A clone', {
  open: async (commits) => {
    git('init', '-q', '-b', 'main');
    for (const { day, files, mergedOn } of commits) {
      if (mergedOn !== undefined) git('checkout', '-q', '-b', 'topic');
      commit(`${day}T12:00:00Z`, files);
      if (mergedOn !== undefined) merge('topic', `${mergedOn}T12:00:00Z`);
    }
    return new GitHistory(gitIn(folder));
  },
  // No repository at all.
  broken: async () => new GitHistory(gitIn(folder)),
});

const known = (date: string) => ({ status: 'known', date });

test('the commit that brought it, by its UTC day', async () => {
  git('init', '-q', '-b', 'main');
  commit('2026-01-01T12:00:00Z', { Dockerfile: from(B) });
  commit('2026-02-01T23:30:00-05:00', { Dockerfile: from(A) });
  commit('2026-03-01T12:00:00Z', { README: 'more' });
  expect(await ask(A, B)).toEqual([known('2026-02-02'), { status: 'uncommitted' }]);
});

test('a pin that is not committed', async () => {
  git('init', '-q', '-b', 'main');
  commit('2026-01-01T12:00:00Z', { README: 'x' });
  writeFileSync(join(folder, 'Dockerfile'), from(A));
  expect(await ask(A)).toEqual([{ status: 'uncommitted' }]);
});

test('a repository without a commit', async () => {
  git('init', '-q', '-b', 'main');
  expect(await ask(A)).toEqual([{ status: 'uncommitted' }]);
});

test('a shallow clone does not know, and says what would help', async () => {
  git('init', '-q', '-b', 'main');
  commit('2026-01-01T12:00:00Z', { Dockerfile: from(A) });
  commit('2026-06-01T12:00:00Z', { Dockerfile: `${from(A)}${from(B)}` });
  const clone = mkdtempSync(join(tmpdir(), 'pinwheel-git-'));
  try {
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${folder}`, clone], { stdio: 'ignore' });
    const answer = await new GitHistory(gitIn(clone)).pinnedOn([A]);
    expect(answer.get(A)).toMatchObject({
      status: 'unknown',
      reason: expect.stringContaining('fetch-depth: 0'),
    });
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
});

test('a root commit in a whole clone is a known day', async () => {
  git('init', '-q', '-b', 'main');
  commit('2026-01-01T12:00:00Z', { Dockerfile: from(A), 'yarn.lock': A });
  commit('2026-02-01T12:00:00Z', { 'yarn.lock': `${A}\n${A}` });
  expect(await ask(A)).toEqual([known('2026-01-01')]);
});
