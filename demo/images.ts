import { createHash } from 'node:crypto';
import type { Digest } from '../src/domain/digest.ts';
import type { EmbeddedRegistry } from '../test/support/registry/embedded-registry.ts';

/** A Debian package as a demo image has it: binary name, version, and the source package where it is named otherwise. */
export type DebianPackage = { readonly name: string; readonly version: string; readonly source?: string };

/** One release of a demo image: what is in it and what its configuration says. */
export type Release = {
  readonly packages: readonly DebianPackage[];
  readonly created: string;
  readonly revision: string;
  readonly env?: readonly string[];
  readonly user?: string;
};

type DemoImage = {
  readonly repository: string;
  readonly tag: string;
  readonly source: string;
  readonly architectures: readonly string[];
};

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const SPDX = 'https://spdx.dev/Document';

/**
 * Pushes one release of an image for its platforms, each with the SBOM attestation that BuildKit attaches (SPDX in
 * in-toto), and points the tag to its index. Gives the index's digest. The layers hold nothing: nobody pulls them.
 */
export function pushRelease(registry: EmbeddedRegistry, image: DemoImage, release: Release): Digest {
  const store = (document: object): { digest: Digest; size: number } => {
    const bytes = Buffer.from(JSON.stringify(document));
    return { digest: registry.putBlob(image.repository, bytes), size: bytes.length };
  };
  const manifest = (config: object, layer: object, mediaType: string, annotations?: object) => {
    const document = {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, ...store(config) },
      layers: [{ mediaType, ...store(layer), ...(annotations === undefined ? {} : { annotations }) }],
    };
    const digest = registry.putManifest(image.repository, document, OCI_MANIFEST);
    return { mediaType: OCI_MANIFEST, digest, size: Buffer.byteLength(JSON.stringify(document)) };
  };
  const entries = image.architectures.flatMap((architecture) => {
    const platform = { os: 'linux', architecture };
    const own = manifest(
      imageConfig(image, release, platform),
      { layer: `${image.repository} ${release.revision} ${architecture}` },
      'application/vnd.oci.image.layer.v1.tar+gzip',
    );
    const attestation = manifest(
      { os: 'unknown', architecture: 'unknown', rootfs: { type: 'layers', diff_ids: [] } },
      sbomStatement(image, release, own.digest),
      IN_TOTO,
      { 'in-toto.io/predicate-type': SPDX },
    );
    return [
      { ...own, platform },
      {
        ...attestation,
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': own.digest,
        },
      },
    ];
  });
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries };
  return registry.putManifest(image.repository, index, OCI_INDEX, image.tag);
}

function imageConfig(image: DemoImage, release: Release, platform: object) {
  return {
    ...platform,
    created: release.created,
    config: {
      Env: ['PATH=/usr/local/bin:/usr/bin:/bin', ...(release.env ?? [])],
      User: release.user ?? '',
      Labels: {
        'org.opencontainers.image.source': image.source,
        'org.opencontainers.image.revision': release.revision,
      },
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hex(release.revision)}`] },
    history: [{ created: release.created, created_by: 'debuerreotype' }],
  };
}

function sbomStatement(image: DemoImage, release: Release, subject: Digest) {
  const purl = ({ name, version, source }: DebianPackage) =>
    `pkg:deb/debian/${name}@${encodeURIComponent(version)}?distro=debian-12${source === undefined ? '' : `&upstream=${source}`}`;
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: SPDX,
    subject: [{ name: image.repository, digest: { sha256: subject.slice('sha256:'.length) } }],
    predicate: {
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: image.repository,
      documentNamespace: `https://example.org/spdx/${hex(`${image.repository} ${release.revision}`)}`,
      creationInfo: { created: release.created, creators: ['Tool: syft-1.18.1'] },
      packages: release.packages.map((item) => ({
        SPDXID: `SPDXRef-Package-deb-${item.name}-${hex(item.name).slice(0, 16)}`,
        name: item.name,
        versionInfo: item.version,
        downloadLocation: 'NOASSERTION',
        externalRefs: [
          { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl(item) },
        ],
      })),
    },
  };
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
