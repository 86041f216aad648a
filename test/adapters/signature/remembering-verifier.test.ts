import { beforeEach, expect, it } from 'vitest';
import { SignatureMemory } from '../../../src/adapters/signature/remembering-verifier.ts';
import type { ImageTrust, SignatureVerifier } from '../../../src/assess/signature.ts';
import { digestOf } from '../../support/findings.ts';

const IMAGE = { registry: 'docker.io', repository: 'library/python' };
const A = digestOf('a');
const KEY = { name: 'acme', pem: 'PEM' };

let asked: number;
let gaps: readonly string[];
let now: Date;
let verifier: SignatureVerifier;

beforeEach(() => {
  asked = 0;
  gaps = [];
  now = new Date('2026-11-20T12:00:00Z');
  const inner: SignatureVerifier = {
    assess: async (_, digest): Promise<ImageTrust> => {
      asked += 1;
      return { digest, signatures: [], attestations: [], unsignedProvenance: [], gaps };
    },
  };
  verifier = new SignatureMemory(() => now).of(inner);
});

it('asks once for a digest, also while the answer is under way', async () => {
  await Promise.all([verifier.assess(IMAGE, A, []), verifier.assess(IMAGE, A, [])]);
  await verifier.assess(IMAGE, A, []);
  expect(asked).toBe(1);
});

it.each([
  ['another digest', () => verifier.assess(IMAGE, digestOf('b'), [])],
  ['another repository', () => verifier.assess({ ...IMAGE, repository: 'acme/python' }, A, [])],
  ['another key', () => verifier.assess(IMAGE, A, [KEY])],
  ['another key of the same name', () => verifier.assess(IMAGE, A, [{ ...KEY, pem: 'OTHER' }])],
])('%s is another question', async (_, ask) => {
  await verifier.assess(IMAGE, A, []);
  await ask();
  expect(asked).toBe(2);
});

it('forgets after ten minutes', async () => {
  await verifier.assess(IMAGE, A, []);
  now = new Date(now.getTime() + 10 * 60_000);
  await verifier.assess(IMAGE, A, []);
  expect(asked).toBe(2);
});

it('does not remember what could not be looked at', async () => {
  gaps = ['the registry did not answer'];
  await verifier.assess(IMAGE, A, []);
  await verifier.assess(IMAGE, A, []);
  expect(asked).toBe(2);
});
