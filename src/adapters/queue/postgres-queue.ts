import { hostname } from 'node:os';
import type { PgBoss } from 'pg-boss';
import { repositoryKey } from '../../domain/repository-name.ts';
import {
  type ClaimedJob,
  type DeadLetter,
  type Enqueued,
  type QueueCounts,
  QueueError,
  type RotationQueue,
} from '../../queue/queue.ts';
import type { RotationRequest } from '../../queue/request.ts';
import { MAX_ATTEMPTS, MAX_DEATHS, retryDelayMs } from '../../queue/retry.ts';
import { CRASHED, mergeRows, parseRequest, Wakers } from './pending.ts';
import { bury, InboxJobs, isNewDelivery, lock } from './postgres-inbox.ts';
import {
  CHANNEL,
  describeUrl,
  openPostgres,
  PASSES,
  POSTGRES_TIMING,
  type PostgresTiming,
  postgresError,
  sqlOn,
  type Transaction,
  transact,
} from './postgres-store.ts';

type StoredRow = { readonly id: string; readonly request: string; readonly attempts: number };
type Attempt = { readonly id: string; readonly retryCount: number };

/**
 * The queue in Postgres, for any number of replicas, on pg-boss. pg-boss decides which repository is next and brings
 * back what a dead worker left; the requests themselves stand in an inbox beside it, so that merging loses none.
 * All that concerns one repository happens under an advisory lock of its own.
 */
export class PostgresQueue implements RotationQueue {
  readonly heartbeatMs: number;
  readonly #boss: PgBoss;
  readonly #jobs: InboxJobs;
  readonly #where: string;
  readonly #wakers = new Wakers();
  #listener: { close(): Promise<void> } | null = null;
  #isOpen = true;

  private constructor(boss: PgBoss, where: string, timing: PostgresTiming) {
    this.#boss = boss;
    this.#jobs = new InboxJobs(boss);
    this.#where = where;
    this.heartbeatMs = (timing.heartbeatSeconds * 1000) / 3;
  }

  /**
   * Connects to `url` and makes the tables ready. `onError` hears of failures in the background (lost connections);
   * they recover by themselves. Throws {@link QueueError}.
   */
  static async open(
    url: string,
    onError: (error: Error) => void,
    timing: PostgresTiming = POSTGRES_TIMING,
  ): Promise<PostgresQueue> {
    const boss = await openPostgres(url, timing, onError);
    const queue = new PostgresQueue(boss, describeUrl(url), timing);
    const wake = () => queue.#wakers.wakeAll();
    // Through a pooler that keeps no session there is no LISTEN: workers poll all the same.
    queue.#listener = (await boss.getDb().listen?.(CHANNEL, wake, wake).catch(onError)) ?? null;
    return queue;
  }

  async enqueue(request: RotationRequest, deliveryId?: string): Promise<Enqueued> {
    return this.#transact(async (tx) => {
      if (deliveryId !== undefined && !(await isNewDelivery(tx, deliveryId))) return 'duplicate';
      return this.#jobs.insert(tx, request);
    });
  }

  async claim(): Promise<ClaimedJob | null> {
    for (;;) {
      const [found] = await this.#guard(() =>
        // The group keeps a running repository's next job from standing at the head of the queue.
        this.#boss.fetch<{ repository: string }>(PASSES, { batchSize: 1, groupConcurrency: 1 }),
      );
      if (found === undefined) return null;
      const attempt = found as typeof found & Attempt;
      const job = await this.#transact((tx) => this.#take(tx, found.data.repository, attempt));
      if (job !== null) return job;
    }
  }

  async keepAlive(job: ClaimedJob): Promise<boolean> {
    const [row] = await this.#guard(() =>
      sqlOn(this.#boss.getDb())('SELECT 1 FROM pinwheel.inbox WHERE taken_by = $1 LIMIT 1', [job.id]),
    );
    if (row === undefined) return false;
    await this.#guard(() => this.#boss.touch(PASSES, attemptOf(job)));
    return true;
  }

  async complete(job: ClaimedJob): Promise<void> {
    await this.#finish(job, async ({ sql }) => {
      await sql('DELETE FROM pinwheel.inbox WHERE taken_by = $1', [job.id]);
    });
  }

  async fail(
    job: ClaimedJob,
    failure: { readonly message: string; readonly final?: boolean; readonly retryAfterMs?: number },
  ): Promise<'retry' | 'dead'> {
    return this.#finish(job, async (tx) => {
      const limit = failure.final === true ? 0 : MAX_ATTEMPTS;
      const buried = await bury(tx, 'taken_by = $1 AND attempts >= $2', [job.id, limit], failure.message);
      const left = await tx.sql(
        'UPDATE pinwheel.inbox SET taken_by = NULL WHERE taken_by = $1 RETURNING id',
        [job.id],
      );
      const delay = failure.retryAfterMs ?? retryDelayMs(job.attempt, Math.random());
      if (left.length > 0) await this.#jobs.schedule(tx, repositoryKey(job.request.repository), delay);
      return buried > 0 ? 'dead' : 'retry';
    });
  }

  async release(job: ClaimedJob): Promise<void> {
    await this.#finish(job, async (tx) => {
      await tx.sql('UPDATE pinwheel.inbox SET taken_by = NULL, attempts = attempts - 1 WHERE taken_by = $1', [
        job.id,
      ]);
      await this.#jobs.schedule(tx, repositoryKey(job.request.repository), 0);
    });
  }

  onWork(wake: () => void): () => void {
    return this.#wakers.add(wake);
  }

  async deadLetters(repository?: string): Promise<readonly DeadLetter[]> {
    const rows = await this.#guard(() =>
      sqlOn(this.#boss.getDb())<StoredRow & { readonly message: string; readonly failed: Date }>(
        `SELECT id::text, attempts, message, failed, request FROM pinwheel.dead
         WHERE $1::text IS NULL OR repository = $1 ORDER BY dead.id`,
        [repository?.toLowerCase() ?? null],
      ),
    );
    return rows.map((row) => ({
      id: row.id,
      request: parseRequest(row.request),
      attempts: row.attempts,
      message: row.message,
      failedAt: row.failed.toISOString(),
    }));
  }

  async settleDead(id: string, how: 'retry' | 'drop'): Promise<boolean> {
    if (!/^\d{1,18}$/.test(id)) return false;
    return this.#transact(async (tx) => {
      const [row] = await tx.sql<StoredRow>('DELETE FROM pinwheel.dead WHERE id = $1 RETURNING request', [
        id,
      ]);
      if (row !== undefined && how === 'retry') await this.#jobs.insert(tx, parseRequest(row.request));
      return row !== undefined;
    });
  }

  async counts(): Promise<QueueCounts> {
    const [row] = await this.#guard(() =>
      sqlOn(this.#boss.getDb())<QueueCounts>(
        `SELECT (SELECT COUNT(DISTINCT repository)::int FROM pinwheel.inbox WHERE taken_by IS NULL) AS waiting,
                (SELECT COUNT(DISTINCT taken_by)::int FROM pinwheel.inbox) AS running,
                (SELECT COUNT(*)::int FROM pinwheel.dead) AS dead`,
      ),
    );
    return row ?? { waiting: 0, running: 0, dead: 0 };
  }

  async lease(name: string, holder: string, ttlMs: number): Promise<boolean> {
    const rows = await this.#guard(() =>
      sqlOn(this.#boss.getDb())(
        `INSERT INTO pinwheel.leases AS held (name, holder, until) VALUES ($1, $2, now() + $3 * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE held.holder = excluded.holder OR held.until <= now() RETURNING name`,
        [name, holder, ttlMs],
      ),
    );
    return rows.length > 0;
  }

  async mark(name: string): Promise<string | null> {
    const [row] = await this.#guard(() =>
      sqlOn(this.#boss.getDb())<{ instant: string }>('SELECT instant FROM pinwheel.marks WHERE name = $1', [
        name,
      ]),
    );
    return row?.instant ?? null;
  }

  async setMark(name: string, instant: string): Promise<void> {
    await this.#guard(() =>
      sqlOn(this.#boss.getDb())(
        'INSERT INTO pinwheel.marks (name, instant) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET instant = excluded.instant',
        [name, instant],
      ),
    );
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#listener?.close();
    await this.#boss.stop({ graceful: true, timeout: 5000 });
  }

  /** Takes all that stands in a repository's inbox; null where that is nothing (any more). */
  async #take(tx: Transaction, repository: string, attempt: Attempt): Promise<ClaimedJob | null> {
    await lock(tx, repository);
    await bury(tx, 'repository = $1 AND attempts >= $2', [repository, MAX_DEATHS], CRASHED);
    const rows = await tx.sql<StoredRow>(
      'SELECT id::text, request, attempts FROM pinwheel.inbox WHERE repository = $1 ORDER BY inbox.id',
      [repository],
    );
    if (rows.length === 0) {
      await this.#boss.complete(PASSES, attempt, null, { db: tx.db });
      return null;
    }
    const token = `${attempt.id}:${attempt.retryCount}`;
    await tx.sql('UPDATE pinwheel.inbox SET attempts = attempts + 1, taken_by = $2 WHERE repository = $1', [
      repository,
      token,
    ]);
    return mergeRows(
      token,
      rows.map((row) => ({ ...row, id: Number(row.id) })),
    );
  }

  async #finish<T>(job: ClaimedJob, settle: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#transact(async (tx) => {
      await lock(tx, repositoryKey(job.request.repository));
      const [held] = await tx.sql('SELECT 1 FROM pinwheel.inbox WHERE taken_by = $1 LIMIT 1', [job.id]);
      if (held === undefined) {
        throw new QueueError({
          code: 'lost-claim',
          message: `the job is no longer held by this worker (${hostname()})`,
        });
      }
      await this.#boss.complete(PASSES, attemptOf(job), null, { db: tx.db });
      const result = await settle(tx);
      await tx.sql('SELECT pg_notify($1, $2)', [CHANNEL, '']);
      return result;
    });
  }

  #transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#guard(() => transact(this.#boss, work));
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isOpen) throw new QueueError({ code: 'closed', message: 'the queue is closed' });
    try {
      return await work();
    } catch (error) {
      throw postgresError(error, this.#where);
    }
  }
}

function attemptOf(job: ClaimedJob): Attempt {
  const colon = job.id.lastIndexOf(':');
  return { id: job.id.slice(0, colon), retryCount: Number(job.id.slice(colon + 1)) };
}
