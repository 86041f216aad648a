import { beforeEach, describe, expect, it } from 'vitest';
import {
  type CheckedTrees,
  checkHead,
  checkMergeGroup,
  checkPullRequest,
  type PinCheckOptions,
} from '../../src/checks/check-commits.ts';
import { defaultConfig, type RepositoryConfig } from '../../src/config/repository.ts';
import { defaultPolicy } from '../../src/config/schema/policy.ts';
import type { Tree } from '../../src/discover/tree.ts';
import type { ForgeIdentity } from '../../src/forge/types.ts';
import { type FactPorts, NO_FACTS } from '../../src/pass/ports.ts';
import { type Registry, RegistryError } from '../../src/resolve/registry.ts';
import { fakeRegistry } from '../support/fake-registry.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { APP, memoryForge, TOKEN } from '../support/forge/memory-forge.ts';
import { MemoryRepository } from '../support/forge/memory-repository.ts';
import { NEW, NGINX, OLD, PYTHON } from '../support/forge/passes.ts';

const PIN_CHECK_NAME = 'Pinwheel / base image age';

/** Everything in the history is forty days old: past the limit where something newer is there. */
const PINNED = '2026-10-11';
const NOW = new Date('2026-11-20T09:00:00Z');
const config: RepositoryConfig = {
  ...defaultConfig(),
  policy: { ...defaultPolicy(), gates: { age: 'enforce' } },
};

let repository: MemoryRepository;
let judged: CheckedTrees[];
let outage: RegistryError | null;
let facts: FactPorts;

beforeEach(() => {
  repository = new MemoryRepository();
  repository.push('main', { 'api/Dockerfile': `FROM python:3.11@${OLD}\n` });
  judged = [];
  outage = null;
  facts = NO_FACTS;
});

const registry = (): Registry => {
  const fake = fakeRegistry(new Map([PYTHON, NGINX].map((name) => [name, NEW])));
  return {
    ...fake,
    resolveTag: async (image) => {
      if (outage !== null) throw outage;
      return fake.resolveTag(image);
    },
    tags: async () => ['3.13', '3.14'],
  };
};

const options: PinCheckOptions = {
  now: () => NOW,
  ports: async (trees) => {
    judged.push(trees);
    const history = {
      pinnedOn: async (digests: readonly (typeof OLD)[]) =>
        new Map(digests.map((one) => [one, { status: 'known', date: PINNED as never } as const])),
    };
    return { tree: trees.tree, registry: registry(), facts, history };
  },
};

type Change = Partial<{ readonly identity: ForgeIdentity; readonly again: boolean }>;

const forge = (identity: ForgeIdentity = APP) => memoryForge(repository, identity);
const settings = (again = false) => ({ config, organisation: null, again });
const shownOn = (ref: string) => repository.check(ref, PIN_CHECK_NAME);

const ofPull = (number: number, { identity = APP, again }: Change = {}) => {
  const [head, base] = [repository.pull(number).head, repository.pull(number).base];
  const pull = {
    ...repository.pull(number),
    head: { ...head, sha: repository.headOf(repository.pull(number)) },
    base,
  };
  return checkPullRequest(options, forge(identity), pull, settings(again));
};
const ofQueue = (branch: string, { identity = APP, again }: Change = {}) =>
  checkMergeGroup(options, forge(identity), branch, settings(again));
const ofHead = ({ identity = APP, again }: Change = {}) =>
  checkHead(
    options,
    forge(identity),
    { branch: 'main', commit: repository.git.must('main') },
    settings(again),
  );

const textOf = async (tree: Tree, path: string) => Buffer.from(await tree.read(path)).toString();

/** A pull request, and what a merge queue makes of it: nginx comes, python stays. */
function propose(): number {
  const files = { 'web/Dockerfile': `FROM nginx:1@${OLD}\n` };
  repository.push('feature', files);
  repository.push('queue/main/1', files);
  return repository.propose('feature');
}

describe('the pins that a change brings', () => {
  it.each<[string, string, (number: number) => Promise<boolean>]>([
    ['a pull request', 'feature', (number) => ofPull(number)],
    ['a merge queue', 'queue/main/1', () => ofQueue('queue/main/1')],
  ])('fail %s, those that it leaves alone only warn', async (_, branch, judge) => {
    const number = propose();
    expect(await judge(number)).toBe(true);
    const check = shownOn(branch);
    expect(check?.conclusion).toBe('failure');
    expect(check?.annotations.map(({ path, level }) => [path, level])).toEqual([
      ['web/Dockerfile', 'failure'],
      ['api/Dockerfile', 'warning'],
    ]);
    expect(shownOn('main')).toBeNull();
    expect(judged.map((trees) => trees.branch)).toEqual(['main']);
  });

  it('are those of the merge: what the base has mended since is not the change’s', async () => {
    const number = propose();
    repository.push('main', { 'api/Dockerfile': 'FROM scratch\n', 'key.pub': 'ours' });
    await ofPull(number);
    const [trees] = judged;
    if (trees === undefined) throw new Error('nothing was judged');
    const { tree } = trees;
    expect(await textOf(tree, 'api/Dockerfile')).toBe('FROM scratch\n');
    expect(await textOf(tree, 'web/Dockerfile')).toContain('nginx');
    expect(shownOn('feature')?.annotations.map(({ path }) => path)).toEqual(['web/Dockerfile']);
  });

  it('are judged by keys of the base branch, whatever the change brings along', async () => {
    const number = propose();
    repository.push('main', { 'key.pub': 'ours' });
    repository.push('feature', { 'key.pub': 'theirs' });
    repository.push('queue/main/1', { 'key.pub': 'theirs' });
    await ofPull(number);
    await ofQueue('queue/main/1');
    const keys = judged.map(async ({ tree, trusted }) => [
      await textOf(tree, 'key.pub'),
      await textOf(trusted, 'key.pub'),
    ]);
    expect(await Promise.all(keys)).toEqual([
      ['theirs', 'ours'],
      ['theirs', 'ours'],
    ]);
  });

  it('of a head fail it, for there is no change to spare them', async () => {
    expect(await ofHead()).toBe(true);
    expect(shownOn('main')).toMatchObject({ conclusion: 'failure', title: '1 pin, 1 violation' });
    expect(judged.map(({ branch }) => branch)).toEqual(['main']);
  });
});

describe('nothing is judged', () => {
  it.each<[string, () => Promise<boolean>]>([
    ['of a pull request, by who may not write checks', () => ofPull(propose(), { identity: TOKEN })],
    [
      'of a queue, by who may not write checks',
      () => {
        propose();
        return ofQueue('queue/main/1', { identity: TOKEN });
      },
    ],
    ['of a head, by who may not write checks', () => ofHead({ identity: TOKEN })],
    ['of a branch that is no merge queue’s', () => ofQueue('main')],
    ['of a queue that is gone', () => ofQueue('queue/main/9')],
    ['of a queue whose base is gone', () => ofQueue('queue/gone/1')],
    [
      'of a pull request whose base is gone',
      () => {
        const number = propose();
        repository.push('next', {});
        repository.pull(number).base.branch = 'next';
        const pull = { ...repository.pull(number) };
        repository.git.branches.delete('next');
        const base = { ...forge(), pathsChangedBy: async () => [] };
        return checkPullRequest(options, base, pull, settings());
      },
    ],
    [
      'of a pull request whose head is gone',
      () => {
        const pull = repository.pull(propose());
        const gone = { ...pull, head: { ...pull.head, sha: '0'.repeat(40) } };
        return checkPullRequest(options, forge(), gone, settings());
      },
    ],
  ])('%s', async (_, judge) => {
    if (repository.pulls.length === 0) repository.push('queue/gone/1', {});
    expect(await judge()).toBe(true);
    expect(judged).toEqual([]);
    expect(repository.checks).toEqual([]);
  });
});

describe('whether the day’s judgement is made', () => {
  const code = (temporary: boolean) =>
    new RegistryError({ code: temporary ? 'unavailable' : 'not-found', message: 'no answer', temporary });

  it.each<[string, RegistryError | null, boolean]>([
    ['everything was answered', null, true],
    ['an outage left something open', code(true), false],
    ['a tag is gone for good', code(false), true],
  ])('%s', async (_, fault, settled) => {
    const number = propose();
    outage = fault;
    expect(await ofHead()).toBe(settled);
    expect(await ofPull(number)).toBe(settled);
    expect(await ofQueue('queue/main/1')).toBe(settled);
  });

  it('a scan that failed is for tomorrow', async () => {
    facts = { ...NO_FACTS, scan: async () => Promise.reject(new Error('no scanner')) };
    const strict = { ...config, policy: { ...config.policy, gates: { baseline: 'enforce' as const } } };
    const base = { branch: 'main', commit: repository.git.must('main') };
    expect(await checkHead(options, forge(), base, { config: strict, organisation: null })).toBe(true);
    expect(shownOn('main')?.conclusion).toBe('neutral');
    facts = {
      ...NO_FACTS,
      scan: async ({ to }) =>
        scanDiffFact({ unchanged: [finding('CVE-2026-1', 'a', { severity: 'critical' })] }, { to }),
    };
    expect(await checkHead(options, forge(), base, { config: strict, organisation: null })).toBe(true);
    expect(shownOn('main')?.conclusion).toBe('failure');
  });
});

it('names the tags that a stagnant pin could move to', async () => {
  repository.push('main', { 'api/Dockerfile': `FROM python:3.11@${NEW}\n` });
  await ofHead();
  expect(shownOn('main')?.annotations[0]).toMatchObject({ title: expect.stringContaining('stagnant') });
  expect(shownOn('main')?.annotations[0]?.message).toContain('3.14');
});

it.each<[string, (change: Change) => Promise<boolean>]>([
  ['a head', ofHead],
  ['a pull request', (change) => ofPull(repository.pulls[0]?.number ?? 0, change)],
  ['a merge queue', (change) => ofQueue('queue/main/1', change)],
])('the check of %s is written once for the same matter, and again where somebody asks', async (_, judge) => {
  propose();
  await judge({});
  repository.takeWrites();
  await judge({});
  expect(repository.takeWrites()).toEqual([]);
  await judge({ again: true });
  expect(repository.takeWrites()).toEqual([`putCheck ${PIN_CHECK_NAME}`]);
});
