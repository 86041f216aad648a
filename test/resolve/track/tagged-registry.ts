import type { Digest } from '../../../src/domain/digest.ts';
import { canonicalName, type Repository } from '../../../src/domain/image-reference.ts';
import { type Registry, RegistryError } from '../../../src/resolve/registry.ts';
import { FakeRegistry } from '../fake-registry.ts';

export const PYTHON: Repository = { registry: 'docker.io', repository: 'library/python' };

/** A fake registry whose tags can be listed, and are listed in the order they were pushed. */
export class TaggedRegistry extends FakeRegistry {
  readonly #tags: string[] = [];
  outage: RegistryError | null = null;

  override tags: Registry['tags'] = async (repository) => {
    this.asked.push(`tags ${canonicalName(repository)}`);
    if (this.outage !== null) throw this.outage;
    return this.#tags;
  };

  /** Pushes `tag` as an index of `platforms`; gives the index's digest. */
  push(tag: string, platforms: readonly string[], repository = PYTHON): Digest {
    const entries = platforms.map((platform) => ({
      platform,
      digest: this.manifestOf(`${tag} ${platform}`, platform),
    }));
    const attestation = {
      platform: 'unknown/unknown',
      digest: FakeRegistry.digest(`${tag} att`),
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
    };
    const digest = this.indexOf(`${canonicalName(repository)} ${tag}`, [...entries, attestation]);
    return this.point(tag, digest, repository);
  }

  /** Lists `tag` and points it to a digest or a fault. */
  point<To extends Digest | RegistryError>(tag: string, to: To, repository = PYTHON): To {
    this.list(tag);
    this.tag(`${canonicalName(repository)}:${tag}`, to);
    return to;
  }

  /** Lists `tag`, which points to nothing. */
  list(tag: string): void {
    this.#tags.push(tag);
  }

  askedFor(kind: 'head' | 'tags' | 'manifest' | 'blob'): readonly string[] {
    return this.asked.filter((one) => one.startsWith(kind));
  }
}

export function fault(code: RegistryError['code'], temporary = false): RegistryError {
  return new RegistryError({ code, message: `registry.test: ${code}`, temporary });
}
