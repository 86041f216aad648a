import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type FileChange, TreeError } from '../../discover/tree.ts';
import { type Place, placeInTree } from './paths.ts';
import { type FileNow, readFile } from './read.ts';
import { removeLeftovers, temporaryName } from './temporary.ts';

type Prepared = {
  readonly change: FileChange;
  readonly real: string;
  /** Null for a new file. */
  readonly now: FileNow | null;
};

type Staged = Prepared & { readonly temporary: string };

/**
 * Writes files so that each holds its old or its new bytes at any moment, whatever happens. All are checked against
 * `before` and all new bytes are on the disk before the first file is replaced, in the order given. The mode stays; a
 * symlink inside the tree stays one and its target is written. Throws TreeError: `changed-meanwhile`, `outside-tree`,
 * `unwritable`, `unreadable`.
 */
export function writeAll(root: string, changes: readonly FileChange[], maxBytes: number): void {
  const prepared = changes.map((change) => prepare(root, change, maxBytes));
  refuseSameFile(prepared);
  const folders = new Set(prepared.map(({ real }) => dirname(real)));
  const staged: Staged[] = [];
  const written: string[] = [];
  try {
    for (const folder of folders) makeFolder(root, folder);
    for (const one of prepared) staged.push(stage(one));
    for (const one of staged) {
      commit(one, written);
      written.push(one.change.path);
    }
  } finally {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    for (const folder of folders) {
      removeLeftovers(folder);
      syncFolder(folder);
    }
  }
}

function prepare(root: string, change: FileChange, maxBytes: number): Prepared {
  const place: Place = placeInTree(root, change.path);
  if (change.before === null) {
    if (place.stats !== null) throw changed(change.path, 'exists by now');
    return { change, real: place.real, now: null };
  }
  if (place.stats === null) throw changed(change.path, 'is gone');
  const now = readFile(place.real, change.path, maxBytes);
  if (!sameBytes(now.bytes, change.before)) throw changed(change.path, 'was changed since it was read');
  return { change, real: place.real, now };
}

function refuseSameFile(prepared: readonly Prepared[]): void {
  const seen = new Map<string, string>();
  for (const { change, real } of prepared) {
    const other = seen.get(real);
    if (other !== undefined) {
      throw new TreeError({
        code: 'unwritable',
        message: `${change.path} and ${other} are the same file through a symlink; exclude one of them`,
      });
    }
    seen.set(real, change.path);
  }
}

function makeFolder(root: string, folder: string): void {
  try {
    if (folder !== root) mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

/** Writes the new bytes beside the file (the same file system, so that the rename is atomic) and syncs them. */
function stage(prepared: Prepared): Staged {
  const temporary = join(dirname(prepared.real), temporaryName());
  const { change, now } = prepared;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    // A new file gets what the umask leaves of 666, like any other; an old one keeps its mode exactly.
    const file = openSync(temporary, flags, now === null ? 0o666 : 0o600);
    try {
      writeWhole(file, change.bytes);
      if (now !== null) keepOwnerAndMode(file, prepared.real, now.mode);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw unwritable(change.path, cause);
  }
  return { ...prepared, temporary };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written);
  }
}

function keepOwnerAndMode(file: number, real: string, mode: number): void {
  const [mine, theirs] = [fstatSync(file), lstatSync(real)];
  if (mine.uid !== theirs.uid || mine.gid !== theirs.gid) {
    try {
      fchownSync(file, theirs.uid, theirs.gid);
    } catch {
      // Only root may give files away; a file of ours in its place is what every editor leaves too.
    }
  }
  fchmodSync(file, mode);
}

function commit(staged: Staged, written: readonly string[]): void {
  const { change, real, temporary, now } = staged;
  const done = written.length === 0 ? '' : `; already written: ${written.join(', ')}`;
  if (now !== null) {
    const stats = lstatSync(real, { bigint: true, throwIfNoEntry: false });
    const identity = stats === undefined ? '' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
    if (identity !== now.identity) throw changed(change.path, `was changed since it was read${done}`);
  }
  try {
    if (now === null) linkSync(temporary, real);
    else renameSync(temporary, real);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'EEXIST') throw changed(change.path, `exists by now${done}`);
    if (
      now === null &&
      (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS' || code === 'EOPNOTSUPP')
    ) {
      // A file system without hard links: the file was not there when it was looked for.
      renameSync(temporary, real);
      return;
    }
    throw unwritable(`${change.path}${done}`, cause);
  }
}

/** Makes the renames last over a power cut, where the system lets a folder be synced. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, constants.O_RDONLY);
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    // Not every system can: then the rename is as lasting as any other program's.
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function changed(path: string, what: string): TreeError {
  return new TreeError({
    code: 'changed-meanwhile',
    message: `${path} ${what}; it was left alone. Run again`,
    temporary: true,
  });
}

function unwritable(path: string, cause: unknown): TreeError {
  const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new TreeError({
    code: 'unwritable',
    message: `${path} cannot be written${why}; check permissions, space, and that it is no mount point`,
    cause,
  });
}
