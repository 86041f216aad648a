import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKeys } from '../../../src/adapters/signature/keys.ts';
import { loadRoots, rootSettings, shippedRoot } from '../../../src/adapters/signature/trusted-root.ts';
import { createMockSigstore } from '../../support/signature/mock-sigstore.ts';
import { startTufRepository } from '../../support/signature/tuf-repository.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-root-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the shipped copy is Sigstore's root", async () => {
  const root = await shippedRoot();
  expect(root.certificateAuthorities.length).toBeGreaterThan(0);
  expect(root.tlogs.map((log) => log.baseUrl)).toContain('https://rekor.sigstore.dev');
});

test('without a network the shipped copy stands in, and a note says so', async () => {
  const loaded = await loadRoots({ public: 'refresh', files: [], tuf: null, cacheFolder: folder }, 500);
  expect(loaded).toMatchObject({ publicFrom: 'shipped', notes: [expect.stringContaining('shipped copy')] });
  expect(loaded.roots).toHaveLength(1);
});

test('a private root from a file stands beside the public one', async () => {
  const { root } = await createMockSigstore();
  const file = join(folder, 'trusted_root.json');
  await writeFile(file, JSON.stringify(TrustedRoot.toJSON(root)));
  const loaded = await loadRoots({ public: 'shipped', files: [file], tuf: null, cacheFolder: folder });
  expect(loaded).toMatchObject({ publicFrom: 'shipped', notes: [] });
  expect(loaded.roots).toHaveLength(2);
  expect(TrustedRoot.toJSON(loaded.roots[0] ?? root)).toEqual(TrustedRoot.toJSON(root));
});

test("a TUF repository of one's own is refreshed, and what it signed is believed", async () => {
  const [first, second] = [await createMockSigstore(), await createMockSigstore()];
  const text = (mock: typeof first) => JSON.stringify(TrustedRoot.toJSON(mock.root));
  const repository = await startTufRepository('trusted_root.json', text(first));
  try {
    const rootFile = join(folder, 'root.json');
    await writeFile(rootFile, repository.root);
    const settings = {
      public: 'off',
      files: [],
      tuf: { mirror: repository.url, rootFile },
      cacheFolder: folder,
    } as const;
    const load = async () =>
      (await loadRoots(settings)).roots.map((root) => JSON.stringify(TrustedRoot.toJSON(root)));
    expect(await load()).toEqual([text(first)]);
    repository.publish(text(second));
    expect(await load()).toEqual([text(second)]);
    // Another repository under the same settings is not believed: its root is not the one that was given.
    const other = await startTufRepository('trusted_root.json', text(second));
    const forged = { ...settings, tuf: { mirror: other.url, rootFile } };
    await expect(loadRoots(forged))
      .rejects.toMatchObject({ code: 'unreadable-root' })
      .finally(() => other.close());
    // A mirror that is down does not take back what it said.
    await repository.close();
    expect(await load()).toEqual([text(second)]);
  } finally {
    await repository.close();
  }
});

test('off: only what is configured', async () => {
  expect(await loadRoots({ public: 'off', files: [], tuf: null, cacheFolder: folder })).toEqual({
    roots: [],
    publicFrom: null,
    notes: [],
  });
});

test('configured trust does not go missing in silence', async () => {
  const missing = join(folder, 'none.json');
  await expect(
    loadRoots({ public: 'off', files: [missing], tuf: null, cacheFolder: folder }),
  ).rejects.toMatchObject({ code: 'unreadable-root' });
  for (const text of ['no json', '{"some":"other document"}', '[]', 'null']) {
    await writeFile(missing, text);
    await expect(
      loadRoots({ public: 'off', files: [missing], tuf: null, cacheFolder: folder }),
    ).rejects.toMatchObject({ code: 'invalid-root' });
  }
  const tuf = { mirror: 'http://127.0.0.1:9', rootFile: missing };
  await expect(loadRoots({ public: 'off', files: [], tuf, cacheFolder: folder }, 500)).rejects.toMatchObject({
    code: 'unreadable-root',
    temporary: true,
  });
});

describe('rootSettings', () => {
  test('defaults and all of it', () => {
    expect(rootSettings({ XDG_CACHE_HOME: '/c' })).toEqual({
      public: 'refresh',
      files: [],
      tuf: null,
      cacheFolder: '/c/pinwheel/tuf',
    });
    expect(
      rootSettings({
        XDG_CACHE_HOME: '/c',
        PINWHEEL_SIGSTORE_ROOT: 'off',
        PINWHEEL_TRUSTED_ROOTS: '/a.json:/b.json',
        PINWHEEL_TUF_MIRROR: 'https://tuf.example.org',
        PINWHEEL_TUF_ROOT: '/root.json',
      }),
    ).toEqual({
      public: 'off',
      files: ['/a.json', '/b.json'],
      tuf: { mirror: 'https://tuf.example.org', rootFile: '/root.json' },
      cacheFolder: '/c/pinwheel/tuf',
    });
  });

  test.each([
    [{ PINWHEEL_SIGSTORE_ROOT: 'yes' }],
    [{ PINWHEEL_TUF_MIRROR: 'https://x' }],
    [{ PINWHEEL_TUF_ROOT: '/x' }],
  ])('refuses %j', (environment) => {
    expect(() => rootSettings(environment)).toThrow(/expected refresh|must be set together/);
  });
});

describe('loadKeys', () => {
  const PEM = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';
  const files = new Map([
    ['k.pub', PEM],
    ['not.pub', 'hello'],
  ]);
  const read = async (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`${path} is not there`);
    return new TextEncoder().encode(text);
  };

  test('in place and from files; what cannot be read is a gap', async () => {
    const loaded = await loadKeys(
      [
        { name: 'a', from: 'pem', pem: PEM },
        { name: 'k.pub', from: 'file', path: 'k.pub' },
        { name: 'none.pub', from: 'file', path: 'none.pub' },
        { name: 'not.pub', from: 'file', path: 'not.pub' },
        { name: 'web', from: 'url', url: 'https://keys.example.org/a.pub' },
      ],
      read,
    );
    expect(loaded.keys.map((key) => key.name)).toEqual(['a', 'k.pub']);
    expect(loaded.gaps).toEqual([
      expect.stringContaining('none.pub is not there'),
      expect.stringContaining('expected a PEM public key'),
      expect.stringContaining('"web" cannot be read'),
    ]);
  });

  test.each([
    ['a key', 200, PEM, ['web'], null],
    ['an answer that is none', 404, 'gone', [], 'answered 404'],
    ['a page', 200, '<html>', [], 'expected a PEM public key'],
    ['far too much', 200, PEM.repeat(5000), [], 'cannot be read'],
  ])("from a preset's URL: %s", async (_, status, body, names, gap) => {
    nock('https://keys.example.org').get('/a.pub').reply(status, body);
    const loaded = await loadKeys(
      [{ name: 'web', from: 'url', url: 'https://keys.example.org/a.pub' }],
      read,
    );
    expect(loaded.keys.map((one) => one.name)).toEqual(names);
    expect(loaded.gaps).toEqual(gap === null ? [] : [expect.stringContaining(gap)]);
  });
});
