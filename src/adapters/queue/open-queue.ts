import type { Environment } from '../../config/environment.ts';
import type { Log } from '../../domain/log.ts';
import type { RotationQueue } from '../../queue/queue.ts';

/** The queue of a deployment: Postgres where `DATABASE_URL` names one, else on disk. Throws {@link QueueError}. */
export async function openQueue(environment: Environment, log: Log): Promise<RotationQueue> {
  if (environment.databaseUrl !== null) {
    const { PostgresQueue } = await import('./postgres-queue.ts');
    return PostgresQueue.open(environment.databaseUrl.reveal(), (error) =>
      log.warn({ err: error }, 'the Postgres connection failed; reconnecting'),
    );
  }
  const { SqliteQueue } = await import('./sqlite-queue.ts');
  return new SqliteQueue(environment.dataFolder);
}

/** The same queue while a server may work on it: to look at it and to settle dead letters. Throws {@link QueueError}. */
export async function openQueueBeside(environment: Environment, log: Log): Promise<RotationQueue> {
  if (environment.databaseUrl !== null) return openQueue(environment, log);
  const { SqliteQueue } = await import('./sqlite-queue.ts');
  return SqliteQueue.beside(environment.dataFolder);
}
