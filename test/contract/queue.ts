import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ClaimedJob, RotationQueue } from '../../src/queue/queue.ts';
import { MAX_ATTEMPTS } from '../../src/queue/retry.ts';
import { command, request } from '../support/requests.ts';

/** How a suite gets queues: each an own handle on one store that is empty at first. */
export interface QueueHarness {
  /** A queue on the store. Called more than once only where `replicas` is true, or after `close`. */
  open(): Promise<RotationQueue>;
  /** Empties the store and closes what is open. */
  reset(): Promise<void>;
  /** Whether several queues may be open on the store at once. */
  readonly replicas: boolean;
}

/** What every {@link RotationQueue} does. Runs on each implementation. */
export function queueContract(name: string, harness: QueueHarness): void {
  describe(`${name}: the queue port`, () => {
    let queue: RotationQueue;
    beforeEach(async () => {
      queue = await harness.open();
    });
    afterEach(() => harness.reset());

    const claimed = async (from = queue): Promise<ClaimedJob> => {
      const job = await from.claim();
      if (job === null) throw new Error('nothing to claim');
      return job;
    };
    const failUntilDead = async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const job = await claimed();
        expect(job.attempt).toBe(attempt);
        const outcome = await queue.fail(job, { message: `failure ${attempt}`, retryAfterMs: 0 });
        expect(outcome).toBe(attempt === MAX_ATTEMPTS ? 'dead' : 'retry');
      }
    };

    it('hands out what it took in, whole, once', async () => {
      const asked = request('Acme/Shop', {
        commands: [command(1)],
        scope: { pullRequests: [3], files: ['a/Dockerfile'], dashboard: true },
        since: null,
      });
      expect(await queue.enqueue(asked, 'delivery-1')).toBe('queued');
      expect(await queue.counts()).toEqual({ waiting: 1, running: 0, dead: 0 });
      const job = await claimed();
      expect(job.request).toEqual(asked);
      expect(job.attempt).toBe(1);
      expect(await queue.claim()).toBeNull();
      expect(await queue.counts()).toEqual({ waiting: 0, running: 1, dead: 0 });
      await queue.complete(job);
      expect(await queue.claim()).toBeNull();
      expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
    });

    it('drops a delivery it has seen, done or not', async () => {
      expect(await queue.enqueue(request('acme/shop'), 'twice')).toBe('queued');
      expect(await queue.enqueue(request('acme/shop'), 'twice')).toBe('duplicate');
      await queue.complete(await claimed());
      expect(await queue.enqueue(request('acme/shop'), 'twice')).toBe('duplicate');
      expect(await queue.claim()).toBeNull();
      expect(await queue.enqueue(request('acme/shop'))).toBe('queued');
    });

    it('merges what waits for one repository, in any spelling, and loses no command', async () => {
      await queue.enqueue(request('acme/shop', { commands: [command(1)], scope: { files: ['a'] } }));
      expect(await queue.enqueue(request('Acme/Shop', { commands: [command(2)] }))).toBe('merged');
      expect(await queue.enqueue(request('acme/shop', { scope: { files: ['b'] } }))).toBe('merged');
      expect(await queue.counts()).toMatchObject({ waiting: 1 });
      const job = await claimed();
      expect(job.request.commands.map((one) => one.commentId)).toEqual([1, 2]);
      expect(job.request.scope).toMatchObject({ everything: true, files: ['a', 'b'] });
      await queue.complete(job);
      expect(await queue.claim()).toBeNull();
    });

    it('keeps one pass a repository running, and what comes meanwhile waiting', async () => {
      await queue.enqueue(request('acme/shop', { commands: [command(1)] }));
      const first = await claimed();
      expect(await queue.enqueue(request('acme/shop', { commands: [command(2)] }))).toBe('queued');
      expect(await queue.enqueue(request('acme/shop', { commands: [command(3)] }))).toBe('merged');
      expect(await queue.claim()).toBeNull();
      await queue.complete(first);
      const second = await claimed();
      expect(second.request.commands.map((one) => one.commentId)).toEqual([2, 3]);
      expect(second.attempt).toBe(1);
      await queue.complete(second);
    });

    it('does not let a running repository stand in the way of others', async () => {
      await queue.enqueue(request('acme/busy'));
      const busy = await claimed();
      await queue.enqueue(request('acme/busy', { priority: 'command' }));
      await queue.enqueue(request('acme/other'));
      const other = await claimed();
      expect(other.request.repository.name).toBe('other');
      await queue.complete(other);
      await queue.complete(busy);
    });

    it('hands out people first, then events, then the schedule; equals in turn', async () => {
      await queue.enqueue(request('acme/a', { priority: 'background' }));
      await queue.enqueue(request('acme/b', { priority: 'event' }));
      await queue.enqueue(request('acme/c', { priority: 'command' }));
      await queue.enqueue(request('acme/d', { priority: 'event' }));
      // What is added to a waiting job lifts it.
      await queue.enqueue(request('acme/a', { priority: 'command' }));
      const order: string[] = [];
      for (let job = await queue.claim(); job !== null; job = await queue.claim()) {
        order.push(job.request.repository.name);
      }
      expect(order.slice(0, 2).sort()).toEqual(['a', 'c']);
      expect(order.slice(2)).toEqual(['b', 'd']);
    });

    it('waits after a failure', async () => {
      await queue.enqueue(request('acme/shop'));
      expect(await queue.fail(await claimed(), { message: 'registry down' })).toBe('retry');
      expect(await queue.claim()).toBeNull();
      expect(await queue.enqueue(request('acme/shop'))).toBe('merged');
      expect(await queue.claim()).toBeNull();
      expect(await queue.counts()).toEqual({ waiting: 1, running: 0, dead: 0 });
    });

    it('does not let a person wait for a back-off, nor lose what failed', async () => {
      await queue.enqueue(request('acme/shop', { commands: [command(1)] }));
      await queue.fail(await claimed(), { message: 'registry down', retryAfterMs: 3_600_000 });
      await queue.enqueue(request('acme/shop', { priority: 'command', commands: [command(2)] }));
      const job = await claimed();
      expect(job.request.commands.map((one) => one.commentId)).toEqual([1, 2]);
      await queue.complete(job);
      expect(await queue.claim()).toBeNull();
    });

    it('gives up after the last attempt and keeps the dead letter', async () => {
      await queue.enqueue(request('Acme/Shop', { commands: [command(1)] }));
      await failUntilDead();
      expect(await queue.claim()).toBeNull();
      const [letter, ...others] = await queue.deadLetters();
      expect(others).toEqual([]);
      expect(letter).toMatchObject({ attempts: MAX_ATTEMPTS, message: `failure ${MAX_ATTEMPTS}` });
      expect(letter?.request.commands).toHaveLength(1);
      expect(Date.parse(letter?.failedAt ?? '')).not.toBeNaN();
      expect(await queue.deadLetters('Acme/shop')).toHaveLength(1);
      expect(await queue.deadLetters('acme/other')).toEqual([]);
      expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 1 });
    });

    it('gives up at once where that is final, but not on what came later', async () => {
      await queue.enqueue(request('acme/shop', { commands: [command(1)] }));
      const job = await claimed();
      await queue.enqueue(request('acme/shop', { commands: [command(2)] }));
      expect(await queue.fail(job, { message: 'gone', final: true })).toBe('dead');
      const next = await claimed();
      expect(next.request.commands.map((one) => one.commentId)).toEqual([2]);
      expect(next.attempt).toBe(1);
      await queue.complete(next);
    });

    it('queues a dead letter again, or drops it', async () => {
      await queue.enqueue(request('acme/shop', { commands: [command(1)] }));
      await queue.fail(await claimed(), { message: 'gone', final: true });
      const [letter] = await queue.deadLetters();
      expect(await queue.settleDead(letter?.id ?? '', 'retry')).toBe(true);
      expect(await queue.settleDead(letter?.id ?? '', 'retry')).toBe(false);
      const again = await claimed();
      expect(again.request.commands).toHaveLength(1);
      expect(again.attempt).toBe(1);
      await queue.fail(again, { message: 'gone', final: true });
      const [second] = await queue.deadLetters();
      expect(await queue.settleDead(second?.id ?? '', 'drop')).toBe(true);
      expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
    });

    it('takes a job back untouched', async () => {
      await queue.enqueue(request('acme/shop'));
      await queue.release(await claimed());
      const again = await claimed();
      expect(again.attempt).toBe(1);
      await queue.complete(again);
    });

    it('keeps a claim for its worker only', async () => {
      await queue.enqueue(request('acme/shop'));
      const job = await claimed();
      expect(await queue.keepAlive(job)).toBe(true);
      await queue.complete(job);
      expect(await queue.keepAlive(job)).toBe(false);
      await expect(queue.complete(job)).rejects.toMatchObject({ code: 'lost-claim' });
      await expect(queue.fail(job, { message: 'late' })).rejects.toMatchObject({ code: 'lost-claim' });
    });

    it('wakes a worker when there is work', async () => {
      const wake = vi.fn();
      const stop = queue.onWork(wake);
      await queue.enqueue(request('acme/shop'));
      await vi.waitFor(() => expect(wake).toHaveBeenCalled());
      stop();
    });

    it('gives a lease to one holder until it ends', async () => {
      expect(await queue.lease('tick', 'a', 60_000)).toBe(true);
      expect(await queue.lease('tick', 'a', 60_000)).toBe(true);
      expect(await queue.lease('tick', 'b', 60_000)).toBe(false);
      expect(await queue.lease('other', 'b', 60_000)).toBe(true);
      expect(await queue.lease('tick', 'a', 0)).toBe(true);
      expect(await queue.lease('tick', 'b', 60_000)).toBe(true);
    });

    it('keeps marks, requests, deliveries and dead letters over a restart', async () => {
      expect(await queue.mark('visit:acme/shop')).toBeNull();
      await queue.setMark('visit:acme/shop', '2026-11-20T00:00:00.000Z');
      await queue.enqueue(request('acme/dead'));
      await queue.fail(await claimed(), { message: 'gone', final: true });
      await queue.enqueue(request('acme/shop', { commands: [command(1)] }), 'once');
      await queue.close();
      queue = await harness.open();
      expect(await queue.mark('visit:acme/shop')).toBe('2026-11-20T00:00:00.000Z');
      expect(await queue.enqueue(request('acme/shop'), 'once')).toBe('duplicate');
      expect(await queue.counts()).toEqual({ waiting: 1, running: 0, dead: 1 });
      expect((await claimed()).request.commands).toHaveLength(1);
    });

    it('says so when it is closed', async () => {
      await queue.close();
      await expect(queue.enqueue(request('acme/shop'))).rejects.toMatchObject({ code: 'closed' });
      await expect(queue.claim()).rejects.toMatchObject({ code: 'closed' });
      queue = await harness.open();
    });

    it('loses nothing under many at once', async () => {
      const repositories = ['acme/a', 'acme/b', 'acme/c'];
      const workers = harness.replicas ? [queue, await harness.open()] : [queue];
      const running = new Set<string>();
      const seen: number[] = [];
      const total = 60;
      let sent = 0;
      const produce = async () => {
        while (sent < total) {
          const n = sent++;
          const repository = repositories[n % 3] ?? '';
          await (workers[n % workers.length] ?? queue).enqueue(
            request(repository, { commands: [command(n)] }),
          );
        }
      };
      const consume = async (worker: RotationQueue) => {
        while (seen.length < total) {
          const job = await worker.claim();
          if (job === null) {
            await new Promise((resolve) => setImmediate(resolve));
            continue;
          }
          const { name } = job.request.repository;
          expect(running.has(name), 'two passes of one repository at once').toBe(false);
          running.add(name);
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(...job.request.commands.map((one) => one.commentId));
          running.delete(name);
          await worker.complete(job);
        }
      };
      await Promise.all([
        produce(),
        produce(),
        ...workers.flatMap((worker) => [consume(worker), consume(worker)]),
      ]);
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
      expect(await queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
    });
  });
}
