import { realpathSync, statSync } from 'node:fs';
import { type Tree, TreeError, type TreeWriter } from '../../discover/tree.ts';
import { readInTree } from './read.ts';
import { walk } from './walk.ts';
import { writeAll } from './write.ts';

export type WorktreeOptions = {
  /** Files larger than this are not read; bytes. Default 16 MiB. */
  readonly maxBytes?: number;
};

const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;

/**
 * Opens a folder as a tree to read and write. File calls are synchronous inside: for the small files of a checkout that
 * is several times faster than the thread pool. Throws TreeError `not-found` where `root` is no folder.
 */
export function openWorktree(root: string, options: WorktreeOptions = {}): Tree & TreeWriter {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const real = realRoot(root);
  return {
    list: async (skipFolder) => walk(real, skipFolder),
    read: async (path) => readInTree(real, path, maxBytes),
    apply: async (changes) => writeAll(real, changes, maxBytes),
  };
}

function realRoot(root: string): string {
  try {
    const real = realpathSync(root);
    if (statSync(real).isDirectory()) return real;
  } catch (cause) {
    throw new TreeError({ code: 'not-found', message: `${root} is not a readable folder`, cause });
  }
  throw new TreeError({ code: 'not-found', message: `${root} is not a folder; name the checkout's folder` });
}
