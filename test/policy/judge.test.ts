import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/assess/scan.ts';
import type { ImageTrust, SignatureFact } from '../../src/assess/signature.ts';
import { STAGES } from '../../src/config/policy-terms.ts';
import { policySchema } from '../../src/config/schema/policy.ts';
import { assessAge } from '../../src/policy/age.ts';
import { coolDown } from '../../src/policy/cool-down.ts';
import { explain, renderExplanation, renderExplanationMarkdown } from '../../src/policy/explain.ts';
import { candidateOf, judge, type PinFacts } from '../../src/policy/judge.ts';
import type { ImageRules } from '../../src/policy/rules.ts';
import { imageRules } from '../../src/policy/stages.ts';
import type { ReasonCode, Verdict } from '../../src/policy/verdict.ts';
import { moveOf } from '../../src/resolve/resolution.ts';
import type { SeenDigest } from '../../src/resolve/seen.ts';
import type { PolicySettingsInput } from '../support/policy-settings.ts';
import { day, finding, IMAGE, MIDDLE, NEW, OLD } from './support.ts';

const ASOF = new Date('2026-11-20T12:00:00Z');
const ago = (days: number) => new Date(ASOF.getTime() - days * 86_400_000);
const latest = { digest: NEW, mediaType: 'application/vnd.oci.image.index.v1+json', size: 1 };
const shape = { kind: 'index', platforms: [] } as const;
const moved = { image: IMAGE, from: OLD, status: 'moved', to: NEW, latest, shape, oldShape: shape } as const;
const verified: SignatureFact = {
  status: 'verified',
  method: 'keyless',
  identity: 'a',
  issuer: 'b',
  signedAt: null,
  logged: true,
};

function trust(...facts: readonly SignatureFact[]): ImageTrust {
  const signatures = facts.map((fact) => ({ source: 'tag', manifest: NEW, fact }) as const);
  return { digest: NEW, signatures, attestations: [], unsignedProvenance: [], gaps: [] };
}

const FACTS: PinFacts = {
  resolution: moved,
  asOf: ASOF,
  age: null,
  firstSeen: null,
  ignoredDigests: [],
  isRetag: false,
  hold: null,
  security: null,
  trustBefore: null,
  trustAfter: null,
  coolDown: null,
};

/** What a pass knows of the pinned digest, of which age and cool-down are made. */
type Known = Partial<PinFacts> & { readonly pinnedOn?: string; readonly earlier?: readonly SeenDigest[] };

const clocksOf = (pinnedOn: string) => ({ published: null, firstSeen: null, pinnedOn: day(pinnedOn) });

/** Facts as a pass gathers them: the age, then what the cool-down lets through. */
function gathered({ pinnedOn = '2026-11-15', earlier = [], ...rest }: Known, own: ImageRules): PinFacts {
  const facts = { ...FACTS, ...rest };
  const hasNewer = facts.resolution.status !== 'current';
  const age = assessAge({ clocks: clocksOf(pinnedOn), hasNewer }, own.age, ASOF);
  const move = moveOf(facts.resolution);
  if (move === null || move.from === null) return { ...facts, age };
  const candidate = { digest: move.to, firstSeen: facts.firstSeen };
  const fixed = facts.security?.fixed ?? null;
  return { ...facts, age, coolDown: coolDown({ asOf: ASOF, candidate, earlier, age, fixed }, own.age) };
}

const judgeKnown = (known: Known, own: ImageRules) => judge(gathered(known, own), own);

const compared = (fixed: readonly Finding[], introduced: readonly Finding[]) =>
  ({ status: 'compared', fixed, introduced }) as const;
const rules = (input: PolicySettingsInput = {}): ImageRules =>
  imageRules(IMAGE, { settings: v.parse(policySchema, input), organisation: null, override: null });
const TRUST: PolicySettingsInput = { trust: [{ image: '**', signers: [{ identity: 'a', issuer: 'b' }] }] };

type Row = {
  readonly name: string;
  readonly facts?: Known;
  readonly policy?: PolicySettingsInput;
  readonly want: readonly [Verdict, ...ReasonCode[]];
};

const TABLE: readonly Row[] = [
  { name: 'nothing but the resolution is known', want: ['rotate', 'newer-digest'] },
  {
    name: 'current',
    facts: { resolution: { ...moved, status: 'current', churn: false } },
    want: ['current', 'up-to-date'],
  },
  {
    name: 'unfollowable',
    facts: { resolution: { image: IMAGE, from: OLD, status: 'unfollowable', latest, detail: 'gone' } },
    want: ['hold', 'platform-gone'],
  },
  {
    name: 'a hold',
    facts: { hold: { until: '2026-12-01', reason: 'release' } },
    want: ['hold', 'held-by-configuration', 'newer-digest'],
  },
  {
    name: 'a hold past the maximum age is told',
    facts: { hold: { until: null, reason: null }, pinnedOn: '2026-10-01' },
    want: ['hold', 'held-by-configuration', 'maximum-age', 'newer-digest'],
  },
  {
    name: 'an ignored digest',
    facts: { ignoredDigests: [NEW] },
    want: ['hold', 'ignored-by-configuration', 'newer-digest'],
  },
  { name: 'a cool-down', policy: { age: { minimum: 3 } }, want: ['hold', 'cool-down', 'newer-digest'] },
  {
    name: 'a first pin has no cool-down',
    facts: { resolution: { ...moved, from: null, oldShape: null } },
    policy: { age: { minimum: 3 } },
    want: ['rotate', 'first-pin'],
  },
  {
    name: 'a cool-down against the maximum',
    facts: { pinnedOn: '2026-11-01' },
    policy: { age: { minimum: 3 } },
    want: ['rotate', 'newer-digest', 'maximum-age'],
  },
  {
    name: 'a fix skips the cool-down',
    facts: { security: compared([finding('critical')], []) },
    policy: { age: { minimum: 3 } },
    want: ['rotate', 'newer-digest', 'cool-down-skipped', 'fixes-critical'],
  },
  {
    name: 'a new critical',
    facts: { security: compared([], [finding('critical')]) },
    want: ['block', 'introduced-vulnerability', 'newer-digest'],
  },
  {
    name: 'a new critical in a cool-down: the block goes first',
    facts: { security: compared([], [finding('critical')]) },
    policy: { age: { minimum: 3 } },
    want: ['block', 'introduced-vulnerability', 'newer-digest', 'cool-down'],
  },
  {
    name: 'a first pin is not judged by what it contains already',
    facts: {
      resolution: { ...moved, from: null, oldShape: null },
      security: compared([], [finding('critical')]),
    },
    want: ['rotate', 'first-pin'],
  },
  {
    name: 'no scan',
    facts: { security: { status: 'scan-unavailable', reason: 'no scanner', fixed: [], introduced: [] } },
    want: ['rotate', 'newer-digest', 'scan-unavailable'],
  },
  {
    name: 'no scan where one is wanted',
    policy: { severity: { withoutScan: 'hold' } },
    want: ['hold', 'scan-unavailable', 'newer-digest'],
  },
  {
    name: 'signed as wanted',
    facts: { trustAfter: trust(verified) },
    policy: { ...TRUST, stage: 'provenance' },
    want: ['rotate', 'newer-digest', 'signature-verified'],
  },
  {
    name: 'not signed, only shown',
    facts: { trustAfter: trust() },
    policy: TRUST,
    want: ['rotate', 'newer-digest', 'signature-missing'],
  },
  {
    name: 'not signed, enforced',
    facts: { trustAfter: trust() },
    policy: { ...TRUST, stage: 'provenance' },
    want: ['block', 'signature-missing', 'newer-digest'],
  },
  {
    name: 'nobody looked, enforced',
    policy: { ...TRUST, stage: 'provenance' },
    want: ['block', 'rule-not-evaluable', 'newer-digest'],
  },
  {
    name: 'trust counts for first pins too',
    facts: { resolution: { ...moved, from: null, oldShape: null }, trustAfter: trust() },
    policy: { ...TRUST, stage: 'provenance' },
    want: ['block', 'signature-missing', 'first-pin'],
  },
  {
    name: 'a lost signature without any rule',
    facts: { trustBefore: trust(verified), trustAfter: trust() },
    want: ['rotate', 'newer-digest', 'signature-lost'],
  },
  {
    name: 'a lost signature at the last stage',
    facts: { trustBefore: trust(verified), trustAfter: trust() },
    policy: { stage: 'provenance' },
    want: ['block', 'signature-lost', 'newer-digest'],
  },
  {
    name: 'a lost signature, blocked by a single setting',
    facts: { trustBefore: trust(verified), trustAfter: trust() },
    policy: { lostSignature: 'block' },
    want: ['block', 'signature-lost', 'newer-digest'],
  },
];

describe('judge', () => {
  test.each(TABLE)('$name', (row) => {
    const judgement = judgeKnown(row.facts ?? {}, rules(row.policy));
    expect([judgement.verdict, ...judgement.reasons.map(({ code }) => code)]).toEqual(row.want);
    expect(judgement.adopt).toBe(judgement.verdict === 'rotate' ? NEW : null);
  });

  test('of an earlier digest that has settled its own facts count', () => {
    const policy = rules({ age: { minimum: 3 } });
    const earlier = [{ digest: MIDDLE, firstSeen: ago(5) }];
    const facts = gathered({ firstSeen: ago(1), earlier, security: compared([], []) }, policy);
    expect(candidateOf(facts.resolution, facts.coolDown)).toBe(MIDDLE);
    expect(judge(facts, policy)).toMatchObject({ verdict: 'rotate', adopt: MIDDLE });
    // What the settled digest fixes does not bring the unsettled one back.
    expect(judge({ ...facts, security: compared([finding('critical')], []) }, policy)).toMatchObject({
      adopt: MIDDLE,
    });
    expect(judge({ ...facts, security: compared([], [finding('critical')]) }, policy)).toMatchObject({
      verdict: 'block',
      adopt: null,
    });
  });

  test('a pin that nobody dated is judged without an age', () => {
    const held = { until: null, reason: null };
    expect(judge({ ...FACTS, hold: held }, rules()).reasons.map(({ code }) => code)).toEqual([
      'held-by-configuration',
      'newer-digest',
    ]);
  });

  test('a hold says until when and why', () => {
    const told = (hold: PinFacts['hold']) => judge({ ...FACTS, hold }, rules()).reasons[0].message;
    expect(told({ until: '2026-12-01', reason: 'release week' })).toMatch(/until 2026-12-01.*release week$/);
    expect(told({ until: null, reason: null })).not.toMatch(/null|2026/);
  });

  test('what is refused is told before what is satisfied, and all of it is kept', () => {
    const signers = ['a', 'somebody else'].map((identity) => ({ identity, issuer: 'b' }));
    const policy = rules({
      stage: 'provenance',
      trust: signers.map((signer) => ({ image: '**', signers: [signer] })),
    });
    const judged = judge({ ...FACTS, trustBefore: trust(verified), trustAfter: trust(verified) }, policy);
    expect(judged.verdict).toBe('block');
    expect(judged.reasons.map(({ code }) => code)).toEqual([
      'signature-invalid',
      'signature-verified',
      'newer-digest',
    ]);
    expect(judged.trust.map(({ outcome }) => outcome)).toEqual(['satisfied', 'refused']);
  });

  test('a lost signature is one of the findings; a first pin has none to lose', () => {
    const facts: PinFacts = { ...FACTS, trustBefore: trust(verified), trustAfter: trust() };
    expect(judge(facts, rules()).trust).toMatchObject([{ code: 'signature-lost' }]);
    const first: PinFacts = { ...facts, resolution: { ...moved, from: null, oldShape: null } };
    expect(judge(first, rules()).trust).toEqual([]);
  });

  test('nothing is urgent where nothing moves', () => {
    const resolution = { ...moved, status: 'current', churn: false } as const;
    const facts: PinFacts = { ...FACTS, resolution, security: compared([finding('critical')], []) };
    expect(judge(facts, rules()).urgency).toEqual({ urgent: false, because: [], label: null });
  });

  test('urgent: fixes a critical, or a listed id', () => {
    const fixes = (one: Finding, ids: readonly string[] = []) =>
      judge({ ...FACTS, security: compared([one], []) }, rules({ urgent: { ids: [...ids], label: 'now' } }))
        .urgency;
    expect(fixes(finding('critical'))).toMatchObject({ urgent: true, label: 'now' });
    expect(fixes(finding('high'))).toMatchObject({ urgent: false, label: null });
    expect(fixes(finding('low', 'GHSA-x', { aliases: ['CVE-2026-7'] }), ['cve-2026-7'])).toMatchObject({
      urgent: true,
    });
  });
});

describe('monotone', () => {
  const severity = fc.constantFrom('critical' as const, 'high' as const, 'medium' as const, 'low' as const);
  const findings = fc
    .array(severity, { maxLength: 3 })
    .map((list) => list.map((one, i) => finding(one, `CVE-${i}-${one}`)));
  const anyTrust = fc.constantFrom(
    null,
    trust(),
    trust(verified),
    trust({ status: 'invalid', code: 'tampered', detail: '' }),
  );
  const facts = fc
    .record({
      age: fc.nat(40),
      seen: fc.option(fc.double({ min: 0, max: 10, noNaN: true })),
      fixed: findings,
      introduced: findings,
      scanned: fc.boolean(),
      held: fc.boolean(),
      lost: fc.boolean(),
      before: anyTrust,
      after: anyTrust,
    })
    .map(
      (random): Known => ({
        pinnedOn: ago(random.age).toISOString().slice(0, 10),
        firstSeen: random.seen === null ? null : ago(random.seen),
        hold: random.held ? { until: null, reason: null } : null,
        resolution: random.lost ? { ...moved, status: 'lost-platforms', lost: [] } : moved,
        security: random.scanned ? compared(random.fixed, random.introduced) : null,
        trustBefore: random.before,
        trustAfter: random.after,
      }),
    );
  const order: readonly Verdict[] = ['rotate', 'hold', 'block'];

  test('a stricter stage never lets through what a laxer one stopped', () => {
    fc.assert(
      fc.property(facts, fc.nat(5), fc.boolean(), (random, minimum, withRule) => {
        const ranks = STAGES.map((stage) =>
          order.indexOf(
            judgeKnown(random, rules({ ...(withRule ? TRUST : {}), stage, age: { minimum } })).verdict,
          ),
        );
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  test('a hold and a lost platform only ever stop', () => {
    fc.assert(
      fc.property(facts, (random) => {
        const free = judgeKnown({ ...random, hold: null, resolution: moved }, rules());
        const stopped = judgeKnown({ ...random, hold: { until: null, reason: null } }, rules());
        expect(order.indexOf(stopped.verdict)).toBeGreaterThanOrEqual(order.indexOf(free.verdict));
        expect(stopped.verdict).not.toBe('rotate');
      }),
    );
  });
});

describe('explain', () => {
  const policy = rules({ ...TRUST, stage: 'provenance', age: { minimum: 3 } });
  const known: Known = {
    security: compared([finding('critical')], [finding('low')]),
    trustBefore: trust(verified),
    trustAfter: trust({ status: 'invalid', code: 'tampered', detail: '\u001b[2J@everyone <b>#1</b>' }),
  };
  const facts = gathered(known, policy);
  const explanation = explain(facts, policy, judge(facts, policy), clocksOf('2026-11-15'));

  test('names facts, rules and verdict', () => {
    const text = renderExplanation(explanation);
    for (const part of [
      'docker.io/library/python:3.11',
      OLD,
      NEW,
      '1 critical',
      '1 low',
      'stage',
      'provenance',
      'block',
      'signature-lost',
      'tampered',
      'runs at once',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('\u001b');
  });

  test('is inert in a pull request', () => {
    const markdown = renderExplanationMarkdown(explanation);
    expect(markdown).toMatch(/^<details><summary>/);
    expect(markdown).not.toContain('@everyone');
    expect(markdown).not.toContain('<b>');
  });
});
