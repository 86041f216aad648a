import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PostgresQueue } from '../../src/adapters/queue/postgres-queue.ts';
import { seenDigests } from '../../src/adapters/queue/seen-digests.ts';
import { queueContract } from '../contract/queue.ts';
import { seenDigestsContract } from '../contract/seen-digests.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { command, request } from '../support/requests.ts';

const program = fileURLToPath(new URL('../support/queue-worker.ts', import.meta.url));

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

const closeAll = async () => {
  for (const queue of open.splice(0)) await queue.close();
};

seenDigestsContract('Postgres', {
  open: async () => {
    const queue = await PostgresQueue.open(server.url, (error) => errors.push(error));
    open.push(queue);
    return seenDigests(queue);
  },
  close: closeAll,
  reset: async () => {
    await closeAll();
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
  it('runs a job again whose process was killed in the middle, with all its commands', async () => {
    const timing = { heartbeatSeconds: 10, superviseSeconds: 1 };
    const queue = await PostgresQueue.open(server.url, () => {}, timing);
    await queue.enqueue(request('acme/shop', { commands: [command(1)] }), 'd1');
    await queue.enqueue(request('acme/shop', { commands: [command(2)] }), 'd2');
    const worker = spawn(process.execPath, [program, 'postgres', server.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(worker.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('claimed 2\n');
    worker.kill('SIGKILL');
    await once(worker, 'exit');
    expect(await queue.claim()).toBeNull();

    const job = await vi.waitFor(
      async () => {
        const claimed = await queue.claim();
        if (claimed === null) throw new Error('not yet');
        return claimed;
      },
      { timeout: 40_000, interval: 250 },
    );
    expect(job.attempt).toBe(2);
    expect(job.request.commands.map((one) => one.commentId)).toEqual([1, 2]);
    await queue.complete(job);
    expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
    await queue.close();
  });

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
