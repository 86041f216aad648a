import type { Digest } from '../../../src/domain/digest.ts';
import type { EmbeddedRegistry } from '../registry/embedded-registry.ts';
import { type Content, content, descriptor, OCI_MANIFEST } from '../registry/image-builder.ts';
import { bundleEntry, IN_TOTO, type Signed, toPem } from './mock-sigstore.ts';

const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const ENVELOPE = 'application/vnd.dsse.envelope.v1+json';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** What cosign signs: the digest of an image and the name it was signed under. */
export function simplePayload(reference: string, digest: Digest): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
}

/** An in-toto statement about one digest. */
export function statement(
  digest: Digest,
  predicateType: string,
  predicate: object = {},
  name?: string,
): Buffer {
  return Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ ...(name === undefined ? {} : { name }), digest: { sha256: digest.slice(7) } }],
      predicateType,
      predicate,
    }),
  );
}

/** Cosign's legacy layout: the tag `sha256-….sig`, certificate and log entry in annotations. */
export function storeSimpleSignature(
  registry: EmbeddedRegistry,
  repository: string,
  digest: Digest,
  payload: Buffer,
  signed: Signed,
): void {
  storeTag(registry, repository, `${digest.replace(':', '-')}.sig`, payload, SIMPLE_SIGNING, {
    ...annotations(signed),
    'dev.cosignproject.cosign/signature': signed.signature.toString('base64'),
  });
}

/** Cosign's legacy layout of an attestation: the tag `sha256-….att` with a DSSE envelope. */
export function storeEnvelope(
  registry: EmbeddedRegistry,
  repository: string,
  digest: Digest,
  payload: Buffer,
  signed: Signed,
): void {
  storeTag(
    registry,
    repository,
    `${digest.replace(':', '-')}.att`,
    Buffer.from(JSON.stringify(envelope(payload, signed))),
    ENVELOPE,
    {
      ...annotations(signed),
      'dev.cosignproject.cosign/signature': '',
    },
  );
}

/** A Sigstore bundle 0.3 that refers to the image; the fallback tag is written with `artifactType` as listed. */
export function storeBundle(
  registry: EmbeddedRegistry,
  repository: string,
  digest: Digest,
  payload: Buffer,
  signed: Signed,
  listedAs = BUNDLE,
): void {
  const subject = registry.read(repository, digest);
  const bundle = {
    mediaType: BUNDLE,
    verificationMaterial: {
      ...(signed.certificate === null
        ? { publicKey: { hint: '' } }
        : { certificate: { rawBytes: signed.certificate.toString('base64') } }),
      tlogEntries: signed.logEntry === null ? [] : [bundleEntry(signed.logEntry)],
      ...(signed.timestamp === null
        ? {}
        : {
            timestampVerificationData: {
              rfc3161Timestamps: [{ signedTimestamp: signed.timestamp.toString('base64') }],
            },
          }),
    },
    dsseEnvelope: envelope(payload, signed),
  };
  storeReferrer(registry, repository, subject, content(bundle, BUNDLE), {}, BUNDLE, listedAs);
}

/** Cosign's own layout (`--registry-referrers-mode=oci-1-1`): a payload and annotations that refer to the image. */
export function storeSimpleReferrer(
  registry: EmbeddedRegistry,
  repository: string,
  digest: Digest,
  payload: Buffer,
  signed: Signed,
): void {
  const type = 'application/vnd.dev.cosign.artifact.sig.v1+json';
  storeReferrer(
    registry,
    repository,
    registry.read(repository, digest),
    content(payload, SIMPLE_SIGNING),
    { ...annotations(signed), 'dev.cosignproject.cosign/signature': signed.signature.toString('base64') },
    type,
    type,
  );
}

function storeReferrer(
  registry: EmbeddedRegistry,
  repository: string,
  subject: Content,
  layer: Content,
  layerAnnotations: Readonly<Record<string, string>>,
  artifactType: string,
  listedAs: string,
): void {
  const config = content({}, 'application/vnd.oci.empty.v1+json');
  registry.putBlob(repository, layer.bytes);
  registry.putBlob(repository, config.bytes);
  const manifest = content(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType,
      config: descriptor(config),
      layers: [{ ...descriptor(layer), annotations: layerAnnotations }],
      subject: descriptor(subject),
    },
    OCI_MANIFEST,
  );
  registry.putManifest(repository, manifest.bytes, OCI_MANIFEST);
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [{ ...descriptor(manifest), artifactType: listedAs }],
  };
  registry.putManifest(repository, index, index.mediaType, subject.digest.replace(':', '-'));
}

function envelope(payload: Buffer, signed: Signed): object {
  return {
    payload: payload.toString('base64'),
    payloadType: IN_TOTO,
    signatures: [{ sig: signed.signature.toString('base64'), keyid: '' }],
  };
}

function annotations(signed: Signed): Record<string, string> {
  const { certificate, logEntry, timestamp } = signed;
  return {
    ...(certificate === null ? {} : { 'dev.sigstore.cosign/certificate': toPem(certificate) }),
    ...(logEntry === null
      ? {}
      : {
          'dev.sigstore.cosign/bundle': JSON.stringify({
            SignedEntryTimestamp: logEntry.signedEntryTimestamp,
            Payload: {
              body: logEntry.body,
              integratedTime: logEntry.integratedTime,
              logIndex: logEntry.logIndex,
              logID: logEntry.logID,
            },
          }),
        }),
    ...(timestamp === null
      ? {}
      : {
          'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({
            SignedRFC3161Timestamp: timestamp.toString('base64'),
          }),
        }),
  };
}

function storeTag(
  registry: EmbeddedRegistry,
  repository: string,
  tag: string,
  bytes: Buffer,
  mediaType: string,
  layerAnnotations: Readonly<Record<string, string>>,
): void {
  const layer = content(bytes, mediaType);
  const config = content({}, 'application/vnd.oci.image.config.v1+json');
  registry.putBlob(repository, layer.bytes);
  registry.putBlob(repository, config.bytes);
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor(config),
    layers: [{ ...descriptor(layer), annotations: layerAnnotations }],
  };
  registry.putManifest(repository, manifest, OCI_MANIFEST, tag);
}
