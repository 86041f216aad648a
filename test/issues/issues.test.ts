import { beforeEach, describe, expect, it } from 'vitest';
import { refusalOf } from '../../src/forge/errors.ts';
import type { Forge } from '../../src/forge/forge.ts';
import { syncConfigIssue } from '../../src/issues/config-issue.ts';
import { type DashboardInput, findDashboard, syncDashboard } from '../../src/issues/dashboard.ts';
import { digestOf, passOver } from '../support/fake-pass.ts';
import { MemoryForgeError } from '../support/forge/memory-error.ts';
import { MEMORY_RULES, memoryForge } from '../support/forge/memory-forge.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';

let repository: MemoryRepository;
let forge: Forge;

beforeEach(() => {
  repository = new MemoryRepository();
  forge = memoryForge(repository);
});

describe('the issue about settings that cannot be read', () => {
  const sync = async (...problems: readonly string[]): Promise<readonly string[]> => {
    repository.takeWrites();
    await syncConfigIssue(forge, await forge.ownIssues(), 'pinwheel.yml', problems);
    return repository.takeWrites().map((write) => write.split(' ')[0] ?? '');
  };

  it('is opened, kept, brought up to date and closed; opened anew after that', async () => {
    expect(await sync()).toEqual([]);
    expect(await sync('pinwheel.yml:1: <b>')).toEqual(['openIssue']);
    expect(repository.issues[0]?.body).toContain('pinwheel.yml:1: &lt;b&gt;');
    expect(await sync('pinwheel.yml:1: <b>')).toEqual([]);
    expect(await sync('pinwheel.yml:2')).toEqual(['updateIssue']);
    expect(await sync()).toEqual(['updateIssue']);
    expect(repository.issues[0]?.state).toBe('closed');
    expect(await sync()).toEqual([]);
    expect(await sync('pinwheel.yml:1')).toEqual(['openIssue']);
    expect(repository.issues).toHaveLength(2);
  });

  it('is left alone where a browser saved it with other line ends', async () => {
    await sync('one', 'two');
    const [issue] = repository.issues;
    if (issue !== undefined) issue.body = `${issue.body.replaceAll('\n', '\r\n')}\r\n`;
    expect(await sync('one', 'two')).toEqual([]);
  });

  it('is no pull request of ours that quotes it', async () => {
    await sync('one');
    const { body } = repository.issues.pop() ?? { body: '' };
    repository.push('main', { a: 'a' });
    repository.push('pinwheel/all', { b: 'b' });
    repository.pull(repository.propose('pinwheel/all', 'pinwheel[bot]')).body = body;
    expect(await sync('one')).toEqual(['openIssue']);
  });

  it('shows fifty problems at most', async () => {
    await sync(...Array.from({ length: 60 }, (_, i) => `problem ${i}.`));
    expect(repository.issues[0]?.body.match(/^- /gm)).toHaveLength(50);
  });
});

describe('the dashboard', () => {
  const files = new Map([['Dockerfile', `FROM python:3.11@${digestOf('a')}\n`]]);
  /** What the dashboard is told after a pass in which the tag points to this digest. */
  async function shown(to: string): Promise<DashboardInput> {
    const { plan, answers } = await passOver(files, [{ image: 'python:3.11', to: digestOf(to) }]);
    const moving = plan.rotations.filter(({ verdict }) => verdict !== 'current');
    return { plan: { ...plan, rotations: moving }, answers, notes: [], outcomes: [], troubles: [] };
  }
  const settings = { enabled: true, title: 'Pinwheel', labels: [] };

  async function sync(to: string, change: Partial<typeof settings> = {}): Promise<readonly string[]> {
    repository.takeWrites();
    const existing = findDashboard(await forge.ownIssues());
    await syncDashboard(forge, existing, { ...settings, ...change }, await shown(to));
    return repository.takeWrites().map((write) => write.split(' ')[0] ?? '');
  }

  it('is opened once, and written where it says something else', async () => {
    expect(await sync('a')).toEqual([]);
    expect(await sync('b')).toEqual(['openIssue']);
    expect(await sync('b')).toEqual([]);
    expect(await sync('c', { title: 'Images' })).toEqual(['updateIssue']);
    expect(repository.issues).toMatchObject([{ title: 'Images' }]);
    expect(await sync('c', { title: 'Images', enabled: false })).toEqual(['updateIssue']);
    expect(repository.issues).toMatchObject([{ state: 'closed' }]);
    expect(await sync('c', { enabled: false })).toEqual([]);
  });

  it('stays where nothing is left to tell of', async () => {
    await sync('b');
    expect(await sync('a')).toEqual(['updateIssue']);
    expect(repository.issues[0]?.body).toContain('Every pin is current.');
  });

  it('mentions pull requests as this forge links them, and fits into its issues', async () => {
    const { plan, ...rest } = await shown('b');
    const outcomes = Array.from({ length: 2000 }, (_, number) => {
      const { rotations } = plan;
      return { group: 'all', rotations, status: 'unchanged', number, url: null, detail: null } as const;
    });
    await syncDashboard(forge, null, settings, { ...rest, plan, outcomes });
    expect(repository.issues[0]?.body).toContain('- !7 ');
    expect(repository.issues[0]?.body.length).toBeLessThanOrEqual(MEMORY_RULES.limits.body);
  });

  it.each([
    ['not-found', false],
    ['unavailable', true],
  ])('a refusal: %s', async (code, temporary) => {
    repository.fault = ({ method }) =>
      method === 'openIssue' ? new MemoryForgeError(code, temporary) : null;
    const tried = refusalOf(async () => syncDashboard(forge, null, settings, await shown('b')));
    if (temporary) await expect(tried).rejects.toMatchObject({ code });
    else expect(await tried).toBe(`the forge says ${code}`);
  });
});
