import fc from 'fast-check';
import { createTask } from 'node-cron';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toCronExpression } from '../../src/domain/cron.ts';
import { nextOccurrence } from '../../src/schedule/next-occurrence.ts';

function next(cron: string, zone: string, after: string, count = 1): readonly string[] {
  const expression = toCronExpression(cron);
  const times: string[] = [];
  let at = new Date(after);
  for (let i = 0; i < count; i++) {
    const found = nextOccurrence(expression, zone, at);
    if (found === null) return [...times, 'never'];
    times.push(found.toISOString().replace(':00.000Z', 'Z'));
    at = found;
  }
  return times;
}

describe('nextOccurrence', () => {
  it.each([
    ['0 6 * * 1', 'UTC', '2026-11-20T10:00:00Z', ['2026-11-23T06:00Z', '2026-11-30T06:00Z']],
    ['*/15 * * * *', 'UTC', '2026-11-20T10:01:00Z', ['2026-11-20T10:15Z', '2026-11-20T10:30Z']],
    ['0 6 * * 1', 'UTC', '2026-11-23T06:00:00Z', ['2026-11-30T06:00Z']],
    // Both day fields must agree, as node-cron has it: a Friday that is the 1st or the 15th.
    ['30 4 1,15 * 5', 'UTC', '2026-11-01T05:00:00Z', ['2027-01-01T04:30Z', '2027-01-15T04:30Z']],
    ['0 6 L * *', 'UTC', '2026-11-20T00:00:00Z', ['2026-11-30T06:00Z', '2026-12-31T06:00Z']],
    ['0 6 L-2 2 ?', 'UTC', '2026-11-20T00:00:00Z', ['2027-02-26T06:00Z', '2028-02-27T06:00Z']],
    ['0 6 15W * ?', 'UTC', '2026-11-01T00:00:00Z', ['2026-11-16T06:00Z', '2026-12-15T06:00Z']],
    ['0 6 LW * *', 'UTC', '2027-01-01T00:00:00Z', ['2027-01-29T06:00Z', '2027-02-26T06:00Z']],
    ['0 6 * * tue#2', 'UTC', '2026-11-01T00:00:00Z', ['2026-11-10T06:00Z', '2026-12-08T06:00Z']],
    ['0 6 * * 5L', 'UTC', '2026-11-01T00:00:00Z', ['2026-11-27T06:00Z', '2026-12-25T06:00Z']],
    ['0 22-1 * * *', 'UTC', '2026-11-20T22:30:00Z', ['2026-11-20T23:00Z', '2026-11-21T00:00Z']],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 29 2 mon#1', 'UTC', '2026-01-01T00:00:00Z', ['never']],
    ['0 0 * * 7', 'UTC', '2026-11-20T00:00:00Z', ['2026-11-22T00:00Z']],
    ['0 0 * jan sun', 'UTC', '2026-11-20T00:00:00Z', ['2027-01-03T00:00Z']],
    ['@monthly', 'UTC', '2026-11-20T00:00:00Z', ['2026-12-01T00:00Z']],
    ['0 6 * * *', 'America/New_York', '2026-11-20T10:00:00Z', ['2026-11-20T11:00Z']],
    ['0 0 * * *', 'Pacific/Kiritimati', '2026-11-20T00:00:00Z', ['2026-11-20T10:00Z']],
    ['0 0 * * *', 'Pacific/Pago_Pago', '2026-11-20T00:00:00Z', ['2026-11-20T11:00Z']],
    ['0 0 * * *', 'Asia/Kolkata', '2026-11-20T00:00:00Z', ['2026-11-20T18:30Z']],
    // Clocks go from 02:00 to 03:00: 02:30 comes an hour later, once.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', ['2026-03-29T01:30Z', '2026-03-30T00:30Z']],
    // Clocks go from 03:00 back to 02:00: 02:30 comes once, the first time.
    ['30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    // Every hour is every real hour.
    [
      '0 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
    ],
    ['0 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', ['2026-03-29T01:00Z', '2026-03-29T02:00Z']],
    // A change of half an hour, and one at midnight.
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T12:00:00Z', ['2026-10-03T15:45Z', '2026-10-04T15:15Z']],
    ['0 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z', ['2026-09-06T04:00Z', '2026-09-07T03:00Z']],
  ])('%s in %s after %s', (cron, zone, after, expected) => {
    expect(next(cron, zone, after, expected.length)).toEqual(expected);
  });

  it('is later than asked, on the minute, and matches the fields', () => {
    const field = fc.constantFrom('*', '*/2', '1-3', '5', '2,4');
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Los_Angeles', 'Asia/Kathmandu');
    const after = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.tuple(field, field, field, field, field), zone, after, (fields, timezone, start) => {
        const found = nextOccurrence(toCronExpression(fields.join(' ')), timezone, start);
        if (found === null) throw new Error('none found');
        expect(found.getTime()).toBeGreaterThan(start.getTime());
        expect(found.getTime() % 60_000).toBe(0);
        const again = nextOccurrence(
          toCronExpression(fields.join(' ')),
          timezone,
          new Date(found.getTime() - 1),
        );
        expect(again).toEqual(found);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the engine of the clock', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The next runs by node-cron, which counts from the machine's clock. */
  const engineNext = (cron: string, timezone: string, after: string, count: number) => {
    vi.useFakeTimers({ now: new Date(after) });
    const task = createTask(cron, () => undefined, { timezone });
    const runs = task.getNextRuns(count).map((date) => date.toISOString().replace(':00.000Z', 'Z'));
    void task.destroy();
    vi.useRealTimers();
    return runs;
  };

  it.each(
    [
      '0 6 * * 1',
      '*/15 9-17 * * mon-fri',
      '30 4 1,15 * 5',
      '0 22-2/2 * * *',
      '5 4 L * *',
      '5 4 L-3 * *',
      '5 4 15W * *',
      '5 4 1W,LW * *',
      '5 4 * * 2#3',
      '5 4 * * 5L,sun#1',
      '0 0 29 2 *',
      '0 12 31 jan,jul ?',
      '@weekly',
      '@yearly',
    ].flatMap((cron) => ['UTC', 'Asia/Kolkata', 'America/New_York'].map((zone) => [cron, zone] as const)),
  )('names the same times for %s in %s', (cron, zone) => {
    // From the winter on: no clock changes within the runs of the frequent ones, none at these hours for the others.
    const after = '2026-12-03T10:20:30Z';
    expect(next(cron, zone, after, 8)).toEqual(engineNext(cron, zone, after, 8));
  });

  it('loses a time that a clock change skips; the schedule of a repository does not', () => {
    const [zone, after] = ['Europe/Berlin', '2026-03-28T12:00:00Z'];
    expect(engineNext('30 2 * * *', zone, after, 1)).toEqual(['2026-03-30T00:30Z']);
    expect(next('30 2 * * *', zone, after)).toEqual(['2026-03-29T01:30Z']);
  });
});
