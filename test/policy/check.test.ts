import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { ImageTrust } from '../../src/assess/signature.ts';
import { policySchema } from '../../src/config/schema/policy.ts';
import { assessAge } from '../../src/policy/age.ts';
import { type CheckFinding, checkPins, type PinToCheck, sortFindings } from '../../src/policy/check.ts';
import { checkSarif } from '../../src/policy/check-sarif.ts';
import { imageRules } from '../../src/policy/stages.ts';
import type { PolicySettingsInput } from '../support/policy-settings.ts';
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
const signed: ImageTrust = {
  ...unsigned,
  signatures: [
    {
      source: 'tag',
      manifest: OLD,
      fact: {
        status: 'verified',
        method: 'keyless',
        identity: 'a',
        issuer: 'b',
        signedAt: null,
        logged: true,
      },
    },
  ],
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
  [
    'stagnant as violation, before the stage',
    pin({ stage: 'baseline', age: { stagnant: 'violation' } }, stagnant),
    [['warning', 'stagnant']],
  ],
  ['ageing', pin({ stage: 'age', age: { maximum: 60, ageingPercent: 50 } }), []],
  ['unknown', pin({ stage: 'age' }, unknown), [['warning', 'unknown-age']]],
  [
    'unknown as violation, before the stage',
    pin({ stage: 'baseline', age: { unknown: 'violation' } }, unknown),
    [['warning', 'unknown-age']],
  ],
  [
    'unknown, not touched by the change',
    pin({ stage: 'age', age: { unknown: 'violation' } }, { ...unknown, touched: false }),
    [['warning', 'unknown-age']],
  ],
  [
    'unknown, not touched, strict',
    pin({ stage: 'age', age: { unknown: 'violation', strict: true } }, { ...unknown, touched: false }),
    [['violation', 'unknown-age']],
  ],
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
  [
    'signed by whom the rule names',
    pin({ ...TRUST, stage: 'provenance', age: { maximum: false } }, { trust: signed }),
    [],
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

const messageOf = (checked: PinToCheck): string =>
  checkPins([checked], { asOf: ASOF, baseline: null }).findings[0]?.message ?? '';

test('a stagnant pin names tags that are alive, and where none is known what to look for', () => {
  expect(messageOf(pin({}, { ...stagnant, liveTags: ['3.13', '3.12'] }))).toContain(': 3.13, 3.12');
  expect(messageOf(pin({}, stagnant))).toMatch(/\. \w.*tag that is still built$/);
});

test('an expired pin names the newer digest, where one is known, and the command that moves it', () => {
  const expired = messageOf(pin({}));
  expect(expired).toContain('(bbbbbbbb)');
  expect(expired).toContain('pinwheel rotate --write --only python:3.11');
  expect(expired).toContain('/rotate python:3.11');
  expect(messageOf(pin({}, { latest: null }))).not.toMatch(/bbbb|null/);
});

test.each([
  [1, 1, null],
  [5, 5, null],
  [6, 5, 'and 1 more'],
  [9, 5, 'and 4 more'],
])('of %i new criticals %i are named', (count, named, more) => {
  const findings = Array.from({ length: count }, (_, index) => finding('critical', `CVE-${index}`));
  const message = messageOf(pin({ age: { maximum: false } }, { findings }));
  expect(message.match(/CVE-\d/g)).toHaveLength(named);
  if (more === null) expect(message).not.toContain('more');
  else expect(message).toContain(more);
});

test('findings are in one order, by file, line, rule and image, however they come', () => {
  const one = (file: string, line: number, rule: CheckFinding['rule'], image: string): CheckFinding => ({
    rule,
    level: 'warning',
    image,
    file,
    line,
    message: '',
  });
  const sorted = [
    one('a', 2, 'expired', 'x'),
    one('a', 2, 'expired', 'y'),
    one('a', 2, 'unpinned', 'a'),
    one('a', 10, 'expired', 'a'),
    one('b', 1, 'expired', 'a'),
    one('c', 1, 'expired', 'a'),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (shuffled) => {
      expect(sortFindings(shuffled)).toEqual(sorted);
    }),
  );
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

test('SARIF describes every rule for code scanning, used or not', () => {
  const log = checkSarif({ pins: [], findings: [], violations: [] }, '1.2.3');
  const [run] = log.runs as readonly {
    readonly tool: { readonly driver: Driver };
    readonly automationDetails: { readonly id: string };
  }[];
  expect(run?.tool.driver.name).toBe('Pinwheel');
  expect(run?.automationDetails.id).toMatch(/^pinwheel\/check\//);
  const rules = run?.tool.driver.rules.map(({ id, defaultConfiguration, properties }) => [
    id,
    defaultConfiguration.level,
    properties.tags.join(),
    properties['security-severity'] ?? null,
  ]);
  expect(rules).toEqual([
    ['pinwheel/expired', 'error', 'security,maintenance', null],
    ['pinwheel/ledger', 'error', 'maintenance', null],
    ['pinwheel/new-critical', 'error', 'security', '9.0'],
    ['pinwheel/stagnant', 'warning', 'maintenance', null],
    ['pinwheel/unknown-age', 'warning', 'maintenance', null],
    ['pinwheel/unmatched-trust', 'warning', 'security,supply-chain', null],
    ['pinwheel/unpinned', 'warning', 'security,supply-chain', null],
    ['pinwheel/untrusted', 'error', 'security,supply-chain', null],
  ]);
});

test('SARIF knows a finding again when lines move, and not in another file', () => {
  const found: CheckFinding = {
    rule: 'expired',
    level: 'warning',
    image: 'x',
    file: 'a',
    line: 1,
    message: 'old',
  };
  const findings = [found, { ...found, file: 'b' }];
  const later = [{ ...found, line: 9, message: 'older' }];
  const [first, elsewhere] = fingerprints(findings);
  expect(fingerprints(later)).toEqual([first]);
  expect(elsewhere).not.toBe(first);
});

function fingerprints(findings: readonly CheckFinding[]): readonly string[] {
  const [run] = checkSarif({ pins: [], findings, violations: [] }, '1.2.3').runs as readonly {
    readonly results: readonly { readonly partialFingerprints: Readonly<Record<string, string>> }[];
  }[];
  return run?.results.map((result) => JSON.stringify(result.partialFingerprints)) ?? [];
}

type Driver = {
  readonly name: string;
  readonly rules: readonly {
    readonly id: string;
    readonly defaultConfiguration: { readonly level: string };
    readonly properties: { readonly tags: readonly string[]; readonly 'security-severity'?: string };
  }[];
};

test.each([
  ['block', 'signature-missing', {}, 'is blocked: why. Choose another tag'],
  ['block', 'exception-missing', {}, 'is blocked: why. Record an exception, or choose another tag'],
  [
    'hold',
    'held-by-configuration',
    { digest: null },
    'is not pinned to a digest. The newer digest is held: why',
  ],
  [
    'rotate',
    'first-pin',
    { digest: null },
    'is not pinned to a digest. Pin it: pinwheel rotate --pin --write',
  ],
] as const)('what helps against %s by %s', (verdict, code, rest, wanted) => {
  const judged = pin({}, { ...rest, verdict, reasons: [{ code, message: 'why' }] });
  const [found] = checkPins([judged], { asOf: ASOF, baseline: null }).findings;
  expect(found?.message).toContain(wanted);
});
