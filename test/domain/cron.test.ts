import fc from 'fast-check';
import { parse, validate } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { type CronExpression, cronFault, toCronExpression } from '../../src/domain/cron.ts';

/** The fields of an expression in node-cron's words, each value once, sorted. */
function inEngineWords(expression: CronExpression) {
  const days = expression.daysOfMonth.map((wanted) => {
    if (wanted.kind === 'day') return wanted.day;
    if (wanted.kind === 'last-weekday') return 'LW';
    if (wanted.kind === 'nearest-weekday') return `${wanted.day}W`;
    return wanted.days === 0 ? 'L' : `L-${wanted.days}`;
  });
  const weekdays = expression.daysOfWeek.map((wanted) => {
    if (wanted.kind === 'every') return wanted.weekday;
    return wanted.kind === 'nth' ? `${wanted.weekday}#${wanted.nth}` : `${wanted.weekday}L`;
  });
  return {
    second: sorted([0]),
    minute: sorted(expression.minutes),
    hour: sorted(expression.hours),
    dayOfMonth: sorted(days),
    month: sorted(expression.months),
    dayOfWeek: sorted(weekdays),
  };
}

function engineWords(text: string) {
  const plain = (value: number | string) => String(value).replace(/^(L-)?0+(?=\d)/, '$1');
  const fields = Object.entries(parse(text));
  return Object.fromEntries(fields.map(([name, values]) => [name, sorted(values.map(plain))]));
}

function sorted(values: Iterable<number | string>): readonly string[] {
  return [...new Set([...values].map(String))].sort();
}

function expectAgreement(text: string): void {
  const [ours, engine] = [cronFault(text) === null, validate(text)];
  expect({ text, accepted: ours }).toEqual({ text, accepted: engine });
  if (ours)
    expect({ text, ...inEngineWords(toCronExpression(text)) }).toEqual({ text, ...engineWords(text) });
}

const MINUTES =
  '* 0 59 60 05 007 */5 */0 */59 */100 1-5 5-1 0-59/7 50-10/5 5/10 1,2,3 1,,2 1- -1 ** a L 5W ? 1-2-3 +1 1.5';
const HOURS = '* 0 23 24 */6 22-2 22-2/3 9-17 0-23/2 9,17 mon ? 1#1 */ /2 0-24';
const DAYS =
  '* ? 1 31 0 32 L l L-0 L-3 L-30 L-31 LW lw 15W 1w 0W 32W 1-5 28-3 */10 1,15,L L,LW 15W-20 W ?/2 ?,1 5L 2#1 L- L-100';
const MONTHS =
  '* 1 12 0 13 jan JAN january JanuarY jan-mar nov-feb jan,jul dec */3 ja janu february-april/2 2 2,4 ? L 3-13';
const WEEKDAYS =
  '* ? 0 7 8 sun sunday SUN mon-fri fri-mon 5-7 6-2 7-2 0-7 */2 1#1 7#5 1#6 8#1 mon#2 friday#3 5L sunL 7l L 8L 1W */7 sun,tue wed 1-5/2 mond #1 1#';

describe('the dialect is the engine’s', () => {
  // Each value of a field beside plain ones in the others: about 130 expressions.
  const fields = [MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS].map((values) => values.split(' '));
  const table = fields.flatMap((values, field) =>
    values.map((value) => [...'*****'].map((star, i) => (i === field ? value : star)).join(' ')),
  );
  it.each([
    ...table,
    ...'@hourly @daily @midnight @weekly @monthly @yearly @annually @Hourly @reboot @every'.split(' '),
    '0 0 31 2 *',
    '0 0 30,31 2 *',
    '0 0 30,31 2,4 *',
    '0 0 31 4,6,9,11 *',
    '0 0 29 2 *',
    '0 0 L 2 1#1',
    '  0   6 * *   1  ',
    '0\t6 * * 1',
    '0 6 * * 1\n',
    '',
    '*',
    '* * * *',
    '* * * * * * *',
    '0 6 1 * 1',
    '0 6 * * 1;',
  ])('%j', expectAgreement);

  it('in any mixture of values', () => {
    const of = (text: string) =>
      fc
        .array(fc.constantFrom(...text.split(' ')), { minLength: 1, maxLength: 3 })
        .map((all) => all.join(','));
    fc.assert(
      fc.property(of(MINUTES), of(HOURS), of(DAYS), of(MONTHS), of(WEEKDAYS), (...parts) => {
        expectAgreement(parts.join(' '));
      }),
      { numRuns: 500 },
    );
  });

  it('in any mixture of numbers, ranges and steps', () => {
    const field = (min: number, max: number) => {
      const value = fc.integer({ min, max });
      const range = fc.tuple(value, value, fc.integer({ min: 1, max: 70 }));
      return fc.oneof(
        value.map(String),
        range.map(([a, b, step]) => `${a}-${b}/${step}`),
      );
    };
    fc.assert(
      fc.property(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7), (...parts) => {
        expectAgreement(parts.join(' '));
      }),
      { numRuns: 500 },
    );
  });

  // docs/adr/0010-cron-dialect.md lists these: what the engine takes on purpose or by accident, and we refuse.
  it.each([
    ['0 0 6 * * 1', 'expected five fields (minute hour day month weekday), got 6'],
    ['0 24-5 * * *', 'hour: "24-5" is not within 0-23'],
    ['0-99/50 * * * *', 'minute: "0-99/50" is not within 0-59'],
    ['1* * * * *', 'minute: "1*" is not within 0-59'],
    ['0 0 * jan1 *', 'month: "jan1" is not within 1-12'],
    [`${'0,'.repeat(100)}0 * * * *`, 'longer than 200 characters'],
  ])('but for %j: %s', (text, fault) => {
    expect(validate(text)).toBe(true);
    expect(cronFault(text)).toBe(fault);
  });
});

describe('cronFault', () => {
  it.each([
    ['* * * * *', null],
    ['0 0 * * mon-fri', null],
    ['5/10 * * * *', 'minute: "5/10" has a step but no range; write "5-59/10"'],
    ['0 0 31 feb *', 'day of month: no month of "feb" has a day "31"'],
    ['@weekly', null],
    ['', 'expected five fields (minute hour day month weekday), got 0'],
    ['* * * *', 'expected five fields (minute hour day month weekday), got 4'],
    ['0 0 0 * * *', 'expected five fields (minute hour day month weekday), got 6'],
    ['60 * * * *', 'minute: "60" is not within 0-59'],
    ['* 24 * * *', 'hour: "24" is not within 0-23'],
    ['* * 0 * *', 'day of month: "0" is not within 1-31'],
    ['* * * 13 *', 'month: "13" is not within 1-12'],
    ['* * * * 8', 'day of week: "8" is not within 0-7'],
    ['5-1 * * * *', null],
    ['*/0 * * * *', 'minute: "*/0" needs a step of 1 or more'],
    ['*/ * * * *', 'minute: "*/" needs a step of 1 or more'],
    ['1,,2 * * * *', 'minute: "" is not within 0-59'],
    ['a * * * *', 'minute: "a" is not within 0-59'],
    ['@fortnightly', 'expected five fields (minute hour day month weekday), got 1'],
    ['*'.repeat(300), 'longer than 200 characters'],
  ])('%j: %s', (text, fault) => {
    expect(cronFault(text)).toBe(fault);
  });
});
