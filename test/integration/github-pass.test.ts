import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GitHub, type GitHubCredentials } from '../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../src/adapters/github/forge.ts';
import { createPassRunner } from '../../src/app/repository/pass-runner.ts';
import { parseComment } from '../../src/comments/parse.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { EVERYTHING, NOTHING, type PassRunner, type RotationRequest } from '../../src/queue/request.ts';
import { digestOf } from '../support/fake-pass.ts';
import { fakeRegistry } from '../support/fake-registry.ts';
import { GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';
import { passOptions } from '../support/pass-options.ts';
import { planWith } from '../support/plan-with.ts';

const REPOSITORY = 'acme/shop';
const OLD = digestOf('a');
const NEW = digestOf('b');
const NEWER = digestOf('c');
const judge = loadJudge();

let github: GitHubStandIn;
let tags: Map<string, Digest>;
let run: PassRunner;
let now: Date;
let troubles: readonly string[];

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

beforeEach(async () => {
  github = await GitHubStandIn.start({
    judge,
    users: ['mona', 'guest'],
    repositories: ['acme/shop', 'acme/.github'],
  });
  tags = new Map([
    ['docker.io/library/python:3.11', NEW],
    ['docker.io/library/nginx:1', NEW],
  ]);
  now = new Date('2026-11-20T09:00:00Z');
  troubles = [];
  run = runner();
  await github.grant(REPOSITORY, 'mona', 'push');
  await github.commitFiles(REPOSITORY, 'main', {
    'api/Dockerfile': `FROM python:3.11@${OLD}\nRUN true\n`,
    'web/Dockerfile': `FROM nginx:1@${OLD}\n`,
  });
});

afterEach(async () => {
  await github.close();
  expect(github.faults).toEqual([]);
});

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
  const registry = fakeRegistry(tags);
  return createPassRunner(
    passOptions({
      openForge: (repository, installation) => openForge(client, repository, installation, caches),
      plan: planWith(registry),
      clock: () => now,
      troubles: async () => troubles,
      log: quiet,
    }),
  );
}

function request(change: Partial<RotationRequest> = {}): RotationRequest {
  return {
    repository: { owner: 'acme', name: 'shop' },
    installationId: null,
    causes: ['webhook'],
    priority: 'event',
    scope: EVERYTHING,
    visit: null,
    commands: [],
    ...change,
  };
}

async function pass(change: Partial<RotationRequest> = {}): Promise<void> {
  await run(request(change), new AbortController().signal);
}

/** Writes a comment as a user and has it answered; gives the answer's text and the reactions. */
async function say(
  issue: number,
  body: string,
  author = 'mona',
): Promise<{ reply: string; reactions: readonly string[]; id: number }> {
  const comment = await github.as(author, 'POST', `/repos/${REPOSITORY}/issues/${issue}/comments`, { body });
  const id = Number(comment['id']);
  const isPull = (await github.pulls(REPOSITORY)).some((pull) => pull['number'] === issue);
  await pass({
    causes: ['command'],
    scope: NOTHING,
    commands: [
      { commentId: id, issue, onPullRequest: isPull, author, authorId: 1, commands: parseComment(body) },
    ],
  });
  return { ...(await answer(issue, id)), id };
}

async function answer(issue: number, id: number): Promise<{ reply: string; reactions: readonly string[] }> {
  const comments = await github.comments(REPOSITORY, issue);
  const replies = comments.filter((one) => String(one['body']).includes(`pinwheel:reply:${id}`));
  expect(replies).toHaveLength(1);
  const reactions = (github.world.reactions.get(id) ?? []).map((one) => one.content);
  return { reply: String(replies[0]?.['body']), reactions };
}

async function ourPull(): Promise<number> {
  const [pull] = (await github.pulls(REPOSITORY, 'open')).filter((one) =>
    JSON.stringify(one['head']).includes('pinwheel/all'),
  );
  return Number(pull?.['number']);
}

async function newIssue(): Promise<number> {
  const issue = await github.as('mona', 'POST', `/repos/${REPOSITORY}/issues`, { title: 'a question' });
  return Number(issue['number']);
}

describe('a pass', () => {
  test('opens the pull request, the check and the dashboard; the second one writes nothing', async () => {
    await pass();
    const [pull] = await github.pulls(REPOSITORY);
    expect(pull).toMatchObject({ title: 'chore(images): rotate 2 base images', state: 'open' });
    const ledger = await github.fileOn(REPOSITORY, 'pinwheel/all', 'BASE_IMAGE_DIGESTS.md');
    expect(ledger).toContain('b'.repeat(64));
    const issues = await github.issues(REPOSITORY);
    expect(issues.map((issue) => issue['title'])).toEqual(['Pinwheel dashboard']);
    expect(issues[0]?.['body']).toContain(`#${pull?.['number']}`);
    github.takeCounts();
    await pass();
    expect(github.takeCounts().write).toBe(0);
  });

  test('on the following days writes nothing either', async () => {
    await pass();
    await github.as('mona', 'PUT', `/repos/${REPOSITORY}/pulls/${await ourPull()}/merge`, {});
    tags.set('docker.io/library/python:3.11', NEWER);
    now = new Date('2026-11-25T09:00:00Z');
    await pass();
    for (const day of ['2026-11-26', '2026-11-28']) {
      now = new Date(`${day}T09:00:00Z`);
      github.takeCounts();
      await pass();
      expect([day, github.takeCounts().write]).toEqual([day, 0]);
    }
  });

  test('reads a repository of twenty candidate files in eight reads and batched blobs', async () => {
    await github.commitFiles(
      REPOSITORY,
      'main',
      Object.fromEntries(
        Array.from({ length: 18 }, (_, i) => [`s${i}/Dockerfile`, `FROM python:3.11@${OLD}\n`]),
      ),
    );
    github.takeCounts();
    await pass();
    const counts = github.takeCounts();
    // Six to plan and publish; the pull request and the open ones, to judge them.
    expect(counts.read).toBeLessThanOrEqual(8);
    // The organisation's settings, and the files.
    expect(counts.graphql).toBeLessThanOrEqual(3);
  });

  test('costs one conditional request where nothing happened', async () => {
    tags.set('docker.io/library/python:3.11', OLD);
    tags.set('docker.io/library/nginx:1', OLD);
    await pass({ causes: ['cron'] });
    await pass({ causes: ['cron'] });
    github.takeCounts();
    await pass({ causes: ['cron'] });
    expect(github.takeCounts()).toEqual({ auth: 0, graphql: 0, read: 1, write: 0, notModified: 1 });
    tags.set('docker.io/library/python:3.11', NEW);
    await pass({ causes: ['cron'] });
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('works without GraphQL', async () => {
    await github.close();
    github = await GitHubStandIn.start({ judge, graphql: false });
    await github.commitFiles(REPOSITORY, 'main', { Dockerfile: `FROM python:3.11@${OLD}\n` });
    run = runner();
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test.each([
    ['archived', { archived: true }],
    ['disabled', { disabled: true }],
    ['a fork', { fork: true }],
  ])('leaves a repository alone that is %s', async (_, facts) => {
    github.world.setFacts(REPOSITORY, facts);
    await pass();
    expect(await github.pulls(REPOSITORY)).toEqual([]);
  });

  test('a fork whose own settings ask for it is worked on', async () => {
    github.world.setFacts(REPOSITORY, { fork: true });
    await github.commitFiles(REPOSITORY, 'main', { '.github/pinwheel.yml': 'forks: true\n' });
    await pass();
    expect(await github.pulls(REPOSITORY)).toHaveLength(1);
  });

  test('a broken settings file gets one issue, which closes by itself', async () => {
    await github.commitFiles(REPOSITORY, 'main', { '.github/pinwheel.yml': 'dashbord: false\n' });
    await pass();
    await pass();
    expect(await github.pulls(REPOSITORY)).toEqual([]);
    const [issue, ...others] = await github.issues(REPOSITORY);
    expect(others).toEqual([]);
    expect(issue?.['body']).toContain('.github/pinwheel.yml:1');
    expect(issue?.['body']).toContain('dashboard');
    await github.commitFiles(REPOSITORY, 'main', { '.github/pinwheel.yml': 'dashboard: false\n' });
    await pass();
    expect((await github.issues(REPOSITORY)).map((one) => one['state'])).toEqual(['closed']);
    expect(await github.pulls(REPOSITORY)).toHaveLength(1);
  });

  test("the organisation's settings count", async () => {
    await github.commitFiles('acme/.github', 'main', {
      '.github/pinwheel.yml': 'dashboard: false\npullRequests:\n  labels: [bumps]\n',
    });
    await pass();
    const [pull] = await github.pulls(REPOSITORY);
    expect(pull?.['labels']).toMatchObject([{ name: 'bumps' }]);
    expect(await github.issues(REPOSITORY)).toEqual([]);
  });

  test('other base branches have pull requests of their own', async () => {
    await github.commitFiles(REPOSITORY, 'release/1', { Dockerfile: `FROM python:3.11@${OLD}\n` });
    await github.commitFiles(REPOSITORY, 'main', {
      '.github/pinwheel.yml': 'branches: [main, "release/*"]\n',
    });
    await pass();
    const heads = (await github.pulls(REPOSITORY, 'open')).map((pull) => [
      (pull['head'] as { ref: string }).ref,
      (pull['base'] as { ref: string }).ref,
    ]);
    expect(heads.sort()).toEqual([
      ['pinwheel/all', 'main'],
      ['pinwheel/all@release-1', 'release/1'],
    ]);
    github.takeCounts();
    await pass();
    expect(github.takeCounts().write).toBe(0);
  });

  test('with a person’s token: no check, and what the person pushes by hand is theirs', async () => {
    run = runner({ kind: 'token', token: 'ghp_mona' });
    await pass();
    const [pull] = await github.pulls(REPOSITORY, 'open');
    expect(pull).toMatchObject({
      user: { login: 'mona' },
      labels: [{ name: 'dependencies' }, { name: 'docker' }],
    });
    github.takeCounts();
    await pass();
    expect(github.takeCounts().write).toBe(0);
    tags.set('docker.io/library/python:3.11', NEWER);
    await pass();
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(NEWER);
    const tip = await github.commitFiles(REPOSITORY, 'pinwheel/all', { 'x.txt': 'x' }, 'mona');
    await pass();
    expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(tip);
  });

  test('another pass opened the pull request at the same moment: tried again, still one', async () => {
    github.fault = ({ method, path }) =>
      method === 'POST' && path.endsWith('/pulls')
        ? {
            status: 422,
            headers: {},
            body: {
              message: 'Validation Failed',
              errors: [{ message: 'A pull request already exists for acme:pinwheel/all.' }],
            },
          }
        : null;
    await expect(pass()).rejects.toMatchObject({ code: 'raced', temporary: true });
    github.fault = () => null;
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('permission lost in the middle is told and harms nothing', async () => {
    github.fault = ({ kind }) =>
      kind === 'write' ? { status: 404, headers: {}, body: { message: 'Not Found' } } : null;
    await pass();
    github.fault = () => null;
    expect(await github.pulls(REPOSITORY)).toEqual([]);
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('a damaged ledger stops writing, and closes nothing', async () => {
    await pass();
    const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');
    await github.commitFiles(REPOSITORY, 'main', {
      'BASE_IMAGE_DIGESTS.md': '<!-- pinwheel:ledger:start -->\n| what | is | this |\n',
    });
    tags.set('docker.io/library/python:3.11', NEWER);
    await pass();
    expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(tip);
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
    const [dashboard] = await github.issues(REPOSITORY);
    expect(dashboard?.['body']).toContain('BASE_IMAGE_DIGESTS.md');
  });

  test('a repository without issues still gets its pull request', async () => {
    github.fault = ({ method, path }) =>
      method === 'POST' && path.endsWith('/issues')
        ? { status: 410, headers: {}, body: { message: 'Issues has been disabled in this repository.' } }
        : null;
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('a registry that does not answer closes and empties nothing', async () => {
    await pass();
    const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');
    tags.delete('docker.io/library/python:3.11');
    tags.set('docker.io/library/nginx:1', NEWER);
    await pass();
    expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(tip);
    tags.delete('docker.io/library/nginx:1');
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
    tags.set('docker.io/library/python:3.11', NEW);
    tags.set('docker.io/library/nginx:1', NEWER);
    await pass();
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'web/Dockerfile')).toContain(NEWER);
  });

  test.each([
    ['listings', /\/git\/trees\//],
    ['files', /graphql|\/git\/blobs\//],
    ['pull requests', /\/pulls$/],
    ['issues', /\/issues$/],
    ['the head', /\/commits\/HEAD$/],
  ])('an outage of %s is an error to try again, never "nothing to do"', async (_, place) => {
    await pass();
    run = runner();
    github.fault = ({ path, kind }) =>
      place.test(path) && kind !== 'write' ? { status: 502, headers: {}, body: {} } : null;
    await expect(pass()).rejects.toMatchObject({ code: 'unavailable', temporary: true });
    github.fault = () => null;
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('survives tokens that expire in the middle', async () => {
    let reads = 0;
    github.fault = ({ kind }) => {
      if (kind === 'read' && ++reads === 3) github.expireTokens();
      return null;
    };
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });
});

describe('/rotate', () => {
  test('on our pull request resolves again and rebuilds, whoever pushed', async () => {
    await pass();
    const number = await ourPull();
    await github.commitFiles(REPOSITORY, 'pinwheel/all', { 'x.txt': 'x' }, 'mona');
    tags.set('docker.io/library/python:3.11', NEWER);
    const { reply, reactions } = await say(number, '/rotate');
    expect(reactions).toEqual(['eyes', 'rocket']);
    expect(reply).toContain(`#${number} rebuilt`);
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(NEWER);
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'x.txt')).toBeNull();
  });

  test('on an issue starts a pass', async () => {
    const { reply, reactions } = await say(await newIssue(), 'please\n\n/rotate all');
    expect(reactions).toEqual(['eyes', 'rocket']);
    expect(reply).toContain('opened');
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('is answered once, though the request runs twice', async () => {
    const issue = await newIssue();
    const { id } = await say(issue, '/rotate status');
    await pass({
      causes: ['command'],
      scope: NOTHING,
      commands: [
        {
          commentId: id,
          issue,
          onPullRequest: false,
          author: 'mona',
          authorId: 1,
          commands: [{ kind: 'status' }],
        },
      ],
    });
    const { reactions } = await answer(issue, id);
    expect(reactions).toEqual(['eyes', 'rocket']);
  });

  test('is refused to people without write access', async () => {
    const { reply, reactions } = await say(await newIssue(), '/rotate all', 'guest');
    expect(reactions).toEqual(['eyes', 'confused']);
    expect(reply).toContain('write access');
    expect(await github.pulls(REPOSITORY)).toEqual([]);
  });

  test('on another pull request rotates the files it touches, on its branch', async () => {
    await github.commitFiles(
      REPOSITORY,
      'feature',
      { 'api/Dockerfile': `FROM python:3.11@${OLD}\nRUN id\n` },
      'mona',
    );
    const pull = await github.as('mona', 'POST', `/repos/${REPOSITORY}/pulls`, {
      title: 'feature',
      head: 'feature',
      base: 'main',
    });
    const { reply, reactions } = await say(Number(pull['number']), '/rotate');
    expect(reply).toContain('python:3.11');
    expect(reactions).toEqual(['eyes', 'rocket']);
    expect(await github.fileOn(REPOSITORY, 'feature', 'api/Dockerfile')).toBe(
      `FROM python:3.11@${NEW}\nRUN id\n`,
    );
    expect(await github.fileOn(REPOSITORY, 'feature', 'web/Dockerfile')).toContain(OLD);
  });

  test('on a pull request of the default branch itself never writes to that', async () => {
    const tip = await github.commitFiles(
      REPOSITORY,
      'main',
      { 'api/Dockerfile': `FROM python:3.11@${OLD}\n` },
      'mona',
    );
    await github.as(null, 'POST', `/repos/${REPOSITORY}/git/refs`, {
      ref: 'refs/heads/release',
      sha: String(
        (
          (await github.as(null, 'GET', `/repos/${REPOSITORY}/commits/${tip}`))['parents'] as {
            sha: string;
          }[]
        )[0]?.sha,
      ),
    });
    const pull = await github.as('mona', 'POST', `/repos/${REPOSITORY}/pulls`, {
      title: 'release it',
      head: 'main',
      base: 'release',
    });
    const { reply, reactions } = await say(Number(pull['number']), '/rotate');
    expect(reply).toContain('default branch');
    expect(reactions).toEqual(['eyes', 'confused']);
    expect(await github.branchTip(REPOSITORY, 'main')).toBe(tip);
  });

  test('hold takes the image out of the pull request at once, by a pull request on the settings', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      '.github/pinwheel.yml': '# ours\ndashboard: false # quiet\n',
    });
    await pass();
    const number = await ourPull();
    const { reply } = await say(number, '/rotate hold python for 30d because the build breaks');
    expect(reply).toContain('.github/pinwheel.yml');
    const settings = await github.fileOn(REPOSITORY, 'pinwheel/config', '.github/pinwheel.yml');
    expect(settings).toBe(
      '# ours\ndashboard: false # quiet\nholds:\n  - image: python\n    until: 2026-12-20\n    reason: "the build breaks"\n    by: "mona"\n',
    );
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(OLD);
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'web/Dockerfile')).toContain(NEW);
    // It keeps counting in later passes, and stops with unhold.
    await pass();
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(OLD);
    await say(number, '/rotate unhold python');
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(NEW);
  });

  test('hold counts at once though GitHub’s list of issues lags behind', async () => {
    await github.commitFiles(REPOSITORY, 'main', { '.github/pinwheel.yml': 'dashboard: false\n' });
    await pass();
    const number = await ourPull();
    github.fault = ({ method, path }) =>
      method === 'GET' && path.startsWith(`/repos/${REPOSITORY}/issues?`)
        ? { status: 200, headers: {}, body: [] }
        : null;
    await say(number, '/rotate hold python');
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(OLD);
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'web/Dockerfile')).toContain(NEW);
  });

  test('status tells what was given up, other commands do not', async () => {
    troubles = ['Given up on 2026-11-19: <b>no</b> answer'];
    expect((await say(await newIssue(), '/rotate status')).reply).toContain(
      'Given up on 2026-11-19: &lt;b&gt;no',
    );
    expect((await say(await newIssue(), '/rotate all')).reply).not.toContain('Given up');
  });

  test('unhold finds the image however the settings spell it', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      '.github/pinwheel.yml': 'holds:\n  - image: docker.io/library/python\n  - image: node # stays\n',
    });
    await say(await newIssue(), '/rotate unhold python');
    expect(await github.fileOn(REPOSITORY, 'pinwheel/config', '.github/pinwheel.yml')).toBe(
      'holds:\n  - image: node # stays\n',
    );
  });

  test('the box in the body has the branch built anew, and is empty again', async () => {
    await pass();
    const number = await ourPull();
    const path = `/repos/${REPOSITORY}/pulls/${number}`;
    const body = String((await github.as(null, 'GET', path))['body']);
    await github.commitFiles(REPOSITORY, 'pinwheel/all', { 'x.txt': 'x' }, 'mona');
    await github.as('mona', 'PATCH', path, {
      body: body.replace('- [ ] <!-- pinwheel:rebuild', '- [x] <!-- pinwheel:rebuild'),
    });
    await pass({ scope: { ...NOTHING, pullRequests: [number] } });
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'x.txt')).toBeNull();
    expect((await github.as(null, 'GET', path))['body']).toContain('- [ ] <!-- pinwheel:rebuild');
  });

  test('ignore on our pull request ignores its digests', async () => {
    await pass();
    const number = await ourPull();
    await say(number, '/rotate ignore this digest');
    const settings = await github.fileOn(REPOSITORY, 'pinwheel/config', '.github/pinwheel.yml');
    expect(settings).toContain(NEW);
    expect((await github.as(null, 'GET', `/repos/${REPOSITORY}/pulls/${number}`))['state']).toBe('closed');
    tags.set('docker.io/library/python:3.11', NEWER);
    await pass();
    expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(NEWER);
  });

  test('an image that is named is proposed though its pull request was closed', async () => {
    await pass();
    await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/pulls/${await ourPull()}`, { state: 'closed' });
    await pass();
    expect(await github.pulls(REPOSITORY, 'open')).toEqual([]);
    await say(await newIssue(), '/rotate python:3.11');
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
    const number = await ourPull();
    await pass();
    expect(await ourPull()).toBe(number);
  });

  test('an image that waits is proposed when named, and stays so; a hold of the settings is not lifted', async () => {
    await github.commitFiles(REPOSITORY, 'main', {
      '.github/pinwheel.yml':
        'dashboard: false\nimages:\n  - match: python\n    minimumAge: 30d\nholds:\n  - image: nginx\n',
    });
    await pass();
    expect(await github.pulls(REPOSITORY)).toEqual([]);
    await say(await newIssue(), '/rotate nginx');
    expect(await github.pulls(REPOSITORY)).toEqual([]);
    await say(await newIssue(), '/rotate python');
    const number = await ourPull();
    github.takeCounts();
    await pass();
    expect(await ourPull()).toBe(number);
    expect(github.takeCounts().write).toBe(0);
  });

  test('on a pull request of ours that was closed proposes it again', async () => {
    await pass();
    const number = await ourPull();
    await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/pulls/${number}`, { state: 'closed' });
    await say(number, '/rotate');
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test('on a pull request from a fork suggests the changes in a review', async () => {
    await github.as('guest', 'POST', `/repos/${REPOSITORY}/forks`, {});
    const fork = 'guest/shop';
    await github.commitFiles(
      fork,
      'patch',
      { 'api/Dockerfile': `FROM python:3.11@${OLD}\nRUN id\n` },
      'guest',
    );
    const pull = await github.as('guest', 'POST', `/repos/${REPOSITORY}/pulls`, {
      title: 'from a fork',
      head: 'guest:patch',
      base: 'main',
    });
    const { reply } = await say(Number(pull['number']), '/rotate');
    expect(reply).toContain('Suggested');
    expect(github.world.reviews).toMatchObject([
      {
        event: 'COMMENT',
        comments: [
          { path: 'api/Dockerfile', line: 1, body: `\`\`\`suggestion\nFROM python:3.11@${NEW}\n\`\`\`` },
        ],
      },
    ]);
  });

  test('a box ticked on the dashboard does the same', async () => {
    await pass();
    await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/pulls/${await ourPull()}`, { state: 'closed' });
    await pass();
    const [dashboard] = await github.issues(REPOSITORY);
    const ticked = String(dashboard?.['body']).replaceAll(
      '- [ ] <!-- pinwheel:start',
      '- [x] <!-- pinwheel:start',
    );
    await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/issues/${dashboard?.['number']}`, {
      body: ticked,
    });
    await pass({ scope: { ...NOTHING, dashboard: true } });
    expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
  });

  test.each([
    ['/rotate help', '/rotate unhold IMAGE', 'rocket'],
    ['/rotate al', '/rotate all', 'confused'],
    ['/rotate rebase', 'this is not one', 'confused'],
    ['/rotate ghcr.io/none/such', 'No pin of', 'rocket'],
  ])('%s is answered', async (body, expected, reaction) => {
    const { reply, reactions } = await say(await newIssue(), body);
    expect(reply).toContain(expected);
    expect(reactions).toEqual(['eyes', reaction]);
  });
});
