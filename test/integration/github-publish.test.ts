import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GitHub } from '../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../src/adapters/github/forge.ts';
import { isoDate } from '../../src/domain/ledger-entry.ts';
import { readMarker } from '../../src/plan/body/marker.ts';
import type { Asked, PublishReport } from '../../src/pull-requests/outcome.ts';
import { publishPlan } from '../../src/pull-requests/publish.ts';
import type { PublishSettings } from '../../src/pull-requests/settings.ts';
import { digestOf, type FakeMove, LEDGER, passOver, reportsOf } from '../support/fake-pass.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { GitHubStandIn, loadJudge } from '../support/github/stand-in.ts';
import { NOTHING_ASKED } from '../support/nothing-asked.ts';
import { publishSettings } from '../support/publish-settings.ts';

const REPOSITORY = 'acme/shop';
const OLD = digestOf('a');
const NEW = digestOf('b');
const NEWER = digestOf('c');

const judge = loadJudge();
let github: GitHubStandIn;
let client: GitHub;
let now: Date;

beforeEach(async () => {
  github = await GitHubStandIn.start({ judge });
  client = new GitHub({
    baseUrl: github.url,
    credentials: { kind: 'app', appId: String(github.appId), privateKey: github.privateKey },
  });
  now = new Date('2026-11-20T09:00:00Z');
  await github.commitFiles(REPOSITORY, 'main', {
    'api/Dockerfile': `FROM python:3.11@${OLD}\r\nRUN true\r\n`,
    'web/Dockerfile': { text: `FROM nginx:1@${OLD}\n`, mode: '100755' },
  });
});

afterEach(async () => {
  await github.close();
  expect(github.faults).toEqual([]);
});

type PassOptions = { readonly settings?: PublishSettings; readonly asked?: Asked };

async function pass(moves: readonly FakeMove[], options: PassOptions = {}): Promise<PublishReport> {
  const forge = await openForge(client, { owner: 'acme', name: 'shop' }, null, objectCaches());
  const facts = await forge.facts();
  const commit = await forge.commit('HEAD');
  if (commit === null) throw new Error('the repository is empty');
  const tree = forge.treeAt(commit);
  const files = new Map<string, string>();
  for (const entry of await tree.list(() => false)) {
    if (entry.path.endsWith('Dockerfile') || entry.path === LEDGER) {
      files.set(entry.path, Buffer.from(await tree.read(entry.path)).toString('utf8'));
    }
  }
  const pass = await passOver(files, moves, now);
  return publishPlan(
    {
      forge,
      identity: await forge.identity(),
      facts,
      base: { branch: facts.defaultBranch, commit },
      suffix: '',
      pass,
      reportOf: reportsOf(pass, moves),
      byParts: options.settings !== undefined && options.settings.groups.by !== 'all',
      settings: options.settings ?? publishSettings(),
      asked: options.asked ?? NOTHING_ASKED,
      today: isoDate(now),
    },
    { ownIssues: await forge.ownIssues(), branches: [], now },
  );
}

function headOf(pull: Readonly<Record<string, unknown>> | undefined): string {
  const head = pull?.['head'];
  return typeof head === 'object' && head !== null && 'ref' in head ? String(head.ref) : '';
}

const python = (to = NEW): FakeMove => ({ image: 'python:3.11', to });
const nginx = (to = NEW): FakeMove => ({ image: 'nginx:1', to });

test('opens one pull request with one commit, the modes kept and the ledger in it', async () => {
  const report = await pass([python(), nginx()]);

  expect(report.outcomes.map((one) => one.status)).toEqual(['opened']);
  const pulls = await github.pulls(REPOSITORY);
  expect(pulls).toMatchObject([
    {
      title: 'chore(images): rotate 2 base images',
      state: 'open',
      head: { ref: 'pinwheel/all' },
      user: { login: 'pinwheel[bot]' },
      labels: [{ name: 'dependencies' }, { name: 'docker' }],
    },
  ]);
  expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toBe(
    `FROM python:3.11@${NEW}\r\nRUN true\r\n`,
  );
  expect(await github.fileOn(REPOSITORY, 'pinwheel/all', LEDGER)).toContain(
    `| \`nginx\` | \`1\` | \`${NEW}\` |`,
  );
  const tree = await github.as(null, 'GET', `/repos/${REPOSITORY}/git/trees/pinwheel%2Fall?recursive=1`);
  expect(tree['tree']).toContainEqual(expect.objectContaining({ path: 'web/Dockerfile', mode: '100755' }));
  const commit = await github.as(null, 'GET', `/repos/${REPOSITORY}/commits/pinwheel/all`);
  expect(commit).toMatchObject({
    author: { login: 'pinwheel[bot]' },
    commit: { committer: { email: 'noreply@github.com' }, verification: { verified: true } },
  });
});

test('a second pass writes nothing', async () => {
  await pass([python()]);
  github.takeCounts();
  const report = await pass([python()]);
  expect(report.outcomes.map((one) => one.status)).toEqual(['unchanged']);
  expect(github.takeCounts().write).toBe(0);
});

test('a second pass on another day writes nothing either', async () => {
  await pass([python()]);
  now = new Date('2026-11-27T09:00:00Z');
  github.takeCounts();
  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['unchanged']);
  expect(github.takeCounts().write).toBe(0);
});

test('a pull request costs at most six writes', async () => {
  await pass([]);
  github.takeCounts();
  await pass([python(), nginx()]);
  expect(github.takeCounts().write).toBeLessThanOrEqual(6);
});

test('the branch and the body follow when the digest moves again', async () => {
  await pass([python()]);
  const report = await pass([python(NEWER)]);
  expect(report.outcomes.map((one) => one.status)).toEqual(['rebuilt']);
  const [pull, ...others] = await github.pulls(REPOSITORY);
  expect(others).toEqual([]);
  expect(readMarker(String(pull?.['body']))?.pins).toMatchObject([{ to: 'c'.repeat(16) }]);
  expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toContain(NEWER);
  const commits = await github.as(null, 'GET', `/repos/${REPOSITORY}/pulls/${pull?.['number']}/commits`);
  expect(commits['items']).toHaveLength(1);
});

test('is rebuilt when its base moved under the files, and only then', async () => {
  await pass([python()]);
  const first = await github.branchTip(REPOSITORY, 'pinwheel/all');
  await github.commitFiles(REPOSITORY, 'main', { 'README.md': 'hello\n' }, 'mona');
  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['unchanged']);
  expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(first);

  await github.commitFiles(
    REPOSITORY,
    'main',
    { 'api/Dockerfile': `FROM python:3.11@${OLD}\nRUN id\n` },
    'mona',
  );
  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['rebuilt']);
  expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'api/Dockerfile')).toBe(
    `FROM python:3.11@${NEW}\nRUN id\n`,
  );
});

test('is closed with a note and its branch deleted when nothing is left', async () => {
  await pass([python()]);
  const report = await pass([]);
  expect(report.outcomes.map((one) => one.status)).toEqual(['closed']);
  const [pull] = await github.pulls(REPOSITORY);
  expect(pull).toMatchObject({ state: 'closed' });
  expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBeNull();
  const comments = await github.comments(REPOSITORY, Number(pull?.['number']));
  expect(comments.map((one) => one['body'])).toEqual([expect.stringContaining('Nothing left to rotate')]);
  // Closed by us is no refusal: the same digest may come back.
  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['opened']);
});

test('is left alone, with one note, when a person pushed; handed back when asked', async () => {
  await pass([python()]);
  const [pull] = await github.pulls(REPOSITORY);
  const number = Number(pull?.['number']);
  await github.commitFiles(REPOSITORY, 'pinwheel/all', { 'notes.txt': 'mine\n' }, 'mona');
  const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');

  for (const to of [NEW, NEWER]) {
    expect((await pass([python(to)])).outcomes.map((one) => one.status)).toEqual(['left-alone']);
  }
  expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(tip);
  expect(await github.comments(REPOSITORY, number)).toHaveLength(1);

  const asked: Asked = { ...NOTHING_ASKED, rebuild: new Set([number]) };
  expect((await pass([python(NEWER)], { asked })).outcomes.map((one) => one.status)).toEqual(['rebuilt']);
  expect(await github.fileOn(REPOSITORY, 'pinwheel/all', 'notes.txt')).toBeNull();
});

async function mergeBase(files: Readonly<Record<string, string>>, byGitHub: boolean): Promise<void> {
  await github.commitFiles(REPOSITORY, 'main', { 'README.md': 'moved on\n' }, 'mona');
  const ours = await github.branchTip(REPOSITORY, 'pinwheel/all');
  const main = await github.branchTip(REPOSITORY, 'main');
  const root = `/repos/${REPOSITORY}/git`;
  const commit = await github.as(null, 'GET', `${root}/commits/${ours}`);
  const tree = await github.as(null, 'POST', `${root}/trees`, {
    base_tree: shaOf(commit['tree']),
    tree: Object.entries({ 'README.md': 'moved on\n', ...files }).map(([path, content]) => ({
      path,
      mode: '100644',
      type: 'blob',
      content,
    })),
  });
  const mona = { name: 'mona', email: 'mona@example.org' };
  const merge = await github.as(null, 'POST', `${root}/commits`, {
    message: "Merge branch 'main' into pinwheel/all",
    tree: tree['sha'],
    parents: [ours, main],
    author: mona,
    committer: byGitHub ? { name: 'GitHub', email: 'noreply@github.com' } : mona,
  });
  await github.as(null, 'PATCH', `${root}/refs/heads/pinwheel/all`, { sha: merge['sha'] });
}

function shaOf(object: unknown): string {
  return typeof object === 'object' && object !== null && 'sha' in object ? String(object.sha) : '';
}

test.each([
  ['the button "Update branch"', {}, true, ['unchanged', 'rebuilt']],
  [
    'a conflict settled in the browser',
    { 'api/Dockerfile': 'FROM mine\n' },
    true,
    ['left-alone', 'left-alone'],
  ],
  ['a merge that a person pushed', {}, false, ['left-alone', 'left-alone']],
] as const)('%s', async (_, files, byGitHub, expected) => {
  await pass([python()]);
  await mergeBase(files, byGitHub);
  const statuses = [];
  for (const to of [NEW, NEWER])
    statuses.push((await pass([python(to)])).outcomes.map((one) => one.status)[0]);
  expect(statuses).toEqual(expected);
});

test('an amended commit of ours is a person’s', async () => {
  await pass([python()]);
  const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');
  const commit = await github.as(null, 'GET', `/repos/${REPOSITORY}/git/commits/${tip}`);
  const amended = await github.as(null, 'POST', `/repos/${REPOSITORY}/git/commits`, {
    message: 'amended',
    tree: (commit['tree'] as { sha: string }).sha,
    parents: (commit['parents'] as { sha: string }[]).map((parent) => parent.sha),
    author: commit['author'],
    committer: { name: 'mona', email: 'mona@example.org' },
  });
  await github.as(null, 'PATCH', `/repos/${REPOSITORY}/git/refs/heads/pinwheel/all`, {
    sha: amended['sha'],
    force: true,
  });
  expect((await pass([python(NEWER)])).outcomes.map((one) => one.status)).toEqual(['left-alone']);
});

test('a marker that somebody emptied has the pull request built anew', async () => {
  await pass([python()]);
  const [pull] = await github.pulls(REPOSITORY);
  const body = String(pull?.['body']).replace(/"head":"[0-9a-f]+"/, '"head":""');
  expect(body).not.toBe(pull?.['body']);
  await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/pulls/${pull?.['number']}`, { body });
  expect((await pass([python(NEWER)])).outcomes.map((one) => one.status)).toEqual(['rebuilt']);
});

test.each([
  ['on top of ours', true],
  ['in place of ours', false],
])('a person’s commit in our name, %s, is a person’s', async (_, onTop) => {
  await pass([python()]);
  const root = `/repos/${REPOSITORY}/git`;
  const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');
  const commit = await github.as(null, 'GET', `${root}/commits/${tip}`);
  const tree = await github.as(null, 'POST', `${root}/trees`, {
    base_tree: shaOf(commit['tree']),
    tree: [{ path: 'mine.txt', mode: '100644', type: 'blob', content: 'mine' }],
  });
  const forged = await github.as(null, 'POST', `${root}/commits`, {
    message: String(commit['message']),
    tree: tree['sha'],
    parents: onTop ? [tip] : (commit['parents'] as { sha: string }[]).map((parent) => parent.sha),
    author: commit['author'],
    committer: commit['author'],
  });
  await github.as(null, 'PATCH', `${root}/refs/heads/pinwheel/all`, { sha: forged['sha'], force: true });
  expect((await pass([python(NEWER)])).outcomes.map((one) => one.status)).toEqual(['left-alone']);
  expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(forged['sha']);
});

test('a pull request that a person closed is not opened again for its digest; a newer one is', async () => {
  await pass([python()]);
  const [pull] = await github.pulls(REPOSITORY);
  await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/pulls/${pull?.['number']}`, { state: 'closed' });

  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['declined']);
  expect(await github.pulls(REPOSITORY)).toHaveLength(1);

  expect((await pass([python(NEWER)])).outcomes.map((one) => one.status)).toEqual(['opened']);
  const open = await github.pulls(REPOSITORY, 'open');
  expect(open.map((one) => one['number'])).not.toContain(pull?.['number']);
});

test('what a person asks for by name is proposed though its pull request was closed', async () => {
  await pass([python()]);
  const [pull] = await github.pulls(REPOSITORY);
  await github.as('mona', 'PATCH', `/repos/${REPOSITORY}/pulls/${pull?.['number']}`, { state: 'closed' });
  const asked: Asked = { ...NOTHING_ASKED, names: () => true };
  expect((await pass([python()], { asked })).outcomes.map((one) => one.status)).toEqual(['opened']);
});

test('its branch goes after the merge', async () => {
  await pass([python()]);
  const [pull] = await github.pulls(REPOSITORY);
  await github.as('mona', 'PUT', `/repos/${REPOSITORY}/pulls/${pull?.['number']}/merge`, {});
  expect(await github.fileOn(REPOSITORY, 'main', 'api/Dockerfile')).toContain(NEW);
  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['cleaned']);
  expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBeNull();
});

test('one pull request an image; merging one rebuilds the other, whose ledger changed', async () => {
  const settings = publishSettings({ groups: { by: 'image', named: [] } });
  await pass([python(), nginx()], { settings });
  const open = await github.pulls(REPOSITORY, 'open');
  expect(open).toHaveLength(2);
  const nginxPull = open.find((pull) => String(pull['title']).includes('nginx'));
  await github.as('mona', 'PUT', `/repos/${REPOSITORY}/pulls/${nginxPull?.['number']}/merge`, {});

  const report = await pass([python(), nginx()], { settings });
  expect(report.outcomes.map((one) => one.status)).toContain('rebuilt');
  const [left] = await github.pulls(REPOSITORY, 'open');
  const ledger = await github.fileOn(REPOSITORY, headOf(left), LEDGER);
  expect(ledger).toContain('nginx');
  expect(ledger).toContain('python');
  const whole = await github.as(null, 'GET', `/repos/${REPOSITORY}/pulls/${left?.['number']}`);
  expect(whole['mergeable']).toBe(true);
});

test('a group that is no longer wanted is closed, another opened', async () => {
  await pass([python()]);
  const settings = publishSettings({ groups: { by: 'image', named: [] } });
  const report = await pass([python()], { settings });
  expect(report.outcomes.map((one) => one.status).sort()).toEqual(['closed', 'opened']);
  expect(await github.pulls(REPOSITORY, 'open')).toHaveLength(1);
});

test('the limit of open pull requests holds', async () => {
  const settings = publishSettings({
    groups: { by: 'image', named: [] },
    pullRequests: { ...publishSettings().pullRequests, limit: 1 },
  });
  const report = await pass([python(), nginx()], { settings });
  expect(report.outcomes.map((one) => one.status).sort()).toEqual(['opened', 'waiting']);
  const again = await pass([python(), nginx()], { settings });
  expect(again.outcomes.map((one) => one.status).sort()).toEqual(['unchanged', 'waiting']);
  const asked: Asked = { ...NOTHING_ASKED, names: () => true };
  const named = await pass([python(), nginx()], { settings, asked });
  expect(named.outcomes.map((one) => one.status)).toContain('opened');
});

test('a branch of the name with commits of a person is not touched', async () => {
  const tip = await github.commitFiles(REPOSITORY, 'pinwheel/all', { 'x.txt': 'x' }, 'mona');
  expect((await pass([python()])).outcomes.map((one) => one.status)).toEqual(['occupied']);
  expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).toBe(tip);
});

test('findings go to code scanning; where that is off, nothing is lost', async () => {
  const fixed = [finding('CVE-2026-1')];
  const scan = (to = NEW) => scanDiffFact({ fixed }, { from: OLD, to });
  await pass([{ ...python(), scan: scan() }]);
  const [upload] = github.world.sarifs;
  expect(upload).toMatchObject({
    ref: 'refs/pull/1/head',
    commit_sha: await github.branchTip(REPOSITORY, 'pinwheel/all'),
  });
  const text = gunzipSync(Buffer.from(String(upload?.['sarif']), 'base64')).toString();
  expect(JSON.parse(text)).toMatchObject({
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'Pinwheel' } } }],
  });

  github.fault = ({ path }) =>
    path.endsWith('/sarifs')
      ? { status: 403, headers: {}, body: { message: 'Code scanning is not enabled' } }
      : null;
  const report = await pass([{ ...python(NEWER), scan: scan(NEWER) }]);
  expect(report).toMatchObject({ outcomes: [{ status: 'rebuilt' }], warnings: [] });
});

test('reviewers, assignees, draft and automerge', async () => {
  await github.grant(REPOSITORY, 'mona', 'push');
  const settings = publishSettings({
    pullRequests: {
      ...publishSettings().pullRequests,
      reviewers: ['mona'],
      assignees: ['mona'],
      draft: true,
      automerge: 'squash',
    },
  });
  const report = await pass([python()], { settings });
  expect(report.warnings).toEqual([]);
  const [pull] = await github.pulls(REPOSITORY);
  expect(pull).toMatchObject({
    draft: true,
    assignees: [{ login: 'mona' }],
    requested_reviewers: [{ login: 'mona' }],
  });
  expect([...github.world.automerge.values()]).toEqual(['SQUASH']);
});

test('SBOMs are kept for download on no branch, linked from the check, and not again by a quiet pass', async () => {
  const settings = { ...publishSettings(), scan: { sarif: false, sbom: true } };
  const moves = [{ ...python(), scan: scanDiffFact({}, { from: OLD, to: NEW }) }];
  await pass(moves, { settings });
  const [pull] = await github.pulls(REPOSITORY, 'open');
  const ref = await github.as(null, 'GET', `/repos/${REPOSITORY}/git/ref/pinwheel/sbom/${pull?.['number']}`);
  const { sha } = ref['object'] as { readonly sha: string };
  const commit = await github.as(null, 'GET', `/repos/${REPOSITORY}/git/commits/${sha}`);
  expect(commit['parents']).toEqual([]);
  const tree = await github.as(null, 'GET', `/repos/${REPOSITORY}/git/trees/${sha}?recursive=1`);
  const names = (tree['tree'] as readonly { readonly path: string }[]).map(({ path }) => path);
  expect(names).toEqual([expect.stringMatching(/\.cdx\.json$/), expect.stringMatching(/\.spdx\.json$/)]);
  expect(JSON.parse((await github.fileOn(REPOSITORY, sha, names[0] ?? '')) ?? '')).toMatchObject({
    bomFormat: 'CycloneDX',
  });
  const branches = await github.as(null, 'GET', `/repos/${REPOSITORY}/branches`);
  expect(JSON.stringify(branches)).not.toContain('sbom');

  const tip = await github.branchTip(REPOSITORY, headOf(pull));
  const checks = await github.as(null, 'GET', `/repos/${REPOSITORY}/commits/${tip}/check-runs`);
  expect(JSON.stringify(checks)).toContain(`/raw/${sha}/${encodeURIComponent(names[0] ?? '')}`);

  github.takeCounts();
  await pass(moves, { settings });
  expect(github.takeCounts().write).toBe(0);
});
