import { describe, expect, it } from 'vitest';
import { type Tree, TreeError } from '../../src/discover/tree.ts';
import { mergedTree } from '../../src/forge/merged-tree.ts';

function treeOf(files: Readonly<Record<string, string>>): Tree {
  return {
    list: async () =>
      Object.entries(files).map(([path, text]) => ({ path, kind: 'file', size: text.length, id: text })),
    read: async (path) => {
      const text = files[path];
      if (text === undefined) throw new TreeError({ code: 'not-found', message: path });
      return new TextEncoder().encode(text);
    },
  };
}

async function filesOf(tree: Tree): Promise<Readonly<Record<string, string>>> {
  const entries = await tree.list(() => false);
  const read = entries.map(async ({ path }) => [path, new TextDecoder().decode(await tree.read(path))]);
  return Object.fromEntries(await Promise.all(read));
}

describe('what a merge leaves behind', () => {
  const base = { a: 'base a', b: 'base b', 'new on base': 'x' };
  it.each<
    [string, Readonly<Record<string, string>>, readonly string[] | 'all', Readonly<Record<string, string>>]
  >([
    ['nothing changed', { a: 'old a', b: 'base b' }, [], base],
    ['a file changed', { a: 'head a', b: 'base b' }, ['a'], { ...base, a: 'head a' }],
    ['a file added', { a: 'a', b: 'b', c: 'head c' }, ['c'], { ...base, c: 'head c' }],
    ['a file deleted', { a: 'a' }, ['b'], { a: 'base a', 'new on base': 'x' }],
    ['a file renamed', { a: 'a', c: 'base b' }, ['b', 'c'], { a: 'base a', c: 'base b', 'new on base': 'x' }],
    ['more than can be listed', { a: 'head a' }, 'all', { a: 'head a' }],
  ])('%s', async (_, head, changed, expected) => {
    expect(await filesOf(mergedTree(treeOf(base), treeOf(head), changed))).toEqual(expected);
  });
});
