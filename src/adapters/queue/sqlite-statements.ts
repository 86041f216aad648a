import type { Database, Statement } from 'better-sqlite3';
import { messageOf } from '../../domain/errors.ts';
import { QueueError } from '../../queue/queue.ts';

/** The statements of one database, each prepared once. What the database throws becomes a {@link QueueError}. */
export class SqliteStatements {
  readonly #db: Database;
  readonly #known = new Map<string, Statement<unknown[]>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Does work in one transaction that takes the lock for writing at once. */
  transact<T>(work: () => T): T {
    return this.#guard(() => this.#db.transaction(work).immediate());
  }

  /** How many rows changed. */
  run(sql: string, ...values: unknown[]): number {
    return this.#guard(() => this.#statement(sql).run(...values).changes);
  }

  /** The first row. */
  get<Row>(sql: string, values: readonly unknown[]): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, values: readonly unknown[]): readonly Row[] {
    return this.#guard(() => this.#statement(sql).all(...values) as readonly Row[]);
  }

  #statement(sql: string): Statement<unknown[]> {
    const known = this.#known.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    this.#known.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof QueueError) throw error;
      const open = this.#db.open;
      const reason = messageOf(error);
      throw new QueueError({
        code: open ? 'unreachable' : 'closed',
        message: open ? `the queue on disk failed: ${reason}` : 'the queue is closed',
        temporary: open,
        cause: error,
      });
    }
  }
}
