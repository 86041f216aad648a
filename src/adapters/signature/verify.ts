import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Bundle } from '@sigstore/bundle';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import type { SignatureFact, VerificationKey } from '../../assess/signature.ts';
import { toFault, type VerificationFault } from './faults.ts';
import type { BundleForm } from './to-bundle.ts';

/** The packages that do the cryptography, loaded once they are needed: they take longer to start than the rest. */
type Sigstore = {
  readonly bundle: typeof import('@sigstore/bundle');
  readonly verify: typeof import('@sigstore/verify');
};

export async function loadSigstore(): Promise<Sigstore> {
  const [bundle, verify] = await Promise.all([import('@sigstore/bundle'), import('@sigstore/verify')]);
  return { bundle, verify };
}

/** What signatures are checked against. */
export type Trust = {
  /** Each with its certificate authorities, logs and timestamp authorities; a signature must fit one of them whole. */
  readonly roots: readonly TrustedRoot[];
  readonly keys: readonly VerificationKey[];
  readonly now: Date;
};

/**
 * Verifies one signature offline: its time (log or timestamp authority), its certificate up to a trusted root with the
 * certificate log's promise, its transparency log entry, and the signature itself over the bytes that are there.
 * What was signed is not looked at here. Never throws: what fails is an `invalid` fact with its own code.
 */
export function verifyBundle(sigstore: Sigstore, form: BundleForm, trust: Trust): SignatureFact {
  let bundle: Bundle;
  try {
    bundle = sigstore.bundle.bundleFromJSON(form.json);
  } catch (error) {
    return { status: 'invalid', ...toFault(error) };
  }
  if (bundle.content.$case === 'messageSignature' && form.artifact === null) {
    return invalid('malformed', 'the bundle signs bytes it does not contain, which is not supported');
  }
  const content = bundle.verificationMaterial.content;
  if (content.$case === 'publicKey')
    return verifyByKey(sigstore, bundle, form, content.publicKey.hint, trust);
  const raw =
    content.$case === 'certificate'
      ? content.certificate.rawBytes
      : content.x509CertificateChain.certificates[0]?.rawBytes;
  if (raw === undefined) return invalid('malformed', 'there is no certificate');
  return verifyByCertificate(sigstore, bundle, form, raw, trust);
}

function verifyByCertificate(
  sigstore: Sigstore,
  bundle: Bundle,
  form: BundleForm,
  certificate: Buffer,
  trust: Trust,
): SignatureFact {
  if (trust.roots.length === 0)
    return { status: 'unavailable', detail: 'there is no trusted root to check it against' };
  const logged = bundle.verificationMaterial.tlogEntries.length > 0;
  if (!hasTime(bundle)) return withoutTime(certificate, logged, trust.now);
  const faults: VerificationFault[] = [];
  for (const root of trust.roots) {
    try {
      const verifier = new sigstore.verify.Verifier(sigstore.verify.toTrustMaterial(root), {
        tlogThreshold: logged ? 1 : 0,
        timestampThreshold: 1,
        // A private root may do without a certificate log; then there is nothing that could have promised.
        ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
      });
      const signer = verifier.verify(sigstore.verify.toSignedEntity(bundle, form.artifact ?? undefined));
      const identity = signer.identity?.subjectAlternativeName;
      if (identity === undefined || identity === '') {
        faults.push({ code: 'malformed', detail: 'the certificate names no identity' });
        continue;
      }
      return {
        status: 'verified',
        method: 'keyless',
        identity,
        issuer: signer.identity?.extensions?.issuer ?? null,
        signedAt: signedAt(sigstore, bundle),
        logged,
      };
    } catch (error) {
      faults.push(toFault(error));
    }
  }
  return { status: 'invalid', ...mostTelling(faults) };
}

function verifyByKey(
  sigstore: Sigstore,
  bundle: Bundle,
  form: BundleForm,
  hint: string,
  trust: Trust,
): SignatureFact {
  const logged = bundle.verificationMaterial.tlogEntries.length > 0;
  const faults: VerificationFault[] = [];
  for (const key of trust.keys) {
    let publicKey: KeyObject;
    try {
      publicKey = createPublicKey(key.pem);
    } catch {
      faults.push({ code: 'unknown-key', detail: `the configured key "${key.name}" is not a public key` });
      continue;
    }
    for (const root of logged ? trust.roots : [null]) {
      try {
        const material = sigstore.verify.toTrustMaterial(root ?? EMPTY_ROOT, () => ({
          publicKey,
          validFor: () => true,
        }));
        const options = { tlogThreshold: logged ? 1 : 0, timestampThreshold: 0, ctlogThreshold: 0 };
        const verifier = new sigstore.verify.Verifier(material, options);
        verifier.verify(sigstore.verify.toSignedEntity(bundle, form.artifact ?? undefined));
        const fact = { status: 'verified', method: 'key', identity: key.name, issuer: null, logged } as const;
        return { ...fact, signedAt: signedAt(sigstore, bundle) };
      } catch (error) {
        const fault = toFault(error);
        // Without the key's hint an altered payload and another key look the same.
        const isOther = fault.code === 'tampered' && hint !== hintOf(publicKey);
        faults.push(isOther ? { code: 'unknown-key', detail: `not made by the key "${key.name}"` } : fault);
      }
    }
  }
  if (faults.length === 0) {
    const why =
      trust.keys.length === 0 ? 'no key is configured for it' : 'there is no trusted root for its log entry';
    return invalid('unknown-key', `signed with a key; ${why}`);
  }
  return { status: 'invalid', ...mostTelling(faults) };
}

/** A log entry counts as time only with the log's signed promise (sigstore-js `getTLogTimestamp`). */
function hasTime(bundle: Bundle): boolean {
  const { tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
  if ((timestampVerificationData?.rfc3161Timestamps.length ?? 0) > 0) return true;
  return tlogEntries.some(
    (entry) => entry.inclusionPromise !== undefined && Number(entry.integratedTime) > 0,
  );
}

function withoutTime(certificate: Buffer, logged: boolean, now: Date): SignatureFact {
  let expired: boolean;
  try {
    expired = new X509Certificate(certificate).validToDate.getTime() < now.getTime();
  } catch {
    return invalid('malformed', 'the certificate cannot be read');
  }
  if (!expired && !logged) return invalid('missing-log-entry', 'it is not in a transparency log');
  return invalid(
    'expired-certificate',
    'the certificate has expired, and no log entry or timestamp shows that it signed while it was valid',
  );
}

/** The time a log or timestamp authority vouches for; call after verification. */
function signedAt(sigstore: Sigstore, bundle: Bundle): string | null {
  const seconds = bundle.verificationMaterial.tlogEntries
    .filter((entry) => entry.inclusionPromise !== undefined)
    .map((entry) => Number(entry.integratedTime))
    .find((time) => Number.isSafeInteger(time) && time > 0 && time < 253_402_300_800);
  if (seconds !== undefined) return new Date(seconds * 1000).toISOString();
  for (const stamp of sigstore.verify.toSignedEntity(bundle, Buffer.alloc(0)).timestamps) {
    if (stamp.$case === 'timestamp-authority') return stamp.timestamp.signingTime.toISOString();
  }
  return null;
}

/** Cosign's hint: the SHA-256 of the key's DER form, in base64. */
function hintOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/** Of the faults against several roots or keys, the one that got furthest. */
function mostTelling(faults: readonly VerificationFault[]): VerificationFault {
  const vague: readonly string[] = [
    'untrusted-root',
    'unknown-key',
    'invalid-log-entry',
    'invalid-timestamp',
  ];
  return (
    faults.find((fault) => !vague.includes(fault.code)) ??
    faults[0] ?? { code: 'malformed', detail: 'the signature cannot be checked' }
  );
}

function invalid(code: VerificationFault['code'], detail: string): SignatureFact {
  return { status: 'invalid', code, detail };
}

const EMPTY_ROOT: TrustedRoot = {
  mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
};
