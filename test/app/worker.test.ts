import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SqliteQueue } from '../../src/adapters/queue/sqlite-queue.ts';
import { runWorker } from '../../src/app/worker.ts';
import { PinwheelError } from '../../src/domain/errors.ts';
import { QueueError } from '../../src/queue/queue.ts';
import type { PassRunner } from '../../src/queue/request.ts';
import { keptLog } from '../support/log.ts';
import { request } from '../support/requests.ts';

class TestError extends PinwheelError<'test'> {}

describe('runWorker', () => {
  let queue: SqliteQueue;
  let log: ReturnType<typeof keptLog>;
  let stop: AbortController;
  let worker: Promise<void>;
  beforeEach(() => {
    queue = new SqliteQueue(':memory:');
    log = keptLog();
    stop = new AbortController();
    worker = Promise.resolve();
  });
  afterEach(async () => {
    stop.abort();
    await worker;
    await queue.close();
  });
  const start = (runPass: PassRunner, options: { drainMs?: number; concurrency?: number } = {}) => {
    worker = runWorker({ queue, runPass, concurrency: 1, log, signal: stop.signal, pollMs: 10, ...options });
  };
  const logged = (message: string) =>
    vi.waitFor(() => expect(log.lines.map((line) => line.message)).toContain(message), { interval: 5 });

  it('runs what is there and what comes', async () => {
    const seen: string[] = [];
    await queue.enqueue(request('acme/a'));
    start(async ({ repository }) => void seen.push(repository.name));
    await vi.waitFor(() => expect(seen).toEqual(['a']), { interval: 5 });
    await queue.enqueue(request('acme/b'));
    await vi.waitFor(() => expect(seen).toEqual(['a', 'b']), { interval: 5 });
    await vi.waitFor(async () => expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 }));
  });

  it('runs as many at once as it may', async () => {
    let running = 0;
    let most = 0;
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    for (const name of ['a', 'b', 'c']) await queue.enqueue(request(`acme/${name}`));
    start(
      async () => {
        most = Math.max(most, ++running);
        await gate;
        running--;
      },
      { concurrency: 2 },
    );
    await vi.waitFor(() => expect(running).toBe(2));
    open();
    await vi.waitFor(async () => expect(await queue.counts()).toMatchObject({ waiting: 0, running: 0 }));
    expect(most).toBe(2);
  });

  it.each([
    [
      'an outage',
      new TestError({ code: 'test', message: 'down', temporary: true }),
      'pass failed; it will be retried',
      0,
    ],
    ['a bug', new TypeError('x is undefined'), 'pass failed; it will be retried', 0],
    [
      'a rate limit',
      Object.assign(new Error('limit'), { retryAt: new Date(Date.now() + 3_600_000) }),
      'pass failed; it will be retried',
      0,
    ],
    [
      'something lasting, once more',
      new TestError({ code: 'test', message: 'gone' }),
      'pass failed; it will be retried',
      0,
    ],
  ])('tries again after %s', async (_, error, message, dead) => {
    await queue.enqueue(request('acme/a'));
    start(async () => {
      throw error;
    });
    await logged(message);
    expect((await queue.counts()).dead).toBe(dead);
  });

  it('gives up what fails for good twice', async () => {
    await queue.enqueue(request('acme/a'));
    start(async () => {
      throw Object.assign(new TestError({ code: 'test', message: 'no such repository' }), {
        retryAt: new Date(0),
      });
    });
    await logged('pass given up; see the dead letters');
    expect((await queue.deadLetters())[0]).toMatchObject({ message: 'no such repository', attempts: 2 });
  });

  it('lets a running pass finish when stopped, and claims no more', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await queue.enqueue(request('acme/a'));
    start(() => gate);
    await logged('pass started');
    await queue.enqueue(request('acme/b'));
    stop.abort();
    open();
    await worker;
    expect(await queue.counts()).toEqual({ waiting: 1, running: 0, dead: 0 });
    expect(log.lines.at(-1)?.message).toBe('pass done');
  });

  it('interrupts a pass that does not finish, and gives it back untouched', async () => {
    await queue.enqueue(request('acme/a'));
    start(untilAborted, { drainMs: 1 });
    await logged('pass started');
    stop.abort();
    await worker;
    expect((await queue.claim())?.attempt).toBe(1);
  });

  it('gives up a pass whose claim was lost', async () => {
    await queue.enqueue(request('acme/a'));
    vi.spyOn(queue, 'keepAlive').mockResolvedValue(false);
    Object.defineProperty(queue, 'heartbeatMs', { value: 5 });
    start(untilAborted);
    await logged('pass abandoned: another worker has it');
  });

  it('outlives a queue that fails', async () => {
    const down = new QueueError({ code: 'unreachable', message: 'down', temporary: true });
    const claim = vi.spyOn(queue, 'claim').mockRejectedValueOnce(down).mockRejectedValueOnce(down);
    const complete = vi.spyOn(queue, 'complete').mockRejectedValueOnce(down);
    await queue.enqueue(request('acme/a'));
    start(async () => {});
    await logged('pass done');
    expect(claim.mock.calls.length).toBeGreaterThan(2);
    expect(complete).toHaveBeenCalledTimes(2);
  });
});

const untilAborted: PassRunner = (_, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
