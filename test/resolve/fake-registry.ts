import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm, toDigest } from '../../src/domain/digest.ts';
import { canonicalName, tagKey } from '../../src/domain/image-reference.ts';
import { parsePlatform } from '../../src/domain/platform.ts';
import {
  type Descriptor,
  type IndexEntry,
  type IndexOrManifest,
  type Registry,
  RegistryError,
} from '../../src/resolve/registry.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';

export type EntryInit = {
  readonly platform: string | null;
  readonly digest: Digest;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** A registry made of plain values, which counts and records what it is asked. */
export class FakeRegistry implements Registry {
  readonly asked: string[] = [];
  readonly #tags = new Map<string, Descriptor | RegistryError>();
  readonly #contents = new Map<string, IndexOrManifest>();
  readonly #blobs = new Map<string, Uint8Array>();

  /** A digest of any text. */
  static digest(text: string, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
    return toDigest(`${algorithm}:${createHash(algorithm).update(text).digest('hex')}`);
  }

  manifestOf(name: string, platform: string | null, config: Readonly<Record<string, unknown>> = {}): Digest {
    const parsed = platform === null ? null : parsePlatform(platform);
    const fields = parsed === null ? {} : { os: parsed.os, architecture: parsed.architecture };
    const variant = parsed?.variant == null ? {} : { variant: parsed.variant };
    const bytes = new TextEncoder().encode(JSON.stringify({ name, ...fields, ...variant, ...config }));
    const configDigest = FakeRegistry.digest(new TextDecoder().decode(bytes));
    this.#blobs.set(configDigest, bytes);
    const digest = FakeRegistry.digest(`manifest ${name}`);
    const descriptor = { digest, mediaType: MANIFEST, size: 1 };
    this.#contents.set(digest, {
      kind: 'manifest',
      descriptor,
      config: { digest: configDigest, mediaType: CONFIG, size: bytes.length },
      layers: [],
      artifactType: null,
      subject: null,
      annotations: {},
    });
    return digest;
  }

  /** A blob with this text. */
  blobOf(text: string): Digest {
    const digest = FakeRegistry.digest(text);
    this.#blobs.set(digest, new TextEncoder().encode(text));
    return digest;
  }

  /** The same image under another digest, as another annotation or algorithm makes it. */
  alias(of: Digest, digest: Digest): Digest {
    const content = this.#contents.get(of);
    if (content === undefined) throw new RangeError('no such content');
    this.#contents.set(digest, { ...content, descriptor: { ...content.descriptor, digest } });
    return digest;
  }

  indexOf(
    name: string,
    entries: readonly EntryInit[],
    annotations: Readonly<Record<string, string>> = {},
  ): Digest {
    const digest = FakeRegistry.digest(`index ${name}`);
    const listed = entries.map(
      (entry): IndexEntry => ({
        digest: entry.digest,
        mediaType: MANIFEST,
        size: 1,
        platform: entry.platform === null ? null : parsePlatform(entry.platform),
        artifactType: null,
        annotations: entry.annotations ?? {},
      }),
    );
    const descriptor = { digest, mediaType: INDEX, size: 1 };
    this.#contents.set(digest, { kind: 'index', descriptor, entries: listed, annotations });
    return digest;
  }

  tag(key: string, to: Digest | RegistryError): void {
    if (to instanceof RegistryError) {
      this.#tags.set(key, to);
      return;
    }
    const content = this.#contents.get(to);
    const mediaType = content?.kind === 'manifest' ? MANIFEST : INDEX;
    this.#tags.set(key, { digest: to, mediaType, size: 1 });
  }

  remove(digest: Digest): void {
    this.#contents.delete(digest);
  }

  count(kind: 'head' | 'manifest' | 'blob'): number {
    return this.asked.filter((one) => one.startsWith(kind)).length;
  }

  resolveTag: Registry['resolveTag'] = async (image) => {
    this.asked.push(`head ${tagKey(image)}`);
    const found = this.#tags.get(tagKey(image));
    if (found instanceof RegistryError) throw found;
    return found ?? notFound(tagKey(image));
  };

  manifest: Registry['manifest'] = async (repository, digest) => {
    this.asked.push(`manifest ${canonicalName(repository)}@${digest}`);
    return this.#contents.get(digest) ?? notFound(digest);
  };

  blob: Registry['blob'] = async (repository, digest) => {
    this.asked.push(`blob ${canonicalName(repository)}@${digest}`);
    return this.#blobs.get(digest) ?? notFound(digest);
  };

  tags: Registry['tags'] = async () => [];
  referrers: Registry['referrers'] = async () => [];
  requests: Registry['requests'] = () => ({
    head: this.count('head'),
    manifest: this.count('manifest'),
    blob: this.count('blob'),
    tags: 0,
    referrers: 0,
    token: 0,
    ping: 0,
  });
  close: Registry['close'] = async () => {};
}

export function sha512Of(text: string): Digest {
  const digest = FakeRegistry.digest(text, 'sha512');
  if (digestAlgorithm(digest) !== 'sha512') throw new RangeError('not sha512');
  return digest;
}

function notFound(what: string): never {
  throw new RegistryError({ code: 'not-found', message: `registry.test has no ${what}` });
}
