import { beforeEach, describe, expect, it } from 'vitest';
import type { Forge } from '../../src/forge/forge.ts';
import type { Asked, PublishReport } from '../../src/pull-requests/outcome.ts';
import { publishPlan } from '../../src/pull-requests/publish.ts';
import { type FakeMove, LEDGER } from '../support/fake-pass.ts';
import { MemoryForgeError } from '../support/forge/memory-error.ts';
import type { MemoryRepository } from '../support/forge/memory-repository.ts';
import { byImage, NEW, NEWER, nginx, PublishingWorld, python } from '../support/forge/publishing.ts';
import { NOTHING_ASKED } from '../support/nothing-asked.ts';
import { publishSettings } from '../support/publish-settings.ts';

const BRANCH = 'pinwheel/all';
const NAMED: Asked = { ...NOTHING_ASKED, names: () => true };

let world: PublishingWorld;
let repository: MemoryRepository;

beforeEach(() => {
  world = new PublishingWorld();
  repository = world.repository;
});

/** A pass on a forge that answers otherwise. */
async function passOn(
  change: Partial<Forge>,
  moves: readonly FakeMove[] = [python()],
): Promise<PublishReport> {
  const context = await world.context(moves);
  const forge = { ...context.forge, ...change };
  return publishPlan(
    { ...context, forge },
    { ownIssues: await forge.ownIssues(), branches: [], now: world.now },
  );
}

describe('a ledger that could not be kept true', () => {
  const damage = () => repository.push('main', { [LEDGER]: '<!-- pinwheel:ledger:start -->\n' });

  it('opens nothing, and says so', async () => {
    damage();
    repository.takeWrites();
    const { outcomes } = await world.pass([python()]);
    expect(outcomes).toMatchObject([{ group: 'all', status: 'failed', number: null, url: null }]);
    expect(outcomes[0]?.rotations).toHaveLength(1);
    expect(repository.takeWrites()).toEqual([]);
  });

  it('leaves what is open as it is', async () => {
    await world.pass([python()]);
    damage();
    repository.takeWrites();
    const { outcomes } = await world.pass([python(NEWER)]);
    expect(outcomes).toMatchObject([{ status: 'unchanged', number: 1, url: repository.pull(1).url }]);
    expect(repository.takeWrites()).toEqual([]);
  });
});

describe('what the forge answers', () => {
  it('nothing to merge: the branch goes again', async () => {
    expect(await passOn({ openPullRequest: async () => 'nothing' })).toMatchObject({
      outcomes: [{ status: 'nothing', number: null, url: null, detail: null }],
    });
    expect(repository.git.branches.has(BRANCH)).toBe(false);
    expect(repository.checks).toEqual([]);
  });

  it('a branch that went away while it was rebuilt is a race, which is tried again', async () => {
    await world.pass([python()]);
    const raced = passOn({ moveBranch: async () => 'gone' }, [python(NEWER)]);
    await expect(raced).rejects.toMatchObject({ code: 'raced', temporary: true });
  });

  it('a branch of ours that goes away while it is taken over is made again', async () => {
    await world.pass([python()]);
    repository.closePull(1);
    const gone: Partial<Forge> = {
      moveBranch: async (branch) => {
        repository.git.branches.delete(branch);
        return 'gone';
      },
    };
    expect((await passOn(gone, [python(NEWER)])).outcomes).toMatchObject([{ status: 'opened' }]);
    expect(repository.text(BRANCH, 'api/Dockerfile')).toContain(NEWER);
  });

  it.each([
    ['for good: that group alone fails', 'forbidden', false],
    ['by a limit: nothing else is tried', 'rate-limited', true],
  ])('a look-up is refused %s', async (_, code, isThrown) => {
    repository.fault = ({ method, about }) =>
      method === 'pullRequestsFrom' && about.includes('nginx') ? new MemoryForgeError(code) : null;
    const done = world.pass([python(), nginx()], { settings: byImage() });
    if (isThrown) {
      await expect(done).rejects.toMatchObject({ code });
      expect(repository.pulls).toEqual([]);
      return;
    }
    const { outcomes } = await done;
    expect(outcomes.map(({ status, rotations }) => [status, rotations.length])).toEqual([
      ['failed', 1],
      ['opened', 1],
    ]);
  });
});

describe('a new pull request', () => {
  it('is no more writes than the settings ask for', async () => {
    await world.pass([python()]);
    expect(repository.takeWrites()).toEqual([
      'writeCommit',
      `createBranch ${BRANCH}`,
      `openPullRequest ${BRANCH}`,
      'tag dependencies docker',
      'putCheck Pinwheel',
    ]);
    expect(repository.pull(1).draft).toBe(false);
    expect(repository.git.must(BRANCH).message).not.toContain('Made-by');
  });

  it('goes through the hourly limit where somebody asked for it', async () => {
    const settings = byImage({ perHour: 1 });
    expect(await world.statuses([python(), nginx()], { settings, asked: NAMED })).toEqual([
      'opened',
      'opened',
    ]);
  });

  it('keeps no SBOMs where there are none', async () => {
    const settings = publishSettings({ scan: { sarif: false, sbom: true } });
    await world.pass([python()], { settings });
    expect([...repository.kept]).toEqual([]);
  });
});

describe('a refreshed pull request', () => {
  it('has the title of what is in it now', async () => {
    await world.pass([python()]);
    const { title } = repository.pull(1);
    await world.pass([python(), nginx(NEWER)]);
    expect(repository.pull(1).title).not.toBe(title);
    expect(repository.pull(1).title).toContain('2 base images');
  });

  it('still links its SBOMs', async () => {
    const settings = publishSettings({ scan: { sarif: false, sbom: true } });
    const file = { name: 'python.cdx.json', mediaType: 'application/json', text: '{}\n' };
    const moves = (verdict: string) => [python(NEW, { sboms: () => [file], verdicts: [verdict] })];
    await world.pass(moves('one'), { settings });
    expect(await world.statuses(moves('two'), { settings })).toEqual(['refreshed']);
    const summary = repository.check(BRANCH, 'Pinwheel')?.summary;
    expect(summary).toContain('two');
    expect(summary).toContain('/kept/');
  });
});

describe('the groups of another base', () => {
  it('have its suffix, and the default branch’s are not theirs to close', async () => {
    await world.pass([python()]);
    const context = await world.context([python(NEWER)]);
    const scope = { ownIssues: await context.forge.ownIssues(), branches: [BRANCH], now: world.now };
    const { outcomes } = await publishPlan({ ...context, suffix: '@release-1' }, scope);
    expect(outcomes.map(({ group, status }) => `${group} ${status}`)).toEqual(['all@release-1 opened']);
    expect(repository.openPulls().map(({ head }) => head.branch)).toEqual([BRANCH, `${BRANCH}@release-1`]);
  });

  it('of a name that is no branch’s are nobody’s, and an issue is no pull request', async () => {
    await world.pass([python()]);
    const pull = repository.pull(1);
    const issue = repository.addIssue(
      'pinwheel[bot]',
      'x',
      pull.body.replace('"group":"all"', '"group":"web"'),
    );
    pull.body = pull.body.replace('"group":"all"', '"group":"a b"');
    const { outcomes } = await world.pass([]);
    expect(outcomes.map(({ group }) => group)).toEqual(['all']);
    expect(issue.state).toBe('open');
  });
});
