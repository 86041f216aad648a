import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgeAssessment } from '../../src/policy/age.ts';
import { type CoolDownFacts, coolDown } from '../../src/policy/cool-down.ts';
import type { AgeRules } from '../../src/policy/rules.ts';
import type { ReasonCode } from '../../src/policy/verdict.ts';
import { AGE_RULES, finding, MIDDLE, NEW, OLD } from './support.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const DAY = 86_400_000;
const ago = (days: number) => new Date(NOW.getTime() - days * DAY);

function age(ageDays: number | null, limitDays: number | null = 14): AgeAssessment {
  return { status: 'fresh', basis: null, since: null, ageDays, limitDays, message: 'old' };
}

type Row = {
  readonly name: string;
  readonly facts?: Partial<CoolDownFacts>;
  readonly seenDaysAgo: number | null;
  readonly rules?: Partial<AgeRules>;
  readonly want: readonly ['adopt' | 'wait', ...ReasonCode[]];
  readonly digest?: string;
};

const TABLE: readonly Row[] = [
  { name: 'no minimum', seenDaysAgo: null, rules: { minimumDays: 0 }, want: ['adopt'] },
  { name: 'just seen', seenDaysAgo: null, want: ['wait', 'cool-down'] },
  { name: 'a moment too early', seenDaysAgo: 3 - 1 / DAY, want: ['wait', 'cool-down'] },
  { name: 'exactly', seenDaysAgo: 3, want: ['adopt'] },
  { name: 'half a day', seenDaysAgo: 0.5, rules: { minimumDays: 0.5 }, want: ['adopt'] },
  { name: 'seen in the future is seen now', seenDaysAgo: -9, want: ['wait', 'cool-down'] },
  {
    name: 'fixes a critical',
    seenDaysAgo: 1,
    facts: { fixed: [finding('critical')] },
    want: ['adopt', 'cool-down-skipped'],
  },
  {
    name: 'fixes a high',
    seenDaysAgo: 1,
    facts: { fixed: [finding('high')] },
    want: ['adopt', 'cool-down-skipped'],
  },
  {
    name: 'fixes a medium',
    seenDaysAgo: 1,
    facts: { fixed: [finding('medium')] },
    want: ['wait', 'cool-down'],
  },
  {
    name: 'the skip is configured away',
    seenDaysAgo: 1,
    facts: { fixed: [finding('critical')] },
    rules: { skipMinimumFor: [] },
    want: ['wait', 'cool-down'],
  },
  {
    name: 'an earlier digest has settled',
    seenDaysAgo: 1,
    facts: { earlier: [{ digest: MIDDLE, firstSeen: ago(4) }] },
    want: ['adopt', 'cool-down'],
    digest: MIDDLE,
  },
  {
    name: 'the earlier digest has not',
    seenDaysAgo: 1,
    facts: { earlier: [{ digest: MIDDLE, firstSeen: ago(2) }] },
    want: ['wait', 'cool-down'],
  },
  {
    name: 'past the maximum the maximum wins',
    seenDaysAgo: 1,
    facts: { age: age(15) },
    want: ['adopt', 'maximum-age'],
  },
  {
    name: 'at the maximum it does not',
    seenDaysAgo: 1,
    facts: { age: age(14) },
    want: ['wait', 'cool-down'],
  },
  {
    name: 'past the maximum and held, never silently',
    seenDaysAgo: 1,
    facts: { age: age(15) },
    rules: { pastMaximum: 'hold' },
    want: ['wait', 'cool-down', 'maximum-age'],
  },
  {
    name: 'a settled digest goes before the unsettled one',
    seenDaysAgo: 1,
    facts: { age: age(15), earlier: [{ digest: MIDDLE, firstSeen: ago(3) }] },
    want: ['adopt', 'cool-down'],
    digest: MIDDLE,
  },
  {
    name: 'of two settled digests the later one',
    seenDaysAgo: 1,
    facts: {
      earlier: [
        { digest: OLD, firstSeen: ago(9) },
        { digest: MIDDLE, firstSeen: ago(4) },
        { digest: OLD, firstSeen: ago(6) },
      ],
    },
    want: ['adopt', 'cool-down'],
    digest: MIDDLE,
  },
  {
    name: 'an unknown age is not past the maximum',
    seenDaysAgo: 1,
    facts: { age: age(null) },
    want: ['wait', 'cool-down'],
  },
  { name: 'no maximum', seenDaysAgo: 1, facts: { age: age(900, null) }, want: ['wait', 'cool-down'] },
];

function facts(row: Pick<Row, 'facts' | 'seenDaysAgo'>): CoolDownFacts {
  const firstSeen = row.seenDaysAgo === null ? null : ago(row.seenDaysAgo);
  return {
    asOf: NOW,
    candidate: { digest: NEW, firstSeen },
    earlier: [],
    age: age(5),
    fixed: null,
    ...row.facts,
  };
}

describe('coolDown', () => {
  test.each(TABLE)('$name', (row) => {
    const result = coolDown(facts(row), { ...AGE_RULES, minimumDays: 3, ...row.rules });
    expect([result.outcome, ...result.reasons.map(({ code }) => code)]).toEqual(row.want);
    if (result.outcome === 'adopt') expect(result.digest).toBe(row.digest ?? NEW);
  });

  test.each([
    [1, '2 days'],
    [2, '1 day'],
    [2.55, '0.5 days'],
    [null, '3 days'],
  ])('seen %s days ago: %s are left', (seenDaysAgo, left) => {
    const result = coolDown(facts({ seenDaysAgo }), { ...AGE_RULES, minimumDays: 3 });
    expect(result.reasons[0]?.message).toContain(` ${left} `);
    const until = new Date(NOW.getTime() + (3 - (seenDaysAgo ?? 0)) * DAY);
    expect(result).toMatchObject({ outcome: 'wait', until });
  });

  test('past the maximum, age and limit are told', () => {
    const past = facts({ seenDaysAgo: 1, facts: { age: age(15, 14) } });
    expect(coolDown(past, { ...AGE_RULES, minimumDays: 3 }).reasons[0]?.message).toMatch(/15 days.*14 days/);
  });

  test('a pin past its maximum is never kept without the reason maximum-age', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 40, noNaN: true }),
        fc.constantFrom('rotate' as const, 'hold' as const),
        (days, maximum, minimum, seen, pastMaximum) => {
          const result = coolDown(facts({ seenDaysAgo: seen, facts: { age: age(days, maximum) } }), {
            ...AGE_RULES,
            minimumDays: minimum,
            pastMaximum,
          });
          if (days > maximum && result.outcome === 'wait')
            expect(result.reasons.map((r) => r.code)).toContain('maximum-age');
          if (days > maximum && pastMaximum === 'rotate') expect(result.outcome).toBe('adopt');
          if (seen >= minimum) expect(result).toMatchObject({ outcome: 'adopt', digest: NEW, reasons: [] });
        },
      ),
    );
  });
});
