import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/adapters/scanner/turns.ts';

describe('Turns', () => {
  it('runs no more than allowed at a time, in order, whatever fails', async () => {
    const turns = new Turns(2);
    let [running, most] = [0, 0];
    const started: number[] = [];
    const task = (n: number) => async () => {
      running += 1;
      most = Math.max(most, running);
      started.push(n);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (n % 3 === 0) throw new Error(`task ${n}`);
      return n;
    };
    const results = await Promise.allSettled(Array.from({ length: 9 }, (_, n) => turns.take(task(n))));
    expect(most).toBe(2);
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(results.filter((result) => result.status === 'rejected')).toHaveLength(3);
    expect(await turns.take(async () => 'free')).toBe('free');
  });
});
