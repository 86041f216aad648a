import type { Tree, TreeEntry } from '../discover/tree.ts';

/**
 * The files a pull request leaves behind when it is merged: what it changed from its head, everything else from the
 * base as that stands now. So a branch that is behind its base is not blamed for what the base has fixed since.
 * `changed` holds deleted files too; `all`: more than can be listed, so the head counts as it is.
 */
export function mergedTree(base: Tree, head: Tree, changed: readonly string[] | 'all'): Tree {
  if (changed === 'all') return head;
  const fromHead = new Set(changed);
  return {
    async list(skipFolder) {
      const [baseEntries, headEntries] = await Promise.all([base.list(skipFolder), head.list(skipFolder)]);
      const kept = baseEntries.filter((entry: TreeEntry) => !fromHead.has(entry.path));
      return [...kept, ...headEntries.filter((entry) => fromHead.has(entry.path))];
    },
    read: (path) => (fromHead.has(path) ? head : base).read(path),
  };
}
