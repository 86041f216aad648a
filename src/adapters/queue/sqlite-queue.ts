import { randomUUID } from 'node:crypto';
import { repositoryKey } from '../../domain/repository-name.ts';
import {
  type ClaimedJob,
  type DeadLetter,
  type Enqueued,
  type QueueCounts,
  QueueError,
  type RotationQueue,
} from '../../queue/queue.ts';
import { priorityRank, type RotationRequest } from '../../queue/request.ts';
import { MAX_ATTEMPTS, MAX_DEATHS, retryDelayMs } from '../../queue/retry.ts';
import { CRASHED, DELIVERY_MEMORY_MS, mergeRows, type PendingRow, parseRequest, Wakers } from './pending.ts';
import { SqliteStatements } from './sqlite-statements.ts';
import { openBeside, openStore, type SqliteStore } from './sqlite-store.ts';

type DeadRow = {
  readonly id: number;
  readonly attempts: number;
  readonly message: string;
  readonly failed: number;
  readonly request: string;
};

/**
 * The queue on disk, for one process: a folder with SQLite's files, nothing to install. Requests stand in an inbox until
 * the job that took them is done; a job is all that its repository's inbox holds when it is claimed.
 */
export class SqliteQueue implements RotationQueue {
  readonly heartbeatMs = 60_000;
  readonly #store: SqliteStore;
  readonly #now: () => number;
  readonly #wakers = new Wakers();
  readonly #sql: SqliteStatements;

  /** Opens the queue in `folder` (`:memory:` for tests). What a dead process left running is due again, its leases have ended. Throws {@link QueueError}. */
  constructor(folder: string, now: () => Date = () => new Date(), access: 'own' | 'beside' = 'own') {
    this.#store = access === 'own' ? openStore(folder) : openBeside(folder);
    this.#sql = new SqliteStatements(this.#store.db);
    this.#now = () => now().getTime();
    if (access === 'beside') return;
    this.#sql.run('DELETE FROM running');
    this.#sql.run('DELETE FROM leases');
  }

  /**
   * The queue in `folder` beside the process that works on it, if any: to look at it, and to settle dead letters. What is
   * queued again is found by that process within seconds. Not to claim from. Throws {@link QueueError} where there is none.
   */
  static beside(folder: string): SqliteQueue {
    return new SqliteQueue(folder, () => new Date(), 'beside');
  }

  async enqueue(request: RotationRequest, deliveryId?: string): Promise<Enqueued> {
    const taken = this.#sql.transact(() => {
      if (deliveryId !== undefined && !this.#isNewDelivery(deliveryId)) return 'duplicate';
      return this.#insert(request, 0);
    });
    if (taken !== 'duplicate') this.#wakers.wakeAll();
    return taken;
  }

  async claim(): Promise<ClaimedJob | null> {
    return this.#sql.transact(() => {
      this.#bury(
        'SELECT id FROM inbox WHERE attempts >= ? AND repository NOT IN (SELECT repository FROM running)',
        [MAX_DEATHS],
        CRASHED,
      );
      const next = this.#sql.get<{ repository: string; last: number }>(
        `SELECT repository, MAX(inbox.id) AS last FROM inbox LEFT JOIN waiting USING (repository)
         WHERE repository NOT IN (SELECT repository FROM running) AND COALESCE(until, 0) <= ?
         GROUP BY repository ORDER BY MAX(rank) DESC, MIN(inbox.id) LIMIT 1`,
        [this.#now()],
      );
      if (next === undefined) return null;
      const rows = this.#sql.all<PendingRow>(
        'SELECT id, request, attempts FROM inbox WHERE repository = ? ORDER BY id',
        [next.repository],
      );
      const token = randomUUID();
      this.#sql.run('UPDATE inbox SET attempts = attempts + 1 WHERE repository = ?', next.repository);
      this.#sql.run('DELETE FROM waiting WHERE repository = ?', next.repository);
      this.#sql.run(
        'INSERT INTO running (repository, token, last_row) VALUES (?, ?, ?)',
        next.repository,
        token,
        next.last,
      );
      return mergeRows(token, rows);
    });
  }

  async keepAlive(job: ClaimedJob): Promise<boolean> {
    return this.#claimed(job) !== undefined;
  }

  async complete(job: ClaimedJob): Promise<void> {
    this.#finish(job, (repository, last) => {
      this.#sql.run('DELETE FROM inbox WHERE repository = ? AND id <= ?', repository, last);
    });
  }

  async fail(
    job: ClaimedJob,
    failure: { readonly message: string; readonly final?: boolean; readonly retryAfterMs?: number },
  ): Promise<'retry' | 'dead'> {
    return this.#finish(job, (repository, last) => {
      const buried = this.#bury(
        'SELECT id FROM inbox WHERE repository = ? AND id <= ? AND attempts >= ?',
        [repository, last, failure.final === true ? 0 : MAX_ATTEMPTS],
        failure.message,
      );
      const delay = failure.retryAfterMs ?? retryDelayMs(job.attempt, Math.random());
      this.#sql.run(
        'INSERT INTO waiting (repository, until) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM inbox WHERE repository = ? AND id <= ?)',
        repository,
        this.#now() + delay,
        repository,
        last,
      );
      return buried > 0 ? 'dead' : 'retry';
    });
  }

  async release(job: ClaimedJob): Promise<void> {
    this.#finish(job, (repository, last) => {
      this.#sql.run(
        'UPDATE inbox SET attempts = attempts - 1 WHERE repository = ? AND id <= ?',
        repository,
        last,
      );
    });
  }

  onWork(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  async deadLetters(repository?: string): Promise<readonly DeadLetter[]> {
    const rows = this.#sql.all<DeadRow>(
      'SELECT id, attempts, message, failed, request FROM dead WHERE ? IS NULL OR repository = ? ORDER BY id',
      [repository?.toLowerCase() ?? null, repository?.toLowerCase() ?? null],
    );
    return rows.map((row) => ({
      id: String(row.id),
      request: parseRequest(row.request),
      attempts: row.attempts,
      message: row.message,
      failedAt: new Date(row.failed).toISOString(),
    }));
  }

  async settleDead(id: string, how: 'retry' | 'drop'): Promise<boolean> {
    const found = this.#sql.transact(() => {
      const row = this.#sql.get<{ request: string }>('DELETE FROM dead WHERE id = ? RETURNING request', [
        Number(id),
      ]);
      if (row !== undefined && how === 'retry') this.#insert(parseRequest(row.request), 0);
      return row !== undefined;
    });
    if (found && how === 'retry') this.#wakers.wakeAll();
    return found;
  }

  async counts(): Promise<QueueCounts> {
    const row = this.#sql.get<{ waiting: number; running: number; dead: number }>(
      `SELECT (SELECT COUNT(DISTINCT inbox.repository) FROM inbox LEFT JOIN running USING (repository)
                WHERE inbox.id > COALESCE(last_row, 0)) AS waiting,
              (SELECT COUNT(*) FROM running) AS running,
              (SELECT COUNT(*) FROM dead) AS dead`,
      [],
    );
    return row ?? { waiting: 0, running: 0, dead: 0 };
  }

  async lease(name: string, holder: string, ttlMs: number): Promise<boolean> {
    const now = this.#now();
    const row = this.#sql.get(
      `INSERT INTO leases (name, holder, until) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE leases.holder = excluded.holder OR leases.until <= ? RETURNING name`,
      [name, holder, now + ttlMs, now],
    );
    return row !== undefined;
  }

  async mark(name: string): Promise<string | null> {
    return (
      this.#sql.get<{ instant: string }>('SELECT instant FROM marks WHERE name = ?', [name])?.instant ?? null
    );
  }

  async setMark(name: string, instant: string): Promise<void> {
    this.#sql.run(
      'INSERT INTO marks (name, instant) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET instant = excluded.instant',
      name,
      instant,
    );
  }

  async close(): Promise<void> {
    this.#store.close();
  }

  #isNewDelivery(id: string): boolean {
    this.#sql.run('DELETE FROM deliveries WHERE seen < ?', this.#now() - DELIVERY_MEMORY_MS);
    const row = this.#sql.get(
      'INSERT INTO deliveries (id, seen) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id',
      [id, this.#now()],
    );
    return row !== undefined;
  }

  #insert(request: RotationRequest, attempts: number): 'queued' | 'merged' {
    const repository = repositoryKey(request.repository);
    const rank = priorityRank(request.priority);
    const before = this.#sql.get(
      `SELECT 1 FROM inbox LEFT JOIN running USING (repository)
       WHERE repository = ? AND inbox.id > COALESCE(last_row, 0) LIMIT 1`,
      [repository],
    );
    this.#sql.run(
      'INSERT INTO inbox (repository, rank, attempts, request) VALUES (?, ?, ?, ?)',
      repository,
      rank,
      attempts,
      JSON.stringify(request),
    );
    // Somebody waits for an answer: the back-off of an earlier failure does not hold for them.
    if (rank >= priorityRank('command'))
      this.#sql.run('DELETE FROM waiting WHERE repository = ?', repository);
    return before === undefined ? 'queued' : 'merged';
  }

  /** Moves the requests that `select` names to the dead letters; returns how many. */
  #bury(select: string, values: readonly unknown[], message: string): number {
    this.#sql.run(
      `INSERT INTO dead (repository, attempts, message, failed, request)
       SELECT repository, attempts, ?, ?, request FROM inbox WHERE id IN (${select}) ORDER BY id`,
      message.slice(0, 2000),
      this.#now(),
      ...values,
    );
    return this.#sql.run(`DELETE FROM inbox WHERE id IN (${select})`, ...values);
  }

  #finish<T>(job: ClaimedJob, settle: (repository: string, last: number) => T): T {
    const settled = this.#sql.transact(() => {
      const claimed = this.#claimed(job);
      if (claimed === undefined) {
        throw new QueueError({ code: 'lost-claim', message: 'the job is no longer held by this worker' });
      }
      const result = settle(claimed.repository, claimed.last_row);
      this.#sql.run('DELETE FROM running WHERE token = ?', job.id);
      return result;
    });
    this.#wakers.wakeAll();
    return settled;
  }

  #claimed(job: ClaimedJob): { repository: string; last_row: number } | undefined {
    return this.#sql.get('SELECT repository, last_row FROM running WHERE token = ?', [job.id]);
  }
}
