import { describe, expect, test } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { formatPlatform, parsePlatform } from '../../src/domain/platform.ts';
import {
  isRunnable,
  readConfig,
  runnableOfIndex,
  runnableOfManifest,
  sameRunnable,
} from '../../src/resolve/content.ts';
import type { Index, IndexEntry, Manifest } from '../../src/resolve/registry.ts';
import { SharedRegistry } from '../../src/resolve/shared-registry.ts';
import { FakeRegistry } from './fake-registry.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const REPOSITORY = { registry: 'docker.io', repository: 'library/python' };
const [A, B, C] = ['a', 'b', 'c'].map((text) => FakeRegistry.digest(text)).sort() as [Digest, Digest, Digest];
const made = (text: string) => ({ 'org.opencontainers.image.created': text });

function entry(platform: string | null, digest: Digest, rest: Partial<IndexEntry> = {}): IndexEntry {
  return {
    digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    size: 1,
    platform: platform === null ? null : parsePlatform(platform),
    artifactType: null,
    annotations: {},
    ...rest,
  };
}

function index(entries: readonly IndexEntry[], annotations: Readonly<Record<string, string>> = {}): Index {
  const descriptor = { digest: C, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };
  return { kind: 'index', descriptor, entries, annotations };
}

const runnable = (...entries: readonly IndexEntry[]) => runnableOfIndex(index(entries), NOW);
const unknown = (os: string, architecture: string) =>
  entry(null, A, { platform: { os, architecture, variant: null } });

describe('what runs of an index', () => {
  test.each<readonly [string, IndexEntry, boolean]>([
    ['a platform', entry('linux/amd64', A), true],
    ['no platform, as a plain image may have', entry(null, A), true],
    ['an artefact without a platform', entry(null, A, { artifactType: 'application/spdx+json' }), false],
    ['an artefact for a platform', entry('wasi/wasm', A, { artifactType: 'application/wasm' }), true],
    [
      'an attestation that claims a platform',
      entry('linux/amd64', A, { annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } }),
      false,
    ],
    ['an unknown platform', unknown('unknown', 'unknown'), false],
    ['an unknown os', unknown('unknown', 'amd64'), false],
    ['an unknown architecture', unknown('linux', 'unknown'), false],
  ])('%s', (_, one, runs) => {
    expect(isRunnable(one)).toBe(runs);
    expect(runnable(one).shape.platforms.length + runnable(one).nameless.length).toBe(
      one.platform && runs ? 1 : Number(runs),
    );
  });

  test('digests of one platform are unique and sorted, as are those without one', () => {
    const found = runnable(
      entry('windows/amd64', B),
      entry(null, B),
      entry('windows/amd64', A),
      entry('windows/amd64', B),
      entry(null, A),
    );
    expect([...found.byPlatform.values()].map(({ digests }) => digests)).toEqual([[A, B]]);
    expect(found.nameless).toEqual([A, B]);
    expect(found.shape.platforms.map(formatPlatform)).toEqual(['windows/amd64']);
  });

  test.each<readonly [string, readonly (string | null)[], string | null, string | null]>([
    ['nothing is said', [null, null], null, null],
    ['the newest of its platforms', ['2026-01-01', '2026-03-01', '2026-02-01'], null, '2026-03-01'],
    ['the only one that says', [null, '2026-01-01', null], null, '2026-01-01'],
    ['the index, newer than its parts', ['2026-01-01'], '2026-02-01', '2026-02-01'],
    ['a part, newer than the index', ['2026-03-01'], '2026-02-01', '2026-03-01'],
    ['nothing before there were images', ['2012-12-31'], null, null],
    ['the first day there were', ['2013-01-01'], null, '2013-01-01'],
    ['nothing of the future', ['2026-11-22T00:00:00Z'], null, null],
    ['a clock that runs ahead a little', ['2026-11-21T23:59:59Z'], null, '2026-11-21'],
  ])('when it was made: %s', (_, parts, whole, want) => {
    const entries = parts.map((text, at) =>
      entry(at === 0 ? 'linux/amd64' : 'linux/arm64', A, { annotations: text === null ? {} : made(text) }),
    );
    const { created } = runnableOfIndex(index(entries, whole === null ? {} : made(whole)), NOW);
    expect(created?.toISOString().slice(0, 10) ?? null).toBe(want);
  });

  const amd64 = entry('linux/amd64', A);
  const arm64 = entry('linux/arm64', B);
  test.each<readonly [string, readonly IndexEntry[], readonly IndexEntry[], boolean]>([
    ['the same in another order', [amd64, arm64], [arm64, amd64], true],
    ['one platform more', [amd64], [amd64, arm64], false],
    ['another manifest', [amd64], [entry('linux/amd64', B)], false],
    ['the same manifest for another platform', [amd64], [entry('linux/arm64', A)], false],
    ['one manifest more of a platform', [amd64], [amd64, entry('linux/amd64', B)], false],
    ['one nameless more', [amd64], [amd64, entry(null, B)], false],
    ['other nameless ones', [entry(null, A)], [entry(null, B)], false],
    ['nothing on both sides', [], [], true],
  ])('the same runs: %s', (_, a, b, want) => {
    expect(sameRunnable(runnable(...a), runnable(...b))).toBe(want);
    expect(sameRunnable(runnable(...b), runnable(...a))).toBe(want);
  });
});

describe('what the configuration of a manifest says', () => {
  const registry = new FakeRegistry();
  async function facts(config: unknown, rest: Partial<Manifest> = {}) {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    const digest = registry.blobOf(text);
    const descriptor = { digest: C, mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 1 };
    const manifest: Manifest = {
      kind: 'manifest',
      descriptor,
      config: { digest, mediaType: 'application/vnd.oci.image.config.v1+json', size: 1 },
      layers: [],
      artifactType: null,
      subject: null,
      annotations: {},
      ...rest,
    };
    const found = await readConfig(REPOSITORY, manifest, SharedRegistry.of(registry), NOW);
    return { found, shape: runnableOfManifest(manifest, found) };
  }

  test.each<readonly [string, unknown, string | null]>([
    ['os and architecture', { os: 'linux', architecture: 'amd64' }, 'linux/amd64'],
    ['a variant', { os: 'linux', architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
    ['an empty variant', { os: 'linux', architecture: 'arm', variant: '' }, 'linux/arm'],
    ['no architecture', { os: 'linux' }, null],
    ['no os', { architecture: 'amd64' }, null],
    ['an empty os', { os: '', architecture: 'amd64' }, null],
    ['an os that is no text', { os: 1, architecture: 'amd64' }, null],
    ['null', null, null],
    ['a text', '"linux"', null],
  ])('%s', async (_, config, want) => {
    const { found, shape } = await facts(config);
    expect(found.platform === null ? null : formatPlatform(found.platform)).toBe(want);
    expect(shape.shape.kind).toBe('manifest');
    expect(shape.shape.platforms).toHaveLength(want === null ? 0 : 1);
    expect(shape.nameless).toEqual(want === null ? [C] : []);
    expect(shape.byPlatform.size).toBe(want === null ? 0 : 1);
  });

  test('a Docker configuration is one, with build and day', async () => {
    const config = {
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.1',
      created: '2026-01-01T00:00:00Z',
    };
    const mediaType = 'application/vnd.docker.container.image.v1+json';
    const { found } = await facts(config, {
      config: { digest: registry.blobOf(JSON.stringify(config)), mediaType, size: 1 },
    });
    expect(found).toMatchObject({ osVersion: '10.0.1', created: new Date('2026-01-01T00:00:00Z') });
  });

  test.each<readonly [string, Partial<Manifest>]>([
    ['an artefact', { artifactType: 'application/vnd.cncf.helm.chart' }],
    [
      'a configuration of another kind',
      { config: { digest: A, mediaType: 'application/vnd.cncf.helm.config.v1+json', size: 1 } },
    ],
  ])('%s has no platform, and nothing is asked for it', async (_, rest) => {
    const asked = registry.count('blob');
    const { found } = await facts({ os: 'linux', architecture: 'amd64' }, rest);
    expect(found).toEqual({ platform: null, osVersion: null, created: null });
    expect(registry.count('blob')).toBe(asked);
  });

  test('one that is not JSON is a fault of the registry, never "no platform"', async () => {
    await expect(facts('{')).rejects.toMatchObject({
      code: 'invalid-response',
      message: expect.stringContaining('docker.io'),
    });
  });
});
