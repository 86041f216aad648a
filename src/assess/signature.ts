import type { Digest } from '../domain/digest.ts';
import type { Repository } from '../domain/image-reference.ts';
import type { AttestationKind, ProvenanceFact } from './provenance.ts';

/**
 * What was found of one signature. Facts only: who signed, never whether that one is trusted; `policy/trust` judges.
 * `verified` means: made by this certificate or key, over this very digest, unaltered, under a trusted root.
 */
export type SignatureFact =
  | {
      readonly status: 'verified';
      /** Certificate identity (SAN) for keyless, or the name of the configured key. */
      readonly identity: string;
      /** The certificate's OIDC issuer; null for a key. */
      readonly issuer: string | null;
      /** ISO 8601, by the transparency log or a timestamp authority; null where neither says. */
      readonly signedAt: string | null;
      readonly method: 'keyless' | 'key';
      /** Whether it stands in a trusted transparency log, checked offline. */
      readonly logged: boolean;
    }
  | { readonly status: 'unsigned' }
  | { readonly status: 'invalid'; readonly code: SignatureFaultCode; readonly detail: string }
  | { readonly status: 'unavailable'; readonly detail: string };

/** Why a signature does not count. The first two are policy's words; the others are facts. */
export type SignatureFaultCode =
  | 'wrong-identity'
  | 'wrong-issuer'
  /** It signs another digest of this repository. */
  | 'wrong-digest'
  /** It signs another image. */
  | 'other-image'
  /** No trusted time shows that the certificate was valid when it signed. */
  | 'expired-certificate'
  /** What is there is not what was signed, or logged. */
  | 'tampered'
  | 'untrusted-root'
  /** Made by a key that is not configured. */
  | 'unknown-key'
  | 'missing-log-entry'
  | 'invalid-log-entry'
  | 'invalid-timestamp'
  | 'malformed';

/** Where a signature or attestation was found. */
export type EvidencePlace = {
  /** `tag`: cosign's legacy `sha256-….sig` and `.att`. `referrer`: a bundle that refers to the image. */
  readonly source: 'tag' | 'referrer';
  /** The digest of the manifest that carries it. */
  readonly manifest: Digest;
};

export type SignatureEvidence = EvidencePlace & { readonly fact: SignatureFact };

/** A signed statement about the image. The predicate is believed as far as its signer is. */
export type AttestationEvidence = EvidencePlace & {
  readonly fact: SignatureFact;
  readonly kind: AttestationKind;
  readonly predicateType: string;
  /** Of SLSA provenance; null for anything else. */
  readonly provenance: ProvenanceFact | null;
};

/** All that was found about who vouches for one digest. */
export type ImageTrust = {
  readonly digest: Digest;
  readonly signatures: readonly SignatureEvidence[];
  readonly attestations: readonly AttestationEvidence[];
  /** BuildKit's provenance in the index: nobody signed it, so it is information and never trust. */
  readonly unsignedProvenance: readonly ProvenanceFact[];
  /** Why something may be missing here (a registry that failed, no trusted root): sentences. Empty: all was looked at. */
  readonly gaps: readonly string[];
};

/** A public key to try on signatures that carry no certificate. */
export type VerificationKey = {
  /** The name rules know it by. */
  readonly name: string;
  readonly pem: string;
};

/** The port that gathers signatures and attestations of one digest and verifies them. Never throws: failures are gaps. */
export interface SignatureVerifier {
  assess(image: Repository, digest: Digest, keys: readonly VerificationKey[]): Promise<ImageTrust>;
}

/** Where the public key of a rule comes from: written in place, a file of the repository, or a preset's published URL. */
export type KeySource = { readonly name: string } & (
  | { readonly from: 'pem'; readonly pem: string }
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'url'; readonly url: string }
);

/** Who verifies signatures, with the keys that trust rules name. */
export type SignaturePorts = {
  readonly verifier: SignatureVerifier;
  readonly keys: readonly VerificationKey[];
  /** Keys that could not be read, sentences: rules that want them cannot be evaluated. */
  readonly gaps: readonly string[];
};
