import { createRegistry } from '../../src/adapters/registry/registry.ts';
import { describeRegistryContract } from '../contract/registry.ts';
import { buildArtefact, buildReferrersTag, type Content } from '../support/registry/image-builder.ts';
import { registryEntry } from '../support/registry-entry.ts';
import {
  type DockerRegistryAuth,
  PASSWORD,
  startDockerRegistry,
  USERNAME,
} from './support/docker-registry.ts';

const cases: readonly DockerRegistryAuth[] = ['none', 'basic', 'bearer'];

for (const auth of cases) {
  describeRegistryContract(`docker-registry, ${auth}`, async () => {
    const docker = await startDockerRegistry(auth);
    const entry = registryEntry(docker.host, {
      plainHttp: true,
      allowPrivate: true,
      username: USERNAME,
      passwordEnv: 'TEST_PASSWORD',
    });
    const registry = createRegistry({
      settings: { registries: [entry] },
      env: { TEST_PASSWORD: PASSWORD },
      limits: { backoffMs: 5 },
    });
    const pushed = new Map<string, Content>();
    return {
      host: docker.host,
      registry,
      async push(repository, tag, image) {
        pushed.set(image.top.digest, image.top);
        await docker.push(repository, tag, image);
      },
      remove: docker.remove,
      async attach(repository, subject, artifactType) {
        const content = pushed.get(subject);
        if (content === undefined) throw new Error(`${subject} was not pushed`);
        const { manifest, blobs } = buildArtefact(content, artifactType);
        await docker.pushManifest(repository, manifest.digest, manifest, blobs);
        const { tag, index } = buildReferrersTag(subject, [{ manifest, artifactType }]);
        await docker.pushManifest(repository, tag, index);
        return manifest.digest;
      },
      stop: docker.kill,
      close: docker.close,
    };
  });
}
