import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { TRUST_PRESETS } from '../../src/config/presets/trust.ts';
import { policySchema } from '../../src/config/schema/policy.ts';
import { keySources, trustRules } from '../../src/policy/trust-settings.ts';
import type { PolicySettingsInput } from '../support/policy-settings.ts';

type Settings = NonNullable<PolicySettingsInput['trust']>;
const read = (settings: Settings) => v.parse(policySchema, { trust: settings }).trust;
const pem = (body: string) => `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
const ONE = pem('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaaaaaaaaaaaaaaaaaaaaaaaa');
const TWO = pem('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbbbbbbbbbbbbbbbbbbbbbbbb');
const preset = (name: string) => TRUST_PRESETS.find((one) => one.name === name);

describe('trustRules', () => {
  test.each<readonly [string, Settings[number], object]>([
    [
      'a keyless signer, exact',
      { image: 'a', signers: [{ identity: 'me', issuer: 'them' }] },
      {
        name: 'a',
        image: { text: 'a' },
        signers: [
          { kind: 'keyless', identity: { equals: 'me' }, issuer: { equals: 'them' }, log: 'required' },
        ],
        provenance: null,
        attestations: [],
      },
    ],
    [
      'a keyless signer by patterns',
      { image: 'a', signers: [{ identityPattern: 'm*', issuerPattern: 't*' }] },
      { signers: [{ kind: 'keyless', identity: { glob: 'm*' }, issuer: { glob: 't*' } }] },
    ],
    [
      'a key of the repository',
      { image: 'a', signers: [{ keyFile: 'keys/acme.pub' }] },
      { signers: [{ kind: 'key', key: 'keys/acme.pub' }] },
    ],
    ['a preset', { preset: 'distroless' }, { ...pick('distroless'), name: 'distroless' }],
    [
      'a preset for other images',
      { preset: 'distroless', image: 'mirror/**' },
      { ...pick('distroless'), name: 'distroless', image: { text: 'mirror/**' } },
    ],
    [
      "a preset with signers of one's own",
      { preset: 'distroless', signers: [{ keyFile: 'k.pub' }] },
      { signers: [{ kind: 'key', key: 'k.pub' }] },
    ],
    [
      'provenance, exact and by pattern',
      { image: 'a', signers: [{ keyFile: 'k' }], provenance: { builder: 'b', source: 'https://x/*' } },
      { provenance: { builder: { equals: 'b' }, source: { glob: 'https://x/*' }, ref: null } },
    ],
  ])('%s', (_, settings, want) => {
    expect(trustRules(read([settings]))).toMatchObject([want]);
  });

  test('a key written in place is named by its end, the same in rules and sources', () => {
    const settings = read([{ image: 'a', signers: [{ key: ONE }, { key: TWO }] }]);
    const names = trustRules(settings)[0]?.signers.map((signer) => ('key' in signer ? signer.key : null));
    expect(names).toEqual([`…${'a'.repeat(24)}`, `…${'b'.repeat(24)}`]);
    expect(keySources(settings).map(({ name }) => name)).toEqual(names);
  });
});

describe('keySources', () => {
  test.each<readonly [string, Settings, readonly object[]]>([
    ['none for certificates', [{ image: 'a', signers: [{ identity: 'me', issuer: 'them' }] }], []],
    ['a key in place', [{ image: 'a', signers: [{ key: ONE }] }], [{ from: 'pem', pem: ONE.trim() }]],
    [
      'a file, once',
      [
        { image: 'a', signers: [{ keyFile: 'k.pub' }] },
        { image: 'b', signers: [{ keyFile: 'k.pub' }, { identity: 'me', issuer: 'them' }] },
      ],
      [{ name: 'k.pub', from: 'file', path: 'k.pub' }],
    ],
    [
      'what a preset publishes',
      [{ preset: 'docker-hardened-images' }],
      [
        {
          name: 'docker-hardened-images',
          from: 'url',
          url: preset('docker-hardened-images')?.keyUrls['docker-hardened-images'],
        },
      ],
    ],
    [
      "nothing of a preset whose signers are one's own",
      [{ preset: 'docker-hardened-images', signers: [{ identity: 'me', issuer: 'them' }] }],
      [],
    ],
    [
      "a key of one's own in place of a preset's",
      [{ preset: 'docker-hardened-images', signers: [{ keyFile: 'k.pub' }] }],
      [{ name: 'k.pub', from: 'file' }],
    ],
  ])('%s', (_, settings, want) => {
    const sources = keySources(read(settings));
    expect(sources).toHaveLength(want.length);
    expect(
      sources.map((source) => ('pem' in source ? { ...source, pem: source.pem.trim() } : source)),
    ).toMatchObject(want);
  });
});

function pick(name: string): object {
  const found = preset(name);
  return { image: found?.image, signers: found?.signers };
}
