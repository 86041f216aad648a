import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { TreeError } from '../../discover/tree.ts';

/** Where a path of the tree really is. `stats` is null where nothing is there yet. */
export type Place = { readonly real: string; readonly stats: Stats | null };

/**
 * Resolves a relative path with every symlink in it, component by component, and refuses what is outside the root: `..`,
 * absolute paths, and links that lead out; and git's own folder, which is no part of the tree. `root` must be real
 * itself. Throws TreeError `outside-tree`.
 */
export function placeInTree(root: string, path: string): Place {
  const place = resolveInTree(root, path);
  if (relative(root, place.real).split(sep).some(isGitFolder))
    throw outside(path, 'is inside the .git folder');
  return place;
}

function resolveInTree(root: string, path: string): Place {
  const components = path.split('/');
  const odd = components.some((part) => part === '' || part === '.' || part === '..');
  if (odd || isAbsolute(path) || path.includes('\0') || (sep === '\\' && path.includes('\\'))) {
    throw outside(path, 'is not a path inside the tree');
  }
  let current = root;
  for (const [index, part] of components.entries()) {
    const next = join(current, part);
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined) return { real: join(next, ...components.slice(index + 1)), stats: null };
    if (!stats.isSymbolicLink()) {
      current = next;
      continue;
    }
    current = followLink(root, path, next);
  }
  return { real: current, stats: lstatSync(current, { throwIfNoEntry: false }) ?? null };
}

function followLink(root: string, path: string, link: string): string {
  let target: string;
  try {
    target = realpathSync(link);
  } catch (cause) {
    throw new TreeError({ code: 'outside-tree', message: `${path} is a broken symlink`, cause });
  }
  if (target !== root && !target.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw outside(path, 'leaves the tree through a symlink, which is not followed');
  }
  return target;
}

function outside(path: string, what: string): TreeError {
  return new TreeError({ code: 'outside-tree', message: `${JSON.stringify(path)} ${what}` });
}

/** `.git` as any file system may spell it: some fold case, NTFS has short names and drops dots and blanks at the end. */
function isGitFolder(name: string): boolean {
  const folded = name.toLowerCase().replace(/[. ]+$/, '');
  return folded === '.git' || folded === 'git~1';
}
