import { createHash, X509Certificate } from 'node:crypto';
import type { RawEvidence } from './raw-evidence.ts';

/** A signature in the shape of a Sigstore bundle (JSON), and the bytes it signs where the bundle does not hold them. */
export type BundleForm = { readonly json: unknown; readonly artifact: Buffer | null };

const SIGNATURE = 'dev.cosignproject.cosign/signature';
const CERTIFICATE = 'dev.sigstore.cosign/certificate';
const LOG_ENTRY = 'dev.sigstore.cosign/bundle';
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp';
const V01 = 'application/vnd.dev.sigstore.bundle+json;version=0.1';

/**
 * Turns what is stored into a Sigstore bundle. Cosign's tags keep certificate, log entry (`SignedEntryTimestamp` and
 * `Payload`) and timestamp in annotations (cosign SIGNATURE_SPEC); they are re-arranged, not interpreted. Throws a
 * SyntaxError or RangeError with a sentence where something has another shape.
 */
export function toBundleForm(raw: RawEvidence): BundleForm {
  const text = new TextDecoder('utf-8', { fatal: true });
  if (raw.form === 'bundle') return { json: JSON.parse(text.decode(raw.bytes)), artifact: null };
  const material = verificationMaterial(raw.annotations);
  if (raw.form === 'envelope') {
    const envelope: unknown = JSON.parse(text.decode(raw.bytes));
    return {
      json: { mediaType: V01, verificationMaterial: material, dsseEnvelope: envelope },
      artifact: null,
    };
  }
  const signature = raw.annotations[SIGNATURE];
  if (signature === undefined || signature === '')
    throw new RangeError(`the annotation ${SIGNATURE} is missing`);
  const artifact = Buffer.from(raw.bytes);
  const digest = createHash('sha256').update(artifact).digest('base64');
  const messageSignature = { messageDigest: { algorithm: 'SHA2_256', digest }, signature };
  return { json: { mediaType: V01, verificationMaterial: material, messageSignature }, artifact };
}

function verificationMaterial(annotations: Readonly<Record<string, string>>): unknown {
  const pem = annotations[CERTIFICATE];
  const entry = annotations[LOG_ENTRY];
  const timestamp = annotations[TIMESTAMP];
  const signer =
    pem === undefined || pem === ''
      ? { publicKey: { hint: '' } }
      : {
          x509CertificateChain: {
            certificates: [{ rawBytes: new X509Certificate(pem).raw.toString('base64') }],
          },
        };
  return {
    ...signer,
    tlogEntries: entry === undefined || entry === '' ? [] : [logEntry(entry)],
    ...(timestamp === undefined || timestamp === ''
      ? {}
      : {
          timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: signedTimestamp(timestamp) }] },
        }),
  };
}

function logEntry(text: string): unknown {
  const data: unknown = JSON.parse(text);
  const payload = member(data, 'Payload');
  const body = member(payload, 'body');
  const logId = member(payload, 'logID');
  const promise = member(data, 'SignedEntryTimestamp');
  if (typeof body !== 'string' || typeof logId !== 'string' || typeof promise !== 'string') {
    throw new RangeError(`the annotation ${LOG_ENTRY} is not a valid log entry`);
  }
  const canonical: unknown = JSON.parse(Buffer.from(body, 'base64').toString('utf8'));
  return {
    logIndex: String(member(payload, 'logIndex') ?? '0'),
    logId: { keyId: Buffer.from(logId, 'hex').toString('base64') },
    kindVersion: {
      kind: String(member(canonical, 'kind')),
      version: String(member(canonical, 'apiVersion')),
    },
    integratedTime: String(member(payload, 'integratedTime') ?? '0'),
    inclusionPromise: { signedEntryTimestamp: promise },
    canonicalizedBody: body,
  };
}

function signedTimestamp(text: string): string {
  const value = member(JSON.parse(text), 'SignedRFC3161Timestamp');
  if (typeof value !== 'string') throw new RangeError(`the annotation ${TIMESTAMP} contains no timestamp`);
  return value;
}

function member(data: unknown, key: string): unknown {
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  return (data as Readonly<Record<string, unknown>>)[key];
}
