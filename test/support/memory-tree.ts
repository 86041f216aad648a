import { type Tree, TreeError } from '../../src/discover/tree.ts';

/** A tree of plain files, kept in memory. */
export function memoryTree(files: ReadonlyMap<string, string>): Tree {
  return {
    list: async (skipFolder) =>
      [...files.keys()]
        .filter((path) => !foldersOf(path).some(skipFolder))
        .map((path) => ({ path, kind: 'file' as const, size: files.get(path)?.length ?? 0, id: null })),
    read: async (path) => {
      const text = files.get(path);
      if (text === undefined) throw new TreeError({ code: 'not-found', message: `${path} is not there` });
      return Buffer.from(text);
    },
  };
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
