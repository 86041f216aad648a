import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteQueue } from '../../../src/adapters/queue/sqlite-queue.ts';
import { MAX_ATTEMPTS, MAX_DEATHS } from '../../../src/queue/retry.ts';
import { queueContract } from '../../contract/queue.ts';
import { request } from '../../support/requests.ts';

const root = mkdtempSync(join(tmpdir(), 'pinwheel-queue-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let open: SqliteQueue[] = [];
let folder = join(root, 'contract-0');
let suites = 0;

queueContract('SQLite', {
  replicas: false,
  open: async () => {
    const queue = new SqliteQueue(folder);
    open.push(queue);
    return queue;
  },
  reset: async () => {
    for (const queue of open) await queue.close();
    open = [];
    folder = join(root, `contract-${++suites}`);
  },
});

describe('SqliteQueue', () => {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(root, 'own-'));
  });
  const queues: SqliteQueue[] = [];
  const make = (now?: () => Date) => {
    const queue = new SqliteQueue(path, now);
    queues.push(queue);
    return queue;
  };
  afterEach(async () => {
    for (const queue of queues.splice(0)) await queue.close();
  });

  it('lets one process in', async () => {
    const first = make();
    expect(() => make()).toThrow(expect.objectContaining({ code: 'in-use' }));
    await first.close();
    expect(() => make()).not.toThrow();
  });

  it('says what to do with a damaged file', () => {
    writeFileSync(join(path, 'queue.db'), 'this is no database, whatever its name says'.repeat(100));
    expect(() => make()).toThrow(
      expect.objectContaining({ code: 'damaged', message: expect.stringContaining('delete it') }),
    );
    // The lock was given back.
    rmSync(join(path, 'queue.db'));
    expect(() => make()).not.toThrow();
  });

  it('says what to do with a folder that cannot be', () => {
    writeFileSync(join(path, 'file'), '');
    expect(() => new SqliteQueue(join(path, 'file', 'below'))).toThrow(
      expect.objectContaining({ code: 'unreachable', message: expect.stringContaining('PINWHEEL_DATA') }),
    );
  });

  it('lets dead letters be settled beside the process that works', async () => {
    expect(() => SqliteQueue.beside(path)).toThrow(expect.objectContaining({ code: 'unreachable' }));
    const server = make();
    await server.enqueue(request('acme/shop'));
    const job = await server.claim();
    if (job === null) throw new Error('nothing to claim');
    const beside = SqliteQueue.beside(path);
    queues.push(beside);
    expect(await beside.counts()).toEqual({ waiting: 0, running: 1, dead: 0 });
    // The job under way is still the server's.
    expect(await server.fail(job, { message: 'gone', final: true })).toBe('dead');
    const [letter] = await beside.deadLetters();
    expect(await beside.settleDead(letter?.id ?? '', 'retry')).toBe(true);
    expect((await server.claim())?.attempt).toBe(1);
  });

  it('buries what kills its worker each time', async () => {
    for (let attempt = 1; attempt <= MAX_DEATHS; attempt++) {
      const queue = new SqliteQueue(path);
      if (attempt === 1) await queue.enqueue(request('acme/shop'));
      expect((await queue.claim())?.attempt).toBe(attempt);
      // Closed without a word, as a killed process leaves it.
      await queue.close();
    }
    const queue = make();
    expect(await queue.claim()).toBeNull();
    expect((await queue.deadLetters())[0]?.message).toContain('the worker crashed');
  });

  it('ends the leases of a process that died', async () => {
    const before = new SqliteQueue(path);
    expect(await before.lease('reconcile', 'dead', 300_000)).toBe(true);
    await before.close();
    expect(await make().lease('reconcile', 'alive', 300_000)).toBe(true);
  });

  it('backs off, longer each time', async () => {
    let now = Date.parse('2026-11-20T00:00:00Z');
    const queue = make(() => new Date(now));
    await queue.enqueue(request('acme/shop'));
    const waits: number[] = [];
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      const job = await queue.claim();
      if (job === null) throw new Error('nothing to claim');
      await queue.fail(job, { message: 'down' });
      const failedAt = now;
      for (; (await peek(queue)) === false; now += 10_000);
      waits.push((now - failedAt) / 1000);
    }
    const exact = [30, 60, 120, 240, 480, 960, 1920, 3600, 3600];
    // Longer than most outages.
    expect(exact.slice(0, waits.length).reduce((sum, wait) => sum + wait)).toBeGreaterThan(3 * 3600);
    for (const [i, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual((exact[i] ?? 0) * 0.8);
      expect(wait).toBeLessThanOrEqual((exact[i] ?? 0) * 1.2 + 10);
    }
  });

  it('forgets deliveries after a week', async () => {
    let now = Date.parse('2026-11-20T00:00:00Z');
    const queue = make(() => new Date(now));
    await queue.enqueue(request('acme/shop'), 'old');
    now += 7 * 86_400_000;
    expect(await queue.enqueue(request('acme/shop'), 'old')).toBe('duplicate');
    now += 1;
    expect(await queue.enqueue(request('acme/shop'), 'old')).not.toBe('duplicate');
  });
});

async function peek(queue: SqliteQueue): Promise<boolean> {
  const job = await queue.claim();
  if (job !== null) await queue.release(job);
  return job !== null;
}
