import { type Db as Database, PgBoss } from 'pg-boss';
import { PinwheelError } from '../../domain/errors.ts';
import { QueueError } from '../../queue/queue.ts';

/** The pg-boss queue of passes. */
export const PASSES = 'passes';

/** The channel that tells workers of work. */
export const CHANNEL = 'pinwheel_work';

export type PostgresTiming = {
  /** A job whose worker was silent this long is given to another; at least 10. */
  readonly heartbeatSeconds: number;
  /** How often silent workers are looked for. */
  readonly superviseSeconds: number;
};

export const POSTGRES_TIMING: PostgresTiming = { heartbeatSeconds: 30, superviseSeconds: 10 };

const HOURS_24 = 86_400;

// The advisory lock keeps replicas that start together from creating the same things at once.
const SCHEMA = `
SELECT pg_advisory_xact_lock(hashtextextended('pinwheel.schema', 0));
CREATE SCHEMA IF NOT EXISTS pinwheel;
CREATE TABLE IF NOT EXISTS pinwheel.inbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository text NOT NULL,
  rank integer NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  taken_by text,
  request text NOT NULL
);
CREATE INDEX IF NOT EXISTS inbox_repository ON pinwheel.inbox (repository, id);
CREATE TABLE IF NOT EXISTS pinwheel.deliveries (id text PRIMARY KEY, seen timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS deliveries_seen ON pinwheel.deliveries (seen);
CREATE TABLE IF NOT EXISTS pinwheel.dead (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repository text NOT NULL,
  attempts integer NOT NULL,
  message text NOT NULL,
  failed timestamptz NOT NULL DEFAULT now(),
  request text NOT NULL
);
CREATE TABLE IF NOT EXISTS pinwheel.leases (name text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS pinwheel.marks (name text PRIMARY KEY, instant text NOT NULL);
`;

/** Statements on Postgres, alone or in a transaction. */
export type Sql = <Row>(text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export type Transaction = { readonly db: Database; readonly sql: Sql };

/**
 * Connects, and creates or migrates what is needed: pg-boss in the schema `pinwheel_jobs`, Pinwheel's own tables in
 * `pinwheel`. Throws {@link QueueError} that names host and database, never the password.
 */
export async function openPostgres(
  url: string,
  timing: PostgresTiming,
  onError: (error: Error) => void,
): Promise<PgBoss> {
  let boss: PgBoss | null = null;
  try {
    boss = new PgBoss({
      connectionString: url,
      application_name: 'pinwheel',
      schema: 'pinwheel_jobs',
      schedule: false,
      max: 8,
      superviseIntervalSeconds: timing.superviseSeconds,
      monitorIntervalSeconds: timing.superviseSeconds,
    });
    boss.on('error', onError);
    await boss.start();
    await boss.getDb().executeSql(SCHEMA);
    await boss.createQueue(PASSES, {
      policy: 'stately',
      // Pinwheel counts attempts itself; pg-boss only brings back what a dead worker left.
      retryLimit: 1000,
      retryDelay: 1,
      expireInSeconds: HOURS_24 - 1,
      heartbeatSeconds: timing.heartbeatSeconds,
      deleteAfterSeconds: 3600,
      retentionSeconds: 30 * HOURS_24,
    });
    return boss;
  } catch (error) {
    await boss?.stop({ graceful: false }).catch(() => {});
    throw postgresError(error, describeUrl(url));
  }
}

/** Statements on a database handle of pg-boss. */
export function sqlOn(db: Database): Sql {
  return async <Row>(text: string, values: readonly unknown[] = []) => {
    const { rows } = await db.executeSql(text, [...values]);
    return rows as readonly Row[];
  };
}

/** Runs `work` in one transaction, rolled back where it throws. */
export async function transact<T>(boss: PgBoss, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const transaction = await boss.getDb().beginTransaction?.();
  if (transaction === undefined) throw new TypeError('this database handle has no transactions');
  try {
    const result = await work({ db: transaction.db, sql: sqlOn(transaction.db) });
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

/** What Postgres or the network said, as a {@link QueueError}; errors of ours pass. */
export function postgresError(error: unknown, where: string): Error {
  if (error instanceof PinwheelError) return error;
  const reason = error instanceof Error && error.message !== '' ? error.message : String(error);
  return new QueueError({
    code: 'unreachable',
    message: `the queue in Postgres (${where}) failed: ${reason.split('\n')[0]}; check DATABASE_URL`,
    temporary: true,
    cause: error,
  });
}

/** Host, port and database of a connection URL: what may be shown. */
export function describeUrl(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL is not a URL';
  const { host, pathname } = new URL(url);
  return `${host === '' ? 'local socket' : host}${pathname}`;
}
