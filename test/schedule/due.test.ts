import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/config/schema/schedule.ts';
import { isDue, isNewDay, nextDue } from '../../src/schedule/due.ts';

const shop = { owner: 'acme', name: 'shop' };
const weekly: Schedule = {
  kind: 'interval',
  interval: 'weekly',
  day: 'monday',
  time: '06:30',
  timezone: 'Europe/Berlin',
};
const cron: Schedule = { kind: 'cron', cron: '0 6 * * 1', timezone: 'UTC' };
const open = (interval: 'daily' | 'weekly' | 'monthly'): Schedule => ({
  kind: 'interval',
  interval,
  day: null,
  time: null,
  timezone: 'UTC',
});

describe('isDue', () => {
  it.each<readonly [string, Schedule, string | null, string, boolean]>([
    ['never visited', weekly, null, '2026-11-20T00:00:00Z', true],
    ['never visited, but off', { kind: 'off', timezone: 'UTC' }, null, '2026-11-20T00:00:00Z', false],
    ['not yet', weekly, '2026-11-20T00:00:00Z', '2026-11-23T05:29:59Z', false],
    ['exactly now', weekly, '2026-11-20T00:00:00Z', '2026-11-23T05:30:00Z', true],
    ['done at that minute', weekly, '2026-11-23T05:30:00Z', '2026-11-23T06:00:00Z', false],
    ['a time missed while nobody ran', weekly, '2026-11-20T00:00:00Z', '2026-12-30T00:00:00Z', true],
    ['a cron', cron, '2026-11-20T00:00:00Z', '2026-11-23T06:00:00Z', true],
    ['a cron, not yet', cron, '2026-11-20T00:00:00Z', '2026-11-23T05:59:59Z', false],
    ['daily, over a day', open('daily'), '2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z', true],
    ['weekly, over a week', open('weekly'), '2026-11-20T00:00:00Z', '2026-11-27T00:00:00Z', true],
    ['monthly, over a month', open('monthly'), '2026-11-20T00:00:00Z', '2026-12-20T00:00:00Z', true],
  ])('%s', (_, schedule, since, until, expected) => {
    expect(isDue(schedule, { since, until }, shop)).toBe(expected);
  });

  it.each(['daily', 'weekly', 'monthly'] as const)(
    '%s: once in each window, at a time of its own',
    (interval) => {
      const after = new Date('2026-11-20T00:00:00Z');
      const times = Array.from({ length: 50 }, (_, i) =>
        nextDue(open(interval), { owner: 'acme', name: `r${i}` }, after),
      );
      expect(new Set(times.map(String)).size).toBeGreaterThan(40);
      expect(nextDue(open(interval), { owner: 'ACME', name: 'R1' }, after)).toEqual(times[1]);
    },
  );
});

it.each([
  [null, '2026-11-20T00:00:00Z', true],
  ['2026-11-19T23:59:59Z', '2026-11-20T00:00:00Z', true],
  ['2026-11-20T00:00:00Z', '2026-11-20T23:59:59Z', false],
])('a new day between %s and %s: %s', (since, until, expected) => {
  expect(isNewDay({ since, until })).toBe(expected);
});
