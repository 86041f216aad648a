import { createRegistry } from '../../../src/adapters/registry/registry.ts';
import { describeRegistryContract } from '../../contract/registry.ts';
import type { EmbeddedAuth } from '../../support/registry/embedded-answers.ts';
import { startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { buildArtefact, buildReferrersTag } from '../../support/registry/image-builder.ts';
import { registryEntry } from '../../support/registry-entry.ts';

const user = { username: 'puller', password: 'p:ä ss' };
const cases: readonly (readonly [name: string, auth: EmbeddedAuth, referrersApi: boolean])[] = [
  ['no authentication', { scheme: 'none' }, true],
  ['Basic', { scheme: 'basic', ...user }, false],
  ['Bearer, anonymous', { scheme: 'bearer' }, true],
  ['Bearer with credentials', { scheme: 'bearer', anonymous: false, ...user }, false],
];

for (const [name, auth, referrersApi] of cases) {
  describeRegistryContract(`embedded, ${name}`, async () => {
    const embedded = await startEmbeddedRegistry({ auth, referrersApi, tagsPerPage: 10 });
    const entry = registryEntry(embedded.host, {
      plainHttp: true,
      allowPrivate: true,
      username: user.username,
      passwordEnv: 'TEST_PASSWORD',
    });
    const registry = createRegistry({
      settings: { registries: [entry] },
      env: { TEST_PASSWORD: user.password },
      sleep: async () => {},
    });
    return {
      host: embedded.host,
      registry,
      push: async (repository, tag, image) => embedded.store(repository, tag, image),
      remove: async (repository, digest) => embedded.remove(repository, digest),
      async attach(repository, subject, artifactType) {
        const { manifest, blobs } = buildArtefact(embedded.read(repository, subject), artifactType);
        embedded.putManifest(repository, manifest.bytes, manifest.mediaType);
        for (const blob of blobs) embedded.putBlob(repository, blob.bytes);
        if (!referrersApi) {
          const { tag, index } = buildReferrersTag(subject, [{ manifest, artifactType }]);
          embedded.putManifest(repository, index.bytes, index.mediaType, tag);
        }
        return manifest.digest;
      },
      stop: () => embedded.close(),
      close: () => embedded.close(),
    };
  });
}
