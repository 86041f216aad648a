import * as v from 'valibot';
import { cronFault } from '../../domain/cron.ts';

const INTERVALS = ['daily', 'weekly', 'monthly'] as const;
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

export type Interval = (typeof INTERVALS)[number];
export type Weekday = (typeof WEEKDAYS)[number];

/** When a repository is looked at without being asked. `time` is `HH:MM` in `timezone`; null: spread over the day. */
export type Schedule = { readonly timezone: string } & (
  | {
      readonly kind: 'interval';
      readonly interval: Interval;
      readonly day: Weekday | null;
      readonly time: string | null;
    }
  | { readonly kind: 'cron'; readonly cron: string }
  | { readonly kind: 'off' }
);

const EXPECTED = 'expected daily, weekly, monthly, off, or a cron expression of five fields';

const timezone = v.pipe(
  v.string(),
  v.check(isTimezone, 'expected an IANA time zone: "UTC", "Europe/Berlin"'),
);

const detailed = v.strictObject({
  interval: v.optional(v.picklist(INTERVALS, 'expected daily, weekly or monthly')),
  cron: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => cronFault(text) === null,
        (issue) => cronMessage(issue.input),
      ),
    ),
  ),
  day: v.optional(v.picklist(WEEKDAYS, 'expected a day of the week in English: "monday"')),
  time: v.optional(
    v.pipe(v.string(), v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day: "06:30"')),
  ),
  timezone: v.optional(timezone),
});

/** `weekly`, `0 6 * * 1`, `off`, or `{ interval | cron, day, time, timezone }`. */
export const scheduleSchema = v.pipe(
  v.union(
    [
      v.pipe(
        v.string(),
        v.check(isShort, (issue) => cronMessage(issue.input)),
      ),
      v.literal(false),
      v.pipe(
        detailed,
        v.check(
          (s) => (s.cron === undefined) !== (s.interval === undefined),
          'expected either "interval" or "cron"',
        ),
        v.check((s) => s.day === undefined || s.interval === 'weekly', '"day" belongs to interval: weekly'),
        v.check(
          (s) => s.time === undefined || s.cron === undefined,
          '"time" belongs to an interval, not to a cron',
        ),
      ),
    ],
    EXPECTED,
  ),
  v.transform(toSchedule),
);

function toSchedule(value: string | false | v.InferOutput<typeof detailed>): Schedule {
  if (value === false || value === 'off') return { kind: 'off', timezone: 'UTC' };
  if (typeof value === 'string') {
    return isInterval(value)
      ? { kind: 'interval', interval: value, day: null, time: null, timezone: 'UTC' }
      : { kind: 'cron', cron: value, timezone: 'UTC' };
  }
  const zone = value.timezone ?? 'UTC';
  if (value.cron !== undefined) return { kind: 'cron', cron: value.cron, timezone: zone };
  return {
    kind: 'interval',
    interval: value.interval ?? 'weekly',
    day: value.day ?? null,
    time: value.time ?? null,
    timezone: zone,
  };
}

function isShort(text: string): boolean {
  return text === 'off' || isInterval(text) || cronFault(text) === null;
}

function isInterval(text: string): text is Interval {
  return (INTERVALS as readonly string[]).includes(text);
}

function cronMessage(text: string): string {
  return text.includes(' ') ? `${EXPECTED}; ${cronFault(text) ?? 'this is none'}` : EXPECTED;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
