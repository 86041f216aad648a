import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { STAGES } from '../../src/config/policy-terms.ts';
import { LOCKABLE, type PolicySettings, policySchema } from '../../src/config/schema/policy.ts';
import { imageRules, stageGates } from '../../src/policy/stages.ts';
import { keySources, trustRules } from '../../src/policy/trust-settings.ts';
import type { PolicySettingsInput } from '../support/policy-settings.ts';
import { IMAGE } from './support.ts';

const settings = (input: PolicySettingsInput = {}): PolicySettings => v.parse(policySchema, input);
const rules = (own: PolicySettingsInput, organisation: PolicySettingsInput | null = null, override = {}) =>
  imageRules(IMAGE, {
    settings: settings(own),
    organisation: organisation === null ? null : settings(organisation),
    override,
  });

test('the defaults', () => {
  expect(rules({})).toMatchObject({
    stage: 'monitor',
    gates: { baseline: 'show', age: 'show', trust: 'show' },
    age: {
      maximumDays: 14,
      minimumDays: 0,
      basis: ['published', 'first-seen', 'pinned-on'],
      stagnant: 'warn',
    },
    pinned: 'warn',
    lostSignature: 'warn',
    severity: {
      actions: {
        critical: { fixable: 'block' },
        high: { unfixable: 'block' },
        medium: { fixable: 'exception' },
        low: { fixable: 'note' },
      },
    },
  });
});

test('each stage includes the ones before', () => {
  expect(STAGES.map(stageGates)).toEqual([
    { baseline: 'show', age: 'show', trust: 'show' },
    { baseline: 'enforce', age: 'show', trust: 'show' },
    { baseline: 'enforce', age: 'enforce', trust: 'show' },
    { baseline: 'enforce', age: 'enforce', trust: 'enforce' },
  ]);
});

test.each<readonly [string, PolicySettingsInput, object]>([
  [
    'a single gate opens a stage',
    { stage: 'provenance', gates: { age: 'show' } },
    { gates: { baseline: 'enforce', age: 'show', trust: 'enforce' } },
  ],
  [
    'a single gate closes a stage',
    { gates: { age: 'enforce' } },
    { stage: 'monitor', gates: { age: 'enforce', trust: 'show' } },
  ],
  ['a lost signature blocks at the last stage', { stage: 'provenance' }, { lostSignature: 'block' }],
  ['unless it is set', { stage: 'provenance', lostSignature: 'warn' }, { lostSignature: 'warn' }],
  ['no maximum', { age: { maximum: false } }, { age: { maximumDays: null } }],
  [
    'durations',
    { age: { maximum: '3w', minimum: '12h' }, settle: '6h' },
    { age: { maximumDays: 21, minimumDays: 0.5 }, rotation: { settleMinutes: 360 } },
  ],
  [
    'one word for both fixabilities',
    { severity: { high: 'note', critical: { fixable: 'block', unfixable: 'exception' } } },
    {
      severity: {
        actions: { high: { fixable: 'note', unfixable: 'note' }, critical: { unfixable: 'exception' } },
      },
    },
  ],
])('%s', (_, own, want) => {
  expect(rules(own)).toMatchObject(want);
});

test("an image's own ages go over the policy's", () => {
  expect(rules({}, null, { maximumAge: 30, minimumAge: 2 }).age).toMatchObject({
    maximumDays: 30,
    minimumDays: 2,
  });
});

describe('locked by the organisation', () => {
  test.each<readonly [string, PolicySettingsInput, PolicySettingsInput, object, object]>([
    [
      'the stage',
      { stage: 'monitor' },
      { stage: 'age', enforced: ['stage'] },
      {},
      { stage: 'age', gates: { age: 'enforce', trust: 'show' } },
    ],
    [
      'a stricter stage stays',
      { stage: 'provenance' },
      { stage: 'age', enforced: ['stage'] },
      {},
      { stage: 'provenance', gates: { trust: 'enforce' } },
    ],
    [
      'no gate opens a locked stage',
      { gates: { age: 'show' } },
      { stage: 'age', enforced: ['stage'] },
      {},
      { gates: { age: 'enforce' } },
    ],
    ['the maximum', { age: { maximum: '60d' } }, { enforced: ['age'] }, {}, { age: { maximumDays: 14 } }],
    [
      'a stricter maximum stays',
      { age: { maximum: '7d' } },
      { enforced: ['age'] },
      {},
      { age: { maximumDays: 7 } },
    ],
    [
      'no maximum at all',
      { age: { maximum: false } },
      { enforced: ['age'] },
      {},
      { age: { maximumDays: 14 } },
    ],
    ["an image's own maximum", {}, { enforced: ['age'] }, { maximumAge: 90 }, { age: { maximumDays: 14 } }],
    [
      'the cool-down',
      {},
      { age: { minimum: '3d' }, enforced: ['age'] },
      { minimumAge: 0 },
      { age: { minimumDays: 3 } },
    ],
    [
      'severities',
      { severity: { critical: 'ignore', medium: 'block' } },
      { enforced: ['severity'] },
      {},
      { severity: { actions: { critical: { fixable: 'block' }, medium: { fixable: 'block' } } } },
    ],
    ['pinning', { pinned: 'off' }, { pinned: 'required', enforced: ['pinned'] }, {}, { pinned: 'required' }],
    [
      'what is not locked stays open',
      { pinned: 'off', stage: 'monitor' },
      { pinned: 'required', stage: 'age', enforced: ['stage'] },
      {},
      { pinned: 'off', stage: 'age' },
    ],
    ['nothing is locked', { stage: 'monitor' }, { stage: 'age' }, {}, { stage: 'monitor' }],
    [
      'all of it',
      { pinned: 'off', age: { maximum: '99d' } },
      { pinned: 'required', stage: 'age', enforced: true },
      {},
      { pinned: 'required', stage: 'age', age: { maximumDays: 14 } },
    ],
  ])('%s', (_, own, organisation, override, want) => {
    expect(rules(own, organisation, override)).toMatchObject(want);
  });

  test.each([
    ['*', true],
    ['**', true],
    ['python', true],
    ['library/python', true],
    ['docker.io/library/*', true],
    ['python:3.11', true],
    ['docker.io/library/python:3.*', true],
    ['{node,python}:*', true],
    ['python:3.12', false],
    ['ghcr.io/**', false],
  ])('a trust rule for %s: %s', (image, applies) => {
    const signers = [{ identity: 'a', issuer: 'b' }];
    expect(rules({ trust: [{ image, signers }] }).trust).toHaveLength(applies ? 1 : 0);
  });

  test('exceptions and trust rules', () => {
    const exception = { id: 'CVE-2026-1', reason: 'r', by: 'b', expires: '2027-01-01' };
    const organisation: PolicySettingsInput = {
      exceptions: [],
      trust: [{ preset: 'distroless', image: '**' }],
      enforced: ['exceptions', 'trust'],
    };
    const locked = rules(
      { exceptions: [exception], trust: [{ image: 'python', signers: [{ identity: 'a', issuer: 'b' }] }] },
      organisation,
    );
    expect(locked.exceptions).toEqual([]);
    expect(locked.trust.map((rule) => rule.name)).toEqual(['distroless', 'python']);
    expect(rules({ trust: [] }, organisation).trust).toHaveLength(1);
  });

  const input = fc.record({
    stage: fc.option(fc.constantFrom(...STAGES), { nil: undefined }),
    gates: fc.record({
      age: fc.constantFrom('enforce' as const, 'show' as const),
      trust: fc.constantFrom('enforce' as const, 'show' as const),
    }),
    age: fc.record({
      maximum: fc.oneof(fc.constant(false as const), fc.integer({ min: 1, max: 90 })),
      minimum: fc.nat(30),
      stagnant: fc.constantFrom('warn' as const, 'violation' as const),
    }),
    pinned: fc.constantFrom('required' as const, 'warn' as const, 'off' as const),
    severity: fc.record({
      critical: fc.constantFrom('block' as const, 'exception' as const, 'note' as const, 'ignore' as const),
    }),
  });
  const clean = (value: object) => JSON.parse(JSON.stringify(value)) as PolicySettingsInput;

  test('a repository can never be weaker than what is locked', () => {
    fc.assert(
      fc.property(input, input, (own, floor) => {
        const base = rules(clean(floor));
        const locked = rules(clean(own), { ...clean(floor), enforced: true });
        expect(STAGES.indexOf(locked.stage)).toBeGreaterThanOrEqual(STAGES.indexOf(base.stage));
        for (const gate of ['baseline', 'age', 'trust'] as const) {
          if (base.gates[gate] === 'enforce') expect(locked.gates[gate]).toBe('enforce');
        }
        if (base.age.maximumDays !== null)
          expect(locked.age.maximumDays).toBeLessThanOrEqual(base.age.maximumDays);
        expect(locked.age.minimumDays).toBeGreaterThanOrEqual(base.age.minimumDays);
        if (base.age.stagnant === 'violation') expect(locked.age.stagnant).toBe('violation');
        if (base.pinned === 'required') expect(locked.pinned).toBe('required');
        if (base.severity.actions.critical.fixable === 'block')
          expect(locked.severity.actions.critical.fixable).toBe('block');
        if (base.lostSignature === 'block') expect(locked.lostSignature).toBe('block');
        // And never weaker than what it asks of itself.
        const alone = rules(clean(own));
        if (alone.gates.age === 'enforce') expect(locked.gates.age).toBe('enforce');
        if (alone.age.maximumDays !== null)
          expect(locked.age.maximumDays).toBeLessThanOrEqual(alone.age.maximumDays);
      }),
    );
  });

  test('every setting that can be locked is known', () => {
    for (const key of LOCKABLE) expect(v.safeParse(policySchema, { enforced: [key] }).success).toBe(true);
    expect(v.safeParse(policySchema, { enforced: ['everything'] }).success).toBe(false);
  });
});

describe('trust settings', () => {
  const PEM =
    '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErBclBIBz28Uo7W6PFzioZ8s5BVr2\n-----END PUBLIC KEY-----\n';

  test.each<readonly [string, unknown, boolean]>([
    ['a preset', { preset: 'distroless' }, true],
    ['another image for a preset', { preset: 'distroless', image: 'mirror.example.org/distroless/**' }, true],
    ['a preset nobody knows', { preset: 'acme' }, false],
    ['neither image nor preset', { signers: [{ identity: 'a', issuer: 'b' }] }, false],
    ['no signer', { image: '**' }, false],
    ['identity and issuer', { image: '**', signers: [{ identity: 'a', issuer: 'b' }] }, true],
    ['patterns', { image: '**', signers: [{ identityPattern: 'a*', issuerPattern: 'b*' }] }, true],
    ['identity without issuer', { image: '**', signers: [{ identity: 'a' }] }, false],
    [
      'identity twice',
      { image: '**', signers: [{ identity: 'a', identityPattern: 'a*', issuer: 'b' }] },
      false,
    ],
    ['a key', { image: '**', signers: [{ key: PEM }] }, true],
    ['a key file', { image: '**', signers: [{ keyFile: 'keys/acme.pub', log: 'optional' }] }, true],
    ['a key file outside', { image: '**', signers: [{ keyFile: '../acme.pub' }] }, false],
    ['a key that is none', { image: '**', signers: [{ key: 'acme' }] }, false],
    [
      'a URL for a key: only presets may',
      { image: '**', signers: [{ keyUrl: 'https://example.org/key' }] },
      false,
    ],
  ])('%s', (_, rule, ok) => {
    expect(v.safeParse(policySchema, { trust: [rule] }).success).toBe(ok);
  });

  test('presets bring image, signers and key', () => {
    const { trust } = settings({
      trust: [
        { preset: 'docker-hardened-images' },
        { preset: 'distroless', provenance: { source: 'https://github.com/*' } },
      ],
    });
    expect(trustRules(trust)).toMatchObject([
      {
        name: 'docker-hardened-images',
        image: { text: 'dhi.io/**' },
        signers: [{ kind: 'key', log: 'optional' }],
      },
      {
        image: { text: 'gcr.io/distroless/**' },
        signers: [{ identity: { equals: 'keyless@distroless.iam.gserviceaccount.com' } }],
        provenance: { source: { glob: 'https://github.com/*' }, builder: null },
      },
    ]);
    expect(keySources(trust)).toMatchObject([{ from: 'url', url: expect.stringMatching(/^https:/) }]);
  });

  test('the name of a key in place is the same for the rule and for the key', () => {
    const { trust } = settings({ trust: [{ image: '**', signers: [{ key: PEM }, { keyFile: 'k.pub' }] }] });
    const [rule] = trustRules(trust);
    expect(rule?.signers.map((signer) => (signer.kind === 'key' ? signer.key : null))).toEqual(
      keySources(trust).map((source) => source.name),
    );
  });
});
