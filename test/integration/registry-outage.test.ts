import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/registry.ts';
import type { Registry } from '../../src/resolve/registry.ts';
import { type BuiltImage, buildImage } from '../support/registry/image-builder.ts';
import { registryEntry } from '../support/registry-entry.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';

let docker: DockerRegistry;
let registry: Registry;
let image: BuiltImage;
let now = 0;

beforeAll(async () => {
  docker = await startDockerRegistry();
  image = buildImage({ seed: 'outage' });
  await docker.push('app', '1', image);
  registry = createRegistry({
    settings: { registries: [registryEntry(docker.host, { plainHttp: true, allowPrivate: true })] },
    env: {},
    clock: () => now,
    limits: { connectTimeoutMs: 200, headersTimeoutMs: 200, attempts: 2, backoffMs: 1 },
  });
});
afterAll(async () => {
  await registry.close();
  await docker.close();
});

const resolve = () => registry.resolveTag({ registry: docker.host, repository: 'app', tag: '1' });
const outage = async (code: string): Promise<void> => {
  await expect(resolve()).rejects.toMatchObject({ code, temporary: true });
};

it('calls a registry that hangs in the middle a timeout, and goes on when it wakes', async () => {
  expect((await resolve()).digest).toBe(image.top.digest);
  docker.freeze();
  await outage('timeout');
  docker.thaw();
  expect((await resolve()).digest).toBe(image.top.digest);
});

it('calls a killed registry unreachable, rests after three failures, and goes on when it is back', async () => {
  await docker.kill();
  for (let i = 0; i < 3; i++) await outage('unreachable');
  const sent = registry.requests().head;
  await outage('unreachable');
  expect(registry.requests().head).toBe(sent);
  await docker.restart();
  now += 60_000;
  expect((await resolve()).digest).toBe(image.top.digest);
});
