import type { Digest } from '../domain/digest.ts';
import { canonicalName, type Repository, type TaggedImage, tagKey } from '../domain/image-reference.ts';
import type { Descriptor, IndexEntry, IndexOrManifest, Registry, RequestCounts } from './registry.ts';

/** Image configurations are a few kilobytes; one of this size is no configuration. */
const CONFIG_LIMIT = 4 * 1024 * 1024;

/**
 * A registry seen through one pass: a tag is looked up once and content named by digest is fetched once, whoever asks,
 * also one after another. So a tag that moves meanwhile is one digest to the whole pass. Its answers grow old with it:
 * never to be kept beyond the pass.
 */
export class SharedRegistry implements Registry {
  readonly #registry: Registry;
  readonly #tags = new Map<string, Promise<Descriptor>>();
  readonly #manifests = new Map<string, Promise<IndexOrManifest>>();
  readonly #configs = new Map<string, Promise<Uint8Array>>();

  private constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The registry as one pass sees it; the same one where it is shared already. */
  static of(registry: Registry): SharedRegistry {
    return registry instanceof SharedRegistry ? registry : new SharedRegistry(registry);
  }

  /** One HEAD for each tag. Throws RegistryError. */
  resolveTag(image: TaggedImage): Promise<Descriptor> {
    return once(this.#tags, tagKey(image), () => this.#registry.resolveTag(image));
  }

  /** The index or manifest of a digest, fetched once per repository. Throws RegistryError. */
  manifest(repository: Repository, digest: Digest): Promise<IndexOrManifest> {
    return once(this.#manifests, `${canonicalName(repository)}@${digest}`, () =>
      this.#registry.manifest(repository, digest),
    );
  }

  /** An image configuration's bytes, fetched once per repository. Throws RegistryError. */
  config(repository: Repository, digest: Digest): Promise<Uint8Array> {
    return once(this.#configs, `${canonicalName(repository)}@${digest}`, () =>
      this.#registry.blob(repository, digest, CONFIG_LIMIT),
    );
  }

  blob(repository: Repository, digest: Digest, maxBytes: number): Promise<Uint8Array> {
    return this.#registry.blob(repository, digest, maxBytes);
  }

  tags(repository: Repository): Promise<readonly string[]> {
    return this.#registry.tags(repository);
  }

  referrers(repository: Repository, digest: Digest): Promise<readonly IndexEntry[]> {
    return this.#registry.referrers(repository, digest);
  }

  requests(): RequestCounts {
    return this.#registry.requests();
  }

  close(): Promise<void> {
    return this.#registry.close();
  }
}

function once<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  fetch: () => Promise<Value>,
): Promise<Value> {
  const pending = known.get(key);
  if (pending !== undefined) return pending;
  const started = fetch();
  known.set(key, started);
  return started;
}
