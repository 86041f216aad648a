import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTicker, type Ticker } from '../../../src/adapters/cron/ticker.ts';
import { keptLog } from '../../support/log.ts';

describe('startTicker', () => {
  let ticker: Ticker | null = null;
  let log: ReturnType<typeof keptLog>;
  beforeEach(() => {
    log = keptLog();
    vi.useFakeTimers({ now: new Date('2026-11-20T09:58:30Z') });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await ticker?.stop();
    ticker = null;
  });
  const start = (onTick: (scheduledFor: Date) => Promise<void>, expression = '@hourly') => {
    ticker = startTicker({ expression, timezone: 'UTC', jitterMs: 0, onTick, log });
    return ticker;
  };

  it('ticks by the clock, with the time that was meant', async () => {
    const onTick = vi.fn(async () => {});
    start(onTick);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onTick).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onTick).toHaveBeenCalledExactlyOnceWith(new Date('2026-11-20T10:00:00Z'));
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(onTick).toHaveBeenCalledTimes(2);
  });

  it('never overlaps', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onTick = vi.fn(() => promise);
    start(onTick, '* * * * *');
    await vi.advanceTimersByTimeAsync(200_000);
    expect(onTick).toHaveBeenCalledTimes(1);
    expect(log.lines.map((line) => line.message)).toContain(
      'the previous tick is still running; skipping this one',
    );
    resolve();
  });

  it('goes on after a failure', async () => {
    const onTick = vi.fn().mockRejectedValueOnce(new Error('down')).mockResolvedValue(undefined);
    start(onTick, '* * * * *');
    await vi.advanceTimersByTimeAsync(140_000);
    expect(onTick).toHaveBeenCalledTimes(2);
    expect(log.lines[0]?.message).toContain('the tick failed');
  });

  it('ticks on demand, and no more when stopped', async () => {
    const onTick = vi.fn(async () => {});
    const made = start(onTick);
    await made.tickNow(new Date(0));
    expect(onTick).toHaveBeenCalledTimes(1);
    await made.stop();
    await vi.advanceTimersByTimeAsync(7_200_000);
    expect(onTick).toHaveBeenCalledTimes(1);
  });
});
