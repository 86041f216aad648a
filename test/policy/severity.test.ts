import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding, Severity } from '../../src/assess/scan.ts';
import { SEVERITY_ACTIONS, type SeverityAction } from '../../src/config/policy-terms.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import type { Exception, SeverityRules } from '../../src/policy/rules.ts';
import { judgeSeverity, type SecurityFact, weigh } from '../../src/policy/severity.ts';
import type { ReasonCode } from '../../src/policy/verdict.ts';
import { finding, IMAGE, RULES } from './support.ts';

const ASOF = new Date('2026-11-20T12:00:00Z');
const exception: Exception = {
  id: 'CVE-medium',
  image: toImagePattern('python'),
  reason: 'not reachable',
  by: 'ann',
  expires: '2026-11-20',
  liftsBlock: false,
};
const many = (severity: Severity, count: number) =>
  Array.from({ length: count }, (_, i) => finding(severity, `CVE-${severity}-${i}`));

type Row = {
  readonly name: string;
  readonly fixed?: readonly Finding[];
  readonly introduced?: readonly Finding[];
  readonly exceptions?: readonly Exception[];
  readonly exploited?: readonly string[];
  readonly rules?: Partial<SeverityRules>;
  readonly unavailable?: boolean;
  readonly want: readonly ['pass' | 'hold' | 'block', ...ReasonCode[]];
};

const TABLE: readonly Row[] = [
  { name: 'nothing changes', want: ['pass'] },
  { name: 'only fixes', fixed: many('critical', 3), want: ['pass'] },
  { name: 'a new critical', introduced: [finding('critical')], want: ['block', 'introduced-vulnerability'] },
  { name: 'a new high', introduced: [finding('high')], want: ['block', 'introduced-vulnerability'] },
  { name: 'a new medium', introduced: [finding('medium')], want: ['block', 'exception-missing'] },
  {
    name: 'a new medium, excepted through today',
    introduced: [finding('medium')],
    exceptions: [exception],
    want: ['pass', 'exception-recorded'],
  },
  {
    name: 'the exception ended yesterday',
    introduced: [finding('medium')],
    exceptions: [{ ...exception, expires: '2026-11-19' }],
    want: ['block', 'exception-expired'],
  },
  {
    name: 'the exception is for another image',
    introduced: [finding('medium')],
    exceptions: [{ ...exception, image: toImagePattern('node') }],
    want: ['block', 'exception-missing'],
  },
  {
    name: 'the exception names an alias',
    introduced: [finding('medium', 'DSA-1', { aliases: ['CVE-medium'] })],
    exceptions: [exception],
    want: ['pass', 'exception-recorded'],
  },
  {
    name: 'an exception does not lift a block',
    introduced: [finding('high')],
    exceptions: [{ ...exception, id: 'CVE-high' }],
    want: ['block', 'introduced-vulnerability'],
  },
  {
    name: 'unless it says so',
    introduced: [finding('high')],
    exceptions: [{ ...exception, id: 'CVE-high', liftsBlock: true }],
    want: ['pass', 'exception-recorded'],
  },
  { name: 'a new low', introduced: [finding('low')], want: ['pass'] },
  { name: 'an unrated one', introduced: [finding('unknown')], want: ['block', 'exception-missing'] },
  {
    name: 'one new high against nine fixed',
    introduced: [finding('high')],
    fixed: many('high', 9),
    want: ['pass', 'introduced-outweighed', 'introduced-vulnerability'],
  },
  {
    name: 'one for one is not better',
    introduced: [finding('high')],
    fixed: many('high', 1),
    want: ['block', 'introduced-vulnerability'],
  },
  {
    name: 'one for one, and a medium fixed',
    introduced: [finding('high')],
    fixed: [...many('high', 1), ...many('medium', 1)],
    want: ['pass', 'introduced-outweighed', 'introduced-vulnerability'],
  },
  {
    name: 'a new critical against nine fixed highs',
    introduced: [finding('critical')],
    fixed: many('high', 9),
    want: ['block', 'introduced-vulnerability'],
  },
  {
    name: 'a known-exploited medium against a fixed critical',
    introduced: [finding('medium')],
    fixed: many('critical', 1),
    exploited: ['cve-medium'],
    want: ['block', 'exception-missing'],
  },
  {
    name: 'a medium with a fixed critical',
    introduced: [finding('medium')],
    fixed: many('critical', 1),
    want: ['pass', 'introduced-outweighed', 'exception-missing'],
  },
  {
    name: 'by fixability',
    introduced: [finding('high', 'CVE-1', { fixedIn: null })],
    rules: { actions: { ...RULES.severity.actions, high: { fixable: 'block', unfixable: 'note' } } },
    want: ['pass'],
  },
  { name: 'no scan', unavailable: true, want: ['pass', 'scan-unavailable'] },
  {
    name: 'no scan, hold',
    unavailable: true,
    rules: { withoutScan: 'hold' },
    want: ['hold', 'scan-unavailable'],
  },
  {
    name: 'half a scan finds enough',
    unavailable: true,
    introduced: [finding('critical')],
    fixed: many('critical', 5),
    want: ['block', 'introduced-vulnerability', 'scan-unavailable'],
  },
];

function judged(row: Omit<Row, 'name' | 'want'>) {
  const fact: SecurityFact = {
    ...(row.unavailable ? { status: 'scan-unavailable', reason: 'no scanner' } : { status: 'compared' }),
    fixed: row.fixed ?? [],
    introduced: row.introduced ?? [],
  };
  return judgeSeverity(
    fact,
    { ...RULES.severity, ...row.rules },
    { image: IMAGE, asOf: ASOF, exceptions: row.exceptions ?? [], exploited: row.exploited ?? [] },
  );
}

test.each([
  [1, true],
  [9, false],
])('what is adopted all the same is not said to wait (%i fixed)', (fixed, waits) => {
  const { reasons } = judged({ introduced: [finding('high')], fixed: many('high', fixed) });
  const said = reasons.some(({ message }) => message.endsWith('waiting for a patched image'));
  expect(said).toBe(waits);
});

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'unknown', 'medium', 'low', 'negligible'];
const findings = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...SEVERITIES), fc.nat(30), fc.boolean()), {
    maxLength: 12,
    selector: ([, n]) => n,
  })
  .map((list) =>
    list.map(([severity, n, fixable]) => finding(severity, `CVE-${n}`, { fixedIn: fixable ? '2' : null })),
  );
const action = fc.constantFrom(...SEVERITY_ACTIONS);
const pair = fc.record({ fixable: action, unfixable: action });
const actions = fc.record({
  critical: pair,
  high: pair,
  medium: pair,
  low: pair,
  negligible: pair,
  unknown: pair,
});
const exceptions = fc.array(
  fc.record({
    id: fc.nat(30).map((n) => `CVE-${n}`),
    image: fc.constantFrom('**', 'node', 'docker.io/library/*').map(toImagePattern),
    reason: fc.constant('r'),
    by: fc.constant('b'),
    expires: fc.constantFrom('2026-11-19', '2026-11-20', '2027-01-01'),
    liftsBlock: fc.boolean(),
  }),
  { maxLength: 6 },
);

describe('judgeSeverity', () => {
  test.each(TABLE)('$name', (row) => {
    const result = judged(row);
    expect([result.outcome, ...result.reasons.map(({ code }) => code)]).toEqual(row.want);
  });

  /** The rule again, said another way: a number whose digits are the counts, the worst level first. */
  function modelBlocks(
    fixed: readonly Finding[],
    introduced: readonly Finding[],
    rules: SeverityRules,
    list: readonly Exception[],
  ): boolean {
    const counts = (one: Finding): boolean => {
      const wanted = rules.actions[one.severity][one.fixedIn === null ? 'unfixable' : 'fixable'];
      if (wanted === 'ignore') return false;
      const lifts = list.filter(
        (e) => e.id === one.id && e.image.text !== 'node' && e.expires >= '2026-11-20',
      );
      return !lifts.some((e) => wanted !== 'block' || e.liftsBlock);
    };
    const left = introduced.filter(counts);
    const objections = left.filter((one) =>
      ['block', 'exception'].includes(
        rules.actions[one.severity][one.fixedIn === null ? 'unfixable' : 'fixable'],
      ),
    );
    const weight = (of: readonly Finding[]) =>
      of.reduce((sum, one) => sum + 100n ** BigInt(SEVERITIES.length - SEVERITIES.indexOf(one.severity)), 0n);
    return objections.length > 0 && weight(left) >= weight(fixed);
  }

  test('agrees with an independent model', () => {
    fc.assert(
      fc.property(findings, findings, actions, exceptions, (fixed, introduced, rules, list) => {
        const severity: SeverityRules = { actions: rules, withoutScan: 'adopt' };
        const result = judged({ fixed, introduced, rules: severity, exceptions: list });
        expect(result.outcome === 'block').toBe(modelBlocks(fixed, introduced, severity, list));
      }),
      { numRuns: 400 },
    );
  });

  test('laxer rules, more exceptions and more fixes never make it stricter', () => {
    const lax = (one: SeverityAction, steps: number) =>
      SEVERITY_ACTIONS[Math.min(SEVERITY_ACTIONS.length - 1, SEVERITY_ACTIONS.indexOf(one) + steps)] ?? one;
    fc.assert(
      fc.property(
        findings,
        findings,
        findings,
        actions,
        exceptions,
        exceptions,
        fc.constantFrom(...SEVERITIES),
        fc.nat(3),
        (fixed, more, introduced, rules, list, extra, severity, steps) => {
          const base = judged({ fixed, introduced, rules: { actions: rules }, exceptions: list });
          fc.pre(base.outcome === 'pass');
          const laxer = {
            ...rules,
            [severity]: {
              fixable: lax(rules[severity].fixable, steps),
              unfixable: lax(rules[severity].unfixable, steps),
            },
          };
          expect(judged({ fixed, introduced, rules: { actions: laxer }, exceptions: list }).outcome).toBe(
            'pass',
          );
          expect(
            judged({ fixed, introduced, rules: { actions: rules }, exceptions: [...list, ...extra] }).outcome,
          ).toBe('pass');
          expect(
            judged({ fixed: [...fixed, ...more], introduced, rules: { actions: rules }, exceptions: list })
              .outcome,
          ).toBe('pass');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('weighing is antisymmetric', () => {
    fc.assert(
      fc.property(findings, findings, (a, b) => {
        expect(Math.sign(weigh(a, b, [])) + Math.sign(weigh(b, a, []))).toBe(0);
      }),
    );
  });
});
