import { beforeEach, describe, expect, it } from 'vitest';
import type { RepositoryFacts } from '../../../src/forge/types.ts';
import { NOTHING } from '../../../src/queue/request.ts';
import { MemoryForgeError } from '../../support/forge/memory-error.ts';
import { memoryForge } from '../../support/forge/memory-forge.ts';
import type { MemoryRepository } from '../../support/forge/memory-repository.ts';
import { NEW, NEWER, NGINX, OLD, PassWorld, PYTHON } from '../../support/forge/passes.ts';

const SETTINGS = '.github/pinwheel.yml';
const BRANCH = 'pinwheel/all';
const FILE = 'api/Dockerfile';

let world: PassWorld;
let repository: MemoryRepository;

beforeEach(() => {
  world = new PassWorld();
  repository = world.repository;
});

function dashboard() {
  const found = repository.issues.find(({ title }) => title === 'Pinwheel dashboard');
  if (found === undefined) throw new Error('no dashboard');
  return found;
}

function setFacts(change: Partial<RepositoryFacts>): void {
  repository.facts = { ...repository.facts, ...change };
}

function refuse(refused: string, error: Error): void {
  repository.fault = ({ method }) => (method === refused ? error : null);
}

/** Ticks every box on the dashboard, as a person does, and has it looked at. */
async function tickAll(): Promise<void> {
  const issue = dashboard();
  issue.body = issue.body.replaceAll('- [ ] <!-- pinwheel:start', '- [x] <!-- pinwheel:start');
  await world.pass({ scope: { ...NOTHING, dashboard: true } });
}

describe('a pass', () => {
  it('opens the pull request and the dashboard; the second writes nothing, on any day', async () => {
    await world.pass();
    expect(repository.openPulls()).toMatchObject([{ title: 'chore(images): rotate 2 base images' }]);
    expect(repository.text(BRANCH, 'BASE_IMAGE_DIGESTS.md')).toContain(NEW.slice(7));
    expect(dashboard().body).toContain('!1 ');
    for (const day of ['2026-11-20', '2026-11-21', '2026-12-24']) {
      world.now = new Date(`${day}T10:00:00Z`);
      repository.takeWrites();
      await world.pass();
      expect([day, repository.takeWrites()]).toEqual([day, []]);
    }
  });

  it('tells the settings to whoever watches for webhooks', async () => {
    const told: string[] = [];
    world.run = world.runner({
      onSettings: async ({ name }, { files }) =>
        void told.push(`${name} ${files.include.map(({ text }) => text).join()}`),
    });
    repository.push('main', { [SETTINGS]: 'files: { include: ["*.tpl"] }\n' });
    await world.pass();
    expect(told).toEqual(['shop *.tpl']);
  });

  it('ends after one look at the head where nothing happened', async () => {
    world.tags.set(PYTHON, OLD);
    world.tags.set(NGINX, OLD);
    await world.visit();
    await world.visit();
    repository.takeReads();
    await world.visit();
    expect(repository.takeReads()).toEqual(['commit HEAD']);
    world.tags.set(PYTHON, NEW);
    await world.visit();
    expect(repository.openPulls()).toHaveLength(1);
  });

  it.each<[string, () => void]>([
    [
      'the base moved',
      () => void repository.push('main', { 'new/Dockerfile': `FROM python:3.11@${NEWER}\n` }),
    ],
    ['a person asked', () => undefined],
  ])('is whole again once %s', async (what, change) => {
    world.tags.set(PYTHON, OLD);
    world.tags.set(NGINX, OLD);
    await world.visit();
    await world.visit();
    change();
    repository.takeReads();
    await (what === 'a person asked' ? world.pass() : world.visit());
    expect(repository.takeReads()).toContain('facts');
  });

  it('is whole as long as something is open: a person may have closed it', async () => {
    await world.visit();
    repository.closePull(1);
    await world.visit();
    expect(dashboard().body).toContain('### Closed without merging');
  });

  it('works on every base branch that the settings name, each with pull requests of its own', async () => {
    repository.push('release/1', { [FILE]: `FROM python:3.11@${OLD}\n` });
    repository.push('main', { [SETTINGS]: 'branches: [main, "release/*"]\n' });
    await world.pass();
    expect(repository.openPulls().map(({ head, base }) => [head.branch, base.branch])).toEqual([
      [BRANCH, 'main'],
      ['pinwheel/all@release-1', 'release/1'],
    ]);
    repository.takeWrites();
    await world.pass();
    expect(repository.takeWrites()).toEqual([]);
  });

  it('goes by the owner’s settings, except in the repository that keeps them', async () => {
    repository.otherFiles.set(
      `settings-of-all/${SETTINGS}`,
      'dashboard: false\npullRequests:\n  labels: [bumps]\n',
    );
    await world.pass();
    expect(repository.pull(1).labels).toEqual(['bumps']);
    expect(repository.issues).toEqual([]);

    const own = new PassWorld();
    own.repository.otherFiles.set(`settings-of-all/${SETTINGS}`, 'dashboard: false\n');
    own.repository.facts = { ...own.repository.facts, name: 'settings-of-all' };
    await own.pass();
    expect(own.repository.issues).toHaveLength(1);
  });
});

describe('nothing is done', () => {
  it.each<[string, () => void, string]>([
    ['archived', () => setFacts({ archived: true }), 'archived'],
    ['disabled', () => setFacts({ disabled: true }), 'disabled'],
    ['a fork', () => setFacts({ fork: true }), 'forks: true'],
    ['empty', () => repository.git.branches.clear(), 'empty'],
    [
      'switched off',
      () => void repository.push('main', { [SETTINGS]: 'enabled: false\n' }),
      'turn Pinwheel off',
    ],
    ['gone', () => refuse('facts', new MemoryForgeError('not-found')), 'gone'],
  ])('in a repository that is %s', async (_, change, why) => {
    change();
    await world.pass();
    expect(repository.takeWrites()).toEqual([]);
    expect(world.logged.filter((line) => line.startsWith('nothing done')).join()).toContain(why);
  });

  it('but a fork whose own settings ask for it is worked on', async () => {
    setFacts({ fork: true });
    repository.otherFiles.set(`settings-of-all/${SETTINGS}`, 'forks: true\n');
    await world.pass();
    expect(repository.pulls).toEqual([]);
    repository.push('main', { [SETTINGS]: 'forks: true\n' });
    await world.pass();
    expect(repository.pulls).toHaveLength(1);
  });

  it('and a comment is told why', async () => {
    repository.push('main', { [SETTINGS]: 'enabled: false\n' });
    expect(await world.say(repository.newIssue(), '/rotate all')).toMatchObject({
      reply: expect.stringContaining('the settings turn Pinwheel off'),
      reactions: 'eyes confused',
    });
  });
});

describe('settings that cannot be read', () => {
  beforeEach(() => void repository.push('main', { [SETTINGS]: 'dashbord: false\n' }));

  it('get one issue with file and line, which closes by itself', async () => {
    await world.pass();
    repository.takeWrites();
    await world.pass();
    expect(repository.takeWrites().filter((write) => !write.startsWith('putCheck'))).toEqual([]);
    expect(repository.issues).toMatchObject([
      { state: 'open', body: expect.stringContaining(`${SETTINGS}:1`) },
    ]);
    expect(repository.pulls).toEqual([]);
    repository.push('main', { [SETTINGS]: 'dashboard: false\n' });
    await world.pass();
    expect(repository.issues.map(({ state }) => state)).toEqual(['closed']);
    expect(repository.pulls).toHaveLength(1);
  });

  it('are said on every commit that a check may be waited for on, and in answers', async () => {
    repository.push('feature', { x: 'x' });
    const number = repository.propose('feature');
    const queued = repository.push('queue/main/7', { y: 'y' });
    await world.pass({ scope: { ...NOTHING, pullRequests: [number], mergeGroups: ['queue/main/7'] } });
    for (const ref of ['main', 'feature', queued])
      expect(repository.check(ref, 'Pinwheel / base image age')).toMatchObject({ conclusion: 'neutral' });
    const { reply, reactions } = await world.say(repository.newIssue(), '/rotate all');
    expect(reply).toContain('The settings cannot be read');
    expect(reactions).toBe('eyes confused');
  });
});

describe('a repository that was renamed', () => {
  it('is worked on under its new name, and every step sees that', async () => {
    setFacts({ name: 'store' });
    const opened: string[] = [];
    const told: string[] = [];
    world.run = world.runner({
      openForge: async ({ owner, name }) => {
        opened.push(`${owner}/${name}`);
        return { ...memoryForge(repository), repository: { owner, name } };
      },
      onSettings: async ({ name }) => void told.push(name),
    });
    await world.pass();
    expect(opened).toEqual(['acme/shop', 'acme/store']);
    expect(told).toEqual(['store']);
    expect(repository.pulls).toHaveLength(1);
  });
});

describe('what stands in the way', () => {
  it.each(['commit', 'pullRequestsFrom', 'ownIssues', 'filesOf', 'facts'])(
    'an outage of %s is an error to try again, never "nothing to do"',
    async (refused) => {
      await world.pass();
      world.run = world.runner();
      refuse(refused, new MemoryForgeError('unavailable', true));
      await expect(world.pass()).rejects.toMatchObject({ code: 'unavailable', temporary: true });
      expect(repository.openPulls()).toHaveLength(1);
    },
  );

  it('a registry that does not answer closes and empties nothing', async () => {
    await world.pass();
    const tip = repository.git.branches.get(BRANCH);
    world.outage = true;
    await world.pass();
    expect(repository.git.branches.get(BRANCH)).toBe(tip);
    expect(dashboard().body).toContain('### Failed');
    world.outage = false;
    world.tags.set(NGINX, NEWER);
    await world.pass();
    expect(repository.text(BRANCH, 'web/Dockerfile')).toContain(NEWER);
  });

  it('a damaged ledger stops writing, and closes nothing', async () => {
    await world.pass();
    const tip = repository.git.branches.get(BRANCH);
    repository.push('main', {
      'BASE_IMAGE_DIGESTS.md': '<!-- pinwheel:ledger:start -->\n| what | is | this |\n',
    });
    world.tags.set(PYTHON, NEWER);
    await world.pass();
    expect(repository.git.branches.get(BRANCH)).toBe(tip);
    expect(repository.openPulls()).toHaveLength(1);
    expect(dashboard().body).toContain('BASE_IMAGE_DIGESTS.md');
  });

  it('a forge that takes no issues still gets the pull request', async () => {
    refuse('openIssue', new MemoryForgeError('not-found'));
    await world.pass();
    expect(repository.openPulls()).toHaveLength(1);
    expect(world.logged.some((line) => line.startsWith('the dashboard could not be written'))).toBe(true);
  });

  it('a pass that is being stopped plans nothing more', async () => {
    const stopped = AbortSignal.abort(new Error('stopping'));
    const request = {
      repository: repository.name,
      installationId: null,
      priority: 'event',
      visit: null,
    } as const;
    const scope = { ...NOTHING, everything: true };
    await expect(
      world.run({ ...request, causes: ['webhook'], scope, commands: [] }, stopped),
    ).rejects.toThrow('stopping');
    expect(repository.pulls).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('tells what was given up, and closes where the settings want none', async () => {
    world.troubles = ['Given up on 2026-11-19: no answer'];
    await world.pass();
    expect(dashboard().body).toContain('Given up on 2026-11-19');
    repository.push('main', { [SETTINGS]: 'dashboard: false\n' });
    await world.pass();
    expect(dashboard().state).toBe('closed');
  });

  it('is not made for a repository without pins', async () => {
    repository.push('main', { [FILE]: null, 'web/Dockerfile': null });
    await world.pass();
    expect(repository.issues).toEqual([]);
  });

  it('a ticked box proposes what was closed, and it stays proposed', async () => {
    await world.pass();
    repository.closePull(1);
    await world.pass();
    expect(dashboard().body).toContain('### Closed without merging');
    await tickAll();
    expect(repository.openPulls()).toHaveLength(1);
    expect(dashboard().body).not.toContain('- [x]');
    await world.pass();
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('a ticked box proposes what waits', async () => {
    repository.push('main', {
      [SETTINGS]: 'images:\n  - match: python\n    minimumAge: 30d\nignores: [{ image: nginx }]\n',
    });
    await world.pass();
    expect(repository.pulls).toEqual([]);
    await tickAll();
    expect(repository.text(BRANCH, FILE)).toContain(NEW);
  });

  it.each([
    ['an ignored digest', `ignores:\n  - image: python:3.11\n    digest: ${NEW}\n`],
    ['an ignored image', 'ignores:\n  - image: python\n'],
    ['a held image', 'holds:\n  - image: python\n'],
  ])('a box releases no %s, though somebody writes one', async (_, settings) => {
    await world.pass();
    repository.closePull(1);
    await world.pass();
    const box = dashboard()
      .body.split('\n')
      .find((line) => line.includes('pinwheel:start') && line.includes('python'));
    repository.push('main', { [SETTINGS]: settings, 'web/Dockerfile': 'FROM scratch\n' });
    await world.pass();
    expect(dashboard().body).not.toMatch(/pinwheel:start.*python/);
    dashboard().body += `\n${box?.replace('- [ ]', '- [x]')}\n`;
    await world.pass({ scope: { ...NOTHING, dashboard: true } });
    expect(repository.openPulls()).toEqual([]);
  });
});

describe('a comment', () => {
  it('on our pull request rebuilds it, whoever pushed', async () => {
    await world.pass();
    repository.push(BRANCH, { 'x.txt': 'x' });
    world.tags.set(PYTHON, NEWER);
    const { reply, reactions } = await world.say(1, '/rotate');
    expect(reactions).toBe('eyes rocket');
    expect(reply).toContain('!1 rebuilt');
    expect(repository.text(BRANCH, FILE)).toContain(NEWER);
    expect(repository.text(BRANCH, 'x.txt')).toBeNull();
  });

  it('of a person who may not write starts nothing', async () => {
    const { reply, reactions } = await world.say(repository.newIssue(), '/rotate all', 'guest');
    expect(reply).toContain('write access');
    expect(reactions).toBe('eyes confused');
    expect(world.plans).toBe(0);
  });

  it.each([
    ['/rotate help', '`/rotate unhold IMAGE`', 'rocket'],
    ['/rotate al', 'Did you mean `/rotate all`', 'confused'],
    ['/rotate rebase', 'this is not one', 'confused'],
    ['/rotate ignore', 'Name an image', 'confused'],
  ])('%s is answered without a pass', async (body, expected, reaction) => {
    const { reply, reactions } = await world.say(repository.newIssue(), body);
    expect(reply).toContain(expected);
    expect(reactions).toBe(`eyes ${reaction}`);
    expect(world.plans).toBe(0);
  });

  it.each([
    ['/rotate all', '!2 opened: `'],
    ['/rotate', '!2 opened: `'],
    ['/rotate ghcr.io/none/such', 'No pin of `ghcr.io/none/such` in this repository.'],
    ['/rotate python', '!2 opened: `'],
    ['/rotate status', 'Given up on 2026-11-19: &lt;b&gt;no'],
  ])('%s tells what came of it', async (body, expected) => {
    world.troubles = ['Given up on 2026-11-19: <b>no</b> answer'];
    const { reply, reactions } = await world.say(repository.newIssue(), body);
    expect(reply).toContain(expected);
    expect(reactions).toBe('eyes rocket');
    if (body !== '/rotate status') expect(reply).not.toContain('Given up');
  });

  it('all where nothing moved says so', async () => {
    world.tags.set(PYTHON, OLD);
    world.tags.set(NGINX, OLD);
    const { reply } = await world.say(repository.newIssue(), '/rotate all');
    expect(reply).toContain('nothing to rotate');
  });

  it('names what is held, and why; of a named image alone', async () => {
    repository.push('main', { [SETTINGS]: 'holds: [{ image: python, reason: breaks }, { image: nginx }]\n' });
    const all = await world.say(repository.newIssue(), '/rotate status');
    expect(all.reply).toMatch(/- held: `python.*breaks/);
    expect(all.reply).toMatch(/- held: `nginx/);
    const one = await world.say(repository.newIssue(), '/rotate nginx');
    expect(one.reply).not.toContain('python');
    expect(repository.pulls).toEqual([]);
  });

  it('hold takes the image out at once, by a pull request on the settings; unhold brings it back', async () => {
    repository.push('main', { [SETTINGS]: '# ours\ndashboard: false # quiet\n' });
    await world.pass();
    const { reply } = await world.say(1, '/rotate hold python for 30d because the build breaks');
    expect(reply).toContain(`\`${SETTINGS}\` by !2`);
    // What the pass did beside it was not asked for.
    expect(reply).not.toContain('!1');
    expect(repository.text('pinwheel/config', SETTINGS)).toBe(
      '# ours\ndashboard: false # quiet\nholds:\n  - image: python\n    until: 2026-12-20\n    reason: "the build breaks"\n    by: "mona"\n',
    );
    expect(repository.text(BRANCH, FILE)).toContain(OLD);
    await world.pass();
    expect(repository.text(BRANCH, FILE)).toContain(OLD);
    expect((await world.say(1, '/rotate hold python for 30d because the build breaks')).reply).toContain(
      'Already configured',
    );
    await world.say(1, '/rotate unhold python');
    expect(repository.text(BRANCH, FILE)).toContain(NEW);
  });

  it('hold counts at once though the forge’s list of issues lags behind', async () => {
    repository.push('main', { [SETTINGS]: 'dashboard: false\n' });
    await world.pass();
    world.run = world.runner({
      openForge: async () => ({ ...memoryForge(repository), ownIssues: async () => [] }),
    });
    await world.say(1, '/rotate hold python');
    expect(repository.text(BRANCH, FILE)).toContain(OLD);
    expect(repository.text(BRANCH, 'web/Dockerfile')).toContain(NEW);
  });

  it('ignore on our pull request ignores its digests, not newer ones', async () => {
    await world.pass();
    await world.say(1, '/rotate ignore this digest');
    expect(repository.text('pinwheel/config', SETTINGS)).toContain(NEW);
    expect(repository.pull(1).state).toBe('closed');
    world.tags.set(PYTHON, NEWER);
    await world.pass();
    expect(repository.text(BRANCH, FILE)).toContain(NEWER);
    expect(repository.text(BRANCH, 'web/Dockerfile')).toContain(OLD);
  });

  it('ignore on a pull request that proposes nothing any more says so', async () => {
    world.tags.set(PYTHON, OLD);
    world.tags.set(NGINX, OLD);
    repository.push(BRANCH, { x: 'x' });
    const number = repository.propose(BRANCH, 'pinwheel[bot]');
    const { reply, reactions } = await world.say(number, '/rotate ignore');
    expect(reply).toContain('proposes no digest');
    expect(reactions).toBe('eyes confused');
  });

  it('names an image that waits: it is proposed and stays so; a hold of the settings is not lifted', async () => {
    repository.push('main', {
      [SETTINGS]:
        'dashboard: false\nimages:\n  - match: python\n    minimumAge: 30d\nholds:\n  - image: nginx\n',
    });
    await world.pass();
    await world.say(repository.newIssue(), '/rotate nginx');
    expect(repository.pulls).toEqual([]);
    await world.say(repository.newIssue(), '/rotate python');
    expect(repository.openPulls()).toHaveLength(1);
    repository.takeWrites();
    await world.pass();
    expect(repository.takeWrites()).toEqual([]);
  });

  it('on a closed pull request of ours proposes its digests again, those alone', async () => {
    await world.pass();
    repository.closePull(1);
    await world.say(1, '/rotate');
    expect(repository.openPulls()).toHaveLength(1);
  });

  it('on another pull request rotates the files it touches, on top of its branch', async () => {
    const before = repository.push('feature', { [FILE]: `FROM python:3.11@${OLD}\nRUN id\n` });
    const number = repository.propose('feature');
    const { reply, reactions } = await world.say(number, '/rotate');
    expect(reply).toContain('Rotated in');
    expect(reactions).toBe('eyes rocket');
    expect(repository.text('feature', FILE)).toBe(`FROM python:3.11@${NEW}\nRUN id\n`);
    expect(repository.text('feature', 'web/Dockerfile')).toContain(OLD);
    expect(repository.git.must('feature').parents).toEqual([before]);
    expect((await world.say(number, '/rotate')).reply).toContain('Nothing to rotate');
  });

  it('on a pull request from a fork suggests the lines that its diff shows', async () => {
    const number = repository.proposeFromFork({ [FILE]: `FROM python:3.11@${OLD}\nRUN id\n` });
    const { reply } = await world.say(number, '/rotate');
    expect(reply).toContain('Suggested in a review');
    expect(repository.reviews).toMatchObject([
      {
        number,
        suggestions: [{ path: FILE, line: 1, body: `\`\`\`suggestion\nFROM python:3.11@${NEW}\n\`\`\`` }],
      },
    ]);
    expect(repository.git.branches.has('patch')).toBe(false);
  });

  it('on a pull request of the default branch itself never writes to that', async () => {
    repository.push('release', {});
    repository.git.branches.set('release', repository.git.must('main').sha);
    const tip = repository.push('main', { [FILE]: `FROM python:3.11@${OLD}\nRUN id\n` });
    const number = repository.propose('main', 'mona', 'release');
    const { reply, reactions } = await world.say(number, '/rotate');
    expect(reply).toContain('default branch');
    expect(reactions).toBe('eyes confused');
    expect(repository.git.branches.get('main')).toBe(tip);
  });

  it('is answered once though the pass runs twice, and the reply is edited', async () => {
    const issue = repository.newIssue();
    await world.say(issue, '/rotate all');
    const id = repository.comments[0]?.id ?? 0;
    const command = { commentId: id, issue, onPullRequest: false, author: 'mona', authorId: 1 };
    await world.pass({ scope: NOTHING, commands: [{ ...command, commands: [{ kind: 'all' }] }] });
    expect(repository.commentsOn(issue)).toHaveLength(2);
    expect(repository.commentsOn(issue)[1]?.body).toContain('up to date');
    expect(repository.reactionsTo(id)).toEqual(['eyes', 'rocket']);
  });
});

describe('the settings pull request', () => {
  it('that was closed takes its branch along, and what it said counts no more', async () => {
    await world.pass();
    await world.say(1, '/rotate hold python');
    expect(repository.text(BRANCH, FILE)).toContain(OLD);
    const settings = repository.openPulls().find(({ head }) => head.branch === 'pinwheel/config');
    repository.closePull(settings?.number ?? 0);
    await world.about(settings?.number ?? 0);
    expect(repository.git.branches.has('pinwheel/config')).toBe(false);
    expect(repository.text(BRANCH, FILE)).toContain(NEW);
  });
});
