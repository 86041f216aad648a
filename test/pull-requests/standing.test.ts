import { beforeEach, describe, expect, it } from 'vitest';
import type { Commit } from '../../src/forge/types.ts';
import { isOurTip, isOwnCommit, lookUp } from '../../src/pull-requests/standing.ts';
import { APP, TOKEN } from '../support/forge/memory-forge.ts';
import { byForgeFor, byPerson, type Signature } from '../support/forge/memory-git.ts';
import type { MemoryRepository } from '../support/forge/memory-repository.ts';
import { NEW, PublishingWorld, python } from '../support/forge/publishing.ts';

const BRANCH = 'pinwheel/all';
const BOT = byForgeFor('pinwheel[bot]');

let world: PublishingWorld;
let repository: MemoryRepository;

beforeEach(async () => {
  world = new PublishingWorld();
  repository = world.repository;
  await world.pass([python()]);
});

async function isUntouched(): Promise<boolean> {
  return (await lookUp(await world.context([python()]), 'all')).ours;
}

/** The marker names another head: as when we died between the branch and the body, or somebody edited it. */
function loseHead(head = ''): void {
  const pull = repository.pull(1);
  pull.body = pull.body.replace(/"head":"[0-9a-f]+"/, `"head":"${head}"`);
}

describe('whose branch it is', () => {
  it('is ours as we left it, for one request', async () => {
    repository.takeReads();
    expect(await isUntouched()).toBe(true);
    expect(repository.takeReads().filter((one) => !one.startsWith('pullRequestsFrom'))).toEqual([]);
  });

  it.each<[string, () => void, boolean]>([
    ['the button "Update branch"', () => void repository.updateBranch(1), true],
    [
      'the button, pressed twice',
      () => {
        repository.updateBranch(1);
        repository.push('main', { 'b.txt': 'b' });
        repository.updateBranch(1);
      },
      true,
    ],
    [
      'a conflict in our file settled in the browser',
      () => void repository.updateBranch(1, { 'api/Dockerfile': 'FROM mine\n' }),
      false,
    ],
    ['a merge that a person pushed', () => void repository.updateBranch(1, {}, byPerson('mona')), false],
    [
      'a merge that a person pushed as if the forge had made it',
      () => void repository.updateBranch(1, {}, { ...byForgeFor('mona'), verified: false }),
      false,
    ],
    ['a person’s commit on top', () => void repository.push(BRANCH, { 'x.txt': 'x' }), false],
    [
      'an edit in the browser',
      () => void repository.push(BRANCH, { 'x.txt': 'x' }, byForgeFor('mona')),
      false,
    ],
    ['a person’s amended commit', () => void repository.amend(BRANCH, {}), false],
    [
      'our commit amended by a person, the author kept',
      () => void repository.amend(BRANCH, {}, { ...byPerson('mona'), author: 'pinwheel[bot]' }),
      false,
    ],
    [
      'a second commit in our name, on top',
      () => void repository.push(BRANCH, { 'x.txt': 'x' }, { ...BOT, verified: false }),
      false,
    ],
    [
      'a commit in our name in place of ours, without the forge’s signature',
      () => void repository.amend(BRANCH, { 'x.txt': 'x' }, { ...BOT, verified: false }),
      false,
    ],
    [
      'a merge in our name that has the base as its first parent',
      () => {
        const { git } = repository;
        const parents = [git.must('main').sha, git.must(BRANCH).sha];
        git.branches.set(BRANCH, git.commit(parents, git.must(BRANCH).tree, 'm', BOT).sha);
      },
      false,
    ],
    ['two signed commits of ours', () => void repository.push(BRANCH, { 'x.txt': 'x' }, BOT), false],
  ])('after %s', async (_, change, expected) => {
    repository.push('main', { 'README.md': 'moved on\n' });
    change();
    expect(await isUntouched()).toBe(expected);
  });

  it('is ours where we died between the branch and the body', async () => {
    repository.amend(BRANCH, { 'api/Dockerfile': 'FROM other\n' }, BOT);
    expect(await isUntouched()).toBe(true);
  });

  it.each([
    ['emptied', ''],
    ['made into nonsense', 'beef'],
  ])('is ours by its commit, though the marker’s head was %s', async (_, head) => {
    loseHead(head);
    expect(await isUntouched()).toBe(true);
  });

  it('is nobody’s to take where a person opened it', async () => {
    repository.pull(1).author = 'mona';
    expect(await isUntouched()).toBe(false);
  });

  it('is not ours where its head is gone', async () => {
    loseHead();
    repository.pull(1).head.sha = '0'.repeat(40);
    repository.git.branches.delete(BRANCH);
    expect(await isUntouched()).toBe(false);
  });
});

describe('what was declined', () => {
  it.each<[string, () => unknown, boolean]>([
    ['a person closed it', () => repository.closePull(1), true],
    ['it was merged', () => void repository.mergePull(1), false],
    ['we closed it', () => world.pass([]), false],
    [
      'it was opened by somebody else',
      () => {
        repository.pull(1).author = 'mona';
        repository.closePull(1);
      },
      false,
    ],
    [
      'its body says nothing any more',
      () => {
        repository.pull(1).body = '';
        repository.closePull(1);
      },
      false,
    ],
  ])('%s', async (_, end, isDeclined) => {
    await end();
    const { declined } = await lookUp(await world.context([python()]), 'all');
    expect([...declined]).toEqual(isDeclined ? [NEW.slice('sha256:'.length, 'sha256:'.length + 16)] : []);
  });
});

describe('isOurs', () => {
  const commit = (by: Partial<Signature>, message = 'm'): Commit => ({
    sha: '1',
    tree: '2',
    message,
    parents: [],
    ...BOT,
    ...by,
    ownMerge: false,
  });
  it.each<[string, Partial<Signature>, boolean]>([
    ['made by the forge for the App', {}, true],
    ['of the App, pushed by itself', { byForge: false, committer: 'pinwheel[bot]' }, true],
    ['of the App, rebased by a person', { byForge: false, committer: 'mona' }, false],
    ['of a person in the browser', { author: 'mona' }, false],
    ['of nobody known', { author: null }, false],
  ])('a commit %s', (_, by, expected) => {
    expect(isOwnCommit(commit(by), APP)).toBe(expected);
  });

  it.each([
    ['with the trailer', 'ada', 'm\n\nMade-by: Pinwheel', true],
    ['without the trailer', 'ada', 'm', false],
    ['that quotes the trailer', 'ada', 'm\n\n> Made-by: Pinwheel', false],
    ['with the trailer, of somebody else', 'mona', 'm\n\nMade-by: Pinwheel', false],
  ])('a commit by token %s', (_, author, message, expected) => {
    expect(isOwnCommit(commit({ ...byPerson(author) }, message), TOKEN)).toBe(expected);
  });
});

describe('isOurTip', () => {
  it.each<[string, () => string, boolean]>([
    ['the head of a closed pull request', () => repository.pull(1).head.sha, true],
    ['the base itself', () => repository.git.must('main').sha, true],
    ['a commit of ours', () => repository.push('other', { x: 'x' }, BOT), true],
    ['a commit of a person', () => repository.push('other', { x: 'x' }), false],
    ['nothing', () => '0'.repeat(40), false],
  ])('%s', async (_, tip, expected) => {
    repository.closePull(1);
    const context = await world.context([python()]);
    const standing = await lookUp(context, 'all');
    expect(await isOurTip(context, tip(), standing)).toBe(expected);
  });
});
