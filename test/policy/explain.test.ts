import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { ImageTrust, SignatureFact } from '../../src/assess/signature.ts';
import { policySchema } from '../../src/config/schema/policy.ts';
import { assessAge, type PinClocks } from '../../src/policy/age.ts';
import { explain, renderExplanation } from '../../src/policy/explain.ts';
import { judge, type PinFacts } from '../../src/policy/judge.ts';
import { imageRules } from '../../src/policy/stages.ts';
import type { PolicySettingsInput } from '../support/policy-settings.ts';
import { day, finding, IMAGE, NEW, OLD } from './support.ts';

const latest = { digest: NEW, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };
const shape = { kind: 'index', platforms: [] } as const;
const moved = { image: IMAGE, from: OLD, status: 'moved', to: NEW, latest, shape, oldShape: shape } as const;
const FACTS: PinFacts = {
  resolution: moved,
  asOf: new Date('2026-11-20T12:00:00Z'),
  age: null,
  firstSeen: new Date('2026-11-16T01:02:03Z'),
  ignoredDigests: [],
  isRetag: false,
  hold: null,
  security: null,
  trustBefore: null,
  trustAfter: null,
  coolDown: null,
};
const CLOCKS: PinClocks = {
  published: day('2026-11-13'),
  firstSeen: day('2026-11-14'),
  pinnedOn: day('2026-11-15'),
};
type Known = Partial<PinFacts> & { readonly clocks?: PinClocks };

const rules = (input: PolicySettingsInput) =>
  imageRules(IMAGE, { settings: v.parse(policySchema, input), organisation: null, override: null });

/** The texts of the lines with a label. */
function lines(
  label: string,
  { clocks = CLOCKS, ...facts }: Known = {},
  policy: PolicySettingsInput = {},
): readonly string[] {
  const own = rules(policy);
  const age = assessAge({ clocks, hasNewer: true }, own.age, FACTS.asOf);
  const all = { ...FACTS, age, ...facts };
  const told = explain(all, own, judge(all, own), clocks);
  return [...told.facts, ...told.rules, ...told.verdict]
    .filter((line) => line.label === label)
    .map(({ text }) => text);
}

const clocks = (rest: Partial<PinClocks>) => ({ clocks: { ...CLOCKS, ...rest } });
const first: Partial<PinFacts> = { resolution: { ...moved, from: null, oldShape: null } };

test.each<readonly [string, string, Known, PolicySettingsInput, readonly string[]]>([
  ['the pinned digest', 'pinned', {}, {}, [OLD]],
  ['no digest yet', 'pinned', first, {}, ['no digest yet']],
  ['the day of publication', 'published', {}, {}, ['2026-11-13']],
  ['an unknown one', 'published', clocks({ published: null }), {}, ['unknown']],
  ['the day it was seen', 'first seen', {}, {}, ['2026-11-14']],
  ['an unknown one', 'first seen', clocks({ firstSeen: null }), {}, ['unknown']],
  ['the day it was pinned', 'pinned on', {}, {}, ['2026-11-15']],
  ['an unknown one', 'pinned on', clocks({ pinnedOn: null }), {}, ['unknown']],
  ['what the tag points to', 'tag points to', {}, {}, [NEW]],
  ['since when', 'which was first seen', {}, {}, ['2026-11-16T01:02:03.000Z']],
  ['never before', 'which was first seen', { firstSeen: null }, {}, ['now']],
  ['the digest to adopt', 'adopts', {}, {}, [NEW]],
  ['nothing to adopt', 'adopts', { ignoredDigests: [NEW] }, {}, []],
  ['the verdict', 'verdict', {}, {}, ['rotate']],
  ['no minimum', 'minimum age', {}, { age: { minimum: 0 } }, ['none']],
  ['a minimum', 'minimum age', {}, { age: { minimum: 1 } }, ['1 day']],
  [
    'no maximum',
    'maximum age',
    {},
    { age: { maximum: false, basis: ['pinned-on'] } },
    ['none, by pinned-on'],
  ],
  [
    'a maximum',
    'maximum age',
    {},
    { age: { maximum: 2, basis: ['published', 'pinned-on'] } },
    ['2 days, by published, then pinned-on'],
  ],
  ['a stage', 'stage', {}, { stage: 'age' }, ['age']],
  ['gates', 'gates', {}, { stage: 'age' }, ['baseline enforce, age enforce, trust show']],
  ['without a scan', 'without a scan', {}, {}, ['adopt']],
  ['not urgent', 'urgent', {}, {}, []],
])('%s: %s', (_, label, facts, policy, want) => {
  expect(lines(label, facts, policy)).toEqual(want);
});

test('vulnerabilities: what is fixed and introduced, the worst first, and never "nothing" of what is not known', () => {
  const found = { fixed: [finding('low'), finding('critical'), finding('low')], introduced: [] };
  const compared: Partial<PinFacts> = { security: { status: 'compared', ...found } };
  expect(lines('fixes', compared)).toEqual(['1 critical, 2 low']);
  expect(lines('introduces', compared)).toEqual(['nothing']);
  expect(lines('vulnerabilities', compared)).toEqual([]);
  const partly: Partial<PinFacts> = {
    security: { status: 'scan-unavailable', reason: 'arm64 has no SBOM', ...found },
  };
  expect(lines('fixes', partly)).toEqual(['1 critical, 2 low']);
  expect(lines('introduces', partly)).toEqual([]);
  expect(lines('vulnerabilities', partly).join()).toContain('arm64 has no SBOM');
  expect(lines('vulnerabilities')).toHaveLength(1);
});

test('urgency names its label', () => {
  const security = { status: 'compared', fixed: [finding('critical')], introduced: [] } as const;
  expect(lines('urgent', { security }, { urgent: { label: 'now' } }).join()).toContain('"now"');
});

test('introduced severities say both actions only where they differ', () => {
  const [text] = lines(
    'introduced',
    {},
    {
      severity: { critical: 'block', high: { fixable: 'block', unfixable: 'note' } },
    },
  );
  expect(text).toContain('critical block,');
  expect(text).toMatch(/high block \(.*note\),/);
});

const by = (rest: Partial<Extract<SignatureFact, { status: 'verified' }>> = {}): SignatureFact => ({
  status: 'verified',
  method: 'keyless',
  identity: 'me',
  issuer: 'them',
  signedAt: null,
  logged: true,
  ...rest,
});

function trust(rest: Partial<ImageTrust> = {}): ImageTrust {
  return { digest: NEW, signatures: [], attestations: [], unsignedProvenance: [], gaps: [], ...rest };
}

const signed = (fact: SignatureFact) => trust({ signatures: [{ source: 'tag', manifest: NEW, fact }] });

test.each<readonly [string, ImageTrust | null, readonly RegExp[]]>([
  ['nobody looked', null, []],
  ['none', trust(), [/^none on b{8}/]],
  ['verified', signed(by()), [/^by me, them, logged \(tag\)$/]],
  ['by a key, not logged', signed(by({ method: 'key', issuer: null, logged: false })), [/^by me \(tag\)$/]],
  ['unsigned', signed({ status: 'unsigned' }), [/^not signed \(tag\)$/]],
  ['invalid', signed({ status: 'invalid', code: 'tampered', detail: 'changed' }), [/tampered.*changed/]],
  ['unavailable', signed({ status: 'unavailable', detail: 'no answer' }), [/^no answer \(tag\)$/]],
  [
    'attestations, unsigned provenance and gaps',
    trust({
      attestations: [
        { source: 'tag', manifest: NEW, fact: by(), kind: 'sbom', predicateType: 'spdx', provenance: null },
      ],
      unsignedProvenance: [
        { version: 'v1', builder: 'make', source: 'git', ref: null, buildType: null },
        { version: 'v1', builder: null, source: null, ref: null, buildType: null },
      ],
      gaps: ['one referrer did not answer'],
    }),
    [
      /^spdx: by me/,
      /information only: make, git$/,
      /BuildKit, no source named$/,
      /^one referrer did not answer$/,
    ],
  ],
])('signatures: %s', (_, evidence, want) => {
  for (const told of [
    lines('signatures', { trustAfter: evidence }),
    lines('signatures before', { trustBefore: evidence }),
  ]) {
    expect(told).toHaveLength(want.length);
    for (const [index, pattern] of want.entries()) expect(told[index]).toMatch(pattern);
  }
});

test('a terminal gets three aligned blocks', () => {
  const policy = rules({ trust: [{ image: '**', signers: [{ identity: 'a', issuer: 'b' }] }] });
  const text = renderExplanation(explain(FACTS, policy, judge(FACTS, policy), CLOCKS));
  const blocks = text.trimEnd().split('\n\n');
  expect(blocks.map((block) => block.split('\n')[0])).toEqual([
    'docker.io/library/python:3.11',
    'Facts',
    'Rules',
    'Verdict',
  ]);
  const starts = blocks
    .slice(1)
    .flatMap((block) => block.split('\n').slice(1))
    .map((row) => /^ {2}\S.*? {2,}(?=\S)/.exec(row)?.[0].length);
  expect(new Set(starts).size).toBe(1);
});
