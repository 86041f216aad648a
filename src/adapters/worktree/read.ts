import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { TreeError } from '../../discover/tree.ts';
import { placeInTree } from './paths.ts';

/** Reads a file of the tree, whole, up to `maxBytes`. Pipes, devices and folders are refused. Throws TreeError. */
export function readInTree(root: string, path: string, maxBytes: number): Uint8Array {
  const { real, stats } = placeInTree(root, path);
  if (stats === null) throw new TreeError({ code: 'not-found', message: `${path} does not exist` });
  return readFile(real, path, maxBytes).bytes;
}

export type FileNow = { readonly bytes: Uint8Array; readonly mode: number; readonly identity: string };

/** A file's bytes, mode and identity (device, inode, size and time of change), all of one open file. */
export function readFile(real: string, path: string, maxBytes: number): FileNow {
  let file: number;
  try {
    // NONBLOCK: a pipe put here meanwhile must not hang us. NOFOLLOW: nor a link lead out.
    file = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw new TreeError({
      code: 'unreadable',
      message: `${path} cannot be read; check its permissions`,
      cause,
    });
  }
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile())
      throw new TreeError({ code: 'unreadable', message: `${path} is not a regular file` });
    if (stats.size > maxBytes) {
      throw new TreeError({
        code: 'unreadable',
        message: `${path} has ${stats.size} bytes, more than the limit of ${maxBytes}; exclude it`,
      });
    }
    const identity = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
    return { bytes: readUpTo(file, Number(stats.size), path), mode: Number(stats.mode & 0o7777n), identity };
  } finally {
    closeSync(file);
  }
}

function readUpTo(file: number, size: number, path: string): Uint8Array {
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const count = readSync(file, bytes, filled, size - filled, null);
    if (count === 0) {
      throw new TreeError({
        code: 'changed-meanwhile',
        message: `${path} shrank while it was being read; run again`,
        temporary: true,
      });
    }
    filled += count;
  }
  return bytes;
}
