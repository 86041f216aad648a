/**
 * Cron expressions of five fields (minute, hour, day of month, month, day of week) as node-cron reads them, which is the
 * engine of the clock: lists, ranges (also over the end of the field, `22-2`), steps, English names, `?` for `*` in the
 * day fields, `L`, `L-3`, `15W`, `LW`, `2#3`, `5L`, and the nicknames `@hourly` … `@yearly`. A day must satisfy both day
 * fields. Pure, and without loading the engine; docs/adr/0010-cron-dialect.md says why, and what is left out.
 */
export type CronExpression = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: readonly DayOfMonth[];
  readonly months: ReadonlySet<number>;
  readonly daysOfWeek: readonly DayOfWeek[];
  /** Whether the hour field begins with `*`: then it follows real time through a clock change. */
  readonly everyHour: boolean;
};

/**
 * `15`; `L` and `L-3` (days before the last day of the month); `15W` (the weekday nearest to a day, within its month);
 * `LW` (the last weekday of the month).
 */
export type DayOfMonth =
  | { readonly kind: 'day'; readonly day: number }
  | { readonly kind: 'before-last'; readonly days: number }
  | { readonly kind: 'nearest-weekday'; readonly day: number }
  | { readonly kind: 'last-weekday' };

/** 0 is Sunday. `1`; `2#3` (the third Tuesday); `5L` (the last Friday). */
export type DayOfWeek =
  | { readonly kind: 'every'; readonly weekday: number }
  | { readonly kind: 'nth'; readonly weekday: number; readonly nth: number }
  | { readonly kind: 'last'; readonly weekday: number };

type Field = {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** What stands for `min`, `min + 1`, …; whole or as its first three letters. */
  readonly names: readonly string[];
};

const MONTHS = 'january february march april may june july august september october november december';
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday';

const MINUTE: Field = { label: 'minute', min: 0, max: 59, names: [] };
const HOUR: Field = { label: 'hour', min: 0, max: 23, names: [] };
const DAY_OF_MONTH: Field = { label: 'day of month', min: 1, max: 31, names: [] };
const MONTH: Field = { label: 'month', min: 1, max: 12, names: MONTHS.split(' ') };
/** 7 is Sunday too. */
const DAY_OF_WEEK: Field = { label: 'day of week', min: 0, max: 7, names: WEEKDAYS.split(' ') };

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

const MAX_LENGTH = 200;

/** What is wrong with a cron expression, in a few words that name the field; null where nothing is. */
export function cronFault(text: string): string | null {
  try {
    toCronExpression(text);
    return null;
  } catch (error) {
    if (error instanceof CronFault) return error.message;
    throw error;
  }
}

/** The expression in `text`. Throws a RangeError that names the field where it is none. */
export function toCronExpression(text: string): CronExpression {
  if (text.length > MAX_LENGTH) throw new CronFault(`longer than ${MAX_LENGTH} characters`);
  const nickname = NICKNAMES.get(text.trim().toLowerCase());
  const trimmed = (nickname ?? text.toLowerCase()).replace(/^ +| +$/g, '');
  const fields = trimmed.split(/ +/);
  const [minute, hour, dayOfMonth, month, dayOfWeek, ...rest] = fields;
  if (!minute || !hour || !dayOfMonth || !month || !dayOfWeek || rest.length > 0) {
    const got = trimmed === '' ? 0 : fields.length;
    throw new CronFault(`expected five fields (minute hour day month weekday), got ${got}`);
  }
  const expression: CronExpression = {
    minutes: numbersOf(minute, MINUTE),
    hours: numbersOf(hour, HOUR),
    daysOfMonth: daysOfMonthOf(dayOfMonth),
    months: numbersOf(month, MONTH),
    daysOfWeek: daysOfWeekOf(dayOfWeek),
    everyHour: hour.startsWith('*'),
  };
  if (neverComes(expression)) {
    throw new CronFault(`day of month: no month of "${month}" has a day "${dayOfMonth}"`);
  }
  return expression;
}

/** Whether the expression names a day of the calendar: `month` from 1, as {@link Date.UTC} counts days. */
export function isOnDay(expression: CronExpression, year: number, month: number, day: number): boolean {
  if (!expression.months.has(month)) return false;
  const weekday = weekdayOf(year, month, day);
  const last = lastDayOf(year, month);
  return (
    expression.daysOfMonth.some((wanted) => dayOf(wanted, year, month) === day) &&
    expression.daysOfWeek.some((wanted) => {
      if (wanted.weekday !== weekday) return false;
      if (wanted.kind === 'nth') return Math.ceil(day / 7) === wanted.nth;
      return wanted.kind === 'every' || day + 7 > last;
    })
  );
}

/** The day of a month that is meant; one that the month does not have stays outside of it. */
function dayOf(wanted: DayOfMonth, year: number, month: number): number {
  const last = lastDayOf(year, month);
  switch (wanted.kind) {
    case 'day':
      return wanted.day;
    case 'before-last':
      return last - wanted.days;
    case 'nearest-weekday':
      return wanted.day <= last ? nearestWeekday(year, month, wanted.day) : wanted.day;
    case 'last-weekday':
      return nearestWeekday(year, month, last);
  }
}

class CronFault extends RangeError {}

function daysOfMonthOf(text: string): readonly DayOfMonth[] {
  if (text === '?') return daysOfMonthOf('*');
  return text.split(',').flatMap((part): readonly DayOfMonth[] => {
    if (part === 'l') return [{ kind: 'before-last', days: 0 }];
    if (part === 'lw') return [{ kind: 'last-weekday' }];
    const before = /^l-(\d{1,2})$/.exec(part)?.[1];
    if (before !== undefined) {
      return [{ kind: 'before-last', days: within(before, part, { ...DAY_OF_MONTH, max: 30 }) }];
    }
    const nearest = /^(\d{1,2})w$/.exec(part)?.[1];
    if (nearest !== undefined) return [{ kind: 'nearest-weekday', day: within(nearest, part, DAY_OF_MONTH) }];
    return rangeOf(part, DAY_OF_MONTH).map((day) => ({ kind: 'day', day }));
  });
}

function daysOfWeekOf(text: string): readonly DayOfWeek[] {
  if (text === '?') return daysOfWeekOf('*');
  return text.split(',').flatMap((part): readonly DayOfWeek[] => {
    const [, nthName, nth] = /^([0-7]|[a-z]+)#([1-5])$/.exec(part) ?? [];
    if (nthName !== undefined && nth !== undefined) {
      return [{ kind: 'nth', weekday: within(nthName, part, DAY_OF_WEEK) % 7, nth: Number(nth) }];
    }
    const lastName = /^([0-7]|[a-z]+)l$/.exec(part)?.[1];
    if (lastName !== undefined && fieldValue(lastName, DAY_OF_WEEK) !== null) {
      return [{ kind: 'last', weekday: within(lastName, part, DAY_OF_WEEK) % 7 }];
    }
    return rangeOf(part, DAY_OF_WEEK).map((weekday) => ({ kind: 'every', weekday: weekday % 7 }));
  });
}

function numbersOf(text: string, field: Field): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => rangeOf(part, field)));
}

/** The values of `*`, `5`, `1-5`, `22-2`, each with a step behind a range or `*`. */
function rangeOf(part: string, field: Field): readonly number[] {
  const [range = '', stepText, ...more] = part.split('/');
  const step = stepText === undefined ? 1 : number(stepText);
  if (more.length > 0 || step === null || step < 1) {
    throw new CronFault(`${field.label}: "${part}" needs a step of 1 or more`);
  }
  const lastValue = field === DAY_OF_WEEK ? 6 : field.max;
  if (range === '*') return steps(field.min, lastValue, step);
  const [lowText = '', highText, ...others] = range.split('-');
  if (others.length > 0) throw outside(part, field);
  const low = within(lowText, part, field);
  if (highText === undefined) {
    if (stepText === undefined) return [low];
    throw new CronFault(
      `${field.label}: "${part}" has a step but no range; write "${low}-${lastValue}/${step}"`,
    );
  }
  const high = within(highText, part, field);
  if (low <= high) return steps(low, high, step);
  // Over the end of the field: 22-2 is 22, 23, 0, 1, 2.
  const size = lastValue - field.min + 1;
  return steps(low, high + size, step).map((value) => (value > lastValue ? value - size : value));
}

function steps(low: number, high: number, step: number): readonly number[] {
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
}

function within(text: string, part: string, field: Field): number {
  const value = fieldValue(text, field);
  if (value === null) throw outside(part, field);
  return value;
}

function outside(part: string, field: Field): CronFault {
  return new CronFault(`${field.label}: "${part}" is not within ${field.min}-${field.max}`);
}

function fieldValue(text: string, field: Field): number | null {
  const named = field.names.findIndex((name) => name === text || name.slice(0, 3) === text);
  if (named >= 0) return named + field.min;
  const value = number(text);
  return value === null || value < field.min || value > field.max ? null : value;
}

function number(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}

function neverComes({ daysOfMonth, months }: CronExpression): boolean {
  return daysOfMonth.every(
    (wanted) =>
      wanted.kind === 'day' && [...months].every((month) => wanted.day > (LONGEST_MONTHS[month - 1] ?? 0)),
  );
}

/** The day of `month` that is a Monday to Friday and nearest to `day`, which the month has; never in another month. */
function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === lastDayOf(year, month) ? day - 2 : day + 1;
  return day;
}

function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

function lastDayOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
