import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, exec } from './scan-programs.ts';

/** A package as dpkg knows it. */
export type InstalledPackage = {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
};

/** The root file systems of three images of Debian 12, as one would build them in three weeks. */
export type DebianImages = {
  /** As released, without security updates. */
  readonly old: string;
  /** The same with the security updates. */
  readonly updated: string;
  /** The updated one with one more package, `less`. */
  readonly extended: string;
};

const MIRROR = 'http://deb.debian.org';

/** Builds the three root file systems with debootstrap and apt, once. Takes about a minute the first time. */
export async function debianImages(): Promise<DebianImages> {
  const old = await cached('debian-old', async (draft) => {
    await exec('debootstrap', [
      '--variant=minbase',
      '--include=ca-certificates',
      'bookworm',
      draft,
      `${MIRROR}/debian`,
    ]);
    await clean(draft);
  });
  const updated = await cached('debian-updated', async (draft) => {
    await exec('cp', ['-a', old, draft]);
    const list = `deb ${MIRROR}/debian-security bookworm-security main\ndeb ${MIRROR}/debian bookworm-updates main\n`;
    await writeFile(join(draft, 'etc/apt/sources.list.d/security.list'), list);
    await exec('chroot', [draft, 'apt-get', 'update', '-q']);
    await exec('chroot', [draft, 'apt-get', 'upgrade', '-q', '-y', '--no-install-recommends']);
    await clean(draft);
  });
  const extended = await cached('debian-extended', async (draft) => {
    await exec('cp', ['-a', updated, draft]);
    await exec('chroot', [draft, 'apt-get', 'update', '-q']);
    await exec('chroot', [draft, 'apt-get', 'install', '-q', '-y', '--no-install-recommends', 'less']);
    await clean(draft);
  });
  return { old, updated, extended };
}

async function clean(root: string): Promise<void> {
  await exec('sh', ['-c', 'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*', 'sh', root]);
}

/** The packages of a root file system, from its own dpkg database. */
export async function installedPackages(root: string): Promise<readonly InstalledPackage[]> {
  const format = '${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\\n';
  const admin = join(root, 'var/lib/dpkg');
  const out = await exec('dpkg-query', [`--admindir=${admin}`, '-W', '-f', format]);
  return out
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', version = '', architecture = '', source = '', sourceVersion = ''] = line.split(' ');
      return { name, version, architecture, source, sourceVersion };
    });
}

export type ImageOptions = {
  readonly user?: string;
  readonly port?: string;
  readonly cmd?: string;
  readonly labels?: Readonly<Record<string, string>>;
};

/** Packs a root file system into an image with umoci and pushes it with skopeo. Returns the manifest's digest. */
export async function pushImage(
  host: string,
  repository: string,
  tag: string,
  root: string,
  work: string,
  options: ImageOptions = {},
): Promise<string> {
  const layout = join(work, `layout-${tag}`);
  const archive = await cached(`${root.split('/').at(-1)}.tar`, async (draft) => {
    await exec('tar', [
      '--numeric-owner',
      '--one-file-system',
      '--exclude=./dev/*',
      '-C',
      root,
      '-cf',
      draft,
      '.',
    ]);
  });
  await mkdir(work, { recursive: true });
  await exec('umoci', ['init', '--layout', layout]);
  await exec('umoci', ['new', '--image', `${layout}:${tag}`]);
  await exec('umoci', ['raw', 'add-layer', '--image', `${layout}:${tag}`, archive]);
  const config = ['--os', 'linux', '--architecture', 'amd64'];
  if (options.user !== undefined) config.push('--config.user', options.user);
  if (options.port !== undefined) config.push('--config.exposedports', options.port);
  config.push('--config.cmd', options.cmd ?? '/bin/bash');
  for (const [key, value] of Object.entries(options.labels ?? {}))
    config.push('--config.label', `${key}=${value}`);
  await exec('umoci', ['config', '--image', `${layout}:${tag}`, ...config]);
  const target = `docker://${host}/${repository}:${tag}`;
  await exec('skopeo', ['copy', '-q', '--dest-tls-verify=false', `oci:${layout}:${tag}`, target]);
  const raw = await fetch(`http://${host}/v2/${repository}/manifests/${tag}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  return sha256(Buffer.from(await raw.arrayBuffer()));
}

/** The digest of bytes. */
export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

type Descriptor = { readonly mediaType: string; readonly digest: string; readonly size: number };

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** Pushes one document as an artefact; returns its manifest's descriptor. */
export async function pushArtifact(
  host: string,
  repository: string,
  options: {
    readonly text: string;
    readonly mediaType: string;
    readonly layerAnnotations?: Readonly<Record<string, string>>;
    readonly artifactType?: string;
    readonly subject?: Descriptor;
    readonly tag?: string;
  },
): Promise<Descriptor> {
  const layer = await pushBlob(host, repository, Buffer.from(options.text));
  const config = await pushBlob(host, repository, Buffer.from('{}'));
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    ...(options.artifactType === undefined ? {} : { artifactType: options.artifactType }),
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [
      {
        mediaType: options.mediaType,
        ...layer,
        ...(options.layerAnnotations === undefined ? {} : { annotations: options.layerAnnotations }),
      },
    ],
    ...(options.subject === undefined ? {} : { subject: options.subject }),
  };
  return pushManifest(host, repository, manifest, OCI_MANIFEST, options.tag);
}

/** Pushes an index as BuildKit writes it: the image, and its attestation manifest beside it. Returns its digest. */
export async function pushAttestedIndex(
  host: string,
  repository: string,
  tag: string,
  imageDigest: string,
  statement: string,
): Promise<string> {
  const image = await describe(host, repository, imageDigest);
  const attestation = await pushArtifact(host, repository, {
    text: statement,
    mediaType: 'application/vnd.in-toto+json',
    layerAnnotations: { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' },
  });
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      { ...image, platform: { architecture: 'amd64', os: 'linux' } },
      {
        ...attestation,
        annotations: {
          'vnd.docker.reference.digest': imageDigest,
          'vnd.docker.reference.type': 'attestation-manifest',
        },
        platform: { architecture: 'unknown', os: 'unknown' },
      },
    ],
  };
  return (await pushManifest(host, repository, index, OCI_INDEX, tag)).digest;
}

/** Attaches a document to an image by the referrers fallback tag, as this registry has no referrers API. */
export async function attachReferrer(
  host: string,
  repository: string,
  imageDigest: string,
  text: string,
  mediaType: string,
): Promise<void> {
  const subject = await describe(host, repository, imageDigest);
  const artifact = await pushArtifact(host, repository, {
    text,
    mediaType,
    artifactType: mediaType,
    subject,
  });
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ ...artifact, artifactType: mediaType }],
  };
  await pushManifest(host, repository, index, OCI_INDEX, imageDigest.replace(':', '-'));
}

async function describe(host: string, repository: string, digest: string): Promise<Descriptor> {
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${digest}`, {
    headers: { accept: OCI_MANIFEST },
  });
  const bytes = await response.arrayBuffer();
  return { mediaType: OCI_MANIFEST, digest, size: bytes.byteLength };
}

async function pushManifest(
  host: string,
  repository: string,
  manifest: unknown,
  mediaType: string,
  tag?: string,
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = sha256(bytes);
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${tag ?? digest}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: bytes,
  });
  if (response.status !== 201) throw new Error(`PUT manifest: ${response.status} ${await response.text()}`);
  return { mediaType, digest, size: bytes.length };
}

async function pushBlob(
  host: string,
  repository: string,
  bytes: Buffer,
): Promise<{ readonly digest: string; readonly size: number }> {
  const digest = sha256(bytes);
  const start = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const location = new URL(start.headers.get('location') ?? '', `http://${host}`);
  location.searchParams.set('digest', digest);
  const response = await fetch(location, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  });
  if (response.status !== 201) throw new Error(`PUT blob: ${response.status} ${await response.text()}`);
  return { digest, size: bytes.length };
}

/** An SPDX document in the shape of Syft, as BuildKit attaches it: no OS component, source packages in `upstream` only. */
export function syftSpdx(packages: readonly InstalledPackage[]): unknown {
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: 'sbom',
    creationInfo: { created: '2026-11-01T00:00:00Z', creators: ['Tool: syft-1.0.0'] },
    packages: packages.map((item, index) => {
      const upstream =
        item.source === item.name && item.sourceVersion === item.version
          ? ''
          : `&upstream=${encodeURIComponent(item.sourceVersion === item.version ? item.source : `${item.source}@${item.sourceVersion}`)}`;
      return {
        SPDXID: `SPDXRef-Package-deb-${index}`,
        name: item.name,
        versionInfo: item.version,
        sourceInfo: `acquired package info from DPKG DB: /var/lib/dpkg/status`,
        externalRefs: [
          {
            referenceCategory: 'PACKAGE-MANAGER',
            referenceType: 'purl',
            referenceLocator: `pkg:deb/debian/${encodeURIComponent(item.name)}@${encodeURIComponent(item.version)}?arch=${item.architecture}&distro=debian-12${upstream}`,
          },
        ],
      };
    }),
  };
}

/** An in-toto statement about an image. */
export function inTotoStatement(imageDigest: string, predicate: unknown): string {
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://spdx.dev/Document',
    subject: [
      {
        name: 'pkg:docker/base@1?platform=linux%2Famd64',
        digest: { sha256: imageDigest.slice('sha256:'.length) },
      },
    ],
    predicate,
  });
}

/** The CycloneDX document of a root file system, made by Trivy itself. */
export async function trivyCycloneDx(trivy: string, root: string): Promise<string> {
  return exec(trivy, [
    'rootfs',
    '--format',
    'cyclonedx',
    '--quiet',
    '--offline-scan',
    '--skip-db-update',
    root,
  ]);
}

/** Reads a file as text. */
export function readText(path: string): Promise<string> {
  return readFile(path, 'utf8');
}
