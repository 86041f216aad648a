import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/adapters/registry/proxy.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import { failure, testClient } from './client.ts';

const HTTPS = { HTTPS_PROXY: 'http://proxy.test:3128' };
const cases: readonly (readonly [url: string, env: Record<string, string>, proxy: string | null])[] = [
  ['https://ghcr.io/', {}, null],
  ['https://ghcr.io/', HTTPS, 'http://proxy.test:3128'],
  ['http://ghcr.io/', HTTPS, null],
  ['http://ghcr.io/', { http_proxy: 'proxy.test:80' }, 'http://proxy.test:80'],
  ['https://ghcr.io/', { https_proxy: 'http://lower', HTTPS_PROXY: 'http://upper' }, 'http://lower'],
  ['https://ghcr.io/', { ALL_PROXY: 'http://all' }, 'http://all'],
  ['https://ghcr.io/', { ...HTTPS, NO_PROXY: '*' }, null],
  ['https://ghcr.io/', { ...HTTPS, NO_PROXY: 'a.test, ghcr.io' }, null],
  ['https://a.ghcr.io/', { ...HTTPS, NO_PROXY: 'GHCR.io' }, null],
  ['https://a.ghcr.io/', { ...HTTPS, NO_PROXY: '.ghcr.io' }, null],
  ['https://ghcr.io/', { ...HTTPS, NO_PROXY: '*.ghcr.io' }, HTTPS.HTTPS_PROXY],
  ['https://notghcr.io/', { ...HTTPS, NO_PROXY: 'ghcr.io' }, HTTPS.HTTPS_PROXY],
  ['https://ghcr.io/', { ...HTTPS, NO_PROXY: 'ghcr.io:443' }, null],
  ['https://ghcr.io:5000/', { ...HTTPS, NO_PROXY: 'ghcr.io:443' }, HTTPS.HTTPS_PROXY],
  ['https://10.1.2.3/', { ...HTTPS, NO_PROXY: '10.0.0.0/8' }, null],
  ['https://11.1.2.3/', { ...HTTPS, NO_PROXY: '10.0.0.0/8 x/99' }, HTTPS.HTTPS_PROXY],
  ['https://[fd00::1]/', { ...HTTPS, NO_PROXY: 'fd00::/8' }, null],
  ['https://[fd00::1]/', { ...HTTPS, NO_PROXY: '[fd00::1]:443' }, null],
  ['https://localhost:5000/', HTTPS, null],
  ['https://127.0.0.1/', HTTPS, null],
];

it.each(cases)('%s with %j goes through %s', (url, env, proxy) => {
  expect(proxyFor(new URL(url), env)).toBe(proxy);
});

describe('through a proxy', () => {
  const stops: (() => unknown)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  /** A forwarding proxy that sends everything to the embedded registry, and notes what it was asked for. */
  async function start(): Promise<{ embedded: EmbeddedRegistry; proxy: string; seen: string[] }> {
    const embedded = await startEmbeddedRegistry();
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      const [host, port] = embedded.host.split(':');
      const socket = connect(Number(port), host);
      const path = new URL(request.url ?? '/').pathname;
      socket.write(
        `${request.method} ${path} HTTP/1.1\r\nHost: x\r\nAccept: ${request.headers.accept}\r\nConnection: close\r\n\r\n`,
      );
      socket.pipe(response.socket ?? socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(embedded.close, () => server.close());
    const { port } = server.address() as AddressInfo;
    return { embedded, proxy: `http://127.0.0.1:${port}`, seen };
  }

  it('asks for a plain http registry, without looking its name up', async () => {
    // Judged by the Host header, though only the proxy on the loopback is connected to.
    nock.enableNetConnect(/^(127\.0\.0\.1|registry\.example)(:|$)/);
    const { embedded, proxy, seen } = await start();
    const { top } = embedded.pushImage('app', '1');
    const settings = { registries: [registryEntry('registry.example:80', { plainHttp: true })] };
    const { registry } = testClient({ settings, env: { HTTP_PROXY: proxy } });
    const found = await registry.resolveTag({ registry: 'registry.example:80', repository: 'app', tag: '1' });
    expect(found.digest).toBe(top.digest);
    expect(seen).toEqual(['http://registry.example/v2/app/manifests/1']);
    await registry.close();
  });

  it.each(['10.0.0.1:80', '169.254.169.254:80', 'metadata.google.internal:80'])(
    'does not ask for %s',
    async (host) => {
      const { proxy, seen } = await start();
      const settings = { registries: [registryEntry(host, { plainHttp: true })] };
      const { registry } = testClient({ settings, env: { HTTP_PROXY: proxy } });
      const error = await failure(registry.resolveTag({ registry: host, repository: 'a', tag: '1' }));
      expect(error.code).toBe('address-refused');
      expect(seen).toEqual([]);
      await registry.close();
    },
  );
});
