import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistry } from '../../../src/adapters/registry/registry.ts';
import { SigstoreVerifier } from '../../../src/adapters/signature/sigstore-verifier.ts';
import type { ImageTrust, SignatureFact, VerificationKey } from '../../../src/assess/signature.ts';
import type { SignerRule } from '../../../src/config/policy-terms.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { toImagePattern } from '../../../src/domain/image-glob.ts';
import type { TrustRule } from '../../../src/policy/rules.ts';
import { judgeTrust } from '../../../src/policy/trust.ts';
import type { Registry } from '../../../src/resolve/registry.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import {
  createMockSigstore,
  IDENTITY,
  ISSUER,
  type MockSigstore,
  type Signed,
} from '../../support/signature/mock-sigstore.ts';
import {
  simplePayload,
  statement,
  storeBundle,
  storeEnvelope,
  storeSimpleReferrer,
  storeSimpleSignature,
} from '../../support/signature/store-signature.ts';

const REPOSITORY = 'acme/app';
const COSIGN_SIGN = 'https://sigstore.dev/cosign/sign/v1';
const SLSA = 'https://slsa.dev/provenance/v1';
const key = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const otherKey = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const KEYS: readonly VerificationKey[] = [
  { name: 'acme', pem: key.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
];

let embedded: EmbeddedRegistry;
let registry: Registry;
let sigstore: MockSigstore;
let digest: Digest;
let other: Digest;
let seed = 0;

beforeAll(async () => {
  embedded = await startEmbeddedRegistry({ referrersApi: false });
  registry = createRegistry({
    settings: { registries: [registryEntry(embedded.host, { plainHttp: true, allowPrivate: true })] },
    env: {},
    sleep: async () => {},
  });
  sigstore = await createMockSigstore();
});

beforeEach(() => {
  embedded.setFault(null);
  digest = embedded.pushImage(REPOSITORY, 'latest', { seed: `${seed++}` }).top.digest;
  other = embedded.pushImage('acme/other', 'latest', { seed: `${seed++}` }).top.digest;
});

afterAll(async () => {
  await registry.close();
  await embedded.close();
});

async function assess(
  options: {
    readonly mock?: MockSigstore;
    readonly keys?: readonly VerificationKey[];
    readonly now?: Date;
  } = {},
): Promise<ImageTrust> {
  const root = (options.mock ?? sigstore).root;
  const verifier = new SigstoreVerifier({
    registry,
    roots: async () => ({ roots: [root], publicFrom: null, notes: [] }),
    ...(options.now === undefined ? {} : { now: () => options.now ?? new Date() }),
  });
  return verifier.assess({ registry: embedded.host, repository: REPOSITORY }, digest, options.keys ?? []);
}

const name = () => `${embedded.host}/${REPOSITORY}`;
const facts = (trust: ImageTrust): readonly SignatureFact[] => trust.signatures.map(({ fact }) => fact);
const codes = (trust: ImageTrust) =>
  facts(trust).map((fact) => (fact.status === 'invalid' ? fact.code : fact.status));

async function signSimple(
  payload: Buffer,
  options?: Parameters<MockSigstore['signPayload']>[1],
  mock = sigstore,
): Promise<Signed> {
  return mock.signPayload(payload, options);
}

/** The two layouts of a signature: cosign's tag and a bundle that refers to the image. */
const LAYOUTS = {
  tag: async (
    target: Digest,
    signedAs: string,
    options: Parameters<MockSigstore['signPayload']>[1],
    mock: MockSigstore,
  ) => {
    const payload = simplePayload(signedAs, target);
    storeSimpleSignature(embedded, REPOSITORY, digest, payload, await mock.signPayload(payload, options));
  },
  bundle: async (
    target: Digest,
    signedAs: string,
    options: Parameters<MockSigstore['signPayload']>[1],
    mock: MockSigstore,
  ) => {
    const payload = statement(target, COSIGN_SIGN, {}, signedAs);
    storeBundle(embedded, REPOSITORY, digest, payload, await mock.signEnvelope(payload, options));
  },
} as const;

describe.each(['tag', 'bundle'] as const)('a signature as %s', (layout) => {
  const store = (
    options: Parameters<MockSigstore['signPayload']>[1] = {},
    target = digest,
    signedAs = name(),
    mock = sigstore,
  ) => LAYOUTS[layout](target, signedAs, options, mock);

  test('keyless, logged: who signed, and when', async () => {
    await store();
    const trust = await assess();
    expect(facts(trust)).toEqual([
      {
        status: 'verified',
        method: 'keyless',
        identity: IDENTITY,
        issuer: ISSUER,
        logged: true,
        signedAt: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    expect(trust.gaps).toEqual([]);
  });

  test('keyless, timestamped and not logged', async () => {
    await store({ log: false, timestamp: true });
    expect(facts(await assess())).toMatchObject([
      { status: 'verified', logged: false, signedAt: expect.any(String) },
    ]);
  });

  test('by a configured key', async () => {
    await store({ key: key.privateKey });
    expect(facts(await assess({ keys: KEYS }))).toMatchObject([
      { status: 'verified', method: 'key', identity: 'acme', issuer: null, logged: true },
    ]);
  });

  test('by a configured key, not logged', async () => {
    await store({ key: key.privateKey, log: false });
    expect(facts(await assess({ keys: KEYS }))).toMatchObject([
      { status: 'verified', logged: false, signedAt: null },
    ]);
  });

  test.each([
    ['a key that is not configured', otherKey, KEYS],
    ['a key, and none is configured', key, []],
  ])('by %s', async (_, pair, keys) => {
    await store({ key: pair.privateKey, log: false });
    expect(codes(await assess({ keys }))).toEqual(['unknown-key']);
  });

  test('of another digest', async () => {
    await store({}, other);
    expect(codes(await assess())).toEqual(['wrong-digest']);
  });

  test('of another image', async () => {
    await store({}, other, `${embedded.host}/acme/other`);
    expect(codes(await assess())).toEqual(['other-image']);
  });

  test('without a log entry', async () => {
    await store({ log: false });
    expect(codes(await assess())).toEqual(['missing-log-entry']);
  });

  test('with an expired certificate, and no time', async () => {
    await store({ log: false });
    expect(codes(await assess({ now: new Date(Date.now() + 3_600_000) }))).toEqual(['expired-certificate']);
  });

  test('logged after the certificate had expired', async () => {
    const late = await createMockSigstore({ log: new Date(Date.now() + 3_600_000) });
    await store({}, digest, name(), late);
    expect(codes(await assess({ mock: late }))).toEqual(['expired-certificate']);
  });

  test('under a root that is not trusted', async () => {
    await store();
    expect(codes(await assess({ mock: await createMockSigstore() }))).toEqual(['untrusted-root']);
  });

  test('with a certificate of another signature', async () => {
    const payload = layout === 'tag' ? simplePayload(name(), digest) : statement(digest, COSIGN_SIGN);
    const make = (options = {}) =>
      layout === 'tag' ? signSimple(payload, options) : sigstore.signEnvelope(payload, options);
    const [honest, foreign] = [await make(), await make({ identity: 'mallory@example.org' })];
    const mixed = { ...honest, certificate: foreign.certificate };
    if (layout === 'tag') storeSimpleSignature(embedded, REPOSITORY, digest, payload, mixed);
    else storeBundle(embedded, REPOSITORY, digest, payload, mixed);
    expect(codes(await assess())).toEqual(['tampered']);
  });

  test('with a payload altered to name this digest', async () => {
    const honest = layout === 'tag' ? simplePayload(name(), other) : statement(other, COSIGN_SIGN);
    const forged = layout === 'tag' ? simplePayload(name(), digest) : statement(digest, COSIGN_SIGN);
    const signed = layout === 'tag' ? await signSimple(honest) : await sigstore.signEnvelope(honest);
    if (layout === 'tag') storeSimpleSignature(embedded, REPOSITORY, digest, forged, signed);
    else storeBundle(embedded, REPOSITORY, digest, forged, signed);
    expect(codes(await assess())).toEqual(['tampered']);
  });

  test('with the log entry of another signature', async () => {
    const payload = layout === 'tag' ? simplePayload(name(), digest) : statement(digest, COSIGN_SIGN);
    const make = () => (layout === 'tag' ? signSimple(payload) : sigstore.signEnvelope(payload));
    const mixed = { ...(await make()), logEntry: (await make()).logEntry };
    if (layout === 'tag') storeSimpleSignature(embedded, REPOSITORY, digest, payload, mixed);
    else storeBundle(embedded, REPOSITORY, digest, payload, mixed);
    expect(codes(await assess())).toEqual(['tampered']);
  });

  test('with a log entry that the log did not sign', async () => {
    const payload = layout === 'tag' ? simplePayload(name(), digest) : statement(digest, COSIGN_SIGN);
    const signed = layout === 'tag' ? await signSimple(payload) : await sigstore.signEnvelope(payload);
    const logEntry =
      signed.logEntry === null
        ? null
        : { ...signed.logEntry, integratedTime: signed.logEntry.integratedTime + 1 };
    if (layout === 'tag')
      storeSimpleSignature(embedded, REPOSITORY, digest, payload, { ...signed, logEntry });
    else storeBundle(embedded, REPOSITORY, digest, payload, { ...signed, logEntry });
    expect(codes(await assess())).toEqual(['invalid-log-entry']);
  });
});

describe('what is around a signature', () => {
  test('nothing is there', async () => {
    expect(await assess()).toEqual({
      digest,
      signatures: [],
      attestations: [],
      unsignedProvenance: [],
      gaps: [],
    });
  });

  test('a bundle listed under the wrong artifact type, as cosign 3.1 writes it', async () => {
    const payload = statement(digest, COSIGN_SIGN);
    storeBundle(
      embedded,
      REPOSITORY,
      digest,
      payload,
      await sigstore.signEnvelope(payload),
      'application/vnd.oci.empty.v1+json',
    );
    expect(codes(await assess())).toEqual(['verified']);
  });

  test("cosign's own layout as a referrer, as Docker Hardened Images have it", async () => {
    const payload = simplePayload(name(), digest);
    const signed = await sigstore.signPayload(payload, { key: key.privateKey, log: false });
    storeSimpleReferrer(embedded, REPOSITORY, digest, payload, signed);
    expect((await assess({ keys: KEYS })).signatures).toMatchObject([
      { source: 'referrer', fact: { status: 'verified', identity: 'acme' } },
    ]);
  });

  test('several signatures, each with its own fact', async () => {
    const payload = simplePayload(name(), digest);
    storeSimpleSignature(
      embedded,
      REPOSITORY,
      digest,
      payload,
      await sigstore.signPayload(payload, { log: false }),
    );
    const other = statement(digest, COSIGN_SIGN);
    storeBundle(embedded, REPOSITORY, digest, other, await sigstore.signEnvelope(other));
    expect(codes(await assess()).toSorted()).toEqual(['missing-log-entry', 'verified']);
  });

  test('a registry that fails is a gap, never "unsigned"', async () => {
    embedded.setFault((_, kind) => (kind === 'head' ? { status: 503 } : null));
    const trust = await assess();
    expect(trust.gaps.length).toBeGreaterThan(0);
    expect(judgeTrust(trust, [rule()]).map((finding) => finding.outcome)).toEqual(['not-evaluable']);
  });

  test('no trusted root is a gap', async () => {
    const payload = simplePayload(name(), digest);
    storeSimpleSignature(embedded, REPOSITORY, digest, payload, await sigstore.signPayload(payload));
    const verifier = new SigstoreVerifier({
      registry,
      roots: () => Promise.reject(new Error('no root today')),
    });
    const trust = await verifier.assess({ registry: embedded.host, repository: REPOSITORY }, digest, []);
    expect(trust.gaps).toEqual(['no root today']);
    expect(facts(trust)).toMatchObject([{ status: 'unavailable' }]);
  });

  test.each([
    ['no signature annotation', 'application/vnd.dev.cosign.simplesigning.v1+json', '{}', {}],
    ['no JSON', 'application/vnd.dev.sigstore.bundle.v0.3+json', '{', {}],
    ['another shape', 'application/vnd.dev.sigstore.bundle.v0.3+json', '{"mediaType":7}', {}],
    [
      'no certificate',
      'application/vnd.dev.cosign.simplesigning.v1+json',
      '{}',
      { 'dev.cosignproject.cosign/signature': 'AAAA', 'dev.sigstore.cosign/certificate': 'none' },
    ],
    [
      'a log entry of another shape',
      'application/vnd.dev.cosign.simplesigning.v1+json',
      '{}',
      { 'dev.cosignproject.cosign/signature': 'AAAA', 'dev.sigstore.cosign/bundle': '{"Payload":[]}' },
    ],
  ])('malformed: %s', async (_, mediaType, body, annotations) => {
    const layer = {
      mediaType,
      digest: embedded.putBlob(REPOSITORY, Buffer.from(body)),
      size: body.length,
      annotations,
    };
    const config = {
      mediaType: 'application/vnd.oci.empty.v1+json',
      digest: embedded.putBlob(REPOSITORY, Buffer.from('{}')),
      size: 2,
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    };
    embedded.putManifest(REPOSITORY, manifest, manifest.mediaType, `${digest.replace(':', '-')}.sig`);
    expect(codes(await assess())).toEqual(['malformed']);
  });
});

describe('attestations', () => {
  const predicate = {
    buildDefinition: {
      buildType: 'b',
      externalParameters: { workflow: { repository: 'https://github.com/acme/app', ref: 'refs/heads/main' } },
    },
    runDetails: { builder: { id: 'https://github.com/actions/runner/github-hosted' } },
  };

  test.each(['tag', 'bundle'] as const)('SLSA provenance as %s', async (layout) => {
    const payload = statement(digest, SLSA, predicate);
    const signed = await sigstore.signEnvelope(payload);
    if (layout === 'tag') storeEnvelope(embedded, REPOSITORY, digest, payload, signed);
    else storeBundle(embedded, REPOSITORY, digest, payload, signed);
    const trust = await assess();
    expect(trust.signatures).toEqual([]);
    expect(trust.attestations).toMatchObject([
      {
        kind: 'provenance',
        predicateType: SLSA,
        fact: { status: 'verified', identity: IDENTITY },
        provenance: {
          source: 'https://github.com/acme/app',
          ref: 'refs/heads/main',
          builder: 'https://github.com/actions/runner/github-hosted',
        },
      },
    ]);
  });

  test('provenance of another digest', async () => {
    const payload = statement(other, SLSA, predicate);
    storeEnvelope(embedded, REPOSITORY, digest, payload, await sigstore.signEnvelope(payload));
    expect((await assess()).attestations).toMatchObject([
      { fact: { status: 'invalid', code: 'wrong-digest' } },
    ]);
  });

  test('an SBOM', async () => {
    const payload = statement(digest, 'https://spdx.dev/Document', { spdxVersion: 'SPDX-2.3' });
    storeEnvelope(embedded, REPOSITORY, digest, payload, await sigstore.signEnvelope(payload));
    expect((await assess()).attestations).toMatchObject([
      { kind: 'sbom', provenance: null, fact: { status: 'verified' } },
    ]);
  });

  test("BuildKit's unsigned provenance is information", async () => {
    const image = { registry: embedded.host, repository: REPOSITORY };
    const layer = statement(digest, 'https://slsa.dev/provenance/v0.2', {
      builder: { id: '' },
      buildType: 'https://mobyproject.org/buildkit@v1',
      invocation: { configSource: { uri: 'https://github.com/acme/app.git#refs/heads/main' } },
    });
    const described = (bytes: Buffer, mediaType: string) => ({
      mediaType,
      digest: embedded.putBlob(REPOSITORY, bytes),
      size: bytes.length,
    });
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: described(Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json'),
      layers: [
        {
          ...described(layer, 'application/vnd.in-toto+json'),
          annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v0.2' },
        },
      ],
    };
    const size = JSON.stringify(manifest).length;
    const attested = embedded.putManifest(REPOSITORY, manifest, manifest.mediaType);
    const index = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [
        {
          mediaType: manifest.mediaType,
          digest: attested,
          size,
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
        },
      ],
    };
    const top = embedded.putManifest(REPOSITORY, index, index.mediaType);
    const verifier = new SigstoreVerifier({ registry, roots: () => Promise.reject(new Error('not asked')) });
    const trust = await verifier.assess(image, top, []);
    expect(trust.unsignedProvenance).toEqual([
      {
        version: 'v0.2',
        builder: '',
        source: 'https://github.com/acme/app',
        ref: 'refs/heads/main',
        buildType: 'https://mobyproject.org/buildkit@v1',
      },
    ]);
    const wanted: TrustRule = { ...rule(), provenance: { builder: null, source: null, ref: null } };
    expect(judgeTrust(trust, [wanted]).map((finding) => finding.code)).toEqual([
      'signature-missing',
      'provenance-missing',
    ]);
  });
});

function rule(signer: Partial<Extract<SignerRule, { kind: 'keyless' }>> = {}): TrustRule {
  const signers: readonly SignerRule[] = [
    {
      kind: 'keyless',
      identity: { equals: IDENTITY },
      issuer: { equals: ISSUER },
      log: 'required',
      ...signer,
    },
  ];
  return { name: 'acme', image: toImagePattern('**'), signers, provenance: null, attestations: [] };
}

test.each([
  ['the wanted signer', {}, {}, 'satisfied', null],
  ['by pattern', {}, { identity: { glob: 'https://github.com/acme/*@refs/heads/main' } }, 'satisfied', null],
  ['another identity', { identity: 'mallory@example.org' }, {}, 'refused', 'wrong-identity'],
  ['another issuer', { issuer: 'https://evil.example.org' }, {}, 'refused', 'wrong-issuer'],
  ['not in the log', { log: false, timestamp: true }, {}, 'refused', 'missing-log-entry'],
  [
    'not in the log, which is allowed',
    { log: false, timestamp: true },
    { log: 'optional' },
    'satisfied',
    null,
  ],
] as const)('judged from end to end: %s', async (_, options, signer, outcome, fault) => {
  const payload = simplePayload(name(), digest);
  storeSimpleSignature(embedded, REPOSITORY, digest, payload, await sigstore.signPayload(payload, options));
  expect(judgeTrust(await assess(), [rule(signer)])).toMatchObject([{ outcome, fault }]);
});
