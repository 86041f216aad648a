import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/config/schema/schedule.ts';
import { isDue } from '../../src/schedule/due.ts';

const shop = 'acme/shop';
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

  it.each([
    ['daily', 1],
    ['weekly', 7],
    ['monthly', 31],
  ] as const)('%s: once in each window of %i days, at a time of its own', (interval, days) => {
    const start = Date.parse('2026-12-01T00:00:00Z');
    const at = (day: number) => new Date(start + day * 86_400_000).toISOString();
    const half = at(days / 2);
    const keys = Array.from({ length: 200 }, (_, i) => `acme/r${i}`);
    const due = (since: string, until: string) =>
      keys.filter((key) => isDue(open(interval), { since, until }, key));
    expect(due(at(0), at(days))).toEqual(keys);
    const early = due(at(0), half);
    expect(early.length).toBeGreaterThan(20);
    expect(early.length).toBeLessThan(180);
    expect([...early, ...due(half, at(days))].sort()).toEqual([...keys].sort());
  });
});
