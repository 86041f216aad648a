import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteQueue } from '../../src/adapters/queue/sqlite-queue.ts';
import { reconcile, rememberingVisits } from '../../src/app/reconcile.ts';
import type { ListedRepository } from '../../src/forge/repository-source.ts';
import { keptLog } from '../support/log.ts';
import { request } from '../support/requests.ts';

const listed = (name: string, more: Partial<ListedRepository> = {}): ListedRepository => ({
  owner: 'acme',
  name,
  installationId: 3,
  archived: false,
  disabled: false,
  ...more,
});
const source = (...repositories: readonly ListedRepository[]) => ({
  async *repositories() {
    yield* repositories;
  },
});
const TICK = new Date('2026-11-20T10:00:00Z');

describe('reconcile', () => {
  let queue: SqliteQueue;
  beforeEach(() => {
    queue = new SqliteQueue(':memory:');
  });
  afterEach(() => queue.close());
  const run = (from = source(listed('a'), listed('b')), tick = TICK, holder = 'one') =>
    reconcile(
      { queue, source: from, log: keptLog(), now: () => tick, holder, signal: new AbortController().signal },
      tick,
    );

  it('asks for a visit of each, in the background', async () => {
    expect(await run()).toBe(2);
    const job = await queue.claim();
    expect(job?.request).toMatchObject({
      repository: { owner: 'acme', name: 'a' },
      installationId: 3,
      causes: ['cron'],
      priority: 'background',
      scope: { everything: false },
      visit: { since: null, until: TICK.toISOString() },
    });
  });

  it('leaves the archived and disabled alone', async () => {
    expect(await run(source(listed('a', { archived: true }), listed('b', { disabled: true })))).toBe(0);
  });

  it('does a tick once, whichever replica comes', async () => {
    expect(await run()).toBe(2);
    expect(await run(undefined, TICK, 'two')).toBeNull();
    expect(await run(undefined, new Date('2026-11-20T11:00:00Z'), 'two')).toBe(2);
  });

  it('leaves a tick to the replica that is at it', async () => {
    await queue.lease('reconcile', 'other', 60_000);
    expect(await run()).toBeNull();
  });

  it('does a tick again that failed midway', async () => {
    const failing = {
      async *repositories() {
        yield listed('a');
        throw new Error('GitHub is down');
      },
    };
    await expect(run(failing)).rejects.toThrow('GitHub is down');
    expect(await run(undefined, TICK, 'two')).toBe(2);
  });

  it('begins the next window where the last visit was done, and only there', async () => {
    const visit = { ...request('acme/a'), visit: { since: null, until: TICK.toISOString() } };
    const signal = new AbortController().signal;
    const fails = rememberingVisits(queue, async () => {
      throw new Error('down');
    });
    await expect(fails(visit, signal)).rejects.toThrow('down');
    await run(source(listed('a')), new Date('2026-11-20T11:00:00Z'));
    const first = await queue.claim();
    expect(first?.request.visit?.since).toBeNull();
    if (first !== null) await queue.complete(first);
    await rememberingVisits(queue, async () => {})(visit, signal);
    await run(source(listed('a')), new Date('2026-11-20T12:00:00Z'));
    expect((await queue.claim())?.request.visit).toEqual({
      since: TICK.toISOString(),
      until: '2026-11-20T12:00:00.000Z',
    });
  });
});
