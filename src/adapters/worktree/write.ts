import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
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

/** Files synced at once: the thread pool works on several, and the file system joins their commits. */
const BATCH = 256;

const sync = promisify(fsync);

/**
 * Writes files so that each holds its old or its new bytes at any moment, whatever happens. All are checked against
 * `before` and all new bytes are on the disk before the first file is replaced, in the order given. The mode stays; a
 * symlink inside the tree stays one and its target is written. Throws TreeError: `changed-meanwhile`, `outside-tree`,
 * `unwritable`, `unreadable`.
 */
export async function writeAll(
  root: string,
  changes: readonly FileChange[],
  maxBytes: number,
): Promise<void> {
  const prepared = changes.map((change) => prepare(root, change, maxBytes));
  refuseSameFile(prepared);
  const folders = new Set(prepared.map(({ real }) => dirname(real)));
  const staged: Staged[] = [];
  const written: string[] = [];
  try {
    for (const folder of folders) makeFolder(root, folder);
    for (let at = 0; at < prepared.length; at += BATCH) {
      await stageBatch(prepared.slice(at, at + BATCH), staged);
    }
    for (const one of staged) {
      commit(one, written);
      written.push(one.change.path);
    }
  } finally {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    for (const folder of folders) removeLeftovers(folder);
  }
}

function prepare(root: string, change: FileChange, maxBytes: number): Prepared {
  const place: Place = placeInTree(root, change.path);
  if (place.stats?.isDirectory() === true) {
    throw new TreeError({
      code: 'unwritable',
      message: `${change.path} is a folder, so no file can be written there; name another path`,
    });
  }
  if (change.before === null) {
    if (place.stats !== null) throw changed(change.path, 'exists now');
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
      const both =
        other === change.path
          ? `${other} would be written twice`
          : `${change.path} and ${other} are the same file through a symlink; exclude one of them`;
      throw new TreeError({ code: 'unwritable', message: both });
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

/**
 * Writes new bytes beside the files (the same file system, so that the rename is atomic) and has them on the disk before
 * any rename. The renames themselves are not synced: after a power cut a file is old or new, and whole.
 */
async function stageBatch(batch: readonly Prepared[], staged: Staged[]): Promise<void> {
  const open: { readonly file: number; readonly path: string }[] = [];
  try {
    for (const one of batch) {
      const temporary = join(dirname(one.real), temporaryName());
      const file = openTemporary(temporary, one);
      staged.push({ ...one, temporary });
      open.push({ file, path: one.change.path });
      fill(file, one);
    }
    await allDone(open.map(({ file, path }) => attempt(path, () => sync(file))));
  } finally {
    for (const { file } of open) closeSync(file);
  }
}

function openTemporary(temporary: string, { change, now }: Prepared): number {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    // A new file gets what the umask leaves of 666, like any other; an old one keeps its mode exactly.
    return openSync(temporary, flags, now === null ? 0o666 : 0o600);
  } catch (cause) {
    throw unwritable(change.path, cause);
  }
}

function fill(file: number, { change, real, now }: Prepared): void {
  try {
    writeWhole(file, change.bytes);
    if (now !== null) keepOwnerAndMode(file, real, now.mode);
  } catch (cause) {
    throw unwritable(change.path, cause);
  }
}

/** Waits for all, then throws the first fault: nothing may still be at work on a file that is closed. */
async function allDone(tasks: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(tasks)) {
    if (result.status === 'rejected') throw result.reason;
  }
}

async function attempt(path: string, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (cause) {
    throw unwritable(path, cause);
  }
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
    if (code === 'EEXIST') throw changed(change.path, `exists now${done}`);
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

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function changed(path: string, what: string): TreeError {
  return new TreeError({
    code: 'changed-meanwhile',
    message: `${path} ${what}; it was not changed. Run again`,
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
