import type { Digest } from '../domain/digest.ts';
import { canonicalName, type Repository, type TaggedImage } from '../domain/image-reference.ts';
import type { Descriptor, IndexOrManifest, Registry } from './registry.ts';

/** Image configurations are a few kilobytes; one of this size is no configuration. */
const CONFIG_LIMIT = 4 * 1024 * 1024;

/** A registry seen through one pass: content named by digest is fetched once, whoever asks, also one after another. */
export class SharedRegistry {
  readonly #registry: Registry;
  readonly #manifests = new Map<string, Promise<IndexOrManifest>>();
  readonly #configs = new Map<string, Promise<Uint8Array>>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** One HEAD. Throws RegistryError. */
  resolveTag(image: TaggedImage): Promise<Descriptor> {
    return this.#registry.resolveTag(image);
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
