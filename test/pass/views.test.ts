import { describe, expect, it } from 'vitest';
import type { ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import { defaultConfig, type RepositoryConfig } from '../../src/config/repository.ts';
import { type Tree, TreeError } from '../../src/discover/tree.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { formatPlatform } from '../../src/domain/platform.ts';
import { readBaseline } from '../../src/pass/baseline.ts';
import { explainView } from '../../src/pass/explain.ts';
import { ledgerOf } from '../../src/pass/ledger.ts';
import { knownShapes, ledgerRows } from '../../src/pass/ledger-rows.ts';
import { findingsOfTree, pinnedFindings } from '../../src/pass/pinned-findings.ts';
import { surveyTree } from '../../src/pass/survey.ts';
import { touchedBy } from '../../src/pass/touched.ts';
import { groupPins, type Pin } from '../../src/plan/pins.ts';
import { digestOf } from '../support/fake-pass.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { World } from './one-answer/world.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const [A, B] = [digestOf('a'), digestOf('b')];
const LEDGER = 'BASE_IMAGE_DIGESTS.md';
const config = defaultConfig();
const tree = (files: Readonly<Record<string, string>>) => memoryTree(new Map(Object.entries(files)));
const pinsOf = async (of: Tree): Promise<readonly Pin[]> => groupPins((await surveyTree(of, config)).sites);
const PYTHON = `FROM python:3.11@${A}\n`;

describe('the pins that a change touches', () => {
  it.each<[string, Readonly<Record<string, string>> | null, Readonly<Record<string, string>>, boolean]>([
    ['all, where there is no change', null, { Dockerfile: PYTHON }, true],
    ['none that stand as they stood', { Dockerfile: PYTHON }, { Dockerfile: PYTHON }, false],
    ['a pin that is new', {}, { Dockerfile: PYTHON }, true],
    ['a pin at another digest', { Dockerfile: `FROM python:3.11@${B}\n` }, { Dockerfile: PYTHON }, true],
    ['a copy of a pin', { Dockerfile: PYTHON }, { Dockerfile: PYTHON, 'b/Dockerfile': PYTHON }, true],
    ['none in a file that moved', { Dockerfile: PYTHON }, { 'b/Dockerfile': PYTHON }, false],
    [
      'none of which a copy went away',
      { Dockerfile: PYTHON, 'b/Dockerfile': PYTHON },
      { Dockerfile: PYTHON },
      false,
    ],
  ])('%s', async (_, before, after, expected) => {
    const pins = await pinsOf(tree(after));
    const isTouched = await touchedBy(before === null ? null : tree(before), config, pins);
    expect(pins.map(isTouched)).toEqual([expected]);
  });

  it('are none of those that are not there', async () => {
    const [pin] = await pinsOf(tree({ Dockerfile: PYTHON }));
    if (pin === undefined) throw new Error('no pin');
    expect((await touchedBy(tree({}), config, []))(pin)).toBe(false);
  });
});

describe('the findings of a pin', () => {
  const pin = async (text = PYTHON): Promise<Pin> => {
    const [one] = await pinsOf(tree({ Dockerfile: text }));
    if (one === undefined) throw new Error('no pin');
    return one;
  };
  const critical = finding('CVE-2026-1', 'openssl', { severity: 'critical' });

  it('are those of a scan of its digest, on the platforms that matter', async () => {
    const asked: unknown[] = [];
    const platforms = [{ os: 'linux', architecture: 'arm64', variant: null }];
    const scan = async (move: unknown): Promise<ScanDiffFact> => {
      asked.push(move);
      return scanDiffFact({ unchanged: [critical] }, { from: null, to: A });
    };
    const found = await pinnedFindings(await pin(), platforms, { scan });
    expect(found).toEqual({ findings: [critical], gaps: [] });
    expect(asked).toMatchObject([{ tag: '3.11', from: null, to: A, platforms }]);
  });

  it.each<[string, (() => Promise<ScanDiffFact>) | null, readonly string[] | null, string]>([
    ['nobody scans', null, null, 'scanner'],
    ['the scan throws', () => Promise.reject(new Error('no network')), null, 'no network'],
    ['a platform has no answer', async () => scanDiffFact(null), [], 'no scanner'],
    [
      'a platform has no answer and does not say why',
      async () => scanDiffFact(null, {}, { unavailable: null }),
      [],
      'platform',
    ],
  ])('are a gap where %s', async (_, scan, ids, why) => {
    const { findings, gaps } = await pinnedFindings(await pin(), [], { scan });
    expect(findings?.map(({ id }) => id) ?? null).toEqual(ids);
    expect(gaps).toMatchObject([
      { subject: 'docker.io/library/python:3.11', code: 'scan-unavailable', temporary: true },
    ]);
    expect(gaps[0]?.message).toContain(why);
  });

  it('are not asked for where nothing is pinned', async () => {
    expect(await pinnedFindings(await pin('FROM python:3.11\n'), [], { scan: null })).toEqual({
      findings: null,
      gaps: [],
    });
  });

  it('of a tree are those of each digest in it, and what could not be scanned or read', async () => {
    const files = { Dockerfile: `${PYTHON}FROM nginx:1@${B}\nFROM node:22\n`, 'b/Dockerfile': 'FROM a\0' };
    const images = [{ match: [toImagePattern('nginx')], platforms: ['linux/arm64'] }];
    const asked: string[] = [];
    const scan = async ({
      to,
      platforms,
    }: {
      to: string;
      platforms: readonly Parameters<typeof formatPlatform>[0][];
    }) => {
      asked.push(`${to === A ? 'python' : 'nginx'} ${platforms.map(formatPlatform).join()}`);
      if (to === B) throw new Error('no network');
      return scanDiffFact({ unchanged: [critical] });
    };
    const found = await findingsOfTree(tree(files), { ...config, images }, { scan }, NOW);
    expect(found.images.map(({ image, findings }) => [image.repository, findings.length])).toEqual([
      ['library/nginx', 0],
      ['library/python', 1],
    ]);
    expect(found.failures.map(({ code }) => code)).toEqual(['binary', 'scan-unavailable']);
    expect(asked.sort()).toEqual(['nginx linux/arm64', 'python ']);
  });
});

describe('the ledger against the files alone', () => {
  it.each<[string, Readonly<Record<string, string>>, RepositoryConfig, readonly string[], boolean]>([
    ['is written where there is none', { Dockerfile: PYTHON }, config, [LEDGER], true],
    [
      'is not written where none is kept',
      { Dockerfile: PYTHON },
      { ...config, ledger: { enabled: false, path: null } },
      [],
      false,
    ],
    [
      'is left alone where it is damaged',
      { Dockerfile: PYTHON, [LEDGER]: '<!-- pinwheel:ledger:start -->\n' },
      config,
      [],
      false,
    ],
  ])('%s', async (_, files, settings, paths, isKept) => {
    const view = await ledgerOf(tree(files), settings, NOW);
    expect(view.changes.map(({ path }) => path)).toEqual(paths);
    expect(view.ledger !== null).toBe(isKept);
    expect(view.failures.map(({ code }) => code)).toEqual(LEDGER in files ? ['ledger-damaged'] : []);
    const text = view.changes.map(({ bytes }) => Buffer.from(bytes).toString()).join();
    if (isKept) expect(text).toContain(A);
  });

  it('keeps what its rows know, and has nothing to write the second time', async () => {
    const world = new World();
    world.pin(A);
    world.ledger(A, { published: 30, pinnedOn: 20 });
    const view = await ledgerOf(memoryTree(world.files), config, NOW);
    expect(view.ledger?.entries).toMatchObject([
      { digest: A, published: '2026-10-21', pinnedOn: '2026-10-31' },
    ]);
    for (const { path, bytes } of view.changes) world.file(path, Buffer.from(bytes).toString());
    expect((await ledgerOf(memoryTree(world.files), config, NOW)).changes).toEqual([]);
  });
});

describe('rows of the ledger', () => {
  const image = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
  const row = {
    image,
    digest: A,
    kind: 'index' as const,
    platforms: ['linux/amd64'],
    published: null,
    firstSeen: null,
    pinnedOn: null,
    status: 'fresh' as const,
    stopped: null,
    usedIn: [],
  };

  it('are found by image and digest; of two the first counts', () => {
    const rowOf = ledgerRows([row, { ...row, usedIn: ['second'] }]);
    expect(rowOf({ image, from: A })).toBe(row);
    expect(rowOf({ image, from: B })).toBeNull();
    expect(rowOf({ image: { ...image, tag: '3.12' }, from: A })).toBeNull();
  });

  it.each<[string, Partial<typeof row> | { kind: null } | null, boolean]>([
    ['knows what it is', {}, true],
    ['does not say its kind', { kind: null }, false],
    ['names no platform', { platforms: [] }, false],
    ['is not there', null, false],
  ])('save asking the registry where a row %s', (_, change, isKnown) => {
    const known = knownShapes(ledgerRows(change === null ? [] : [{ ...row, ...change }]));
    expect(known({ image, from: A, platforms: [] })).toEqual(
      isKnown ? { kind: 'index', platforms: [{ os: 'linux', architecture: 'amd64', variant: null }] } : null,
    );
  });
});

describe('the baseline file', () => {
  const settings = { ...config, policy: { ...config.policy, baseline: 'accepted.json' } };
  const failing = (error: Error): Tree => ({ list: async () => [], read: () => Promise.reject(error) });
  it.each<[string, Tree, boolean, string | null]>([
    ['that is there', tree({ 'accepted.json': '{"version":1,"images":{}}' }), true, null],
    ['that is not there', tree({}), false, null],
    ['that is no baseline', tree({ 'accepted.json': '{}' }), false, 'invalid-baseline'],
    [
      'that cannot be read',
      failing(new TreeError({ code: 'unreadable', message: 'denied' })),
      false,
      'unreadable',
    ],
    ['that nobody answers for', failing(new Error('HTTP 503')), false, 'unreadable'],
  ])('%s', async (_, of, isThere, code) => {
    const { value, failures } = await readBaseline(of, settings);
    expect(value !== null).toBe(isThere);
    expect(failures.map((one) => [one.subject, one.code, one.temporary])).toEqual(
      code === null ? [] : [['accepted.json', code, false]],
    );
    expect(failures.every(({ message }) => message !== '')).toBe(true);
  });
});

describe('explanations', () => {
  it('are of every pin that was answered, with the verdict of the pins it moves with', async () => {
    const world = new World();
    const old = world.push({ created: 20, seed: 'old' });
    const fresh = world.push({ seed: 'new' });
    world.pin(old);
    world.pin(fresh, '3.11', 'b/Dockerfile');
    world.pin(null, '3.11', 'c/Dockerfile');
    world.pin(digestOf('c'), '9', 'd/Dockerfile');
    const pass = await world.pass({ look: 'pins' });
    const told = explainView(pass).map(({ title, verdict }) => `${title} ${verdict[0]?.text}`);
    expect(told).toHaveLength(3);
    expect(told.map((line) => line.split(' ').at(-1)).sort()).toEqual(['current', 'current', 'rotate']);
  });
});
