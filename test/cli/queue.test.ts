import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteQueue } from '../../src/adapters/queue/sqlite-queue.ts';
import { request } from '../support/requests.ts';
import { createHarness, type Harness } from './harness.ts';

describe('pinwheel queue', () => {
  let checkout: Harness;
  const environment: Record<string, string> = {};
  let server: SqliteQueue;

  beforeEach(async () => {
    checkout = createHarness({ env: environment });
    environment['PINWHEEL_DATA'] = join(checkout.root, 'data');
    server = new SqliteQueue(environment['PINWHEEL_DATA']);
    for (const name of ['acme/shop', 'acme/api']) {
      await server.enqueue(request(name));
      const job = await server.claim();
      if (job !== null) await server.fail(job, { message: 'no such\nthing \u001b[31m', final: true });
    }
    await server.enqueue(request('acme/web'));
  });

  afterEach(async () => {
    await server.close();
    checkout.remove();
  });

  it('shows what waits and what was given up, beside the server', async () => {
    const { code, stdout } = await checkout.run('queue');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^1 waiting, 0 running, 2 given up\n1 {2}acme\/shop .* after 1 attempts: no such thing {2}\[31m\n2 /,
    );
    const one = await checkout.run('queue', 'Acme/API', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({
      waiting: 1,
      dead: 2,
      deadLetters: [{ id: '2', repository: 'acme/api', attempts: 1 }],
    });
  });

  it('queues a dead letter again, and drops the others', async () => {
    expect(await checkout.run('queue', 'retry', '1')).toMatchObject({ code: 0, stdout: '1: queued again\n' });
    expect(await checkout.run('queue', 'retry', '1')).toMatchObject({ code: 1 });
    expect(await checkout.run('queue', 'drop', '--all')).toMatchObject({ code: 0, stdout: '2: dropped\n' });
    expect(await server.counts()).toEqual({ waiting: 2, running: 0, dead: 0 });
  });

  it.each([
    [['queue', 'retry']],
    [['queue', 'drop', '1', '--all']],
    [['queue', 'empty']],
    [['queue', 'acme/shop', 'acme/api']],
    [['queue', '--all']],
  ])('refuses %j', async (argv) => {
    expect(await checkout.run(...argv)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('pinwheel queue'),
    });
  });

  it('says where it looked for a queue', async () => {
    environment['PINWHEEL_DATA'] = join(checkout.root, 'elsewhere');
    expect(await checkout.run('queue')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('elsewhere'),
    });
  });
});
