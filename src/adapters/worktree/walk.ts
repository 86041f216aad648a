import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TreeEntry, TreeError } from '../../discover/tree.ts';
import { isTemporaryName } from './temporary.ts';

/**
 * Every entry below `root`, sorted by path. Symlinks are entries of their own and never walked through; a folder with a
 * `.git` of its own is another repository's (a submodule) and an entry too; sockets, pipes and devices are left out, and
 * so are temporary files of our own. A folder that cannot be listed is an entry that says so. `skipFolder` is asked with each folder's path before it is opened.
 */
export function walk(root: string, skipFolder: (path: string) => boolean): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const children = readFolder(root, folder);
    if (children === null) {
      entries.push({ path: folder, kind: 'unreadable', size: null, id: null });
      continue;
    }
    if (folder !== '' && children.some((child) => child.name === '.git')) {
      entries.push({ path: folder, kind: 'submodule', size: null, id: null });
      continue;
    }
    for (const child of children) {
      const path = folder === '' ? child.name : `${folder}/${child.name}`;
      if (child.isDirectory()) {
        if (!skipFolder(path)) open.push(path);
        continue;
      }
      if (isTemporaryName(child.name)) continue;
      const entry = readEntry(root, path);
      if (entry !== null) entries.push(entry);
    }
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Null where a folder below the root cannot be listed. */
function readFolder(root: string, folder: string): readonly Dirent[] | null {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true });
  } catch (cause) {
    if (folder !== '') return null;
    throw new TreeError({
      code: 'unreadable',
      message: `the folder ${root} cannot be listed; make it readable`,
      cause,
    });
  }
}

/** Null for what is no file, and for what went away (or cannot be named in UTF-8) since the folder was read. */
function readEntry(root: string, path: string): TreeEntry | null {
  const stats = lstatSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.isSymbolicLink()) return { path, kind: 'symlink', size: null, id: null };
  if (!stats.isFile()) return null;
  const kind = (stats.mode & 0o111) === 0 ? 'file' : 'executable';
  return { path, kind, size: stats.size, id: null };
}
