import { describe, expect, test } from 'vitest';
import type { ProvenanceFact } from '../../src/assess/provenance.ts';
import type {
  AttestationEvidence,
  ImageTrust,
  SignatureFact,
  SignatureFaultCode,
} from '../../src/assess/signature.ts';
import type { SignerRule } from '../../src/config/policy-terms.ts';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import type { ProvenanceRule, TrustRule } from '../../src/policy/rules.ts';
import { judgeLostSignature, judgeTrust } from '../../src/policy/trust.ts';
import { NEW } from './support.ts';

const IDENTITY = 'https://github.com/acme/images/.github/workflows/release.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';
const good: SignatureFact = {
  status: 'verified',
  method: 'keyless',
  identity: IDENTITY,
  issuer: ISSUER,
  signedAt: null,
  logged: true,
};
const byKey: SignatureFact = { ...good, method: 'key', identity: 'acme', issuer: null };
const invalid = (code: SignatureFaultCode): SignatureFact => ({
  status: 'invalid',
  code,
  detail: `it is ${code}`,
});

const provenance: ProvenanceFact = {
  version: 'v1',
  builder: 'https://github.com/actions/runner/github-hosted',
  source: 'https://github.com/acme/images',
  ref: 'refs/heads/main',
  buildType: null,
};

function trust(facts: readonly SignatureFact[], rest: Partial<ImageTrust> = {}): ImageTrust {
  const signatures = facts.map((fact) => ({ source: 'tag', manifest: NEW, fact }) as const);
  return { digest: NEW, signatures, attestations: [], unsignedProvenance: [], gaps: [], ...rest };
}

function attestation(fact: SignatureFact, rest: Partial<AttestationEvidence> = {}): AttestationEvidence {
  return {
    source: 'tag',
    manifest: NEW,
    fact,
    kind: 'provenance',
    predicateType: 'https://slsa.dev/provenance/v1',
    provenance,
    ...rest,
  };
}

const keyless: SignerRule = {
  kind: 'keyless',
  identity: { equals: IDENTITY },
  issuer: { equals: ISSUER },
  log: 'required',
};
const key: SignerRule = { kind: 'key', key: 'acme', log: 'required' };
const rule = (rest: Partial<TrustRule> = {}): TrustRule => ({
  name: 'acme',
  image: toImagePattern('**'),
  signers: [keyless],
  provenance: null,
  attestations: [],
  ...rest,
});
const any: ProvenanceRule = { builder: null, source: null, ref: null };

describe('signatures', () => {
  test.each<readonly [string, ImageTrust | null, Partial<TrustRule>, string, string | null]>([
    ['the signer', trust([good]), {}, 'satisfied', null],
    [
      'one of several signatures',
      trust([invalid('tampered'), { ...good, identity: 'x' }, good]),
      {},
      'satisfied',
      null,
    ],
    ['one of several signers', trust([byKey]), { signers: [keyless, key] }, 'satisfied', null],
    [
      'a glob',
      trust([good]),
      { signers: [{ ...keyless, identity: { glob: 'https://github.com/acme/*' } }] },
      'satisfied',
      null,
    ],
    [
      'a glob is whole',
      trust([good]),
      { signers: [{ ...keyless, identity: { glob: 'github.com/acme/*' } }] },
      'refused',
      'wrong-identity',
    ],
    [
      'an exact identity is no pattern',
      trust([{ ...good, identity: 'aXb' }]),
      { signers: [{ ...keyless, identity: { equals: 'a.b' } }] },
      'refused',
      'wrong-identity',
    ],
    ['unsigned', trust([]), {}, 'refused', null],
    ['another identity', trust([{ ...good, identity: 'mallory' }]), {}, 'refused', 'wrong-identity'],
    [
      'another issuer',
      trust([{ ...good, issuer: 'https://evil.example.org' }]),
      {},
      'refused',
      'wrong-issuer',
    ],
    ['no issuer', trust([{ ...good, issuer: null }]), {}, 'refused', 'wrong-issuer'],
    ['a key where a certificate is wanted', trust([byKey]), {}, 'refused', 'wrong-identity'],
    [
      'a certificate that calls itself like the key',
      trust([{ ...good, identity: 'acme' }]),
      { signers: [key] },
      'refused',
      'wrong-identity',
    ],
    ['not logged', trust([{ ...good, logged: false }]), {}, 'refused', 'missing-log-entry'],
    [
      'not logged, which is allowed',
      trust([{ ...good, logged: false }]),
      { signers: [{ ...keyless, log: 'optional' }] },
      'satisfied',
      null,
    ],
    [
      'the nearest reason is told',
      trust([invalid('unknown-key'), { ...good, logged: false }, invalid('wrong-digest')]),
      {},
      'refused',
      'missing-log-entry',
    ],
    ...(
      [
        'wrong-digest',
        'other-image',
        'expired-certificate',
        'tampered',
        'untrusted-root',
        'unknown-key',
        'missing-log-entry',
        'invalid-log-entry',
        'invalid-timestamp',
        'malformed',
      ] as const
    ).map((code) => [code, trust([invalid(code)]), {}, 'refused', code] as const),
    ['a gap', trust([], { gaps: ['the registry did not answer'] }), {}, 'not-evaluable', null],
    [
      'a gap beside a good signature',
      trust([good], { gaps: ['one referrer did not answer'] }),
      {},
      'satisfied',
      null,
    ],
    ['nobody looked', null, {}, 'not-evaluable', null],
    ['a rule without signers trusts nothing', trust([good]), { signers: [] }, 'refused', 'wrong-identity'],
  ])('%s', (_, facts, rest, outcome, fault) => {
    const [finding] = judgeTrust(facts, [rule(rest)]);
    expect(finding).toMatchObject({ rule: 'acme', outcome, fault });
    expect(finding?.message).not.toBe('');
  });
});

describe('messages', () => {
  test.each<readonly [string, ImageTrust, readonly SignerRule[], readonly string[]]>([
    ['who is wanted', trust([]), [keyless, key], [IDENTITY, ISSUER, '"acme"']],
    [
      'the pattern that is wanted',
      trust([]),
      [{ ...keyless, identity: { glob: 'https://github.com/acme/*' } }],
      ['https://github.com/acme/*'],
    ],
    ['who signed', trust([{ ...good, identity: 'mallory' }]), [key], ['mallory', ISSUER, '"acme"']],
    ['which key signed', trust([{ ...byKey, identity: 'other' }]), [key], ['"other"']],
    ['what is wanted, in spite of a gap', trust([], { gaps: ['outage'] }), [key], ['"acme"', 'outage']],
  ])('tell %s', (_, facts, signers, parts) => {
    const [found] = judgeTrust(facts, [rule({ signers })]);
    for (const part of parts) expect(found?.message).toContain(part);
  });

  const distant = [
    'malformed',
    'unknown-key',
    'untrusted-root',
    'other-image',
    'wrong-digest',
    'tampered',
  ] as const;
  const near = [
    'invalid-timestamp',
    'invalid-log-entry',
    'expired-certificate',
    'missing-log-entry',
  ] as const;
  const order = [...distant, ...near];
  test.each(order.flatMap((far, index) => order.slice(index + 1).map((closer) => [closer, far] as const)))(
    '%s is nearer than %s',
    (closer, far) => {
      for (const codes of [
        [closer, far],
        [far, closer],
      ]) {
        expect(judgeTrust(trust(codes.map(invalid)), [rule()])[0]?.fault).toBe(closer);
      }
    },
  );

  test('of several signers the nearest tells why', () => {
    const other: SignerRule = { ...keyless, identity: { equals: 'nobody' } };
    for (const signers of [
      [other, keyless],
      [keyless, other],
    ]) {
      const [issuer] = judgeTrust(trust([{ ...good, issuer: 'x' }]), [rule({ signers })]);
      expect(issuer?.fault).toBe('wrong-issuer');
      const [log] = judgeTrust(trust([{ ...good, logged: false }]), [rule({ signers })]);
      expect(log?.fault).toBe('missing-log-entry');
    }
  });
});

describe('attestations', () => {
  test.each<readonly [string, readonly AttestationEvidence[], ProvenanceRule, string, string]>([
    ['any', [attestation(good)], any, 'satisfied', 'provenance-verified'],
    [
      'builder, source and ref',
      [attestation(good)],
      {
        builder: { glob: 'https://github.com/actions/runner*' },
        source: { equals: 'https://github.com/acme/images' },
        ref: { glob: 'refs/heads/*' },
      },
      'satisfied',
      'provenance-verified',
    ],
    [
      'another builder',
      [attestation(good)],
      { ...any, builder: { equals: 'x' } },
      'refused',
      'provenance-invalid',
    ],
    [
      'another source',
      [attestation(good)],
      { ...any, source: { equals: 'https://github.com/acme/other' } },
      'refused',
      'provenance-invalid',
    ],
    [
      'another ref',
      [attestation(good)],
      { ...any, ref: { glob: 'refs/tags/*' } },
      'refused',
      'provenance-invalid',
    ],
    [
      'a part that is not said',
      [attestation(good, { provenance: { ...provenance, ref: null } })],
      { ...any, ref: { glob: '*' } },
      'refused',
      'provenance-invalid',
    ],
    ['none', [], any, 'refused', 'provenance-missing'],
    [
      'by somebody else',
      [attestation({ ...good, identity: 'mallory' })],
      any,
      'refused',
      'provenance-invalid',
    ],
    ['of another digest', [attestation(invalid('wrong-digest'))], any, 'refused', 'provenance-invalid'],
    [
      'of a version nobody reads',
      [attestation(good, { provenance: null })],
      any,
      'refused',
      'provenance-invalid',
    ],
    [
      'an SBOM is none',
      [attestation(good, { kind: 'sbom', provenance: null })],
      any,
      'refused',
      'provenance-missing',
    ],
    [
      'one good among bad ones',
      [attestation(invalid('tampered')), attestation(good)],
      any,
      'satisfied',
      'provenance-verified',
    ],
  ])('provenance: %s', (_, attestations, wanted, outcome, code) => {
    const found = judgeTrust(trust([good], { attestations }), [rule({ provenance: wanted })]);
    expect(found).toMatchObject([{ outcome: 'satisfied' }, { outcome, code }]);
  });

  test('unsigned provenance is never trust', () => {
    const found = judgeTrust(trust([good], { unsignedProvenance: [provenance] }), [
      rule({ provenance: any }),
    ]);
    expect(found[1]).toMatchObject({
      outcome: 'refused',
      code: 'provenance-missing',
      message: expect.stringContaining('anyone can write'),
    });
  });

  test('provenance that is not signed is not promised where there is none', () => {
    const found = judgeTrust(trust([good]), [rule({ provenance: any })]);
    expect(found[1]?.message).not.toContain('anyone can write');
  });

  test.each<readonly [string, Partial<ImageTrust>, Partial<TrustRule>, string, string]>([
    ['provenance', {}, { provenance: any }, 'not-evaluable', 'rule-not-evaluable'],
    ['an SBOM', {}, { attestations: ['sbom'] }, 'not-evaluable', 'rule-not-evaluable'],
    [
      'an SBOM that is there and refused',
      { attestations: [attestation(invalid('tampered'), { kind: 'sbom', provenance: null })] },
      { attestations: ['sbom'] },
      'refused',
      'provenance-invalid',
    ],
  ])('%s, and something could not be looked at', (_, facts, wanted, outcome, code) => {
    const gaps = ['the registry did not answer'];
    const [, found] = judgeTrust(trust([good], { ...facts, gaps }), [rule(wanted)]);
    expect(found).toMatchObject({ outcome, code });
    if (code === 'rule-not-evaluable') expect(found?.message).toContain('the registry did not answer');
  });

  test.each([
    [{}, ['github-hosted', 'https://github.com/acme/images']],
    [{ builder: null }, ['https://github.com/acme/images']],
    [{ source: null }, ['github-hosted']],
    [{ builder: null, source: null }, []],
  ])('verified provenance without %o names the rest and never "null"', (rest, names) => {
    const attestations = [attestation(good, { provenance: { ...provenance, ...rest } })];
    const message =
      judgeTrust(trust([good], { attestations }), [rule({ provenance: any })])[1]?.message ?? '';
    for (const name of names) expect(message).toContain(name);
    expect(message).toContain(IDENTITY);
    expect(message).not.toMatch(/null|undefined|from \(/);
  });

  test.each([
    ['equals', { equals: 'https://github.com/acme/other' }, 'https://github.com/acme/other'],
    ['glob', { glob: 'https://gitlab.com/**' }, 'https://gitlab.com/**'],
  ])('what is wanted of the source is told: %s', (_, source, told) => {
    const facts = trust([good], { attestations: [attestation(good)] });
    const [, found] = judgeTrust(facts, [rule({ provenance: { ...any, source } })]);
    expect(found?.message).toContain(told);
    expect(found?.message).toContain('https://github.com/acme/images');
  });

  test.each([
    [200, 200],
    [201, 200],
    [5000, 200],
  ])('a source of %i characters is told with %i', (length, told) => {
    const attestations = [attestation(good, { provenance: { ...provenance, source: 'x'.repeat(length) } })];
    const [, found] = judgeTrust(trust([good], { attestations }), [
      rule({ provenance: { ...any, source: { equals: 'y' } } }),
    ]);
    expect(found?.message.match(/x+/)?.[0]).toHaveLength(told);
    expect(found?.message.includes('x…')).toBe(length > told);
  });

  test.each<readonly ['sbom' | 'vex', readonly AttestationEvidence[], string, string]>([
    ['sbom', [attestation(good, { kind: 'sbom', provenance: null })], 'provenance-verified', 'SBOM'],
    ['vex', [attestation(good, { kind: 'vex', provenance: null })], 'provenance-verified', 'VEX'],
    ['vex', [attestation(good, { kind: 'sbom', provenance: null })], 'provenance-missing', 'VEX'],
    ['sbom', [attestation({ status: 'unsigned' }, { kind: 'sbom' })], 'provenance-invalid', 'SBOM'],
    [
      'sbom',
      [attestation({ status: 'unavailable', detail: 'unknown' }, { kind: 'sbom' })],
      'provenance-invalid',
      'unknown',
    ],
    [
      'sbom',
      [attestation(invalid('tampered'), { kind: 'sbom' }), attestation(good, { kind: 'sbom' })],
      'provenance-verified',
      'SBOM',
    ],
  ])('signed %s', (kind, attestations, code, told) => {
    const [, found] = judgeTrust(trust([good], { attestations }), [rule({ attestations: [kind] })]);
    expect(found).toMatchObject({ code, message: expect.stringContaining(told) });
  });

  test.each([
    ['signed', [attestation(good, { kind: 'sbom', provenance: null })], 'satisfied'],
    [
      'by somebody else',
      [attestation({ ...good, issuer: 'x' }, { kind: 'sbom', provenance: null })],
      'refused',
    ],
    ['missing', [], 'refused'],
  ])('an SBOM: %s', (_, attestations, outcome) => {
    expect(judgeTrust(trust([good], { attestations }), [rule({ attestations: ['sbom'] })])[1]).toMatchObject({
      outcome,
    });
  });
});

describe('a lost signature', () => {
  test.each<readonly [string, ImageTrust | null, ImageTrust | null, string | null]>([
    ['still there', trust([good]), trust([good]), null],
    ['by somebody else now', trust([good]), trust([{ ...good, identity: 'x' }]), null],
    ['gone', trust([good]), trust([]), 'refused'],
    ['broken now', trust([good]), trust([invalid('tampered')]), 'refused'],
    ['never there', trust([]), trust([]), null],
    [
      'of an unknown key, still there',
      trust([invalid('unknown-key')]),
      trust([invalid('unknown-key')]),
      null,
    ],
    ['of an unknown key, gone', trust([invalid('unknown-key')]), trust([]), 'refused'],
    ['of an unknown key, verified by another now', trust([invalid('unknown-key')]), trust([good]), null],
    [
      'of an unknown key, unsigned now',
      trust([invalid('unknown-key')]),
      trust([{ status: 'unsigned' }]),
      'refused',
    ],
    ['nobody could look', trust([good]), trust([], { gaps: ['outage'] }), 'not-evaluable'],
    ['nobody looked', trust([good]), null, 'not-evaluable'],
    ['nobody looked at the old one', null, trust([]), null],
  ])('%s', (_, before, after, want) => {
    expect(judgeLostSignature(before, after)?.outcome ?? null).toBe(want);
  });

  test.each([
    ['the signer, where known', good, IDENTITY],
    ['that it was signed', invalid('unknown-key'), 'signed'],
  ])('tells %s', (_, fact, told) => {
    for (const after of [trust([]), trust([], { gaps: ['outage'] })]) {
      const message = judgeLostSignature(trust([fact]), after)?.message ?? '';
      expect(message).toContain(told);
      expect(message.includes('signed by')).toBe(fact.status === 'verified');
      expect(message).not.toContain('nobody');
    }
  });
});
