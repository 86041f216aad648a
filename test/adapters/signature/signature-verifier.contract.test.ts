import { generateKeyPairSync } from 'node:crypto';
import { createRegistry } from '../../../src/adapters/registry/registry.ts';
import { SigstoreVerifier } from '../../../src/adapters/signature/sigstore-verifier.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import {
  type SignatureFixture,
  type SigningCase,
  signatureVerifierContract,
} from '../../contract/signature-verifier.ts';
import { startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import { createMockSigstore, IDENTITY, ISSUER } from '../../support/signature/mock-sigstore.ts';
import {
  simplePayload,
  statement,
  storeBundle,
  storeEnvelope,
  storeSimpleSignature,
} from '../../support/signature/store-signature.ts';

const REPOSITORY = 'acme/app';
const COSIGN_SIGN = 'https://sigstore.dev/cosign/sign/v1';
const SLSA = 'https://slsa.dev/provenance/v1';

/** The verifier before a registry, with signatures laid out as cosign's tags or as bundles that refer to the image. */
async function open(layout: 'tag' | 'bundle'): Promise<SignatureFixture> {
  const embedded = await startEmbeddedRegistry({ referrersApi: layout === 'bundle' });
  const registry = createRegistry({
    settings: { registries: [registryEntry(embedded.host, { plainHttp: true, allowPrivate: true })] },
    env: {},
    sleep: async () => {},
  });
  const [sigstore, foreign] = [await createMockSigstore(), await createMockSigstore()];
  const [key, unknown] = [newKey(), newKey()];
  const signed = new Set<Digest>();
  let seed = 0;
  const image = async () => embedded.pushImage(REPOSITORY, 'latest', { seed: `${seed++}` }).top.digest;
  const sign = async (digest: Digest, how: SigningCase): Promise<void> => {
    const mock = how === 'untrusted-root' ? foreign : sigstore;
    const pair = how === 'key' ? key : how === 'unknown-key' ? unknown : null;
    const options = pair === null ? {} : { key: pair.privateKey };
    const target = how === 'wrong-digest' ? await image() : digest;
    const name = `${embedded.host}/${REPOSITORY}`;
    // A tag holds one signature; a second one is a bundle.
    if (layout === 'tag' && !signed.has(digest)) {
      const payload = simplePayload(name, target);
      storeSimpleSignature(embedded, REPOSITORY, digest, payload, await mock.signPayload(payload, options));
    } else {
      const payload = statement(target, COSIGN_SIGN, {}, name);
      storeBundle(embedded, REPOSITORY, digest, payload, await mock.signEnvelope(payload, options));
    }
    signed.add(digest);
  };
  return {
    verifier: new SigstoreVerifier({
      registry,
      roots: async () => ({ roots: [sigstore.root], publicFrom: null, notes: [] }),
    }),
    repository: { registry: embedded.host, repository: REPOSITORY },
    identity: IDENTITY,
    issuer: ISSUER,
    key: { name: 'acme', pem: key.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    image,
    sign,
    attest: async (digest) => {
      const payload = statement(digest, SLSA, { buildDefinition: {}, runDetails: { builder: { id: 'b' } } });
      const store = layout === 'tag' ? storeEnvelope : storeBundle;
      store(embedded, REPOSITORY, digest, payload, await sigstore.signEnvelope(payload));
    },
    breakDown: () => embedded.setFault(() => ({ status: 503 })),
    close: async () => {
      await registry.close();
      await embedded.close();
    },
  };
}

function newKey() {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

signatureVerifierContract('Sigstore, by cosign’s tags', () => open('tag'));
signatureVerifierContract('Sigstore, by bundles', () => open('bundle'));
