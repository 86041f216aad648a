import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createRegistry } from '../../../src/adapters/registry/registry.ts';
import type { Registry } from '../../../src/resolve/registry.ts';
import { startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { buildImage, OCI_INDEX } from '../../support/registry/image-builder.ts';
import { registryEntry } from '../../support/registry-entry.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function clientOf(host: string, concurrency: number | null): Registry {
  const entry = registryEntry(host, { plainHttp: true, allowPrivate: true, concurrency });
  const registry = createRegistry({ settings: { registries: [entry] }, env: {} });
  stops.push(() => registry.close());
  return registry;
}

const tags = (registry: Registry, host: string, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, i) =>
      registry.resolveTag({ registry: host, repository: `r${i}`, tag: '1' }),
    ),
  );

it.each([
  [1, 1],
  [3, 3],
  [null, 16],
])('with concurrency %s, at most %i requests are under way', async (concurrency, expected) => {
  const { top } = buildImage();
  const waiting: ServerResponse[] = [];
  let most = 0;
  let answered = 0;
  // The first request goes alone; then answers come only when as many wait as the client may send.
  const drain = (): void => {
    most = Math.max(most, waiting.length);
    for (const response of waiting.splice(0)) {
      answered++;
      response.writeHead(200, { 'content-type': OCI_INDEX, 'docker-content-digest': top.digest }).end();
    }
  };
  const server = createServer((_request, response) => {
    waiting.push(response);
    if (waiting.length === (answered === 0 ? 1 : expected)) setImmediate(() => setImmediate(drain));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await tags(clientOf(host, concurrency), host, 1 + 3 * expected);
  expect(most).toBe(expected);
});

it.each([
  ['no authentication', { scheme: 'none' }, { head: 50, token: 0 }],
  ['Bearer', { scheme: 'bearer' }, { head: 51, token: 50 }],
] as const)('50 tags with %s cost no request too many', async (_name, auth, expected) => {
  const embedded = await startEmbeddedRegistry({ auth });
  stops.push(embedded.close);
  for (let i = 0; i < 50; i++) embedded.pushImage(`r${i}`, '1');
  const registry = clientOf(embedded.host, null);
  await tags(registry, embedded.host, 50);
  expect(embedded.counts()).toMatchObject({ ...expected, manifest: 0, ping: 0 });
  expect(registry.requests()).toEqual(embedded.counts());
});

it('shows refused credentials once, however many ask at a time', async () => {
  const auth = { scheme: 'bearer', username: 'me', password: 'right' } as const;
  const embedded = await startEmbeddedRegistry({ auth });
  stops.push(embedded.close);
  for (let i = 0; i < 20; i++) embedded.pushImage(`r${i}`, '1');
  const entry = registryEntry(embedded.host, {
    plainHttp: true,
    allowPrivate: true,
    username: 'me',
    passwordEnv: 'WRONG',
  });
  const registry = createRegistry({ settings: { registries: [entry] }, env: { WRONG: 'wrong' } });
  stops.push(() => registry.close());
  await tags(registry, embedded.host, 20);
  const shown = embedded.log.filter(
    ({ kind, authorization }) => kind === 'token' && authorization === 'basic',
  );
  expect(shown).toHaveLength(1);
});
