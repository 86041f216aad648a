import { posix } from 'node:path';
import { gitBlobId } from '../../../src/adapters/github/blobs.ts';
import { type Tree, type TreeEntry, TreeError } from '../../../src/discover/tree.ts';
import type { Files } from './memory-git.ts';

const KINDS = { '100644': 'file', '100755': 'executable', '120000': 'symlink' } as const;

/** The files of one commit in memory. Links are followed within the repository. */
export class MemoryTree implements Tree {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  async list(skipFolder: (path: string) => boolean): Promise<readonly TreeEntry[]> {
    return [...this.#files].flatMap(([path, { mode, bytes }]) => {
      const folders = path.split('/').slice(0, -1);
      if (folders.some((_, i) => skipFolder(folders.slice(0, i + 1).join('/')))) return [];
      return [{ path, kind: KINDS[mode], size: bytes.length, id: gitBlobId(bytes) }];
    });
  }

  async read(path: string): Promise<Uint8Array> {
    const normal = posix.normalize(path);
    if (normal.startsWith('..') || normal.startsWith('/')) {
      throw new TreeError({ code: 'outside-tree', message: `${path} points outside the repository` });
    }
    const file = this.#files.get(normal);
    if (file === undefined) {
      throw new TreeError({ code: 'not-found', message: `${path} is not in the repository` });
    }
    if (file.mode !== '120000') return file.bytes;
    return this.read(posix.join(posix.dirname(normal), Buffer.from(file.bytes).toString('utf8')));
  }
}
