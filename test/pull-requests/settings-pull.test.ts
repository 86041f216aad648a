import { beforeEach, describe, expect, it } from 'vitest';
import { parseRepositoryConfig } from '../../src/config/repository.ts';
import type { Forge } from '../../src/forge/forge.ts';
import { readMarker } from '../../src/plan/body/marker.ts';
import { pendingSettings, withPending } from '../../src/pull-requests/pending-settings.ts';
import { readSettings } from '../../src/pull-requests/settings-file.ts';
import {
  SETTINGS_BRANCH,
  type SettingsChange,
  type SettingsOutcome,
  writeSettings,
} from '../../src/pull-requests/settings-pull.ts';
import { MemoryForgeError } from '../support/forge/memory-error.ts';
import { memoryForge } from '../support/forge/memory-forge.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';

const FILE = '.github/pinwheel.yml';

let repository: MemoryRepository;
let forge: Forge;

beforeEach(() => {
  repository = new MemoryRepository();
  forge = memoryForge(repository);
  repository.push('main', { Dockerfile: 'FROM python\n' });
});

const hold = (image: string, reason: string | null = null): SettingsChange => ({
  kind: 'add',
  list: 'holds',
  entry: { image, until: null, reason, by: 'mona' },
});
const ignore = (image: string): SettingsChange => ({
  kind: 'add',
  list: 'ignores',
  entry: { image, by: 'mona' },
});
const release = (image: string): SettingsChange => ({ kind: 'remove', list: 'holds', image });

function write(...changes: readonly SettingsChange[]): Promise<SettingsOutcome> {
  return writeSettings(forge, { branch: 'main', commit: repository.git.must('main') }, changes, 'mona');
}

/** The images held and ignored by the settings that count. */
async function counting(): Promise<readonly string[]> {
  const main = repository.text('main', FILE);
  const base = readSettings(null, main === null ? null : { path: FILE, text: main });
  if (base.status === 'broken') throw new Error(base.problems.join());
  const config = withPending(base.config, await pendingSettings(forge, await forge.ownIssues()));
  return [...config.holds, ...config.ignores].map(({ image }) => image.text);
}

describe('writeSettings', () => {
  it('opens one pull request, whose next commits go on top', async () => {
    expect(await write(hold('python', 'it <b>breaks'))).toMatchObject({ status: 'written', number: 1 });
    const pull = repository.pull(1);
    expect(pull).toMatchObject({ title: 'chore(pinwheel): hold python', head: { branch: SETTINGS_BRANCH } });
    expect(pull.body).toContain('it &lt;b&gt;breaks');
    const first = repository.git.must(SETTINGS_BRANCH);
    expect(first.message).toContain('Requested by mona.');
    expect(await write(ignore('nginx'))).toMatchObject({ status: 'written', number: 1 });
    expect(repository.git.must(SETTINGS_BRANCH).parents).toEqual([first.sha]);
    expect(repository.text(SETTINGS_BRANCH, FILE)).toMatch(
      /holds:\n {2}- image: python[\s\S]*ignores:\n {2}- image: nginx/,
    );
    expect(pull.body).toMatch(/hold python[\s\S]*ignore nginx/);
    expect(readMarker(pull.body)).toMatchObject({
      group: 'config',
      head: repository.git.branches.get(SETTINGS_BRANCH),
    });
  });

  it('goes on top of what somebody else pushed there', async () => {
    await write(hold('python'));
    const theirs = repository.push(SETTINGS_BRANCH, { 'x.txt': 'x' });
    await write(hold('nginx'));
    expect(repository.git.must(SETTINGS_BRANCH).parents).toEqual([theirs]);
  });

  it.each<[string, string | null, readonly SettingsChange[], SettingsOutcome['status']]>([
    ['what is there already', 'holds:\n  - image: python\n    by: "mona"\n', [hold('python')], 'unchanged'],
    ['a release of nothing', null, [release('python')], 'unchanged'],
    [
      'a release in another spelling',
      'holds:\n  - image: docker.io/library/python\n',
      [release('python')],
      'written',
    ],
    ['a release of another tag', 'holds:\n  - image: python:3.11\n', [release('python:3.12')], 'unchanged'],
    ['a list that has no room', 'holds: [{ image: python }]\n', [release('python')], 'not-editable'],
    [
      'one of several that cannot be done',
      'holds: [{ image: python }]\n',
      [ignore('nginx'), release('python')],
      'not-editable',
    ],
  ])('%s', async (_, text, changes, status) => {
    if (text !== null) repository.push('main', { [FILE]: text });
    repository.takeWrites();
    expect(await write(...changes)).toMatchObject({ status });
    if (status !== 'written') expect(repository.takeWrites()).toEqual([]);
  });

  it.each([
    ['as it is written', 'python*', 'written'],
    ['in no other spelling', 'python', 'unchanged'],
  ])('releases what is no image but a pattern %s', async (_, image, status) => {
    repository.push('main', { [FILE]: 'holds:\n  - image: "python*"\n' });
    expect(await write(release(image))).toMatchObject({ status });
  });

  it('says until when, in a title that is not too long', async () => {
    const entry = { image: 'python', until: '2026-12-24', reason: null, by: 'mona' };
    const many = Array.from({ length: 30 }, (_, i) => hold(`image-${i}`));
    await write({ kind: 'add', list: 'holds', entry }, ...many);
    const pull = repository.pull(1);
    expect(pull.title).toContain('hold python until 2026-12-24');
    expect(pull.title.length).toBeLessThanOrEqual(200);
    expect(pull.draft).toBe(false);
    expect(readMarker(pull.body)).toMatchObject({ closed: false, base: repository.git.must('main').sha });
    const { tree } = repository.git.must(SETTINGS_BRANCH);
    expect(repository.git.files(tree).get(FILE)?.mode).toBe('100644');
  });

  it('keeps the list of what was asked for, and starts it anew where a person emptied the text', async () => {
    await write(hold('python'));
    await write(hold('nginx'));
    const pull = repository.pull(1);
    expect(pull.body.match(/^- /gm)).toHaveLength(2);
    expect(pull.body.split('\n\n')).toHaveLength(3);
    pull.body = '';
    await write(hold('node'));
    expect(pull.body.match(/^- /gm)).toHaveLength(1);
    expect(readMarker(pull.body)?.base).toBe(repository.git.must('main').sha);
  });

  it('says a race with another pass in a way that is tried again', async () => {
    const raced: Forge = { ...forge, openPullRequest: async () => 'exists' };
    const base = { branch: 'main', commit: repository.git.must('main') };
    await expect(writeSettings(raced, base, [hold('nginx')], 'mona')).rejects.toMatchObject({
      code: 'raced',
    });
  });

  it('takes a branch over that was left behind', async () => {
    repository.push(SETTINGS_BRANCH, { 'x.txt': 'x' });
    expect(await write(hold('python'))).toMatchObject({ status: 'written' });
    expect(repository.text(SETTINGS_BRANCH, 'x.txt')).toBeNull();
  });

  it('says a race in a way that is tried again', async () => {
    await write(hold('python'));
    const raced: Forge = { ...forge, moveBranch: async () => 'not-fast-forward' };
    const base = { branch: 'main', commit: repository.git.must('main') };
    await expect(writeSettings(raced, base, [hold('nginx')], 'mona')).rejects.toMatchObject({
      code: 'raced',
      temporary: true,
    });
  });
});

describe('what counts while it is open', () => {
  it('is what it adds, and what it takes away', async () => {
    repository.push('main', { [FILE]: 'holds:\n  - image: node\n  - image: go\n' });
    expect(await counting()).toEqual(['node', 'go']);
    await write(hold('python'), release('node'), ignore('nginx'));
    expect(await counting()).toEqual(['go', 'python', 'nginx']);
  });

  it('is added to what the base says now', async () => {
    await write(hold('python'));
    repository.push('main', { [FILE]: 'holds:\n  - image: node\n' });
    expect(await counting()).toEqual(['node', 'python']);
  });

  it.each<[string, () => void, readonly string[]]>([
    ['merged', () => void repository.mergePull(1), ['python']],
    ['closed', () => repository.closePull(1), []],
    ['somebody else’s', () => void Object.assign(repository.pull(1), { author: 'mona' }), []],
    ['without its branch', () => void repository.git.branches.delete(SETTINGS_BRANCH), []],
    ['broken by a person', () => void repository.push(SETTINGS_BRANCH, { [FILE]: 'holds: 7\n' }), []],
  ])('is by the base alone once it is %s', async (_, change, expected) => {
    await write(hold('python'));
    expect(await counting()).toEqual(['python']);
    change();
    expect(await counting()).toEqual(expected);
  });

  it('never changes another setting', async () => {
    await write(hold('python'));
    repository.push(SETTINGS_BRANCH, { [FILE]: `${repository.text(SETTINGS_BRANCH, FILE)}enabled: false\n` });
    const base = parseRepositoryConfig('', FILE);
    expect(base.ok).toBe(true);
    const ready = readSettings(null, null);
    if (ready.status === 'broken') throw new Error('broken');
    const config = withPending(ready.config, await pendingSettings(forge, await forge.ownIssues()));
    expect(config).toEqual({ ...ready.config, holds: config.holds });
    expect(config.holds).toHaveLength(1);
  });

  it('is not guessed where the forge does not answer', async () => {
    await write(hold('python'));
    const own = await forge.ownIssues();
    repository.fault = ({ method }) =>
      method === 'commit' ? new MemoryForgeError('unavailable', true) : null;
    await expect(pendingSettings(forge, own)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
