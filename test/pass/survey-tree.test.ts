import { describe, expect, it } from 'vitest';
import { defaultConfig, type RepositoryConfig } from '../../src/config/repository.ts';
import { type Tree, type TreeEntry, TreeError } from '../../src/discover/tree.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { toPathPattern } from '../../src/domain/path-glob.ts';
import { surveyTree } from '../../src/pass/survey.ts';
import { PlanError } from '../../src/plan/plan.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import { digestOf } from '../support/fake-pass.ts';

const A = digestOf('a');
const LEDGER = 'BASE_IMAGE_DIGESTS.md';

/** A file's text or bytes, what reading it throws, or an entry that is no plain file. */
type Held = string | Uint8Array | Error | (Partial<TreeEntry> & { readonly read?: string | Error });

/** A tree that keeps what was read of it. */
function treeOf(files: Readonly<Record<string, Held>>): Tree & { readonly asked: string[]; most: number } {
  let running = 0;
  const isPlain = (held: Held) =>
    typeof held === 'string' || held instanceof Uint8Array || held instanceof Error;
  const tree = {
    asked: [] as string[],
    most: 0,
    list: async (skipFolder: (path: string) => boolean) =>
      Object.entries(files)
        .filter(([path]) => {
          const folders = path.split('/').slice(0, -1);
          return !folders.some((_, i) => skipFolder(folders.slice(0, i + 1).join('/')));
        })
        .map(([path, held]): TreeEntry => {
          const { read: _, ...given } = isPlain(held) ? {} : (held as Partial<TreeEntry> & { read?: string });
          return { path, kind: 'file', size: null, id: null, ...given };
        }),
    read: async (path: string) => {
      tree.asked.push(path);
      running += 1;
      tree.most = Math.max(tree.most, running);
      await Promise.resolve();
      running -= 1;
      const held = files[path];
      if (held === undefined) throw new TreeError({ code: 'not-found', message: path });
      const content =
        typeof held === 'string' || held instanceof Uint8Array || held instanceof Error
          ? held
          : (held.read ?? '');
      if (content instanceof Error) throw content;
      return typeof content === 'string' ? Buffer.from(content) : content;
    },
  };
  return tree;
}

const survey = (files: Readonly<Record<string, Held>>, config: Partial<RepositoryConfig> = {}) =>
  surveyTree(treeOf(files), { ...defaultConfig(), ...config });

const codes = ({ failures }: { readonly failures: readonly { subject: string; code: string }[] }) =>
  failures.map(({ subject, code }) => `${subject} ${code}`);

const row = (file: string) =>
  [
    '<!-- pinwheel:ledger:start -->',
    '',
    '| Image | Tag | Digest | Kind and platforms | Published | First seen | Pinned on | Status | Used in |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    `| \`python\` | \`3.11\` | \`${A}\` | index: linux/amd64 | — | — | 2026-11-01 | fresh | \`${file}\` |`,
    '',
    '<!-- pinwheel:ledger:end -->',
    '',
  ].join('\n');

const unreadable = new TreeError({ code: 'unreadable', message: 'permission denied' });

describe('which files are read', () => {
  it('are files and executables, never links, submodules or what nobody takes images from', async () => {
    const text = `FROM python:3.11@${A}\n`;
    const tree = treeOf({
      Dockerfile: text,
      'run/Dockerfile': { kind: 'executable', read: text },
      'link/Dockerfile': { kind: 'symlink', read: text },
      'sub/Dockerfile': { kind: 'submodule', read: text },
      'README.txt': 'FROM nothing\n',
    });
    const { sites, sources, texts } = await surveyTree(tree, defaultConfig());
    expect(sites.map(({ file }) => file)).toEqual(['Dockerfile', 'run/Dockerfile']);
    expect(tree.asked).toEqual(['Dockerfile', 'run/Dockerfile']);
    expect([...texts]).toEqual([
      ['Dockerfile', text],
      ['run/Dockerfile', text],
    ]);
    expect([...sources.keys()]).toEqual([...texts.keys()]);
  });

  it('are all read, not too many at once', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `${i}/Dockerfile`);
    const tree = treeOf(Object.fromEntries(names.map((name) => [name, `FROM python:3.11@${A}\n`])));
    const { sites } = await surveyTree(tree, defaultConfig());
    expect(new Set(sites.map(({ file }) => file)).size).toBe(100);
    expect(tree.most).toBe(32);
  });

  it('are those of test data too', async () => {
    const names = ['fixtures/Dockerfile', 'testdata/Dockerfile', 'tests/Dockerfile'];
    const { sites } = await survey(Object.fromEntries(names.map((name) => [name, 'FROM python\n'])));
    expect(sites.map(({ file }) => file)).toEqual(names);
  });

  it('keeps the bytes only of files that name an image', async () => {
    const { sources, texts } = await survey({ Dockerfile: 'RUN true\n', 'b/Dockerfile': 'FROM python\n' });
    expect([...sources.keys()]).toEqual(['b/Dockerfile']);
    expect([...texts.keys()]).toEqual(['b/Dockerfile']);
  });

  it('are those the configuration includes, without those it excludes', async () => {
    const { sites } = await survey(
      { 'images.mine': 'FROM a\n', 'b/Dockerfile': 'FROM b\n', 'test/Dockerfile': 'FROM c\n' },
      { files: { include: [toPathPattern('*.mine')], exclude: [toPathPattern('b/**')] } },
    );
    expect(sites.map(({ file }) => file)).toEqual(['images.mine', 'test/Dockerfile']);
  });

  it('are read by the managers of the configuration too', async () => {
    const managers = [{ files: [toPathPattern('*.lock')], pattern: '^(?P<name>\\w+) (?P<tag>[\\d.]+)$' }];
    const files = { 'a.lock': 'python 3.11\n', Dockerfile: 'FROM nginx:1\n' };
    const found = async (config: Partial<RepositoryConfig>) =>
      (await survey(files, config)).sites.map(({ file }) => file);
    expect(await found({ managers })).toEqual(['Dockerfile', 'a.lock']);
    expect(await found({})).toEqual(['Dockerfile']);
  });
});

describe('what cannot be read', () => {
  const large = { size: 2_000_000, read: 'FROM python\n' };
  const nul = Buffer.from([0x61, 0]);

  it.each<[string, string, Held, string | null, readonly string[]]>([
    ['a file that cannot be opened', 'Dockerfile', unreadable, 'unreadable', ['Dockerfile']],
    [
      'a file that is gone since',
      'Dockerfile',
      new TreeError({ code: 'not-found', message: 'gone' }),
      'unreadable',
      ['Dockerfile'],
    ],
    ['a large file, of which the listing tells: it is not asked for', 'Dockerfile', large, 'too-large', []],
    ['a binary file', 'Dockerfile', nul, 'binary', ['Dockerfile']],
    ['YAML that cannot be opened', 'k8s.yaml', unreadable, 'unreadable', ['k8s.yaml']],
    ['large YAML that only might be a manifest', 'k8s.yaml', large, null, []],
    ['binary YAML that only might be a manifest', 'k8s.yaml', nul, null, ['k8s.yaml']],
    ['large YAML that is meant', 'compose.yaml', large, 'too-large', []],
  ])('%s', async (_, path, held, code, asked) => {
    const tree = treeOf({ [path]: held, 'z/Dockerfile': 'FROM python:3.11\n' });
    const found = await surveyTree(tree, defaultConfig());
    expect(found.errors.map((error) => `${error.file} ${error.code}`)).toEqual(
      code === null ? [] : [`${path} ${code}`],
    );
    expect(codes(found)).toEqual(code === null ? [] : [`${path} ${code}`]);
    expect(found.failures.every(({ temporary }) => !temporary)).toBe(true);
    expect(found.skipped).toMatchObject(
      code === null ? [{ file: path, line: 1, column: 1, text: '', reason: 'unsupported-spelling' }] : [],
    );
    expect(tree.asked).toEqual([...asked, 'z/Dockerfile']);
    // One file's trouble is its own.
    expect(found.sites.map(({ file }) => file)).toEqual(['z/Dockerfile']);
  });

  it('says at which line a file is wrong, where that is known', async () => {
    const found = await survey({ Dockerfile: 'ARG A=1\nFROM --nope=1 python\nFROM\n' });
    expect(found.failures).toMatchObject([{ code: found.errors[0]?.code }]);
    expect(codes(found)[0]).toMatch(/^Dockerfile:\d+ syntax$/);
  });

  it('an outage of the host is thrown: pins must not seem gone for it', async () => {
    const outage = new RegistryError({ code: 'unavailable', message: 'HTTP 503', temporary: true });
    await expect(survey({ Dockerfile: outage })).rejects.toBe(outage);
    await expect(survey({ [LEDGER]: outage })).rejects.toBe(outage);
    await expect(survey({ [LEDGER]: new TypeError('a fault of ours') })).rejects.toThrow(TypeError);
  });

  it.each([
    ['that may not be listed', 'secret', 'readable'],
    ['whose name is not UTF-8', 'a\ufffd', 'rename'],
  ])('a folder %s is an error that names the remedy', async (_, path, remedy) => {
    const found = await survey({ [path]: { kind: 'unreadable' }, Dockerfile: 'FROM python\n' });
    expect(codes(found)).toEqual([`${path} unreadable`]);
    expect(found.failures[0]?.message).toContain(remedy);
    expect(found.errors).toMatchObject([{ file: path, line: null }]);
    expect(found.skipped).toEqual([]);
    expect([...found.sources.keys()]).toEqual(['Dockerfile']);
  });
});

describe('the ledger', () => {
  it('is read where it is', async () => {
    const found = await survey({ [LEDGER]: row('Dockerfile'), Dockerfile: `FROM python:3.11@${A}\n` });
    expect(found).toMatchObject({ ledgerIsDamaged: false, failures: [] });
    expect(found.ledger).toMatchObject({ path: LEDGER, entries: [{ digest: A }] });
  });

  it.each<[string, Readonly<Record<string, Held>>, Partial<RepositoryConfig>, string | null]>([
    ['is none yet where there is no file', {}, {}, LEDGER],
    [
      'is an executable as any file',
      { 'docs/BASE_IMAGE_DIGESTS.md': { kind: 'executable', read: row('x') } },
      {},
      'docs/BASE_IMAGE_DIGESTS.md',
    ],
    [
      'is not kept where the settings say so',
      { [LEDGER]: row('x') },
      { ledger: { enabled: false, path: null } },
      null,
    ],
    [
      'is where the settings say',
      { [LEDGER]: row('x') },
      { ledger: { enabled: true, path: 'docs/pins.md' } },
      'docs/pins.md',
    ],
    [
      'went away while we read',
      { [LEDGER]: new TreeError({ code: 'not-found', message: 'gone' }) },
      {},
      LEDGER,
    ],
  ])('%s', async (name, files, config, path) => {
    const found = await survey(files, config);
    expect(found.ledger?.path ?? null).toBe(path);
    expect(found.ledgerIsDamaged).toBe(false);
    expect(found.failures).toEqual([]);
    if (name !== 'is an executable as any file') expect(found.ledger?.text ?? null).toBeNull();
    else expect(found.ledger?.entries).toHaveLength(1);
  });

  it.each<[string, Readonly<Record<string, Held>>, Partial<RepositoryConfig>, string]>([
    ['damaged', { [LEDGER]: row('x').replace('pinwheel:ledger:end', 'end') }, {}, `${LEDGER} ledger-damaged`],
    ['unreadable', { [LEDGER]: unreadable }, {}, `${LEDGER} unreadable`],
    [
      'refused for good',
      { [LEDGER]: new PlanError({ code: 'ledger-damaged', message: 'x' }) },
      {},
      `${LEDGER} ledger-damaged`,
    ],
    [
      'to be kept in a file that images are read from',
      { 'compose.yaml': 'services: {}\n' },
      { ledger: { enabled: true, path: 'compose.yaml' } },
      'compose.yaml ledger-path',
    ],
  ])('that is %s forbids writing', async (_, files, config, failure) => {
    const found = await survey({ ...files, Dockerfile: `FROM python:3.11@${A}\n` }, config);
    expect(codes(found)).toEqual([failure]);
    expect(found.failures).toMatchObject([{ temporary: false }]);
    expect(found).toMatchObject({ ledger: null, ledgerIsDamaged: true });
    expect(found.sites).toHaveLength(1);
  });

  it.each<[string, string, Held, readonly string[]]>([
    [
      'a file that cannot be read',
      'Dockerfile',
      { Dockerfile: unreadable } as never,
      ['Dockerfile unreadable', `${LEDGER} ledger-unread`],
    ],
    [
      'a file in a folder that cannot be listed',
      'api/Dockerfile',
      { api: { kind: 'unreadable' } } as never,
      ['api unreadable', `${LEDGER} ledger-unread`],
    ],
    [
      'another file than one that cannot be read',
      'Dockerfile.web',
      { Dockerfile: unreadable } as never,
      ['Dockerfile unreadable'],
    ],
    [
      'a file beside a folder that cannot be listed',
      'apis/Dockerfile',
      { api: { kind: 'unreadable' } } as never,
      ['api unreadable'],
    ],
    ['files that can be read', 'Dockerfile', { Dockerfile: 'FROM python\n' } as never, []],
  ])('with a row for %s', async (_, used, files, expected) => {
    const found = await survey({ ...(files as unknown as Record<string, Held>), [LEDGER]: row(used) });
    expect(codes(found)).toEqual(expected);
    const isUnread = expected.length === 2;
    expect(found.ledgerIsDamaged).toBe(isUnread);
    if (isUnread) expect(found.failures[1]?.message).toContain(found.errors[0]?.file);
    // What the rows say is still read.
    expect(found.ledger?.entries).toHaveLength(1);
  });

  it('that is not kept loses no rows to a file that cannot be read', async () => {
    const off = { ledger: { enabled: false, path: null } };
    expect(codes(await survey({ Dockerfile: unreadable, [LEDGER]: row('Dockerfile') }, off))).toEqual([
      'Dockerfile unreadable',
    ]);
  });

  it('names the tag of a digest that stands alone', async () => {
    const bare = { Dockerfile: `FROM python@${A}\n` };
    const tags = async (files: Readonly<Record<string, Held>>, config: Partial<RepositoryConfig> = {}) =>
      (await survey(files, config)).sites.map(({ tagHint, skip }) => tagHint?.image.tag ?? skip?.reason);
    expect(await tags({ ...bare, [LEDGER]: row('Dockerfile') })).toEqual(['3.11']);
    expect(await tags(bare)).toEqual(['digest-without-tag']);
    expect(
      await tags({ ...bare, [LEDGER]: row('Dockerfile') }, { ledger: { enabled: false, path: null } }),
    ).toEqual(['digest-without-tag']);
    const images = [{ match: [toImagePattern('python')], tag: '3.14' }];
    expect(await tags(bare, { images })).toEqual(['3.14']);
  });
});

describe('order and skips', () => {
  it('sites stand by file, line and column', async () => {
    const { sites } = await survey({
      'b/Dockerfile': 'FROM b1\nFROM b2\n',
      'compose.yaml': 'services: {x: {image: c1}, y: {image: c2}}\n',
      'a/Dockerfile': 'FROM a1\n',
    });
    expect(sites.map(({ text }) => text)).toEqual(['a1', 'b1', 'b2', 'c1', 'c2']);
  });

  it('skipped texts stand in the same order, files that were passed over among them', async () => {
    const { skipped } = await survey({
      'z/Dockerfile': 'FROM $A\nFROM $B\n',
      'm.yaml': { size: 2_000_000 },
      'a/Dockerfile': 'FROM $C\n',
    });
    expect(skipped.map(({ file, line }) => `${file}:${line}`)).toEqual([
      'a/Dockerfile:1',
      'm.yaml:1',
      'z/Dockerfile:1',
      'z/Dockerfile:2',
    ]);
  });

  it('an ignored image is skipped with the reason; what is skipped already keeps its own', async () => {
    const ignores = [{ image: toImagePattern('python'), reason: 'frozen' }];
    const { sites } = await survey(
      { Dockerfile: `FROM python:3.11\nFROM nginx:1\nFROM python@${A}\nFROM scratch\n` },
      { ignores },
    );
    expect(sites.map(({ text, skip }) => [text.split(/[:@]/)[0], skip?.reason ?? null])).toEqual([
      ['python', 'ignored-by-configuration'],
      ['nginx', null],
      ['python', 'digest-without-tag'],
    ]);
    expect(sites[0]?.skip?.detail).toBe('frozen');
  });
});
