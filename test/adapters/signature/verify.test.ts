import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { toBundleForm } from '../../../src/adapters/signature/to-bundle.ts';
import { loadSigstore, verifyBundle } from '../../../src/adapters/signature/verify.ts';
import { toDigest } from '../../../src/domain/digest.ts';
import {
  bundleEntry,
  createMockSigstore,
  IDENTITY,
  IN_TOTO,
  type MockSigstore,
} from '../../support/signature/mock-sigstore.ts';

let sigstore: Awaited<ReturnType<typeof loadSigstore>>;
let mock: MockSigstore;
let bundle: object;

beforeAll(async () => {
  sigstore = await loadSigstore();
  mock = await createMockSigstore();
  const payload = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
  const signed = await mock.signEnvelope(payload, { timestamp: true });
  bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: signed.certificate?.toString('base64') },
      tlogEntries: signed.logEntry === null ? [] : [bundleEntry(signed.logEntry)],
      timestampVerificationData: {
        rfc3161Timestamps: [{ signedTimestamp: signed.timestamp?.toString('base64') }],
      },
    },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: IN_TOTO,
      signatures: [{ sig: signed.signature.toString('base64'), keyid: '' }],
    },
  };
});

const verify = (json: unknown) =>
  verifyBundle(sigstore, { json, artifact: null }, { roots: [mock.root], keys: [], now: new Date() });

/** Every path to a text in a document. */
function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function withLeaf(
  value: unknown,
  [key, ...rest]: readonly string[],
  change: (leaf: unknown) => unknown,
): unknown {
  if (key === undefined) return change(value);
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  Object.assign(copy, { [key]: withLeaf((value as Record<string, unknown>)[key], rest, change) });
  return copy;
}

describe('a bundle that was meddled with', () => {
  test('as it is, it is verified', () => {
    expect(verify(bundle)).toMatchObject({ status: 'verified', identity: IDENTITY, logged: true });
  });

  test('any change in one place is refused, or changes nothing that was said', () => {
    const paths = leaves(bundle);
    fc.assert(
      fc.property(
        fc.nat(paths.length - 1),
        fc.nat(),
        fc.constantFrom('flip', 'cut', 'drop', 'zero'),
        (at, where, how) => {
          const path = paths[at] ?? [];
          const changed = withLeaf(bundle, path, (leaf) => {
            const text = String(leaf);
            if (how === 'drop') return undefined;
            if (how === 'zero') return '0';
            const index = where % Math.max(1, text.length);
            if (how === 'cut') return text.slice(0, index);
            return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
          });
          const fact = verify(changed);
          if (fact.status === 'verified') expect(fact).toMatchObject({ identity: IDENTITY });
          else expect(fact).toMatchObject({ status: 'invalid', detail: expect.any(String) });
          // What is signed and what signed it are never among the places that do not matter.
          const matters = [
            'payload',
            'payloadType',
            'sig',
            'rawBytes',
            'signedEntryTimestamp',
            'canonicalizedBody',
            'integratedTime',
          ];
          const isSame = JSON.stringify(sigstore.bundle.bundleFromJSON(bundle)) === same(changed);
          if (matters.includes(path.at(-1) ?? '') && !isSame) expect(fact.status).toBe('invalid');
        },
      ),
      { numRuns: 120 },
    );
  });

  function same(changed: unknown): string | null {
    try {
      return JSON.stringify(sigstore.bundle.bundleFromJSON(changed));
    } catch {
      return null;
    }
  }

  test('anything at all is an answer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(verify(json).status).toBe('invalid');
      }),
    );
  });
});

test('annotations of any kind are an answer, or a thrown sentence', () => {
  const keys = [
    'dev.cosignproject.cosign/signature',
    'dev.sigstore.cosign/certificate',
    'dev.sigstore.cosign/bundle',
    'dev.sigstore.cosign/rfc3161timestamp',
  ];
  const value = fc.oneof(fc.string(), fc.json(), fc.base64String());
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...keys), value),
      fc.uint8Array({ maxLength: 50 }),
      (annotations, bytes) => {
        try {
          const form = toBundleForm({
            source: 'tag',
            manifest: toDigest(`sha256:${'a'.repeat(64)}`),
            form: 'simple-signing',
            bytes,
            annotations,
          });
          expect(verifyBundle(sigstore, form, { roots: [mock.root], keys: [], now: new Date() }).status).toBe(
            'invalid',
          );
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).name).not.toBe('AssertionError');
        }
      },
    ),
  );
});
