import { describe, expect, it } from 'vitest';
import { CONFIG_PATHS } from '../../src/config/repository.ts';
import type { TreeEntry } from '../../src/discover/tree.ts';
import { treeWrite } from '../../src/pull-requests/commit.ts';
import { findSettings, readSettings } from '../../src/pull-requests/settings-file.ts';
import { memoryTree } from '../support/memory-tree.ts';

const [first = '', second = ''] = CONFIG_PATHS;
const file = (text: string, path = first) => ({ path, text });

describe('findSettings', () => {
  const tree = (files: Readonly<Record<string, string>>) => memoryTree(new Map(Object.entries(files)));

  it('takes the first of the paths that is there, as text', async () => {
    expect(await findSettings(tree({ [second]: 'a: 1\n', other: '' }))).toEqual(file('a: 1\n', second));
    expect((await findSettings(tree({ [second]: 'a: 1\n', [first]: 'b: ü\n' })))?.text).toBe('b: ü\n');
    expect(await findSettings(tree({ other: '' }))).toBeNull();
  });

  it('never follows a link', async () => {
    const under = tree({ [first]: 'a: 1\n' });
    const linked = {
      ...under,
      list: async (): Promise<readonly TreeEntry[]> => [{ path: first, kind: 'symlink', size: 1, id: null }],
    };
    expect(await findSettings(linked)).toBeNull();
  });
});

describe('readSettings', () => {
  it.each<[string, string | null, string | null, boolean]>([
    ['of neither file are the defaults', null, null, true],
    ['of the owner count', 'dashboard: false\n', null, false],
    ['of the repository go before the owner’s', 'dashboard: false\n', 'dashboard: true\n', true],
  ])('%s', (_, above, own, dashboard) => {
    const loaded = readSettings(above === null ? null : file(above), own === null ? null : file(own));
    expect(loaded).toMatchObject({ status: 'ready', config: { dashboard: { enabled: dashboard } } });
  });

  it.each<[string, string | null, string | null, boolean]>([
    ['by the repository itself', null, 'forks: true\n', true],
    ['by its owner alone', 'forks: true\n', null, false],
    ['by neither', null, 'forks: false\n', false],
  ])('say whether forks are wanted: %s', (_, above, own, takes) => {
    const loaded = readSettings(above === null ? null : file(above), own === null ? null : file(own));
    expect(loaded).toMatchObject({ ownFileTakesForks: takes });
  });

  it('tell what the owner enforces', () => {
    const above = file('policy: {enforced: [age], age: {maximum: 7}}\n');
    expect(readSettings(above, null)).toMatchObject({ organisation: { age: { maximum: 7 } } });
    expect(readSettings(null, above)).toMatchObject({ organisation: null });
  });

  it.each<[string, string, string, string, string]>([
    ['the owner’s', 'nonsense: 1\n', 'dashboard: false\n', 'above.yml', 'above.yml:1'],
    ['the repository’s', 'dashboard: false\n', '\nnonsense: 1\n', first, `${first}:2`],
  ])('that are broken name the file and its lines: %s', (_, above, own, broken, place) => {
    const loaded = readSettings(file(above, 'above.yml'), file(own));
    if (loaded.status !== 'broken') throw new Error('it is not broken');
    expect(loaded.file).toBe(broken);
    expect(loaded.problems.join()).toContain(place);
  });
});

describe('a change as git writes it', () => {
  const change = { path: 'Dockerfile', bytes: Buffer.from('x'), before: null };
  it.each<[TreeEntry['kind'] | undefined, string]>([
    [undefined, '100644'],
    ['file', '100644'],
    ['executable', '100755'],
  ])('keeps the mode of %s', (kind, mode) => {
    expect(treeWrite(change, kind)).toEqual({ path: 'Dockerfile', mode, bytes: change.bytes });
  });

  it.each(['symlink', 'submodule'] as const)('refuses a %s', (kind) => {
    expect(() => treeWrite(change, kind)).toThrow(
      expect.objectContaining({ code: 'not-a-file', message: expect.stringContaining('Dockerfile') }),
    );
  });
});
