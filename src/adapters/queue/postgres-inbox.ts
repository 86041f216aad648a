import type { PgBoss } from 'pg-boss';
import { repositoryKey } from '../../domain/repository-name.ts';
import { priorityRank, type RotationRequest } from '../../queue/request.ts';
import { DELIVERY_MEMORY_MS } from './pending.ts';
import { CHANNEL, PASSES, type Transaction } from './postgres-store.ts';

/** Keeps pg-boss's jobs true to the inbox: one that waits for each repository with requests nobody has taken. */
export class InboxJobs {
  readonly #boss: PgBoss;

  constructor(boss: PgBoss) {
    this.#boss = boss;
  }

  /** Stores a request and makes sure that a job for its repository waits. */
  async insert(tx: Transaction, request: RotationRequest): Promise<'queued' | 'merged'> {
    const repository = repositoryKey(request.repository);
    const rank = priorityRank(request.priority);
    await lock(tx, repository);
    const [before] = await tx.sql(
      'SELECT 1 FROM pinwheel.inbox WHERE repository = $1 AND taken_by IS NULL LIMIT 1',
      [repository],
    );
    await tx.sql('INSERT INTO pinwheel.inbox (repository, rank, request) VALUES ($1, $2, $3)', [
      repository,
      rank,
      JSON.stringify(request),
    ]);
    const isNew = await this.#send(tx, repository, rank, 0);
    // Somebody waits for an answer: the back-off of an earlier failure does not hold for them.
    if (!isNew) await this.#lift(tx, repository, rank >= priorityRank('command') ? 0 : null);
    return before === undefined ? 'queued' : 'merged';
  }

  /** Makes a job for what is left of a repository after `delayMs`; sooner where a person waits too. */
  async schedule(tx: Transaction, repository: string, delayMs: number): Promise<void> {
    const [row] = await tx.sql<{ rank: number; fresh: number | null }>(
      `SELECT MAX(rank) AS rank, MAX(rank) FILTER (WHERE attempts = 0) AS fresh
       FROM pinwheel.inbox WHERE repository = $1 AND taken_by IS NULL`,
      [repository],
    );
    const delay = (row?.fresh ?? -1) >= priorityRank('command') ? 0 : delayMs;
    const isNew = await this.#send(tx, repository, row?.rank ?? 0, delay);
    if (!isNew) await this.#lift(tx, repository, delay);
  }

  async #send(tx: Transaction, repository: string, rank: number, delayMs: number): Promise<boolean> {
    const id = await this.#boss.send(
      PASSES,
      { repository },
      {
        singletonKey: repository,
        group: { id: repository },
        priority: rank,
        db: tx.db,
        ...(delayMs > 0 ? { startAfter: Math.ceil(delayMs / 1000) } : {}),
      },
    );
    await tx.sql('SELECT pg_notify($1, $2)', [CHANNEL, '']);
    return id !== null;
  }

  /** Gives the waiting job the highest priority of what it stands for, and another time where one is given. */
  async #lift(tx: Transaction, repository: string, delayMs: number | null): Promise<void> {
    const [row] = await tx.sql<{ rank: number }>(
      'SELECT MAX(rank) AS rank FROM pinwheel.inbox WHERE repository = $1 AND taken_by IS NULL',
      [repository],
    );
    await this.#boss.update(PASSES, undefined, {
      singletonKey: repository,
      match: 'all',
      priority: row?.rank ?? 0,
      db: tx.db,
      ...(delayMs === null ? {} : { startAfter: Math.ceil(delayMs / 1000) }),
    });
  }
}

/** Makes all that concerns a repository happen one after the other, until the transaction ends. */
export async function lock({ sql }: Transaction, repository: string): Promise<void> {
  await sql('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`pinwheel ${repository}`]);
}

/** Remembers a delivery; false where it was known. */
export async function isNewDelivery({ sql }: Transaction, id: string): Promise<boolean> {
  await sql("DELETE FROM pinwheel.deliveries WHERE seen < now() - $1 * interval '1 millisecond'", [
    DELIVERY_MEMORY_MS,
  ]);
  const rows = await sql(
    'INSERT INTO pinwheel.deliveries (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id',
    [id],
  );
  return rows.length > 0;
}

/** Moves the requests that `condition` names to the dead letters; returns how many. */
export async function bury(
  { sql }: Transaction,
  condition: string,
  values: readonly unknown[],
  message: string,
): Promise<number> {
  const buried = await sql(
    `WITH gone AS (DELETE FROM pinwheel.inbox WHERE ${condition} RETURNING id, repository, attempts, request)
     INSERT INTO pinwheel.dead (repository, attempts, message, request)
     SELECT repository, attempts, $${values.length + 1}, request FROM gone ORDER BY gone.id RETURNING id`,
    [...values, message.slice(0, 2000)],
  );
  return buried.length;
}
