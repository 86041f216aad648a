/** The folder of a file, `''` for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/**
 * `path` as seen from `folder` (relative to the root, with `/`; `''` for the root), with `.` and `..` taken out.
 * Null where it is absolute or leads above the root.
 */
export function pathFrom(folder: string, path: string): string | null {
  if (path.startsWith('/')) return null;
  const parts = folder === '' ? [] : folder.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}
