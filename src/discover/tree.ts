import { PinwheelError } from '../domain/errors.ts';

/** One entry of a repository's tree. `path` is relative with `/`. */
export type TreeEntry = {
  readonly path: string;
  /** `unreadable`: a folder that cannot be listed; what is in it is not known. */
  readonly kind: 'file' | 'executable' | 'symlink' | 'submodule' | 'unreadable';
  /** Bytes, where the listing tells. */
  readonly size: number | null;
  /** The git blob's object id, where the listing tells: equal ids are equal content. */
  readonly id: string | null;
};

export type TreeErrorCode = 'not-found' | 'unreadable' | 'outside-tree' | 'changed-meanwhile' | 'unwritable';

export class TreeError extends PinwheelError<TreeErrorCode> {}

/** The port to a repository's files at one moment: a local work tree, or a commit on GitHub. */
export interface Tree {
  /** Every entry, folders walked, in any order; ignored folders (`.git`, `node_modules`, `vendor`) left out by `skipFolder`. */
  list(skipFolder: (path: string) => boolean): Promise<readonly TreeEntry[]>;
  /** The file's bytes; throws {@link TreeError}. Never follows a symlink out of the tree. */
  read(path: string): Promise<Uint8Array>;
}

/** A file's new text, whole, in the bytes to write. The mode stays what it was; a new file is 100644. */
export type FileChange = {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What the file held when it was read; null for a file that must not exist yet. */
  readonly before: Uint8Array | null;
};

/** The port that writes changes to a local work tree: each file atomically, none where `before` no longer holds. */
export interface TreeWriter {
  apply(changes: readonly FileChange[]): Promise<void>;
}

/** The file's bytes; null where there is no such file. Throws {@link TreeError} for what is there and cannot be read. */
export async function readIfThere(tree: Pick<Tree, 'read'>, path: string): Promise<Uint8Array | null> {
  try {
    return await tree.read(path);
  } catch (error) {
    if (error instanceof TreeError && error.code === 'not-found') return null;
    throw error;
  }
}
