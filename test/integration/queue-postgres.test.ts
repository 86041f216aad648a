import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresQueue } from '../../src/adapters/queue/postgres-queue.ts';
import { queueContract } from '../contract/queue.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const errors: Error[] = [];
let open: PostgresQueue[] = [];

queueContract('Postgres', {
  replicas: true,
  open: async () => {
    const queue = await PostgresQueue.open(server.url, (error) => errors.push(error));
    open.push(queue);
    return queue;
  },
  reset: async () => {
    for (const queue of open) await queue.close();
    open = [];
    await empty();
    expect(errors).toEqual([]);
  },
});

async function empty(): Promise<void> {
  const boss = new PgBoss({
    connectionString: server.url,
    schema: 'pinwheel_jobs',
    supervise: false,
    schedule: false,
  });
  await boss.start();
  await boss.deleteAllJobs();
  await boss
    .getDb()
    .executeSql(
      'TRUNCATE pinwheel.inbox, pinwheel.dead, pinwheel.deliveries, pinwheel.leases, pinwheel.marks',
    );
  await boss.stop({ graceful: false });
}

describe('PostgresQueue', () => {
  it('names host and database where it cannot connect, and no password', async () => {
    const attempt = PostgresQueue.open('postgres://pinwheel:hunter2@127.0.0.1:1/jobs', () => {});
    await expect(attempt).rejects.toMatchObject({ code: 'unreachable', temporary: true });
    await expect(attempt).rejects.toThrow('127.0.0.1:1/jobs');
    await expect(attempt).rejects.not.toThrow('hunter2');
  });

  it('lets replicas that start together create the tables once', async () => {
    const queues = await Promise.all([1, 2, 3].map(() => PostgresQueue.open(server.url, () => {})));
    for (const queue of queues) await queue.close();
  });
});
