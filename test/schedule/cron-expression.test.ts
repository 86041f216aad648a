import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronFault, nextOccurrence, toCronExpression } from '../../src/schedule/cron-expression.ts';

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
    [
      '30 4 1,15 * 5',
      'UTC',
      '2026-11-01T05:00:00Z',
      ['2026-11-06T04:30Z', '2026-11-13T04:30Z', '2026-11-15T04:30Z'],
    ],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    ['0 0 31 2 *', 'UTC', '2026-01-01T00:00:00Z', ['never']],
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

describe('cronFault', () => {
  it.each([
    ['* * * * *', null],
    ['0 0 * * mon-fri', null],
    ['5/10 * * * *', null],
    ['@weekly', null],
    ['', 'want five fields (minute hour day month weekday), got 0'],
    ['* * * *', 'want five fields (minute hour day month weekday), got 4'],
    ['0 0 0 * * *', 'want five fields (minute hour day month weekday), got 6'],
    ['60 * * * *', 'minute: "60" is not within 0-59'],
    ['* 24 * * *', 'hour: "24" is not within 0-23'],
    ['* * 0 * *', 'day of month: "0" is not within 1-31'],
    ['* * * 13 *', 'month: "13" is not within 1-12'],
    ['* * * * 8', 'day of week: "8" is not within 0-7'],
    ['5-1 * * * *', 'minute: "5-1" is not within 0-59'],
    ['*/0 * * * *', 'minute: "*/0" has no step of 1 or more'],
    ['*/ * * * *', 'minute: "*/" has no step of 1 or more'],
    ['1,,2 * * * *', 'minute: "" is not within 0-59'],
    ['a * * * *', 'minute: "a" is not within 0-59'],
    ['@fortnightly', 'want five fields (minute hour day month weekday), got 1'],
    ['*'.repeat(300), 'longer than 200 characters'],
  ])('%j: %s', (text, fault) => {
    expect(cronFault(text)).toBe(fault);
  });
});
