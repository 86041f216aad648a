import { afterEach, describe, expect, it } from 'vitest';
import type { Tree } from '../../src/discover/tree.ts';

/** What a tree is made of for a test: modes as git writes them; a link's content is its target. */
export type FixtureEntry = {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000';
  readonly content: string | Uint8Array;
};

export type OpenedTree = { readonly tree: Tree; close(): Promise<void> };

const FILES: readonly FixtureEntry[] = [
  { path: 'Dockerfile', mode: '100644', content: 'FROM python:3.11\n' },
  { path: 'a/b/c/Dockerfile', mode: '100644', content: '\ufeffFROM a\r\nFROM b' },
  { path: 'a/entry.sh', mode: '100755', content: '#!/bin/sh\n' },
  { path: 'a b/ü.txt', mode: '100644', content: 'ü' },
  { path: 'binary', mode: '100644', content: new Uint8Array([0, 255, 13, 10, 128]) },
  { path: 'empty', mode: '100644', content: '' },
  { path: 'link', mode: '120000', content: 'Dockerfile' },
  { path: 'out', mode: '120000', content: '../../../../etc/hostname' },
  { path: 'folder-link', mode: '120000', content: 'a' },
  { path: 'node_modules/x/Dockerfile', mode: '100644', content: 'FROM x\n' },
];

/** The suite every {@link Tree} passes: `open` makes a tree of these entries. */
export function treeContract(
  name: string,
  open: (entries: readonly FixtureEntry[]) => Promise<OpenedTree>,
): void {
  describe(`${name} as a tree`, () => {
    const opened: OpenedTree[] = [];
    const make = async (entries = FILES): Promise<Tree> => {
      const one = await open(entries);
      opened.push(one);
      return one.tree;
    };
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
    });

    it('lists every file, executables and symlinks told apart, no folder walked through a link', async () => {
      const tree = await make();
      const entries = await tree.list(() => false);
      const kinds = Object.fromEntries(entries.map((entry) => [entry.path, entry.kind]));
      expect(kinds).toEqual({
        Dockerfile: 'file',
        'a/b/c/Dockerfile': 'file',
        'a/entry.sh': 'executable',
        'a b/ü.txt': 'file',
        binary: 'file',
        empty: 'file',
        link: 'symlink',
        out: 'symlink',
        'folder-link': 'symlink',
        'node_modules/x/Dockerfile': 'file',
      });
    });

    it('leaves out skipped folders', async () => {
      const tree = await make();
      const entries = await tree.list((path) => path === 'node_modules' || path === 'a/b');
      expect(entries.map((entry) => entry.path).sort()).toEqual(
        ['Dockerfile', 'a b/ü.txt', 'a/entry.sh', 'binary', 'empty', 'folder-link', 'link', 'out'].sort(),
      );
    });

    it('tells sizes in bytes where it tells them', async () => {
      const tree = await make();
      for (const entry of await tree.list(() => false)) {
        const fixture = FILES.find((file) => file.path === entry.path);
        if (entry.size === null || entry.kind === 'symlink' || fixture === undefined) continue;
        expect([entry.path, entry.size]).toEqual([entry.path, Buffer.from(fixture.content).length]);
      }
    });

    it('reads bytes as they are', async () => {
      const tree = await make();
      for (const file of FILES) {
        if (file.mode === '120000') continue;
        expect(Buffer.from(await tree.read(file.path))).toEqual(Buffer.from(file.content));
      }
    });

    it.each([
      ['absent', 'not-found'],
      ['a/absent', 'not-found'],
      ['out', 'outside-tree'],
      ['../outside', 'outside-tree'],
      ['a/../../outside', 'outside-tree'],
      ['/etc/hostname', 'outside-tree'],
    ])('refuses to read %s', async (path, code) => {
      const tree = await make();
      await expect(tree.read(path)).rejects.toMatchObject({ name: 'TreeError', code });
    });
  });
}
