/** What was found of one image's signatures and attestations. Facts only: `policy/` judges them. */
export type SignatureFact =
  | {
      readonly status: 'verified';
      /** Certificate identity (SAN) and issuer for keyless, or the key's fingerprint. */
      readonly identity: string;
      readonly issuer: string | null;
      readonly signedAt: string | null;
    }
  | { readonly status: 'unsigned' }
  | { readonly status: 'invalid'; readonly code: SignatureFaultCode; readonly detail: string }
  | { readonly status: 'unavailable'; readonly detail: string };

export type SignatureFaultCode =
  | 'wrong-identity'
  | 'wrong-issuer'
  | 'wrong-digest'
  | 'expired-certificate'
  | 'tampered'
  | 'untrusted-root'
  | 'missing-log-entry'
  | 'malformed';
