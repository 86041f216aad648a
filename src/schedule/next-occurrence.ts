import { type CronExpression, isOnDay } from '../domain/cron.ts';
import { DAY_MS, MINUTE_MS } from '../domain/time.ts';

/** 29 February on a given weekday comes at most every 40 years; anything rarer never comes. */
const HORIZON_DAYS = 366 * 41;

/**
 * The first time strictly after `after` that the expression names in `timezone` (IANA); null where none ever comes. Pure.
 *
 * Daylight saving: a fixed time that a change skips happens as much later as the clock jumped, so that a weekly schedule
 * loses no week; one that a change repeats happens once, the first time. Expressions whose hours begin with `*` follow
 * real time through both.
 */
export function nextOccurrence(expression: CronExpression, timezone: string, after: Date): Date | null {
  const zone = offsetIn(timezone);
  const start = after.getTime();
  // One day back: a time that a clock change moved may belong to the local day before.
  const firstDay = Math.floor((start + zone(start)) / DAY_MS) - 1;
  for (let day = firstDay; day < firstDay + HORIZON_DAYS; day++) {
    const date = new Date(day * DAY_MS);
    if (!isOnDay(expression, date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) continue;
    const next = firstTimeOfDay(expression, day * DAY_MS, zone, start);
    if (next !== null) return new Date(next);
  }
  return null;
}

type Offset = (instant: number) => number;

function firstTimeOfDay(
  expression: CronExpression,
  midnight: number,
  zone: Offset,
  after: number,
): number | null {
  let first: number | null = null;
  for (const hour of expression.hours) {
    for (const minute of expression.minutes) {
      const local = midnight + (hour * 60 + minute) * MINUTE_MS;
      for (const instant of instantsOf(local, zone, expression.everyHour)) {
        if (instant > after && (first === null || instant < first)) first = instant;
      }
    }
  }
  return first;
}

/** The instants at which clocks show `local` (milliseconds as if it were UTC): none, one or two, corrected as documented above. */
function instantsOf(local: number, zone: Offset, everyHour: boolean): readonly number[] {
  const before = zone(local - DAY_MS);
  const behind = zone(local + DAY_MS);
  const found = [...new Set([before, behind])]
    .map((offset) => ({ offset, instant: local - offset }))
    .filter(({ offset, instant }) => zone(instant) === offset)
    .map(({ instant }) => instant)
    .sort((a, b) => a - b);
  if (everyHour) return found;
  return found.length === 0 ? [local - before] : found.slice(0, 1);
}

/** Milliseconds to add to an instant for the local clock of `timezone`. */
function offsetIn(timezone: string): Offset {
  if (timezone === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map((part) => [part.type, Number(part.value)]));
    const at = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const local = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
    return local - Math.floor(instant / 1000) * 1000;
  };
}
