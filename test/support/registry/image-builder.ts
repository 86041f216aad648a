import { createHash } from 'node:crypto';
import type { Digest } from '../../../src/domain/digest.ts';

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** A piece of content and its digest, as a registry keeps it. */
export type Content = { readonly bytes: Buffer; readonly digest: Digest; readonly mediaType: string };

/** What distinguishes one built image from another. Equal specs give equal digests. */
export type ImageSpec = {
  /** `os/architecture[/variant]`; default `linux/amd64` and `linux/arm64`. One platform and `single` makes no index. */
  readonly platforms?: readonly string[];
  /** A manifest by itself instead of an index; needs exactly one platform. */
  readonly single?: boolean;
  /** Anything: another seed is another content. */
  readonly seed?: string;
  /** The config's `created`; default the year 2026. */
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations of the index: another annotation is another index with the same platforms. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Adds an attestation manifest for each platform, as BuildKit does. */
  readonly attestations?: boolean;
};

export type BuiltManifest = {
  readonly platform: string;
  readonly manifest: Content;
  readonly blobs: readonly Content[];
};

export type BuiltImage = {
  /** What a tag points to: the index, or the single manifest. */
  readonly top: Content;
  readonly manifests: readonly BuiltManifest[];
};

/** The content of bytes or of a JSON document. */
export function content(value: Buffer | object, mediaType: string): Content {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return { bytes, mediaType, digest: sha256(bytes) };
}

export function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

export function sha512(bytes: Uint8Array): Digest {
  return `sha512:${createHash('sha512').update(bytes).digest('hex')}` as Digest;
}

/** A small image in memory: config, one layer and manifest a platform, and their index. */
export function buildImage(spec: ImageSpec = {}): BuiltImage {
  const platforms = spec.platforms ?? ['linux/amd64', 'linux/arm64'];
  const manifests = platforms.flatMap((platform) => {
    const image = buildManifest(platform, spec);
    return spec.attestations === true ? [image, buildAttestation(image)] : [image];
  });
  const [first] = manifests;
  if (spec.single === true && first !== undefined) return { top: first.manifest, manifests: [first] };
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: manifests.map(({ platform, manifest }, i) => ({
      ...descriptor(manifest),
      platform: platformFields(platform),
      ...attestationAnnotations(platform, manifests[i - 1]),
    })),
    ...(spec.annotations === undefined ? {} : { annotations: spec.annotations }),
  };
  return { top: content(index, OCI_INDEX), manifests };
}

/** An artefact (signature, SBOM, …) that refers to a manifest or index by `subject`. */
export function buildArtefact(subject: Content, artifactType: string): Omit<BuiltManifest, 'platform'> {
  const config = content({}, 'application/vnd.oci.empty.v1+json');
  const layer = content(Buffer.from(`${artifactType} of ${subject.digest}`), artifactType);
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: descriptor(config),
    layers: [descriptor(layer)],
    subject: descriptor(subject),
  };
  return { manifest: content(document, OCI_MANIFEST), blobs: [config, layer] };
}

/** The index and the tag that stand in for the referrers API (distribution-spec, referrers tag schema). */
export function buildReferrersTag(
  subject: Digest,
  artefacts: readonly { readonly manifest: Content; readonly artifactType: string }[],
): { readonly tag: string; readonly index: Content } {
  const manifests = artefacts.map(({ manifest, artifactType }) => ({
    ...descriptor(manifest),
    artifactType,
  }));
  const index = content({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, OCI_INDEX);
  return { tag: subject.replace(':', '-').slice(0, 'sha256-'.length + 64), index };
}

export function descriptor({ mediaType, digest, bytes }: Content): {
  mediaType: string;
  digest: Digest;
  size: number;
} {
  return { mediaType, digest, size: bytes.length };
}

function buildManifest(platform: string, spec: ImageSpec): BuiltManifest {
  const seed = spec.seed ?? '';
  const layer = content(Buffer.from(`layer of ${platform} ${seed}`), OCI_LAYER);
  const config = content(
    {
      ...platformFields(platform),
      created: spec.created ?? '2026-01-01T00:00:00Z',
      config: { Labels: spec.labels ?? {} },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
      history: [{ created_by: seed }],
    },
    OCI_CONFIG,
  );
  const manifest = content(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: descriptor(config),
      layers: [descriptor(layer)],
    },
    OCI_MANIFEST,
  );
  return { platform, manifest, blobs: [config, layer] };
}

function buildAttestation(image: BuiltManifest): BuiltManifest {
  const statement = content(
    { _type: 'https://in-toto.io/Statement/v0.1', of: image.manifest.digest },
    'application/vnd.in-toto+json',
  );
  const config = content({ architecture: 'unknown', os: 'unknown' }, OCI_CONFIG);
  const manifest = content(
    {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: descriptor(config),
      layers: [descriptor(statement)],
    },
    OCI_MANIFEST,
  );
  return { platform: 'unknown/unknown', manifest, blobs: [config, statement] };
}

function attestationAnnotations(platform: string, image: BuiltManifest | undefined): object {
  if (platform !== 'unknown/unknown' || image === undefined) return {};
  return {
    annotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': image.manifest.digest,
    },
  };
}

function platformFields(platform: string): { os: string; architecture: string; variant?: string } {
  const [os = '', architecture = '', variant] = platform.split('/');
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}
