import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GitHub } from '../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../src/adapters/github/forge.ts';
import { createPassRunner } from '../../src/app/repository/pass-runner.ts';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import { EVERYTHING } from '../../src/queue/request.ts';
import { digestOf } from '../support/fake-pass.ts';
import { fakeRegistry } from '../support/fake-registry.ts';
import { type Fault, GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';
import { passOptions } from '../support/pass-options.ts';
import { planWith } from '../support/plan-with.ts';

const REPOSITORY = 'acme/shop';
const OLD = digestOf('a');
const NEW = digestOf('b');
const NEWER = digestOf('c');
const PYTHON = 'docker.io/library/python:3.11';
const judge = loadJudge();

async function world(): Promise<GitHubStandIn> {
  const github = await GitHubStandIn.start({ judge });
  await github.commitFiles(REPOSITORY, 'main', { Dockerfile: `FROM python:3.11@${OLD}\n` });
  return github;
}

/** One pass with cold caches, as after a restart. */
async function pass(github: GitHubStandIn, to: Digest): Promise<void> {
  const client = new GitHub({
    baseUrl: github.url,
    credentials: { kind: 'app', appId: String(github.appId), privateKey: github.privateKey },
    sleep: async () => {},
  });
  const registry = fakeRegistry(new Map([[PYTHON, to]]));
  const run = createPassRunner(
    passOptions({
      openForge: (repository, installation) => openForge(client, repository, installation, objectCaches()),
      plan: planWith(registry),
      clock: () => new Date('2026-11-20T09:00:00Z'),
    }),
  );
  await run(
    {
      repository: { owner: 'acme', name: 'shop' },
      installationId: null,
      causes: ['manual'],
      priority: 'event',
      scope: EVERYTHING,
      visit: null,
      commands: [],
    },
    new AbortController().signal,
  );
}

/** Cuts every connection from the `n`th write on: before it is handled, or after, its answer lost. */
function deathAtWrite(n: number, when: 'before' | 'after'): Fault {
  let writes = 0;
  return ({ kind }) => {
    if (kind === 'write') writes += 1;
    if (writes < n) return null;
    return writes === n && kind === 'write' && when === 'after' ? 'hang-up-after' : 'hang-up';
  };
}

/** Everything that must be there exactly once, and nothing else. */
async function expectSettled(github: GitHubStandIn, to: Digest, pulls = 1): Promise<void> {
  const all = await github.pulls(REPOSITORY);
  expect(all).toHaveLength(pulls);
  const open = all.filter((pull) => pull['state'] === 'open');
  expect(open).toHaveLength(1);
  expect(open[0]?.['labels']).toMatchObject([{ name: 'dependencies' }, { name: 'docker' }]);
  const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');
  const checks = await github.as(null, 'GET', `/repos/${REPOSITORY}/commits/${tip}/check-runs`);
  expect(checks['total_count']).toBe(1);
  expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'Dockerfile')).toBe(`FROM python:3.11@${to}\n`);
  const ledger = (await github.fileOn(REPOSITORY, 'pinwheel/all', 'BASE_IMAGE_DIGESTS.md')) ?? '';
  expect(ledger.split(toDigest(to)).length - 1).toBe(1);
  const commits = await github.as(null, 'GET', `/repos/${REPOSITORY}/pulls/${open[0]?.['number']}/commits`);
  expect(commits['items']).toHaveLength(1);
  expect(await github.issues(REPOSITORY)).toHaveLength(1);
  expect(github.faults).toEqual([]);
}

async function settle(github: GitHubStandIn, to: Digest): Promise<void> {
  github.fault = () => null;
  await pass(github, to);
  github.takeCounts();
  await pass(github, to);
  expect(github.takeCounts().write).toBe(0);
}

async function writesOf(github: GitHubStandIn, to: Digest): Promise<number> {
  github.takeCounts();
  await pass(github, to);
  return github.takeCounts().write;
}

describe.each(['before', 'after'] as const)('died %s a write was handled', (when) => {
  test('of the first pass: one pull request, one ledger, one dashboard', async () => {
    const trial = await world();
    const writes = await writesOf(trial, NEW);
    await trial.close();
    expect(writes).toBeGreaterThanOrEqual(6);
    for (let n = 1; n <= writes; n++) {
      const github = await world();
      github.fault = deathAtWrite(n, when);
      await expect(pass(github, NEW), `write ${n}`).rejects.toThrow();
      await settle(github, NEW);
      await expectSettled(github, NEW);
      await github.close();
    }
  });

  test('of a pass that rebuilds: the branch and the body agree', async () => {
    const trial = await world();
    await pass(trial, NEW);
    const writes = await writesOf(trial, NEWER);
    await trial.close();
    for (let n = 1; n <= writes; n++) {
      const github = await world();
      await pass(github, NEW);
      github.fault = deathAtWrite(n, when);
      await expect(pass(github, NEWER), `write ${n}`).rejects.toThrow();
      await settle(github, NEWER);
      await expectSettled(github, NEWER);
      await github.close();
    }
  });

  test('of a pass that closes: closed once, with one note', async () => {
    const trial = await world();
    await pass(trial, NEW);
    const writes = await writesOf(trial, OLD);
    await trial.close();
    for (let n = 1; n <= writes; n++) {
      const github = await world();
      await pass(github, NEW);
      github.fault = deathAtWrite(n, when);
      await expect(pass(github, OLD), `write ${n}`).rejects.toThrow();
      await settle(github, OLD);
      const pulls = await github.pulls(REPOSITORY);
      expect(pulls.map((pull) => pull['state'])).toEqual(['closed']);
      expect(await github.comments(REPOSITORY, Number(pulls[0]?.['number']))).toHaveLength(1);
      expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBeNull();
      // It was ours to close: the digest may come again.
      await pass(github, NEW);
      await expectSettled(github, NEW, 2);
      await github.close();
    }
  });
});

describe('killed with SIGKILL', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pinwheel-crash-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('at every write, and started again', async () => {
    const script = fileURLToPath(new URL('../support/github/pass-process.ts', import.meta.url));
    for (let n = 1; n <= 7; n++) {
      const github = await world();
      const key = join(folder, `key-${n}.pem`);
      writeFileSync(key, github.privateKey, { mode: 0o600 });
      const tags = JSON.stringify({ [PYTHON]: NEW });
      const child = spawn(
        process.execPath,
        [script, github.url, String(github.appId), key, REPOSITORY, tags],
        {
          stdio: ['ignore', 'inherit', 'inherit'],
        },
      );
      let writes = 0;
      github.fault = ({ kind }) => {
        if (kind !== 'write' || ++writes !== n) return null;
        child.kill('SIGKILL');
        return n % 2 === 0 ? 'hang-up' : 'hang-up-after';
      };
      const [, signal] = await once(child, 'exit');
      expect(signal, `write ${n}`).toBe('SIGKILL');
      await settle(github, NEW);
      await expectSettled(github, NEW);
      await github.close();
    }
  });
});
