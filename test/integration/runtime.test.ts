import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SqliteQueue } from '../../src/adapters/queue/sqlite-queue.ts';
import { reconcile, rememberingVisits } from '../../src/app/reconcile.ts';
import { openRuntime, type Runtime } from '../../src/app/runtime.ts';
import { runWorker } from '../../src/app/worker.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';

/** The parts as `pinwheel serve` composes them: queue, schedule, GitHub, registry client, pipeline, checks. */

const REPOSITORY = 'acme/shop';
const CHECK = 'Pinwheel / base image age';
const judge = loadJudge();

let folder: string;
let github: GitHubStandIn;
let images: EmbeddedRegistry;
let queue: SqliteQueue;
let runtime: Runtime;
let now: Date;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinwheel-runtime-'));
  github = await GitHubStandIn.start({ judge, users: ['mona'], repositories: [REPOSITORY] });
  images = await startEmbeddedRegistry();
  const registries = join(folder, 'registries.yml');
  await writeFile(
    registries,
    `registries:\n  - { host: "${images.host}", plainHttp: true, allowPrivate: true }\n`,
  );
  const variables = {
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKey,
    GITHUB_API_URL: github.url,
    PINWHEEL_REGISTRIES: registries,
    PINWHEEL_DATA: folder,
    HOME: folder,
    DOCKER_CONFIG: folder,
  };
  const environment = readEnvironment(variables);
  if (environment.credentials === null) throw new Error('no credentials');
  queue = new SqliteQueue(':memory:');
  now = new Date('2026-11-20T09:00:00Z');
  logged = [];
  const log = (fields: object, message?: string): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  runtime = await openRuntime({
    environment,
    credentials: environment.credentials,
    variables,
    log: { debug: log, info: log, warn: log, error: log },
    now: () => now,
    queue,
  });
});

afterEach(async () => {
  await runtime.close();
  await queue.close();
  await images.close();
  await github.close();
  await rm(folder, { recursive: true, force: true });
  expect(github.faults).toEqual([]);
});

/** What an hourly tick does: a visit of every repository, and the passes it asks for. */
async function tick(): Promise<void> {
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const { signal } = new AbortController();
  const source = {
    repositories: async function* () {
      yield { owner: 'acme', name: 'shop', installationId: null, archived: false, disabled: false };
    },
  };
  await reconcile({ queue, source, log, now: () => now, holder: 'a', signal }, now);
  const runPass = rememberingVisits(queue, runtime.runPass);
  await runWorker({ queue, runPass, concurrency: 1, log, signal, untilEmpty: true });
  expect(await queue.deadLetters()).toEqual([]);
}

async function conclusions(branch: string): Promise<readonly unknown[]> {
  const sha = await github.branchTip(REPOSITORY, branch);
  const path = `/repos/${REPOSITORY}/commits/${sha}/check-runs?filter=all`;
  const { check_runs } = await github.as(null, 'GET', path);
  return (check_runs as readonly Record<string, unknown>[])
    .filter((run) => run['name'] === CHECK)
    .map((run) => run['conclusion']);
}

test('a pin grows old: the check flips without a push, the rotation is proposed and passes', async () => {
  const old = images.pushImage('library/base', '1', { seed: 'old', created: '2026-11-15T00:00:00Z' });
  await github.commitFiles(REPOSITORY, 'main', {
    Dockerfile: `FROM ${images.host}/library/base:1@${old.top.digest}\n`,
    '.github/pinwheel.yml':
      'schedule: { interval: weekly, day: monday, time: "06:00" }\nscan: false\npolicy: { gates: { age: enforce } }\n',
  });
  await tick();
  expect(await conclusions('main')).toEqual(['success']);
  now = new Date('2026-11-24T09:00:00Z');
  await tick();
  images.pushImage('library/base', '1', { seed: 'new', created: '2026-11-28T00:00:00Z' });

  // Tuesday to Sunday nothing is due, and the check does not wait for Monday.
  now = new Date('2026-11-29T00:30:00Z');
  await tick();
  expect((await conclusions('main')).at(-1)).toBe('success');
  now = new Date('2026-11-30T00:30:00Z');
  await tick();
  expect((await conclusions('main')).at(-1)).toBe('failure');
  expect(await github.pulls(REPOSITORY)).toEqual([]);

  now = new Date('2026-11-30T06:30:00Z');
  await tick();
  expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  expect(await conclusions('pinwheel/all')).toEqual(['success']);
});

test('an outage of the registry is neutral, and asked about again the next hour', async () => {
  const { top } = images.pushImage('library/base', '1', { created: '2026-11-18T00:00:00Z' });
  await github.commitFiles(REPOSITORY, 'main', {
    Dockerfile: `FROM ${images.host}/library/base:1@${top.digest}\n`,
    '.github/pinwheel.yml': 'schedule: off\nscan: false\npolicy: { gates: { age: enforce } }\n',
  });
  images.setFault(() => ({ status: 503, body: 'away' }));
  await tick();
  expect(await conclusions('main')).toEqual(['neutral']);
  images.setFault(null);
  now = new Date('2026-11-20T10:00:00Z');
  await tick();
  expect(await conclusions('main')).toEqual(['neutral', 'success']);
}, 60_000);
