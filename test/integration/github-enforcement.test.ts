import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GitHub, type GitHubCredentials } from '../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../src/adapters/github/forge.ts';
import { GitHubPinHistory } from '../../src/adapters/github/pin-history.ts';
import { createPassRunner } from '../../src/app/repository/pass-runner.ts';
import type { ImageMove } from '../../src/assess/assess.ts';
import type { ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import {
  checkHead,
  checkMergeGroup,
  checkPullRequest,
  type PinCheckOptions,
} from '../../src/checks/check-commits.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { repositoryKey } from '../../src/domain/repository-name.ts';
import { NO_FACTS } from '../../src/pass/ports.ts';
import { EVERYTHING, NOTHING, type PassRunner, type RotationRequest } from '../../src/queue/request.ts';
import { type Registry, RegistryError } from '../../src/resolve/registry.ts';
import { isDue } from '../../src/schedule/due.ts';
import { digestOf } from '../support/fake-pass.ts';
import { fakeRegistry } from '../support/fake-registry.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';
import { planWith } from '../support/plan-with.ts';

const REPOSITORY = 'acme/shop';
const CHECK = 'Pinwheel / base image age';
const OLD = digestOf('a');
const NEW = digestOf('b');
const FRESH = digestOf('c');
const CREATED = 'org.opencontainers.image.created';
const judge = loadJudge();

type Json = Readonly<Record<string, unknown>>;

let github: GitHubStandIn;
let tags: Map<string, Digest>;
let created: Map<Digest, string>;
let outage: boolean;
let marks: Map<string, string>;
let marksRead: number;
let scan: ((move: ImageMove) => Promise<ScanDiffFact>) | null;
let logged: string[];
let now: Date;
let run: PassRunner;

beforeEach(async () => {
  github = await GitHubStandIn.start({ judge, users: ['mona'], repositories: ['acme/shop'] });
  tags = new Map([
    ['docker.io/library/python:3.11', NEW],
    ['docker.io/library/nginx:1', FRESH],
  ]);
  created = new Map([
    [OLD, '2026-10-01T00:00:00Z'],
    [NEW, '2026-11-18T00:00:00Z'],
    [FRESH, '2026-11-19T00:00:00Z'],
  ]);
  outage = false;
  marks = new Map();
  marksRead = 0;
  scan = null;
  logged = [];
  now = new Date('2026-11-20T09:00:00Z');
  run = runner();
  await github.grant(REPOSITORY, 'mona', 'push');
});

afterEach(async () => {
  await github.close();
  expect(github.faults).toEqual([]);
});

/** As the fake one, with the day each digest was made, and an outage at will. */
function registry(): Registry {
  const fake = fakeRegistry(tags);
  return {
    ...fake,
    resolveTag: async (image) => {
      if (outage) throw new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });
      return fake.resolveTag(image);
    },
    manifest: async (repository, digest) => {
      const index = await fake.manifest(repository, digest);
      const day = created.get(digest);
      if (index.kind !== 'index' || day === undefined) return index;
      return {
        ...index,
        entries: index.entries.map((entry) => ({ ...entry, annotations: { [CREATED]: day } })),
      };
    },
  };
}

function runner(credentials?: GitHubCredentials): PassRunner {
  const client = new GitHub({
    baseUrl: github.url,
    sleep: async () => {},
    credentials: credentials ?? {
      kind: 'app',
      appId: String(github.appId),
      privateKey: github.privateKey,
    },
  });
  const caches = objectCaches();
  const images = registry();
  const judging: PinCheckOptions = {
    ports: async ({ tree, branch }, _, forge) => {
      const { owner, name } = forge.repository;
      const octokit = await client.repository(owner, name);
      const history = new GitHubPinHistory(octokit, forge.repository, branch);
      const facts = { ...NO_FACTS, scan: async () => scanDiffFact({}) };
      return { tree, registry: images, history, facts };
    },
    now: () => now,
  };
  const log = (_: object, message?: string): void => void logged.push(String(message));
  return createPassRunner({
    openForge: (repository, installation) => openForge(client, repository, installation, caches),
    plan: (tree, request) => planWith(images, { scan })(tree, request),
    pinChecks: {
      pull: ({ forge, pull, ...settings }) => checkPullRequest(judging, forge, pull, settings),
      head: ({ forge, base, ...settings }) => checkHead(judging, forge, base, settings),
      mergeGroup: ({ forge, branch, ...settings }) => checkMergeGroup(judging, forge, branch, settings),
    },
    marks: {
      mark: async (name) => {
        marksRead += 1;
        return marks.get(name) ?? null;
      },
      setMark: async (name, text) => void marks.set(name, text),
    },
    isDue: (config, visit, repository) => isDue(config.schedule, visit, repositoryKey(repository)),
    onSettings: async () => {},
    troubles: async () => [],
    clock: () => now,
    log: { debug: log, info: log, warn: log, error: log },
  });
}

async function pass(change: Partial<RotationRequest> = {}): Promise<void> {
  const request: RotationRequest = {
    repository: { owner: 'acme', name: 'shop' },
    installationId: null,
    causes: ['webhook'],
    priority: 'event',
    scope: EVERYTHING,
    visit: null,
    commands: [],
    ...change,
  };
  await run(request, new AbortController().signal);
}

/** An hourly visit by the clock. */
async function visit(): Promise<void> {
  const since = new Date(now.getTime() - 3_600_000).toISOString();
  await pass({ causes: ['cron'], scope: NOTHING, visit: { since, until: now.toISOString() } });
}

/** A person's pull request with these files, judged as its webhook would have it. */
async function propose(
  branch: string,
  files: Readonly<Record<string, string | null>>,
): Promise<{ readonly number: number; readonly sha: string }> {
  const sha = await github.commitFiles(REPOSITORY, branch, files, 'mona');
  const pull = await github.as('mona', 'POST', `/repos/${REPOSITORY}/pulls`, {
    title: branch,
    head: branch,
    base: 'main',
  });
  const number = Number(pull['number']);
  await pass({ scope: { ...NOTHING, pullRequests: [number] } });
  return { number, sha };
}

async function checks(sha: string, name = CHECK): Promise<readonly Json[]> {
  const path = `/repos/${REPOSITORY}/commits/${sha}/check-runs?filter=all`;
  const { check_runs } = await github.as(null, 'GET', path);
  return (check_runs as readonly Json[]).filter((one) => one['name'] === name);
}

/** The last check's conclusion; null where there is none. */
async function conclusion(sha: string): Promise<unknown> {
  const last = (await checks(sha)).at(-1);
  return last === undefined ? null : last['conclusion'];
}

async function annotations(sha: string): Promise<readonly Json[]> {
  const last = (await checks(sha)).at(-1);
  const path = `/repos/${REPOSITORY}/check-runs/${last?.['id']}/annotations`;
  return (await github.as(null, 'GET', path))['check_annotations'] as readonly Json[];
}

async function main(): Promise<string> {
  return (await github.branchTip(REPOSITORY, 'main')) ?? '';
}

const AGE = 'policy: { stage: age }\n';
const NO_SCHEDULE = `schedule: off\n${AGE}`;
const SETTINGS = '.github/pinwheel.yml';

describe('pull requests', () => {
  test('one that adds an expired pin fails, annotated at its line with the command that mends it', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: AGE,
      Dockerfile: `FROM nginx:1@${FRESH}\n`,
    });
    const { sha } = await propose('feature', { 'api/Dockerfile': `# the API\nFROM python:3.11@${OLD}\n` });
    expect(await conclusion(sha)).toBe('failure');
    const [annotation, ...others] = await annotations(sha);
    expect(others).toEqual([]);
    expect(annotation).toMatchObject({
      path: 'api/Dockerfile',
      start_line: 2,
      end_line: 2,
      annotation_level: 'failure',
    });
    expect(annotation?.['message']).toContain('pinwheel rotate --write --only python:3.11');
  });

  test.each([
    ['only warns', AGE, 'success'],
    ['fails where the policy is strict', 'policy: { stage: age, age: { strict: true } }\n', 'failure'],
  ])('one that does not touch an old pin %s', async (_, settings, wanted) => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: settings,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    const { sha } = await propose('feature', { 'README.md': 'hello\n' });
    expect(await conclusion(sha)).toBe(wanted);
    const level = wanted === 'failure' ? 'failure' : 'warning';
    expect(await annotations(sha)).toMatchObject([{ path: 'Dockerfile', annotation_level: level }]);
  });

  test('one that copies an old pin to a new file brings it; one that moves the file does not', async () => {
    const dockerfile = `FROM python:3.11@${OLD}\n`;
    await github.commitFiles(REPOSITORY, 'main', { [SETTINGS]: AGE, Dockerfile: dockerfile });
    const copy = await propose('copy', { 'b/Dockerfile': dockerfile });
    expect(await conclusion(copy.sha)).toBe('failure');
    const moved = await propose('move', { 'b/Dockerfile': dockerfile, Dockerfile: null });
    expect(await conclusion(moved.sha)).toBe('success');
  });

  test('one that deletes the old pin passes, strict or not', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: 'policy: { stage: age, age: { strict: true } }\n',
      Dockerfile: `FROM python:3.11@${OLD}\n`,
      'web/Dockerfile': `FROM nginx:1@${FRESH}\n`,
    });
    const { sha } = await propose('feature', { Dockerfile: null });
    expect(await conclusion(sha)).toBe('success');
  });

  test('what a merge queue is about to merge is judged on its own commit', async () => {
    await github.commitFiles(REPOSITORY, 'main', { [SETTINGS]: AGE, Dockerfile: `FROM nginx:1@${FRESH}\n` });
    const queue = async (number: number, files: Readonly<Record<string, string>>): Promise<string> => {
      const branch = `gh-readonly-queue/main/pr-${number}-${'0'.repeat(40)}`;
      const sha = await github.commitFiles(REPOSITORY, branch, files);
      await pass({ scope: { ...NOTHING, mergeGroups: [branch] } });
      return sha;
    };
    const bad = await queue(7, { 'api/Dockerfile': `FROM python:3.11@${OLD}\n` });
    expect(await conclusion(bad)).toBe('failure');
    expect(await conclusion(await queue(8, { 'README.md': 'hello\n' }))).toBe('success');
    // No whole pass for it.
    expect(await github.issues(REPOSITORY)).toEqual([]);
    await pass({ scope: { ...NOTHING, mergeGroups: ['gh-readonly-queue/main/pr-9-gone', 'feature'] } });
  });

  test('is judged by the settings of its base', async () => {
    await github.commitFiles(REPOSITORY, 'main', { [SETTINGS]: AGE, 'README.md': 'hello\n' });
    const { sha } = await propose('feature', {
      Dockerfile: `FROM python:3.11@${OLD}\n`,
      [SETTINGS]: 'policy: { stage: monitor }\n',
    });
    expect(await conclusion(sha)).toBe('failure');
  });

  test('the rotation itself passes, and the default branch after it', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: AGE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    await pass();
    expect(await conclusion(await main())).toBe('failure');
    const [pull] = await github.pulls(REPOSITORY, 'open');
    const sha = (await github.branchTip(REPOSITORY, 'pinwheel/all')) ?? '';
    expect(await conclusion(sha)).toBe('success');
    await github.as('mona', 'PUT', `/repos/${REPOSITORY}/pulls/${pull?.['number']}/merge`, {});
    await pass();
    expect(await conclusion(await main())).toBe('success');
  });

  test('without a push one expires too: all open ones are judged again each day', async () => {
    await github.commitFiles(REPOSITORY, 'main', { [SETTINGS]: NO_SCHEDULE, 'README.md': 'hello\n' });
    created.set(OLD, '2026-11-10T00:00:00Z');
    const { sha } = await propose('feature', { Dockerfile: `FROM python:3.11@${OLD}\n` });
    expect(await conclusion(sha)).toBe('success');
    now = new Date('2026-11-25T00:30:00Z');
    await visit();
    expect(await conclusion(sha)).toBe('failure');
  });

  test('"re-run" is answered, though it says the same', async () => {
    await github.commitFiles(REPOSITORY, 'main', { [SETTINGS]: AGE, 'README.md': 'hello\n' });
    const { number, sha } = await propose('feature', { Dockerfile: `FROM nginx:1@${FRESH}\n` });
    await pass({ scope: { ...NOTHING, pullRequests: [number] } });
    expect(await checks(sha)).toHaveLength(1);
    await pass({ scope: { ...NOTHING, pullRequests: [number] }, priority: 'command' });
    expect(await checks(sha)).toHaveLength(2);
  });

  test('a check that may not be written stands in nobody’s way, and is not tried every hour', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: AGE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    let tried = 0;
    github.fault = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/check-runs')) return null;
      tried += 1;
      return { status: 403, headers: {}, body: { message: 'Resource not accessible by integration' } };
    };
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
    tried = 0;
    await visit();
    expect(tried).toBe(0);
  });

  test('settings that cannot be read are no riddle: neutral, and why', async () => {
    await github.commitFiles(REPOSITORY, 'main', { [SETTINGS]: 'polizy: {}\n', 'README.md': 'hello\n' });
    const { sha } = await propose('feature', { Dockerfile: `FROM python:3.11@${OLD}\n` });
    const [check] = await checks(sha);
    expect(check).toMatchObject({ conclusion: 'neutral' });
    expect(JSON.stringify(check?.['output'])).toContain('polizy');
    expect(await conclusion(await main())).toBe('neutral');
  });
});

describe('the default branch', () => {
  /** The day the pin came in, by the commit: nobody else says it. */
  async function pinnedToday(settings: string): Promise<Date> {
    created.clear();
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: settings,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    const { commit } = await github.as(null, 'GET', `/repos/${REPOSITORY}/commits/${await main()}`);
    const { date } = (commit as { committer: { date: string } }).committer;
    return new Date(`${date.slice(0, 10)}T00:00:00Z`);
  }

  const later = (day: Date, days: number, minutes = 0): Date =>
    new Date(day.getTime() + days * 86_400_000 + minutes * 60_000);

  test.each([
    ['off', NO_SCHEDULE],
    ['monthly', `schedule: { cron: "0 0 31 2 *" }\n${AGE}`],
  ])('flips when the clock passes 14 days, without a push, its schedule %s', async (_, settings) => {
    const day = await pinnedToday(settings.replace('"0 0 31 2 *"', '"0 0 1 1 *"'));
    const sha = await main();
    now = later(day, 14, 24 * 60 - 1);
    await visit();
    expect(await conclusion(sha)).toBe('success');
    now = later(day, 15);
    await visit();
    expect(await conclusion(sha)).toBe('failure');
    expect(await checks(sha)).toHaveLength(2);
    expect(await main()).toBe(sha);
    expect(await github.pulls(REPOSITORY)).toEqual([]);
  });

  test('an hourly visit costs one mark and one request; an unchanged answer is not written again', async () => {
    tags.set('docker.io/library/python:3.11', OLD);
    created.set(OLD, '2026-11-12T00:00:00Z');
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: AGE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    await pass({ causes: ['cron'] });
    await pass({ causes: ['cron'] });
    github.takeCounts();
    marksRead = 0;
    await pass({ causes: ['cron'] });
    expect(github.takeCounts()).toMatchObject({ auth: 0, read: 1, write: 0 });
    expect(marksRead).toBe(1);
    now = new Date('2026-11-21T09:00:00Z');
    await pass({ causes: ['cron'] });
    expect(github.takeCounts().write).toBe(0);
    expect(await checks(await main())).toHaveLength(1);
  });

  test('where nothing is due the hours of a day cost one request each', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: NO_SCHEDULE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    await visit();
    now = new Date('2026-11-20T10:00:00Z');
    await visit();
    github.takeCounts();
    marksRead = 0;
    now = new Date('2026-11-20T11:00:00Z');
    await visit();
    expect(github.takeCounts()).toMatchObject({ auth: 0, read: 1, write: 0, notModified: 1 });
    expect(marksRead).toBe(1);
  });

  test('an outage of the registry is neutral, never a pass, and looked at again within the day', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: NO_SCHEDULE,
      Dockerfile: `FROM nginx:1@${FRESH}\n`,
    });
    outage = true;
    await visit();
    expect(await conclusion(await main())).toBe('neutral');
    outage = false;
    now = new Date('2026-11-20T10:00:00Z');
    await visit();
    expect(await conclusion(await main())).toBe('success');
  });

  test('an outage does not turn an expired pin into a pass', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: NO_SCHEDULE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    await visit();
    expect(await conclusion(await main())).toBe('failure');
    outage = true;
    now = new Date('2026-11-21T09:00:00Z');
    await visit();
    expect(await conclusion(await main())).toBe('neutral');
  });

  test('other base branches have the check too', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: `branches: [main, "release/*"]\n${NO_SCHEDULE}`,
    });
    const release = await github.commitFiles(REPOSITORY, 'release/1', {
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    await visit();
    expect(await conclusion(release)).toBe('failure');
    expect(await conclusion(await main())).toBe('success');
  });

  test.each([
    ['archived', { archived: true }, AGE],
    ['disabled', { disabled: true }, AGE],
    ['switched off', {}, 'enabled: false\n'],
  ])('of a repository that is %s is left alone', async (_, facts, settings) => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: settings,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    github.world.setFacts(REPOSITORY, facts);
    await pass();
    await visit();
    expect(await checks(await main())).toEqual([]);
  });

  test('with a token nothing is written and nothing is judged', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: NO_SCHEDULE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
    run = runner({ kind: 'token', token: 'ghp_mona' });
    await visit();
    expect(await checks(await main())).toEqual([]);
  });
});

describe('the urgent lane', () => {
  const fixes = (severity: 'critical' | 'high') => async (move: ImageMove) =>
    scanDiffFact(
      { fixed: [finding('CVE-2026-1111', 'openssl', { severity })] },
      { image: move.repository, tag: move.tag, from: move.from, to: move.to },
    );

  beforeEach(async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: NO_SCHEDULE,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
  });

  test('a fix of a CRITICAL does not wait for the schedule, and is labelled', async () => {
    scan = fixes('critical');
    await visit();
    const [pull] = await github.pulls(REPOSITORY, 'open');
    const labels = (pull?.['labels'] ?? []) as readonly { name: string }[];
    expect(labels.map((label) => label.name).sort()).toEqual(['dependencies', 'docker', 'security']);
  });

  test('of anything less waits', async () => {
    scan = fixes('high');
    await visit();
    expect(await github.pulls(REPOSITORY)).toEqual([]);
  });

  test('of a listed id does not wait either', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: 'schedule: off\npolicy: { urgent: { ids: [CVE-2026-1111], label: exploited } }\n',
    });
    scan = fixes('high');
    await visit();
    const [pull] = await github.pulls(REPOSITORY, 'open');
    expect(JSON.stringify(pull?.['labels'])).toContain('exploited');
  });

  test('is looked for once a day, and one that was proposed makes no other day due', async () => {
    scan = fixes('high');
    await visit();
    scan = fixes('critical');
    now = new Date('2026-11-20T10:00:00Z');
    await visit();
    expect(await github.pulls(REPOSITORY)).toEqual([]);
    now = new Date('2026-11-21T09:00:00Z');
    await visit();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
    await github.commitFiles(REPOSITORY, 'main', { 'web/Dockerfile': `FROM nginx:1@${OLD}\n` });
    const before = await github.branchTip(REPOSITORY, 'pinwheel/all');
    scan = async (move) =>
      (move.repository.repository === 'library/python' ? fixes('critical') : fixes('high'))(move);
    now = new Date('2026-11-22T09:00:00Z');
    await visit();
    expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(before);
  });

  test('goes first where pull requests are limited', async () => {
    tags.set('docker.io/library/nginx:1', FRESH);
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: 'groups: image\npullRequests: { limit: 1 }\n',
      'web/Dockerfile': `FROM nginx:1@${OLD}\n`,
    });
    scan = async (move) =>
      (move.repository.repository === 'library/python' ? fixes('critical') : fixes('high'))(move);
    await pass();
    const [pull, ...others] = await github.pulls(REPOSITORY, 'open');
    expect(others).toEqual([]);
    expect(pull?.['title']).toContain('python');
  });

  test('a pull request that becomes urgent gets the label', async () => {
    await pass();
    scan = fixes('critical');
    await pass();
    const [pull] = await github.pulls(REPOSITORY, 'open');
    expect(JSON.stringify(pull?.['labels'])).toContain('security');
  });
});

describe('code scanning', () => {
  const found = async (move: ImageMove) =>
    scanDiffFact(
      {
        fixed: [finding('CVE-2026-3', 'tar')],
        introduced: [finding('CVE-2026-1', 'openssl', { severity: 'medium' })],
        unchanged: [finding('CVE-2026-2', 'zlib')],
      },
      { image: move.repository, tag: move.tag, from: move.from, to: move.to },
    );
  const settings = 'policy: { severity: { medium: note } }\n';

  beforeEach(async () => {
    scan = found;
    await github.commitFiles(REPOSITORY, 'main', {
      [SETTINGS]: settings,
      Dockerfile: `FROM python:3.11@${OLD}\n`,
    });
  });

  const uploads = () =>
    github.world.sarifs.map((one) =>
      JSON.parse(gunzipSync(Buffer.from(String(one['sarif']), 'base64')).toString()),
    );

  test('gets the new side and how it stands against the old one, once a head', async () => {
    await pass();
    await pass();
    const [log, ...others] = uploads();
    expect(others).toEqual([]);
    const results = log.runs[0].results as readonly Json[];
    expect(results.map((one) => [one['ruleId'], one['baselineState']])).toEqual([
      ['CVE-2026-1', 'new'],
      ['CVE-2026-2', 'unchanged'],
    ]);
    expect(github.world.sarifs[0]).toMatchObject({
      commit_sha: await github.branchTip(REPOSITORY, 'pinwheel/all'),
    });
  });

  test('with a token once a head too, though there is no check that says so', async () => {
    run = runner({ kind: 'token', token: 'ghp_mona' });
    await pass();
    await pass();
    expect(uploads()).toHaveLength(1);
  });

  test.each([
    ['nothing was scanned', null],
    ['the scan failed', async () => scanDiffFact(null)],
  ])('gets nothing where %s', async (_, scanner) => {
    scan = scanner;
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
    expect(uploads()).toEqual([]);
  });

  test.each([403, 404])('that is off (%i) is said once and not asked for again', async (status) => {
    let asked = 0;
    github.fault = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/sarifs')) return null;
      asked += 1;
      return { status, headers: {}, body: { message: 'Code scanning is not enabled' } };
    };
    await pass();
    tags.set('docker.io/library/python:3.11', FRESH);
    await pass();
    await pass();
    expect(asked).toBe(1);
    expect(logged.filter((line) => line.includes('code scanning'))).toHaveLength(1);
  });
});
