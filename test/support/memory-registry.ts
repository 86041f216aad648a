import { createHash } from 'node:crypto';
import { type Digest, toDigest } from '../../src/domain/digest.ts';
import type { Repository, TaggedImage } from '../../src/domain/image-reference.ts';
import { parsePlatform } from '../../src/domain/platform.ts';
import {
  type Descriptor,
  type IndexEntry,
  type IndexOrManifest,
  type Manifest,
  type Registry,
  RegistryError,
  type RequestCounts,
} from '../../src/resolve/registry.ts';

type Annotations = Readonly<Record<string, string>>;

/** A registry of one repository in memory, filled by a test. Keeps what was asked for in `asked`. */
export class MemoryRegistry implements Registry {
  readonly asked: string[] = [];
  /** Throw this for every question about referrers. */
  referrersFault: RegistryError | null = null;
  readonly #manifests = new Map<string, IndexOrManifest>();
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #tags = new Map<string, Digest>();
  readonly #referrers = new Map<string, IndexEntry[]>();

  /** Puts an image with this configuration; one layer of `size` bytes that must never be asked for. */
  putImage(config: Readonly<Record<string, unknown>>, size = 1000): Digest {
    const described = this.putBlob(JSON.stringify({ os: 'linux', architecture: 'amd64', ...config }));
    const layer = {
      digest: digest(`layer ${size}`),
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      size,
      annotations: {},
    };
    return this.#putManifest({
      config: { ...described, mediaType: 'application/vnd.oci.image.config.v1+json' },
      layers: [layer],
    });
  }

  /** Puts an artefact of documents. */
  putArtifact(
    layers: readonly {
      readonly text: string;
      readonly mediaType: string;
      readonly annotations?: Annotations;
    }[],
    subject: Digest | null = null,
  ): Digest {
    return this.#putManifest({
      layers: layers.map(({ text, mediaType, annotations }) => ({
        ...this.putBlob(text),
        mediaType,
        annotations: annotations ?? {},
      })),
      subject: subject === null ? null : descriptor(subject),
    });
  }

  /** Puts an index of platforms, `linux/amd64` and the like, and of attestation manifests about them. */
  putIndex(
    images: Readonly<Record<string, Digest>>,
    attestations: readonly { readonly of: Digest; readonly digest: Digest }[] = [],
  ): Digest {
    const entries: IndexEntry[] = Object.entries(images).map(([text, image]) => ({
      ...descriptor(image),
      platform: parsePlatform(text),
      artifactType: null,
      annotations: {},
    }));
    for (const attestation of attestations) {
      entries.push({
        ...descriptor(attestation.digest),
        platform: { os: 'unknown', architecture: 'unknown', variant: null },
        artifactType: null,
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': attestation.of,
        },
      });
    }
    const own = digest(JSON.stringify(entries));
    this.#manifests.set(own, { kind: 'index', descriptor: descriptor(own), entries, annotations: {} });
    return own;
  }

  tag(tag: string, target: Digest): void {
    this.#tags.set(tag, target);
  }

  refer(subject: Digest, artifact: Digest, artifactType: string | null): void {
    const list = this.#referrers.get(subject) ?? [];
    list.push({ ...descriptor(artifact), platform: null, artifactType, annotations: {} });
    this.#referrers.set(subject, list);
  }

  putBlob(text: string): Descriptor {
    const bytes = Buffer.from(text);
    const own = digest(bytes);
    this.#blobs.set(own, bytes);
    return { digest: own, mediaType: 'application/octet-stream', size: bytes.length };
  }

  async resolveTag(image: TaggedImage): Promise<Descriptor> {
    this.asked.push(`tag ${image.tag}`);
    const found = this.#tags.get(image.tag);
    if (found === undefined) throw missing(image.tag);
    return descriptor(found);
  }

  async manifest(_repository: Repository, wanted: Digest): Promise<IndexOrManifest> {
    this.asked.push(`manifest ${wanted}`);
    const found = this.#manifests.get(wanted);
    if (found === undefined) throw missing(wanted);
    return found;
  }

  async blob(_repository: Repository, wanted: Digest): Promise<Uint8Array> {
    this.asked.push(`blob ${wanted}`);
    const found = this.#blobs.get(wanted);
    if (found === undefined) throw missing(wanted);
    return found;
  }

  async tags(): Promise<readonly string[]> {
    return [...this.#tags.keys()];
  }

  async referrers(_repository: Repository, subject: Digest): Promise<readonly IndexEntry[]> {
    this.asked.push(`referrers ${subject}`);
    if (this.referrersFault !== null) throw this.referrersFault;
    return this.#referrers.get(subject) ?? [];
  }

  requests(): RequestCounts {
    return { head: 0, manifest: 0, blob: 0, tags: 0, referrers: 0, token: 0, ping: 0 };
  }

  async close(): Promise<void> {}

  #putManifest(parts: Partial<Manifest>): Digest {
    const own = digest(JSON.stringify(parts));
    this.#manifests.set(own, {
      kind: 'manifest',
      descriptor: descriptor(own),
      config: descriptor(digest('{}')),
      layers: [],
      artifactType: null,
      subject: null,
      annotations: {},
      ...parts,
    });
    return own;
  }
}

function descriptor(of: Digest): Descriptor {
  return { digest: of, mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 100 };
}

function digest(content: string | Uint8Array): Digest {
  return toDigest(`sha256:${createHash('sha256').update(content).digest('hex')}`);
}

function missing(what: string): RegistryError {
  return new RegistryError({ code: 'not-found', message: `registry.example: ${what} is not there` });
}
