import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
// The package's entry loads its own nock, which would take over this process's requests.
import { initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio/index.js';
import { initializeTLog } from '@sigstore/mock/dist/rekor/index.js';
import { initializeTSA } from '@sigstore/mock/dist/timestamp/index.js';
import type { TrustedRoot as Root } from '@sigstore/protobuf-specs';
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';

export const IDENTITY = 'https://github.com/acme/images/.github/workflows/release.yml@refs/heads/main';
export const ISSUER = 'https://token.actions.githubusercontent.com';
const ISSUER_OID = '1.3.6.1.4.1.57264.1.8';
const LOG_URL = 'https://rekor.example.org';
const SHA256_OID = '2.16.840.1.101.3.4.2.1';

export type SignOptions = {
  readonly identity?: string;
  readonly issuer?: string;
  /** Whether the signature goes into the transparency log; default true. */
  readonly log?: boolean;
  /** Whether a timestamp authority stamps it; default false. */
  readonly timestamp?: boolean;
  /** A key instead of a certificate. */
  readonly key?: KeyObject;
};

/** A signature with all that vouches for it, in neither cosign's nor the bundle's layout yet. */
export type Signed = {
  readonly signature: Buffer;
  /** DER; null for a key. */
  readonly certificate: Buffer | null;
  readonly logEntry: LogEntry | null;
  readonly timestamp: Buffer | null;
};

export type LogEntry = {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly signedEntryTimestamp: string;
  readonly inclusionProof: {
    readonly logIndex: number;
    readonly treeSize: number;
    readonly rootHash: string;
    readonly hashes: readonly string[];
    readonly checkpoint: string;
  };
};

export type MockSigstore = {
  readonly root: Root;
  /** Signs bytes as cosign signs a payload (hashedrekord), or a DSSE envelope's payload (`dsse`). */
  signPayload(payload: Buffer, options?: SignOptions): Promise<Signed>;
  signEnvelope(payload: Buffer, options?: SignOptions): Promise<Signed>;
};

export const IN_TOTO = 'application/vnd.in-toto+json';

/** A certificate authority, certificate log, transparency log and timestamp authority of one test run. */
export async function createMockSigstore(clocks: { readonly log?: Date } = {}): Promise<MockSigstore> {
  const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  // One moment for all of them, inside the roots' validity. Its milliseconds end in no zero: the mock's timestamps drop
  // such a zero, and then the reader refuses the time.
  const clock = new Date(Math.floor(Date.now() / 1000) * 1000 + 1123);
  const ctlog = await initializeCTLog(pair(), clock);
  const ca = await initializeCA(pair(), ctlog, clock);
  const tlog = await initializeTLog(LOG_URL, pair(), clocks.log ?? clock);
  const tsa = await initializeTSA(pair(), clock);
  const root = trustedRoot({
    ca: Buffer.from(asBytes(ca.rootCertificate)),
    ctlog: ctlog.publicKey,
    tlog: tlog.publicKey,
    tsa: [Buffer.from(asBytes(tsa.intCertificate)), Buffer.from(asBytes(tsa.rootCertificate))],
    logUrl: LOG_URL,
  });

  async function vouch(
    signed: Buffer,
    options: SignOptions,
    entry: (signature: Buffer, verifier: string) => object,
  ): Promise<Signed> {
    const own = options.key === undefined ? pair() : null;
    const privateKey = options.key ?? own?.privateKey;
    if (privateKey === undefined) throw new RangeError('no key');
    const publicKey = createPublicKey(privateKey);
    const certificate =
      own === null
        ? null
        : Buffer.from(
            asBytes(
              await ca.issueCertificate({
                publicKey: publicKey.export({ type: 'spki', format: 'der' }),
                subjectAltName: options.identity ?? IDENTITY,
                extensions: [{ oid: ISSUER_OID, value: options.issuer ?? ISSUER }],
              }),
            ),
          );
    const signature = sign('sha256', signed, privateKey);
    const pem =
      certificate === null
        ? publicKey.export({ type: 'spki', format: 'pem' }).toString()
        : toPem(certificate);
    const verifier = Buffer.from(pem).toString('base64');
    return {
      signature,
      certificate,
      logEntry: options.log === false ? null : readEntry(await tlog.log(entry(signature, verifier))),
      timestamp:
        options.timestamp === true
          ? Buffer.from(
              asBytes(
                await tsa.timestamp({
                  artifactHash: createHash('sha256').update(signature).digest(),
                  hashAlgorithmOID: SHA256_OID,
                  nonce: 1,
                  policyOID: '1.3.6.1.4.1.57264.2',
                  certReq: true,
                }),
              ),
            )
          : null,
    };
  }

  return {
    root,
    signPayload: (payload, options = {}) =>
      vouch(payload, options, (signature, verifier) => ({
        apiVersion: '0.0.1',
        kind: 'hashedrekord',
        spec: {
          data: { hash: { algorithm: 'sha256', value: hex(payload) } },
          signature: { content: signature.toString('base64'), publicKey: { content: verifier } },
        },
      })),
    signEnvelope: (payload, options = {}) =>
      vouch(preAuthEncoding(payload), options, (signature, verifier) => ({
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          envelopeHash: { algorithm: 'sha256', value: hex(payload) },
          payloadHash: { algorithm: 'sha256', value: hex(payload) },
          signatures: [{ signature: signature.toString('base64'), verifier }],
        },
      })),
  };
}

/** A log entry as it stands in a bundle. */
export function bundleEntry(entry: LogEntry): object {
  const canonical = JSON.parse(Buffer.from(entry.body, 'base64').toString('utf8')) as Record<string, string>;
  const { inclusionProof: proof } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
    kindVersion: { kind: canonical['kind'], version: canonical['apiVersion'] },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp: entry.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(proof.logIndex),
      treeSize: String(proof.treeSize),
      rootHash: Buffer.from(proof.rootHash, 'hex').toString('base64'),
      hashes: [],
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: entry.body,
  };
}

export function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** DSSE's pre-authentication encoding (dsse, protocol.md). */
function preAuthEncoding(payload: Buffer): Buffer {
  const head = `DSSEv1 ${IN_TOTO.length} ${IN_TOTO} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

type LogAnswer = Readonly<
  Record<
    string,
    {
      readonly body: unknown;
      readonly integratedTime: number;
      readonly logID: string;
      readonly logIndex: number;
      readonly verification?: { readonly inclusionProof?: unknown; readonly signedEntryTimestamp?: string };
    }
  >
>;

function readEntry(answer: LogAnswer): LogEntry {
  const [entry] = Object.values(answer);
  if (entry === undefined) throw new RangeError('the log answered nothing');
  const { body, integratedTime, logID, logIndex, verification } = entry;
  return {
    body: String(body),
    integratedTime,
    logID,
    logIndex,
    signedEntryTimestamp: verification?.signedEntryTimestamp ?? '',
    inclusionProof: verification?.inclusionProof as LogEntry['inclusionProof'],
  };
}

/** A trusted root of one authority and one log of each kind. */
export function trustedRoot(keys: {
  readonly ca: Buffer;
  readonly ctlog: Buffer;
  readonly tlog: Buffer;
  readonly tsa: readonly Buffer[];
  readonly logUrl: string;
}): Root {
  const validFor = { start: '2020-01-01T00:00:00Z' };
  const log = (publicKey: Buffer) => ({
    baseUrl: keys.logUrl,
    hashAlgorithm: HashAlgorithm[HashAlgorithm.SHA2_256],
    publicKey: {
      rawBytes: publicKey.toString('base64'),
      keyDetails: PublicKeyDetails[PublicKeyDetails.PKIX_ECDSA_P256_SHA_256],
      validFor,
    },
    logId: { keyId: createHash('sha256').update(publicKey).digest('base64') },
  });
  const authority = (chain: readonly Buffer[]) => ({
    subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
    uri: 'https://ca.example.org',
    certChain: { certificates: chain.map((der) => ({ rawBytes: der.toString('base64') })) },
    validFor,
  });
  return TrustedRoot.fromJSON({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(keys.tlog)],
    ctlogs: [log(keys.ctlog)],
    certificateAuthorities: [authority([keys.ca])],
    timestampAuthorities: keys.tsa.length === 0 ? [] : [authority(keys.tsa)],
  });
}

/** The bytes of a view, none of what lies around it. */
export function asBytes(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function hex(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
