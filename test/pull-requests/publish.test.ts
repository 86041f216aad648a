import { beforeEach, describe, expect, it } from 'vitest';
import { readMarker } from '../../src/plan/body/marker.ts';
import type { Asked } from '../../src/pull-requests/outcome.ts';
import { LEDGER } from '../support/fake-pass.ts';
import { MemoryForgeError } from '../support/forge/memory-error.ts';
import { TOKEN } from '../support/forge/memory-forge.ts';
import type { MemoryRepository } from '../support/forge/memory-repository.ts';
import { byImage, NEW, NEWER, nginx, OLD, PublishingWorld, python } from '../support/forge/publishing.ts';
import { NOTHING_ASKED } from '../support/nothing-asked.ts';
import { publishSettings } from '../support/publish-settings.ts';

let world: PublishingWorld;
let repository: MemoryRepository;

beforeEach(() => {
  world = new PublishingWorld();
  repository = world.repository;
});

const NAMED: Asked = { ...NOTHING_ASKED, names: () => true };
const BRANCH = 'pinwheel/all';

describe('the life of a pull request', () => {
  it('begins with one commit on the base, modes and line ends kept, the ledger in it', async () => {
    const base = repository.git.must('main').sha;
    expect(await world.pass([python(), nginx()])).toMatchObject({
      outcomes: [{ group: 'all', status: 'opened', number: 1 }],
      warnings: [],
    });
    expect(repository.pull(1)).toMatchObject({
      title: 'chore(images): rotate 2 base images',
      author: 'pinwheel[bot]',
      labels: ['dependencies', 'docker'],
      base: { branch: 'main' },
    });
    const tip = repository.git.must(BRANCH);
    expect(tip.parents).toEqual([base]);
    expect(repository.text(BRANCH, 'api/Dockerfile')).toBe(`FROM python:3.11@${NEW}\r\nRUN true\r\n`);
    expect(repository.git.files(tip.tree).get('web/Dockerfile')?.mode).toBe('100755');
    expect(repository.text(BRANCH, LEDGER)).toContain(`| \`nginx\` | \`1\` | \`${NEW}\` |`);
    expect(readMarker(repository.pull(1).body)).toMatchObject({ head: tip.sha, base, closed: false });
    expect(repository.check(BRANCH, 'Pinwheel')).toMatchObject({ conclusion: 'success', isCompleted: true });
  });

  it('links files where this forge shows them, on the base branch', async () => {
    await world.pass([python()]);
    expect(repository.pull(1).body).toContain(
      'https://forge.example/acme/shop/src/main/api/Dockerfile?line=1',
    );
  });

  it.each([
    ['the same day', '2026-11-20T09:00:00Z'],
    ['another day', '2026-11-27T09:00:00Z'],
    ['after a year', '2027-11-27T09:00:00Z'],
  ])('writes nothing where nothing moved, %s', async (_, day) => {
    await world.pass([python(), nginx()]);
    repository.takeWrites();
    world.now = new Date(day);
    expect(await world.statuses([python(), nginx()])).toEqual(['unchanged']);
    expect(repository.takeWrites()).toEqual([]);
  });

  it('goes on by moving its branch in one step', async () => {
    await world.pass([python()]);
    repository.takeWrites();
    expect(await world.statuses([python(NEWER)])).toEqual(['rebuilt']);
    expect(repository.takeWrites()).toEqual([
      'writeCommit',
      `moveBranch ${BRANCH}`,
      'updatePullRequest 1',
      'putCheck Pinwheel',
    ]);
    expect(readMarker(repository.pull(1).body)?.pins).toMatchObject([{ to: 'c'.repeat(16) }]);
    expect(repository.git.must(BRANCH).parents).toEqual([repository.git.must('main').sha]);
  });

  it.each([
    ['another file', { 'README.md': 'hello\n' }, 'unchanged'],
    ['one of its files', { 'api/Dockerfile': `FROM python:3.11@${OLD}\nRUN id\n` }, 'rebuilt'],
  ])('is rebuilt where its base changed its files alone: %s', async (_, files, status) => {
    await world.pass([python()]);
    repository.push('main', files);
    expect(await world.statuses([python()])).toEqual([status]);
  });

  it('refreshes its text alone where only that says something else', async () => {
    await world.pass([python(NEW, { verdicts: ['one'] })]);
    repository.takeWrites();
    expect(await world.statuses([python(NEW, { verdicts: ['two'] })])).toEqual(['refreshed']);
    expect(repository.takeWrites()).toEqual(['updatePullRequest 1', 'putCheck Pinwheel']);
    expect(repository.pull(1).body).toContain('two');
  });

  it('ends with a note, its branch deleted; what we closed may come again', async () => {
    await world.pass([python()]);
    expect(await world.statuses([])).toEqual(['closed']);
    expect(repository.pull(1).state).toBe('closed');
    expect(readMarker(repository.pull(1).body)?.closed).toBe(true);
    expect(repository.git.branches.has(BRANCH)).toBe(false);
    expect(repository.commentsOn(1)).toMatchObject([{ body: expect.stringContaining('Nothing left') }]);
    expect(await world.statuses([python()])).toEqual(['opened']);
  });

  it('has its branch deleted after the merge, unless somebody pushed to it since', async () => {
    await world.pass([python()]);
    repository.mergePull(1);
    expect(await world.statuses([])).toEqual(['cleaned']);
    expect(repository.git.branches.has(BRANCH)).toBe(false);
    expect(await world.statuses([])).toEqual(['nothing']);

    await world.pass([nginx()]);
    repository.mergePull(2);
    repository.push(BRANCH, { 'x.txt': 'x' });
    expect(await world.statuses([])).toEqual(['nothing']);
    expect(repository.git.branches.has(BRANCH)).toBe(true);
  });

  it('moves with the base branch that the settings name', async () => {
    await world.pass([python()]);
    repository.push('next', {});
    repository.pull(1).base.branch = 'next';
    expect(await world.statuses([python()])).toEqual(['rebuilt']);
    expect(repository.pull(1).base.branch).toBe('main');
  });
});

describe('what a person does', () => {
  it('pushing hands the branch over: one note, nothing else, until it is handed back', async () => {
    await world.pass([python()]);
    const tip = repository.push(BRANCH, { 'notes.txt': 'mine\n' });
    for (const to of [NEW, NEWER, NEWER]) expect(await world.statuses([python(to)])).toEqual(['left-alone']);
    expect(await world.statuses([])).toEqual(['left-alone']);
    expect(repository.git.branches.get(BRANCH)).toBe(tip);
    expect(repository.commentsOn(1)).toHaveLength(1);
    const asked = { ...NOTHING_ASKED, rebuild: new Set([1]) };
    expect(await world.statuses([python(NEWER)], { asked })).toEqual(['rebuilt']);
    expect(repository.text(BRANCH, 'notes.txt')).toBeNull();
  });

  it('ticking the box has it rebuilt, and the box is empty again', async () => {
    await world.pass([python()]);
    repository.push(BRANCH, { 'notes.txt': 'mine\n' });
    const pull = repository.pull(1);
    pull.body = pull.body.replace('- [ ] <!-- pinwheel:rebuild', '- [x] <!-- pinwheel:rebuild');
    expect(await world.statuses([python()])).toEqual(['rebuilt']);
    expect(pull.body).toContain('- [ ] <!-- pinwheel:rebuild');
  });

  it.each([
    ['the same digest', NEW, NOTHING_ASKED, 'declined', 1],
    ['the same digest, asked for by name', NEW, NAMED, 'opened', 2],
    ['a newer digest', NEWER, NOTHING_ASKED, 'opened', 2],
  ])('closing declines: %s', async (_, to, asked, status, pulls) => {
    await world.pass([python()]);
    repository.closePull(1);
    expect(await world.statuses([python(to)], { asked })).toEqual([status]);
    expect(repository.pulls).toHaveLength(pulls);
  });

  it('what was declined once and is open again stays open', async () => {
    await world.pass([python()]);
    repository.closePull(1);
    await world.pass([python()], { asked: NAMED });
    expect(await world.statuses([python()])).toEqual(['unchanged']);
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('closing declines what was in it alone; the rest is proposed', async () => {
    await world.pass([python()]);
    repository.closePull(1);
    const report = await world.pass([python(), nginx(NEWER)]);
    expect(report.outcomes).toMatchObject([{ status: 'opened', rotations: [{ image: { tag: '1' } }] }]);
    expect(repository.text(BRANCH, 'api/Dockerfile')).toContain(OLD);
  });

  it('merging is no refusal', async () => {
    await world.pass([python()]);
    repository.mergePull(1);
    repository.push('main', { 'api/Dockerfile': `FROM python:3.11@${OLD}\n` });
    expect(await world.statuses([python()])).toEqual(['opened']);
  });

  it('a closed pull request of somebody else from this branch refuses nothing', async () => {
    await world.pass([python()]);
    const { body } = repository.pull(1);
    await world.pass([]);
    repository.push(BRANCH, { 'x.txt': 'x' });
    const theirs = repository.pull(repository.propose(BRANCH, 'mona'));
    theirs.body = body;
    repository.closePull(theirs.number);
    repository.git.branches.delete(BRANCH);
    expect(await world.statuses([python()])).toEqual(['opened']);
  });

  it('a branch of our name with commits of a person is not touched', async () => {
    const tip = repository.push(BRANCH, { 'x.txt': 'x' });
    const report = await world.pass([python()]);
    expect(report.outcomes).toMatchObject([{ status: 'occupied', detail: expect.stringContaining(BRANCH) }]);
    expect(repository.git.branches.get(BRANCH)).toBe(tip);
  });

  it('a leftover branch of ours is taken over', async () => {
    await world.pass([python()]);
    repository.closePull(1);
    expect(await world.statuses([python(NEWER)])).toEqual(['opened']);
    expect(repository.text(BRANCH, 'api/Dockerfile')).toContain(NEWER);
  });
});

describe('limits', () => {
  it('holds back what is beyond the open ones, and lets through what is named', async () => {
    const settings = byImage({ limit: 1 });
    expect(await world.statuses([python(), nginx()], { settings })).toEqual(['opened', 'waiting']);
    expect([...(await world.statuses([python(), nginx()], { settings }))].sort()).toEqual([
      'unchanged',
      'waiting',
    ]);
    expect(repository.openPulls()).toHaveLength(1);
    expect(await world.statuses([python(), nginx()], { settings, asked: NAMED })).toContain('opened');
    expect(repository.openPulls()).toHaveLength(2);
  });

  it('has room again as soon as one is closed, in the same pass', async () => {
    const settings = byImage({ limit: 1 });
    await world.pass([python()], { settings });
    expect(await world.statuses([nginx()], { settings })).toEqual(['closed', 'opened']);
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('counts each that it opens', async () => {
    repository.push('main', { 'c/Dockerfile': `FROM node:22@${OLD}\n` });
    const moves = [python(), nginx(), { image: 'node:22', to: NEW }];
    const report = await world.pass(moves, { settings: byImage({ limit: 2 }) });
    expect(report.outcomes.map(({ status }) => status)).toEqual(['opened', 'opened', 'waiting']);
    expect(report.outcomes[2]?.detail).toContain('open pull requests');
  });

  it('counts those of the last hour, closed ones too', async () => {
    const settings = byImage({ perHour: 1 });
    expect(await world.statuses([python(), nginx()], { settings })).toEqual(['opened', 'waiting']);
    const [first] = repository.pulls;
    repository.closePull(first?.number ?? 0);
    world.now = new Date('2026-11-20T09:59:59Z');
    const report = await world.pass([python(), nginx()], { settings });
    expect(report.outcomes.map(({ status }) => status).sort()).toEqual(['declined', 'waiting']);
    expect(report.outcomes.find(({ status }) => status === 'waiting')?.detail).toContain('per hour');
    world.now = new Date('2026-11-20T10:00:00Z');
    expect(await world.statuses([python(), nginx()], { settings })).toContain('opened');
  });

  it.each([
    ['open', { limit: 0 }],
    ['per hour', { perHour: 0 }],
  ])('of 0 is none: %s', async (_, limits) => {
    expect(await world.statuses([python(), nginx()], { settings: byImage(limits) })).toEqual([
      'opened',
      'opened',
    ]);
  });

  it('gives what is urgent the first turn', async () => {
    for (const urgent of ['python', 'nginx']) {
      world = new PublishingWorld();
      const label = (image: string) => (image === urgent ? { label: 'security' } : {});
      const moves = [python(NEW, label('python')), nginx(NEWER, label('nginx'))];
      const report = await world.pass(moves, { settings: byImage({ limit: 1 }) });
      const opened = report.outcomes.find(({ status }) => status === 'opened');
      expect(opened?.rotations[0]?.image.repository).toBe(`library/${urgent}`);
    }
  });
});

describe('groups', () => {
  it('are closed when the settings divide otherwise', async () => {
    await world.pass([python()]);
    expect(await world.statuses([python()], { settings: byImage() })).toEqual(['closed', 'opened']);
  });

  it('share the ledger: merging one rebuilds the other', async () => {
    await world.pass([python(), nginx()], { settings: byImage() });
    repository.mergePull(1);
    const statuses = await world.statuses([python(), nginx()], { settings: byImage() });
    expect(statuses).toContain('rebuilt');
    const [left] = repository.openPulls();
    const ledger = repository.text(left?.head.branch ?? '', LEDGER);
    expect(ledger).toContain('nginx');
    expect(ledger).toContain('python');
  });

  it('of another base, and the settings’ own pull request, are left alone', async () => {
    await world.pass([python()]);
    const { body } = repository.pull(1);
    for (const group of ['all@release-1', 'config']) {
      repository.push(`pinwheel/${group}`, { 'x.txt': 'x' });
      const pull = repository.pull(repository.propose(`pinwheel/${group}`, 'pinwheel[bot]'));
      pull.body = body.replace('"group":"all"', `"group":"${group}"`);
    }
    await world.pass([]);
    expect(repository.openPulls().map(({ head }) => head.branch)).toEqual([
      'pinwheel/all@release-1',
      'pinwheel/config',
    ]);
  });

  it('whose branch something happened to are looked at', async () => {
    const settings = byImage();
    await world.pass([python()], { settings });
    const branch = repository.pull(1).head.branch;
    repository.mergePull(1);
    expect(await world.statuses([], { settings })).toEqual([]);
    expect(await world.statuses([], { settings, branches: [branch] })).toEqual(['cleaned']);
  });
});

describe('what cannot be known or done', () => {
  it('an image that could not be looked up closes and empties nothing', async () => {
    await world.pass([python(), nginx()]);
    const tip = repository.git.branches.get(BRANCH);
    const unresolved = ['docker.io/library/python'];
    expect(await world.statuses([], { unresolved })).toEqual(['unchanged']);
    expect(await world.statuses([nginx(NEWER)], { unresolved })).toEqual(['unchanged']);
    expect(repository.git.branches.get(BRANCH)).toBe(tip);
    expect(await world.statuses([], { unresolved: ['docker.io/library/other'] })).toEqual(['closed']);
  });

  it('nor does one among so many that the marker keeps no names', async () => {
    await world.pass([python()]);
    const pull = repository.pull(1);
    pull.body = pull.body.replace(/"pins":\[.*\]/, `"pins":[["",null,"${'b'.repeat(16)}"]]`);
    expect(readMarker(pull.body)?.pins).toEqual([{ image: '', from: null, to: 'b'.repeat(16) }]);
    expect(await world.statuses([], { unresolved: ['docker.io/library/nginx'] })).toEqual(['unchanged']);
  });

  it.each([
    ['for now', new MemoryForgeError('unavailable', true)],
    ['by a limit', new MemoryForgeError('rate-limited', true)],
  ])('a refusal %s is thrown, so that the pass is tried again', async (_, error) => {
    repository.fault = ({ method, about }) =>
      method === 'createBranch' && about.includes('nginx') ? error : null;
    await expect(world.pass([python(), nginx()], { settings: byImage() })).rejects.toBe(error);
    // One group's failure does not keep the others back; a limit is everybody's.
    expect(repository.pulls).toHaveLength(error.code === 'rate-limited' ? 0 : 1);
  });

  it('a lasting refusal is told, and the other groups have their turn', async () => {
    repository.fault = ({ method, about }) =>
      method === 'createBranch' && about.includes('nginx') ? new MemoryForgeError('forbidden') : null;
    const report = await world.pass([python(), nginx()], { settings: byImage() });
    expect(report.outcomes.map(({ status, detail }) => [status, detail])).toEqual([
      ['failed', 'the forge says forbidden'],
      ['opened', null],
    ]);
  });

  it('an outage of a look-up is thrown, never "nothing there"', async () => {
    await world.pass([python()]);
    repository.fault = ({ method }) =>
      method === 'pullRequestsFrom' ? new MemoryForgeError('unavailable', true) : null;
    await expect(world.pass([python(NEWER)])).rejects.toMatchObject({ code: 'unavailable' });
    expect(repository.pulls).toHaveLength(1);
  });

  it('a race with another pass is temporary', async () => {
    repository.fault = ({ method }) => {
      if (method === 'openPullRequest' && repository.pulls.length === 0) repository.propose(BRANCH, 'mona');
      return null;
    };
    await expect(world.pass([python()])).rejects.toMatchObject({ code: 'raced', temporary: true });
  });
});

describe('a person’s token', () => {
  it('signs by a trailer, writes no check, and knows its commits again', async () => {
    const identity = TOKEN;
    expect(await world.statuses([python()], { identity })).toEqual(['opened']);
    expect(repository.git.must(BRANCH).message).toMatch(/\nMade-by: Pinwheel$/);
    expect(repository.checks).toEqual([]);
    repository.takeWrites();
    expect(await world.statuses([python()], { identity })).toEqual(['unchanged']);
    expect(repository.takeWrites()).toEqual([]);
    repository.push(
      BRANCH,
      { 'x.txt': 'x' },
      { author: 'ada', committer: 'ada', byForge: false, verified: false },
    );
    expect(await world.statuses([python(NEWER)], { identity })).toEqual(['left-alone']);
  });

  it('signs off where the settings want it', async () => {
    const defaults = publishSettings();
    const settings = publishSettings({ pullRequests: { ...defaults.pullRequests, signOff: true } });
    await world.pass([python()], { settings });
    expect(repository.git.must(BRANCH).message).toContain(
      'Signed-off-by: pinwheel[bot] <pinwheel[bot]@forge.example>',
    );
  });
});
