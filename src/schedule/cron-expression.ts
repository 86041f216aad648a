/**
 * Cron expressions of five fields (minute, hour, day of month, month, day of week) with lists, ranges, steps, English
 * names and the macros `@hourly` … `@yearly`, as crontab(5) has them: where both day fields are restricted, either
 * one is enough. Pure; times are computed in an IANA time zone.
 *
 * Daylight saving: a fixed time that a change skips happens as much later as the clock jumped; one that a change
 * repeats happens once, the first time. Expressions with `*` hours follow real time through both.
 */
export type CronExpression = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  readonly everyHour: boolean;
  /** Whether a day must be in either of two restricted day fields, not in both. */
  readonly eitherDay: boolean;
};

type Field = {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const MINUTE: Field = { label: 'minute', min: 0, max: 59, names: [] };
const HOUR: Field = { label: 'hour', min: 0, max: 23, names: [] };
const DAY_OF_MONTH: Field = { label: 'day of month', min: 1, max: 31, names: [] };
const MONTH: Field = { label: 'month', min: 1, max: 12, names: MONTHS };
// 7 is Sunday too.
const DAY_OF_WEEK: Field = { label: 'day of week', min: 0, max: 7, names: WEEKDAYS };

const MACROS: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
// 29 February on a given weekday comes at most every 40 years; anything rarer never comes.
const HORIZON_DAYS = 366 * 41;

/** What is wrong with a cron expression, in a few words; null where nothing is. */
export function cronFault(text: string): string | null {
  const parsed = parse(text);
  return typeof parsed === 'string' ? parsed : null;
}

/** The expression in `text`; throws a RangeError where it is none. */
export function toCronExpression(text: string): CronExpression {
  const parsed = parse(text);
  if (typeof parsed === 'string') throw new RangeError(`not a cron expression: ${parsed}`);
  return parsed;
}

/** The expression with a macro (`@hourly`) written out; other text as it is. */
export function expandMacro(text: string): string {
  return MACROS.get(text.trim().toLowerCase()) ?? text;
}

/** The first time strictly after `after` that the expression names in `timezone`; null where none ever comes. */
export function nextOccurrence(expression: CronExpression, timezone: string, after: Date): Date | null {
  const zone = offsetIn(timezone);
  const start = after.getTime();
  // One day back: a time that a clock change moved may belong to the local day before.
  const firstDay = Math.floor((start + zone(start)) / DAY_MS) - 1;
  for (let day = firstDay; day < firstDay + HORIZON_DAYS; day++) {
    if (!isOnDay(expression, new Date(day * DAY_MS))) continue;
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

/** The instants at which clocks show `local` (milliseconds as if it were UTC): none, one or two, mended as documented above. */
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

function isOnDay(expression: CronExpression, date: Date): boolean {
  if (!expression.months.has(date.getUTCMonth() + 1)) return false;
  const onMonthDay = expression.daysOfMonth.has(date.getUTCDate());
  const onWeekday = expression.daysOfWeek.has(date.getUTCDay());
  return expression.eitherDay ? onMonthDay || onWeekday : onMonthDay && onWeekday;
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

function parse(text: string): CronExpression | string {
  if (text.length > 200) return 'longer than 200 characters';
  const trimmed = text.trim().toLowerCase();
  const fields = (MACROS.get(trimmed) ?? trimmed).split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek, ...rest] = fields;
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || rest.length > 0) {
    return `want five fields (minute hour day month weekday), got ${trimmed === '' ? 0 : fields.length}`;
  }
  const minutes = parseField(minute, MINUTE);
  const hours = parseField(hour, HOUR);
  const daysOfMonth = parseField(dayOfMonth, DAY_OF_MONTH);
  const months = parseField(month, MONTH);
  const weekdays = parseField(dayOfWeek, DAY_OF_WEEK);
  for (const parsed of [minutes, hours, daysOfMonth, months, weekdays]) {
    if (typeof parsed === 'string') return parsed;
  }
  if (
    typeof minutes === 'string' ||
    typeof hours === 'string' ||
    typeof daysOfMonth === 'string' ||
    typeof months === 'string' ||
    typeof weekdays === 'string'
  ) {
    return 'invalid';
  }
  return {
    minutes,
    hours,
    daysOfMonth,
    months,
    daysOfWeek: new Set([...weekdays].map((n) => n % 7)),
    everyHour: hour.startsWith('*'),
    eitherDay: !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*'),
  };
}

function parseField(text: string, field: Field): ReadonlySet<number> | string {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', stepText, ...more] = part.split('/');
    const step = stepText === undefined ? 1 : number(stepText);
    if (more.length > 0 || step === null || step < 1)
      return `${field.label}: "${part}" has no step of 1 or more`;
    const bounds = parseRange(range, field, stepText !== undefined);
    if (bounds === null) {
      return `${field.label}: "${part}" is not within ${field.min}-${field.max}`;
    }
    for (let n = bounds[0]; n <= bounds[1]; n += step) values.add(n);
  }
  return values;
}

function parseRange(text: string, field: Field, stepped: boolean): readonly [number, number] | null {
  if (text === '*') return [field.min, field === DAY_OF_WEEK ? 6 : field.max];
  const [lowText = '', highText, ...more] = text.split('-');
  const low = fieldValue(lowText, field);
  const open = stepped ? field.max : low;
  const high = highText === undefined ? open : fieldValue(highText, field);
  if (more.length > 0 || low === null || high === null || low > high) return null;
  return [low, high];
}

function fieldValue(text: string, field: Field): number | null {
  const named = field.names.indexOf(text);
  if (named >= 0) return named + field.min;
  const value = number(text);
  return value === null || value < field.min || value > field.max ? null : value;
}

function number(text: string): number | null {
  return /^\d{1,2}$/.test(text) ? Number(text) : null;
}
