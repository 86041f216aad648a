import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type IsoDate, isoDate } from '../../src/domain/ledger-entry.ts';
import type { PinStatus } from '../../src/domain/pin-status.ts';
import { daysBetween } from '../../src/domain/time.ts';
import { type AgeFacts, assessAge, type PinClocks, sayDays } from '../../src/policy/age.ts';
import type { AgeBasis, AgeRules } from '../../src/policy/rules.ts';
import { AGE_RULES, day } from './support.ts';

const at = (text: string) => new Date(text);
const clocks = (published: string | null, firstSeen: string | null, pinnedOn: string | null): PinClocks => ({
  published: day(published),
  firstSeen: day(firstSeen),
  pinnedOn: day(pinnedOn),
});

type Row = {
  readonly name: string;
  readonly clocks: PinClocks;
  readonly asOf: string;
  readonly hasNewer?: boolean | null;
  readonly rules?: Partial<AgeRules>;
  readonly want: readonly [PinStatus, AgeBasis | null, number | null];
};

const PINNED = clocks(null, null, '2026-11-01');

const TABLE: readonly Row[] = [
  { name: 'today', clocks: PINNED, asOf: '2026-11-01T00:00:00Z', want: ['fresh', 'pinned-on', 0] },
  {
    name: '10 of 14 days is fresh',
    clocks: PINNED,
    asOf: '2026-11-11T23:59:59Z',
    want: ['fresh', 'pinned-on', 10],
  },
  {
    name: '11 of 14 days is past 75 %',
    clocks: PINNED,
    asOf: '2026-11-12T00:00:00Z',
    want: ['ageing', 'pinned-on', 11],
  },
  {
    name: 'the last moment of day 14',
    clocks: PINNED,
    asOf: '2026-11-15T23:59:59.999Z',
    want: ['ageing', 'pinned-on', 14],
  },
  {
    name: 'the first moment of day 15',
    clocks: PINNED,
    asOf: '2026-11-16T00:00:00Z',
    want: ['expired', 'pinned-on', 15],
  },
  {
    name: 'the same without a newer digest',
    clocks: PINNED,
    asOf: '2026-11-16T00:00:00Z',
    hasNewer: false,
    want: ['stagnant', 'pinned-on', 15],
  },
  {
    name: 'past the limit, and nobody answered',
    clocks: PINNED,
    asOf: '2026-11-16T00:00:00Z',
    hasNewer: null,
    want: ['unknown', 'pinned-on', 15],
  },
  {
    name: 'within the limit, and nobody answered',
    clocks: PINNED,
    asOf: '2026-11-05T00:00:00Z',
    hasNewer: null,
    want: ['fresh', 'pinned-on', 4],
  },
  {
    name: 'exactly 75 % is not past it',
    clocks: PINNED,
    asOf: '2026-11-13T00:00:00Z',
    rules: { maximumDays: 16 },
    want: ['fresh', 'pinned-on', 12],
  },
  {
    name: 'no clock',
    clocks: clocks(null, null, null),
    asOf: '2026-11-16T00:00:00Z',
    want: ['unknown', null, null],
  },
  {
    name: 'no limit',
    clocks: PINNED,
    asOf: '2030-01-01T00:00:00Z',
    rules: { maximumDays: null },
    want: ['fresh', 'pinned-on', 1157],
  },
  {
    name: 'published goes first',
    clocks: clocks('2026-10-01', '2026-11-10', '2026-11-12'),
    asOf: '2026-11-13T00:00:00Z',
    want: ['expired', 'published', 43],
  },
  {
    name: 'then first seen',
    clocks: clocks(null, '2026-11-10', '2026-11-12'),
    asOf: '2026-11-13T00:00:00Z',
    want: ['fresh', 'first-seen', 3],
  },
  {
    name: 'the order is configured',
    clocks: clocks('2026-10-01', '2026-11-10', '2026-11-12'),
    asOf: '2026-11-13T00:00:00Z',
    rules: { basis: ['pinned-on', 'published'] },
    want: ['fresh', 'pinned-on', 1],
  },
  {
    name: 'a basis that is left out never counts',
    clocks: clocks('2026-10-01', null, null),
    asOf: '2026-11-13T00:00:00Z',
    rules: { basis: ['pinned-on'] },
    want: ['unknown', null, null],
  },
  {
    name: 'a day ahead is skew',
    clocks: clocks(null, null, '2026-11-14'),
    asOf: '2026-11-13T12:00:00Z',
    want: ['fresh', 'pinned-on', 0],
  },
  {
    name: 'two days ahead is not believed',
    clocks: clocks(null, null, '2026-11-15'),
    asOf: '2026-11-13T23:00:00Z',
    want: ['unknown', null, null],
  },
  {
    name: 'a clock ahead gives way to the next',
    clocks: clocks('2027-11-15', null, '2026-11-12'),
    asOf: '2026-11-13T00:00:00Z',
    want: ['fresh', 'pinned-on', 1],
  },
  {
    name: 'over a leap day',
    clocks: clocks(null, null, '2028-02-20'),
    asOf: '2028-03-05T00:00:00Z',
    want: ['ageing', 'pinned-on', 14],
  },
  {
    name: 'over a leap day, one more',
    clocks: clocks(null, null, '2028-02-20'),
    asOf: '2028-03-06T00:00:00Z',
    want: ['expired', 'pinned-on', 15],
  },
  {
    name: 'without a leap day',
    clocks: clocks(null, null, '2027-02-20'),
    asOf: '2027-03-06T00:00:00Z',
    want: ['ageing', 'pinned-on', 14],
  },
  {
    name: 'east of Greenwich, still the UTC day',
    clocks: PINNED,
    asOf: '2026-11-16T09:00:00+14:00',
    want: ['ageing', 'pinned-on', 14],
  },
  {
    name: 'west of Greenwich, already the UTC day',
    clocks: PINNED,
    asOf: '2026-11-15T20:00:00-08:00',
    want: ['expired', 'pinned-on', 15],
  },
];

describe('assessAge', () => {
  test.each(TABLE)('$name', (row) => {
    const facts: AgeFacts = {
      clocks: row.clocks,
      hasNewer: row.hasNewer === undefined ? true : row.hasNewer,
    };
    const result = assessAge(facts, { ...AGE_RULES, ...row.rules }, at(row.asOf));
    expect([result.status, result.basis, result.ageDays]).toEqual(row.want);
    expect(result.message).not.toBe('');
  });

  const days = fc.integer({ min: 16_000, max: 22_000 });
  const toDay = (n: number): IsoDate => isoDate(new Date(n * 86_400_000));

  test('agrees with counting days', () => {
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 365 }),
        fc.integer({ min: 0, max: 86_399_999 }),
        fc.boolean(),
        (start, passed, limit, moment, hasNewer) => {
          const asOf = new Date((start + passed) * 86_400_000 + moment);
          const facts: AgeFacts = {
            clocks: { published: null, firstSeen: null, pinnedOn: toDay(start) },
            hasNewer,
          };
          const result = assessAge(facts, { ...AGE_RULES, maximumDays: limit }, asOf);
          expect(result.ageDays).toBe(passed);
          const want =
            passed > limit ? (hasNewer ? 'expired' : 'stagnant') : passed > limit * 0.75 ? 'ageing' : 'fresh';
          expect(result.status).toBe(want);
        },
      ),
    );
  });

  test('never gets fresher as time passes, nor with a stricter limit', () => {
    const order: readonly PinStatus[] = ['fresh', 'ageing', 'expired'];
    fc.assert(
      fc.property(
        days,
        fc.nat(100),
        fc.nat(100),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 30 }),
        (start, a, b, limit, less) => {
          const facts: AgeFacts = {
            clocks: { published: null, firstSeen: toDay(start), pinnedOn: null },
            hasNewer: true,
          };
          const rank = (passed: number, max: number) =>
            order.indexOf(
              assessAge(facts, { ...AGE_RULES, maximumDays: max }, new Date((start + passed) * 86_400_000))
                .status,
            );
          expect(rank(a + b, limit)).toBeGreaterThanOrEqual(rank(a, limit));
          expect(rank(a, Math.max(1, limit - less))).toBeGreaterThanOrEqual(rank(a, limit));
        },
      ),
    );
  });

  test('daysBetween counts calendar days', () => {
    fc.assert(
      fc.property(days, days, (a, b) => {
        expect(daysBetween(toDay(a), toDay(b))).toBe(b - a);
      }),
    );
  });
});

test.each([
  [0, '0 days'],
  [0.5, '0.5 days'],
  [1, '1 day'],
  [1.04, '1 day'],
  [14, '14 days'],
])('%s is told as %s', (days, told) => {
  expect(sayDays(days)).toBe(told);
});

test('an unknown age tells what was asked, or which days lie ahead', () => {
  const asOf = new Date('2026-11-20T12:00:00Z');
  const told = (published: string | null) =>
    assessAge(
      { clocks: { published: day(published), firstSeen: null, pinnedOn: null }, hasNewer: true },
      { ...AGE_RULES, basis: ['published', 'first-seen'] },
      asOf,
    ).message;
  expect(told(null)).toMatch(/^age unknown \(no publish date or ledger row\)$/);
  expect(told(null)).not.toContain('2026');
  expect(told('2027-01-01')).toMatch(/published 2027-01-01 .*2026-11-20/);
});
