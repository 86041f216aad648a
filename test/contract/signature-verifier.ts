import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignatureVerifier, VerificationKey } from '../../src/assess/signature.ts';
import type { Digest } from '../../src/domain/digest.ts';
import type { Repository } from '../../src/domain/image-reference.ts';

/** Who signs, and what. */
export type SigningCase =
  /** By a certificate of {@link SignatureFixture.identity}, logged. */
  | 'keyless'
  /** By the key of {@link SignatureFixture.key}, logged. */
  | 'key'
  /** By a key that nobody configured. */
  | 'unknown-key'
  /** Keyless, over another digest of the repository. */
  | 'wrong-digest'
  /** Keyless, under another root of trust. */
  | 'untrusted-root';

/** A verifier, and images that can be signed for it. */
export interface SignatureFixture {
  readonly verifier: SignatureVerifier;
  readonly repository: Repository;
  readonly identity: string;
  readonly issuer: string;
  readonly key: VerificationKey;
  /** A new image that nobody vouches for. */
  image(): Promise<Digest>;
  /** Signs an image. */
  sign(digest: Digest, how: SigningCase): Promise<void>;
  /** Attaches a signed statement of where the image was built. */
  attest(digest: Digest): Promise<void>;
  /** From now on nothing can be looked up. */
  breakDown(): void;
  close(): Promise<void>;
}

/** What every {@link SignatureVerifier} does. Runs on each implementation. */
export function signatureVerifierContract(name: string, open: () => Promise<SignatureFixture>): void {
  describe(`${name} as a verifier of signatures`, () => {
    let fixture: SignatureFixture;
    beforeEach(async () => {
      fixture = await open();
    });
    afterEach(() => fixture.close());

    const assess = (digest: Digest, keys: readonly VerificationKey[] = [fixture.key]) =>
      fixture.verifier.assess(fixture.repository, digest, keys);
    const factsOf = async (how: SigningCase, keys?: readonly VerificationKey[]) => {
      const digest = await fixture.image();
      await fixture.sign(digest, how);
      const trust = await assess(digest, keys);
      expect(trust).toMatchObject({ digest, gaps: [] });
      return trust.signatures.map(({ fact }) => fact);
    };

    it('says of an image that nobody signed that there is nothing, and that all was looked at', async () => {
      const digest = await fixture.image();
      const nothing = { signatures: [], attestations: [], unsignedProvenance: [], gaps: [] };
      expect(await assess(digest)).toEqual({ digest, ...nothing });
    });

    it('tells who signed by a certificate, and when', async () => {
      const { identity, issuer } = fixture;
      const signedAt = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/);
      const expected = { status: 'verified', method: 'keyless', identity, issuer, logged: true, signedAt };
      expect(await factsOf('keyless')).toEqual([expected]);
    });

    it('tells which configured key signed', async () => {
      const expected = { status: 'verified', method: 'key', identity: fixture.key.name, issuer: null };
      expect(await factsOf('key')).toMatchObject([expected]);
    });

    it.each<readonly [SigningCase, string]>([
      ['unknown-key', 'unknown-key'],
      ['wrong-digest', 'wrong-digest'],
      ['untrusted-root', 'untrusted-root'],
    ])('does not count a signature that is %s', async (how, code) => {
      expect(await factsOf(how)).toEqual([
        { status: 'invalid', code, detail: expect.stringMatching(/\w{3}/) },
      ]);
    });

    it('counts no key that is not configured for the question', async () => {
      expect(await factsOf('key', [])).toMatchObject([{ status: 'invalid', code: 'unknown-key' }]);
    });

    it('keeps every signature there is, what counts beside what does not', async () => {
      const digest = await fixture.image();
      await fixture.sign(digest, 'untrusted-root');
      await fixture.sign(digest, 'keyless');
      const { signatures } = await assess(digest);
      expect(signatures.map(({ fact }) => fact.status).sort()).toEqual(['invalid', 'verified']);
    });

    it('tells statements about an image from signatures of it', async () => {
      const digest = await fixture.image();
      await fixture.attest(digest);
      const { signatures, attestations } = await assess(digest);
      expect(signatures).toEqual([]);
      expect(attestations).toMatchObject([
        { kind: 'provenance', fact: { status: 'verified', identity: fixture.identity } },
      ]);
    });

    it('calls what it could not look at a gap, and never throws', async () => {
      const digest = await fixture.image();
      await fixture.sign(digest, 'keyless');
      fixture.breakDown();
      const trust = await assess(digest);
      expect(trust.signatures.filter(({ fact }) => fact.status === 'verified')).toEqual([]);
      expect(trust.gaps.length).toBeGreaterThan(0);
      for (const gap of trust.gaps) expect(gap).toMatch(/\w{3}/);
    });
  });
}
