import type { Digest } from '../../src/domain/digest.ts';
import { type Repository, type TaggedImage, tagKey } from '../../src/domain/image-reference.ts';
import { type Index, type Registry, RegistryError } from '../../src/resolve/registry.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A registry whose tags are a map: `docker.io/library/python:3.11` → digest. Every digest is an index of two platforms. */
export function fakeRegistry(tags: Map<string, Digest>): Registry {
  const index = (digest: Digest): Index => ({
    kind: 'index',
    descriptor: { digest, mediaType: INDEX, size: 1000 },
    annotations: {},
    entries: ['amd64', 'arm64'].map((architecture) => ({
      // Each index has manifests of its own, or a move would be churn.
      digest: `${digest.slice(0, -1)}${architecture === 'amd64' ? '1' : '2'}` as Digest,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: 500,
      platform: { os: 'linux', architecture, variant: null },
      artifactType: null,
      annotations: {},
    })),
  });
  return {
    resolveTag: async (image: TaggedImage) => {
      const digest = tags.get(tagKey(image));
      if (digest === undefined) {
        throw new RegistryError({ code: 'not-found', message: `${tagKey(image)} is not there` });
      }
      return { digest, mediaType: INDEX, size: 1000 };
    },
    manifest: async (_: Repository, digest: Digest) => index(digest),
    blob: async () => {
      throw new RegistryError({ code: 'not-found', message: 'no blobs here' });
    },
    tags: async () => [],
    referrers: async () => [],
    requests: () => ({ head: 0, manifest: 0, blob: 0, tags: 0, referrers: 0, token: 0, ping: 0 }),
    close: async () => {},
  };
}
