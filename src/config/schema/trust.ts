import * as v from 'valibot';
import { PRESET_NAMES } from '../presets/trust.ts';
import { imagePattern, repositoryPath } from './values.ts';

const MAX_RULES = 200;
const text = v.pipe(v.string(), v.nonEmpty('expected a non-empty string'), v.maxLength(500));
const log = v.optional(v.picklist(['required', 'optional'], 'expected required or optional'), 'required');

const PEM = /^-----BEGIN PUBLIC KEY-----\s[A-Za-z0-9+/=\s]{1,4000}-----END PUBLIC KEY-----\s*$/;

/** A certificate's identity and issuer, each exact or as a glob in which `*` stands for any run of characters. */
const keylessSigner = v.pipe(
  v.strictObject({
    /** The certificate's identity (SAN), exact: an e-mail address or a workflow's URL. */
    identity: v.optional(text),
    identityPattern: v.optional(text),
    issuer: v.optional(text),
    issuerPattern: v.optional(text),
    /** Whether the signature must stand in a transparency log. */
    log,
  }),
  v.check(
    (value) => exactlyOne(value.identity, value.identityPattern),
    'expected either "identity" or "identityPattern"',
  ),
  v.check(
    (value) => exactlyOne(value.issuer, value.issuerPattern),
    'expected either "issuer" or "issuerPattern"',
  ),
);

/** One way to satisfy a rule. */
const signer = v.union(
  [
    v.strictObject({
      /** A PEM public key in place. */
      key: v.pipe(v.string(), v.regex(PEM, 'expected a PEM public key ("-----BEGIN PUBLIC KEY-----")')),
      log,
    }),
    v.strictObject({
      /** A file of the repository with a PEM public key. */
      keyFile: repositoryPath,
      log,
    }),
    keylessSigner,
  ],
  'expected "identity" and "issuer" (or their patterns), "key", or "keyFile"',
);

/** SLSA provenance, each part a text or a glob with `*`. */
const provenance = v.strictObject({
  builder: v.optional(text),
  /** The source repository, `https://github.com/owner/name`. */
  source: v.optional(text),
  /** The branch or tag, `refs/heads/main`, `refs/tags/v*`. */
  ref: v.optional(text),
});

const rule = v.pipe(
  v.strictObject({
    /** The images it is for: `gcr.io/distroless/**`. A preset brings its own. */
    image: v.optional(imagePattern),
    preset: v.optional(v.picklist(PRESET_NAMES, `expected one of ${PRESET_NAMES.join(', ')}`)),
    /** Any one of these. */
    signers: v.optional(v.pipe(v.array(signer), v.maxLength(20)), []),
    provenance: v.optional(v.nullable(provenance), null),
    attestations: v.optional(v.array(v.picklist(['sbom', 'vex'])), []),
  }),
  v.check(
    (value) => value.preset !== undefined || value.image !== undefined,
    'expected an "image" pattern or a "preset"',
  ),
  v.check(
    (value) => value.preset !== undefined || value.signers.length > 0,
    'expected at least one entry in "signers"; without one, nothing can be trusted',
  ),
);

/** The key `policy.trust`: who must have signed which images. */
export const trustSchema = v.pipe(v.array(rule), v.maxLength(MAX_RULES));

export const lostSignatureSchema = v.picklist(['warn', 'block'], 'expected warn or block');

function exactlyOne(a: string | undefined, b: string | undefined): boolean {
  return (a === undefined) !== (b === undefined);
}
