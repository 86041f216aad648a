import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { ImageTrust } from '../../src/assess/signature.ts';
import { type PolicySettingsInput, policySchema } from '../../src/config/schema/policy.ts';
import { assessAge } from '../../src/policy/age.ts';
import { checkPins, type PinToCheck } from '../../src/policy/check.ts';
import { checkSarif } from '../../src/policy/check-sarif.ts';
import { imageRules } from '../../src/policy/stages.ts';
import { day, finding, IMAGE, NEW, OLD } from './support.ts';

const ASOF = new Date('2026-11-20T12:00:00Z');
const rules = (input: PolicySettingsInput) =>
  imageRules(IMAGE, { settings: v.parse(policySchema, input), organisation: null, override: null });

type Rest = Partial<PinToCheck> & { readonly hasNewer?: boolean | null };

function pin(policy: PolicySettingsInput, { hasNewer = true, ...rest }: Rest = {}): PinToCheck {
  const clocks = rest.clocks ?? { published: null, firstSeen: null, pinnedOn: day('2026-10-01') };
  const own = rules(policy);
  return {
    image: IMAGE,
    digest: OLD,
    sites: [
      { file: 'b/Dockerfile', line: 3 },
      { file: 'a/Dockerfile', line: 1 },
    ],
    latest: NEW,
    clocks,
    age: rest.digest === null ? null : assessAge({ clocks, hasNewer }, own.age, ASOF),
    verdict: 'rotate',
    reasons: [{ code: 'newer-digest', message: 'moved' }],
    rules: own,
    touched: true,
    findings: null,
    trust: null,
    liveTags: [],
    ...rest,
  };
}

const unsigned: ImageTrust = {
  digest: OLD,
  signatures: [],
  attestations: [],
  unsignedProvenance: [],
  gaps: [],
};
const TRUST: PolicySettingsInput = { trust: [{ image: '**', signers: [{ identity: 'a', issuer: 'b' }] }] };
const unknown = { clocks: { published: null, firstSeen: null, pinnedOn: null } };
const stagnant = { hasNewer: false, latest: OLD };

test.each<readonly [string, PinToCheck, readonly (readonly ['violation' | 'warning', string])[]]>([
  ['expired', pin({ stage: 'age' }), [['violation', 'expired']]],
  ['expired, before the stage', pin({ stage: 'baseline' }), [['warning', 'expired']]],
  ['expired, a single gate', pin({ gates: { age: 'enforce' } }), [['violation', 'expired']]],
  ['fresh', pin({ stage: 'provenance' }, { clocks: { ...unknown.clocks, pinnedOn: day('2026-11-19') } }), []],
  ['stagnant', pin({ stage: 'age' }, stagnant), [['warning', 'stagnant']]],
  [
    'stagnant as violation',
    pin({ stage: 'age', age: { stagnant: 'violation' } }, stagnant),
    [['violation', 'stagnant']],
  ],
  ['unknown', pin({ stage: 'age' }, unknown), [['warning', 'unknown-age']]],
  [
    'unknown as violation',
    pin({ stage: 'age', age: { unknown: 'violation' } }, unknown),
    [['violation', 'unknown-age']],
  ],
  [
    'unknown without a limit',
    pin({ stage: 'age', age: { maximum: false, unknown: 'violation' } }, unknown),
    [],
  ],
  ['not touched by the change', pin({ stage: 'age' }, { touched: false }), [['warning', 'expired']]],
  [
    'not touched, strict',
    pin({ stage: 'age', age: { strict: true } }, { touched: false }),
    [['violation', 'expired']],
  ],
  ['unpinned', pin({ stage: 'provenance' }, { digest: null }), [['warning', 'unpinned']]],
  ['unpinned, required', pin({ pinned: 'required' }, { digest: null }), [['violation', 'unpinned']]],
  [
    'unpinned, required, not touched',
    pin({ pinned: 'required' }, { digest: null, touched: false }),
    [['warning', 'unpinned']],
  ],
  ['unpinned, off', pin({ pinned: 'off' }, { digest: null }), []],
  [
    'a new critical',
    pin({ stage: 'baseline', age: { maximum: false } }, { findings: [finding('critical')] }),
    [['violation', 'new-critical']],
  ],
  [
    'a new critical, only shown',
    pin({ age: { maximum: false } }, { findings: [finding('critical')] }),
    [['warning', 'new-critical']],
  ],
  [
    'a high is no critical',
    pin({ stage: 'baseline', age: { maximum: false } }, { findings: [finding('high')] }),
    [],
  ],
  [
    'not signed',
    pin({ ...TRUST, stage: 'provenance', age: { maximum: false } }, { trust: unsigned }),
    [['violation', 'untrusted']],
  ],
  [
    'not signed, only shown',
    pin({ ...TRUST, age: { maximum: false } }, { trust: unsigned }),
    [['warning', 'untrusted']],
  ],
  [
    'nobody looked, enforced',
    pin({ ...TRUST, stage: 'provenance', age: { maximum: false } }),
    [['violation', 'untrusted']],
  ],
  ['nobody looked, only shown', pin({ ...TRUST, age: { maximum: false } }), []],
])('%s', (_, checked, want) => {
  const report = checkPins([checked], { asOf: ASOF, baseline: null });
  const atBoth = (file: string) => want.map(([level, rule]) => ({ level, rule, file }));
  expect(report.findings).toMatchObject([...atBoth('a/Dockerfile'), ...atBoth('b/Dockerfile')]);
  expect(report.findings).toHaveLength(2 * want.length);
  expect(report.violations).toEqual(report.findings.filter((one) => one.level === 'violation'));
  expect(report.pins).toEqual([checked]);
});

test('the baseline accepts', () => {
  const checked = pin(
    { stage: 'baseline', age: { maximum: false } },
    { findings: [finding('critical', 'CVE-1')] },
  );
  const baseline = new Map([['docker.io/library/python:3.11', [{ id: 'CVE-1', package: 'openssl' }]]]);
  expect(checkPins([checked], { asOf: ASOF, baseline }).violations).toEqual([]);
});

test('a stagnant pin names tags that are alive; an expired one the command that mends it', () => {
  const [warning] = checkPins([pin({}, { ...stagnant, liveTags: ['3.13'] })], {
    asOf: ASOF,
    baseline: null,
  }).findings;
  expect(warning?.message).toContain('Tags that are still built: 3.13');
  const [expired] = checkPins([pin({})], { asOf: ASOF, baseline: null }).findings;
  expect(expired?.message).toContain('pinwheel rotate --write --only python:3.11');
  expect(expired?.message).toContain('/rotate python:3.11');
});

test('SARIF: every finding has a rule, violations are errors', () => {
  const report = checkPins([pin({ stage: 'age' }), pin({ stage: 'age' }, { digest: null })], {
    asOf: ASOF,
    baseline: null,
  });
  const [run] = checkSarif(report, '1.2.3').runs as readonly {
    readonly results: readonly { readonly ruleId: string; readonly level: string }[];
  }[];
  expect(run?.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
    ['pinwheel/expired', 'error'],
    ['pinwheel/unpinned', 'warning'],
    ['pinwheel/expired', 'error'],
    ['pinwheel/unpinned', 'warning'],
  ]);
});
