import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../../domain/digest.ts';
import { canonicalName, type Repository, type TaggedImage } from '../../domain/image-reference.ts';
import type { Platform } from '../../domain/platform.ts';
import { parseTag, type TagVersion } from '../../domain/tag-version.ts';
import { readConfig, runnableOfIndex, runnableOfManifest } from '../content.ts';
import { type Descriptor, type Registry, unlessGone } from '../registry.ts';
import { SharedRegistry } from '../shared-registry.ts';

const TAGS_AT_ONCE = 2000;

/** What a digest runs: its platforms, and the digests of the manifests behind them. */
export type Content = {
  readonly platforms: readonly Platform[];
  readonly digests: readonly Digest[];
};

/** A registry as tracking asks it through one pass: each repository's tags are listed and read once. */
export class TagLookups {
  readonly #shared: SharedRegistry;
  readonly #versions = new Map<string, Promise<readonly TagVersion[]>>();
  readonly #now: Date;

  constructor(registry: Registry, now: Date) {
    this.#shared = SharedRegistry.of(registry);
    this.#now = now;
  }

  /** All tags of a repository that read as a version, in the registry's order. Throws RegistryError. */
  versions(repository: Repository): Promise<readonly TagVersion[]> {
    const key = canonicalName(repository);
    const pending = this.#versions.get(key);
    if (pending !== undefined) return pending;
    const started = this.#list(repository);
    this.#versions.set(key, started);
    return started;
  }

  /** What a tag points to; null where the registry has no such tag. Throws RegistryError for everything else. */
  tag(image: TaggedImage): Promise<Descriptor | null> {
    return unlessGone(this.#shared.resolveTag(image));
  }

  /** What a digest runs; null where the registry has no such content. Throws RegistryError for everything else. */
  content(repository: Repository, digest: Digest): Promise<Content | null> {
    return unlessGone(this.#content(repository, digest));
  }

  async #content(repository: Repository, digest: Digest): Promise<Content> {
    const content = await this.#shared.manifest(repository, digest);
    const runs =
      content.kind === 'index'
        ? runnableOfIndex(content, this.#now)
        : runnableOfManifest(content, await readConfig(repository, content, this.#shared, this.#now));
    return {
      platforms: runs.shape.platforms,
      digests: [digest, ...[...runs.byPlatform.values()].flatMap((one) => one.digests)],
    };
  }

  async #list(repository: Repository): Promise<readonly TagVersion[]> {
    const tags = await this.#shared.tags(repository);
    const versions: TagVersion[] = [];
    for (const [index, tag] of tags.entries()) {
      // A list of 200,000 takes seconds: others, a webhook's answer among them, get their turn in between.
      if (index % TAGS_AT_ONCE === TAGS_AT_ONCE - 1) await setImmediate();
      const version = parseTag(tag);
      if (version !== null) versions.push(version);
    }
    return versions;
  }
}
