import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { messageOf } from '../../domain/errors.ts';
import { QueueError } from '../../queue/queue.ts';

export type SqliteStore = {
  readonly db: Database.Database;
  close(): void;
};

const SCHEMA = `
CREATE TABLE IF NOT EXISTS inbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository TEXT NOT NULL,
  rank INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  request TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS inbox_repository ON inbox (repository, id);
CREATE TABLE IF NOT EXISTS running (
  repository TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  last_row INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS waiting (repository TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_seen ON deliveries (seen);
CREATE TABLE IF NOT EXISTS dead (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  message TEXT NOT NULL,
  failed INTEGER NOT NULL,
  request TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, instant TEXT NOT NULL) STRICT;
`;
const SCHEMA_VERSION = 1;

/**
 * Opens the store in `folder` (made where missing), or in memory for `:memory:`. One process at a time: a lock file
 * (an exclusively locked database of its own, which the system unlocks whatever way the process ends) keeps a second one out, so
 * whatever is marked as running when a store is opened was left by a process that died. Throws {@link QueueError}.
 */
export function openStore(folder: string): SqliteStore {
  if (folder === ':memory:') {
    const db = new Database(':memory:');
    prepare(db);
    return { db, close: () => db.close() };
  }
  const lock = takeLock(folder);
  try {
    const db = new Database(join(folder, 'queue.db'));
    prepare(db);
    return {
      db,
      close: () => {
        db.close();
        lock.close();
      },
    };
  } catch (error) {
    lock.close();
    throw storeError(folder, error);
  }
}

/** Opens the store in `folder` while another process may have it: for short looks and small changes. Throws {@link QueueError}. */
export function openBeside(folder: string): SqliteStore {
  const path = join(folder, 'queue.db');
  if (!existsSync(path)) {
    throw new QueueError({
      code: 'unreachable',
      message: `there is no queue in ${folder}; set PINWHEEL_DATA to its folder, or DATABASE_URL to its database`,
    });
  }
  try {
    const db = new Database(path, { fileMustExist: true });
    prepare(db);
    return { db, close: () => db.close() };
  } catch (error) {
    throw storeError(folder, error);
  }
}

function prepare(db: Database.Database): void {
  db.pragma('journal_mode = WAL');
  // What was taken in must survive a power cut too: a webhook is answered only after this.
  db.pragma('synchronous = FULL');
  db.pragma('busy_timeout = 5000');
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > SCHEMA_VERSION) {
    throw new QueueError({
      code: 'damaged',
      message: 'the queue was written by a newer Pinwheel; upgrade, or use another folder (PINWHEEL_DATA)',
    });
  }
  db.exec(SCHEMA);
  db.pragma(`user_version = ${SCHEMA_VERSION}`);
}

function takeLock(folder: string): Database.Database {
  let lock: Database.Database | null = null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new Database(join(folder, 'queue.lock'), { timeout: 0 });
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE; COMMIT');
    return lock;
  } catch (error) {
    lock?.close();
    if (isBusy(error)) {
      throw new QueueError({
        code: 'in-use',
        message: `another Pinwheel process is using the queue in ${folder}; stop it, give this one its own folder (PINWHEEL_DATA), or use Postgres (DATABASE_URL) for several`,
        cause: error,
      });
    }
    throw storeError(folder, error);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function storeError(folder: string, error: unknown): QueueError {
  if (error instanceof QueueError) return error;
  const reason = messageOf(error);
  const isDamaged = error instanceof Database.SqliteError && /CORRUPT|NOTADB/.test(error.code);
  return new QueueError({
    code: isDamaged ? 'damaged' : 'unreachable',
    message: isDamaged
      ? `the queue in ${folder} is damaged (${reason}); delete it, and the schedule will find the lost work again`
      : `the queue in ${folder} cannot be opened (${reason}); set PINWHEEL_DATA to a writable folder`,
    cause: error,
  });
}
