import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/registry.ts';
import type { RegistryEntry } from '../../src/config/registry-settings.ts';
import type { Descriptor } from '../../src/resolve/registry.ts';
import { buildImage, OCI_INDEX } from '../support/registry/image-builder.ts';
import { registryEntry } from '../support/registry-entry.ts';

const { top } = buildImage({ seed: 'tls' });
const connects: string[] = [];
let folder: string;
let ca: string;
let host: string;
let proxy: string;
const servers: Server[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'crt.pem')];
  const subject = [
    '-subj',
    '/CN=private',
    '-addext',
    'subjectAltName=IP:127.0.0.1,DNS:registry.internal.test',
  ];
  const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject];
  execFileSync('openssl', [...options, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  ca = readFileSync(certificate, 'utf8');
  const tls = createServer({ key: readFileSync(key), cert: ca }, (_request, response) => {
    response.writeHead(200, {
      'content-type': OCI_INDEX,
      'docker-content-digest': top.digest,
      'content-length': top.bytes.length,
    });
    response.end();
  });
  const port = await listen(tls);
  host = `127.0.0.1:${port}`;
  const tunnel = createHttpServer();
  tunnel.on('connect', (request, socket, head) => {
    connects.push(request.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  proxy = `http://127.0.0.1:${await listen(tunnel)}`;
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function resolve(entry: RegistryEntry, env: Record<string, string> = {}): Promise<Descriptor> {
  const registry = createRegistry({ settings: { registries: [entry] }, env, limits: { attempts: 1 } });
  try {
    return await registry.resolveTag({ registry: entry.host, repository: 'app', tag: '1' });
  } finally {
    await registry.close();
  }
}

it('refuses a certificate of an unknown CA, and says what to do', async () => {
  const refused = resolve(registryEntry(host, { allowPrivate: true }));
  await expect(refused).rejects.toMatchObject({ code: 'tls', temporary: false });
  await expect(refused).rejects.toThrow(/set "ca" in the registries file/);
});

it('trusts the CA that the operator names', async () => {
  const found = await resolve(registryEntry(host, { allowPrivate: true, ca }));
  expect(found).toEqual({ digest: top.digest, mediaType: OCI_INDEX, size: top.bytes.length });
});

it('goes through the tunnel of a proxy, which looks the name up, and still checks the certificate', async () => {
  const name = 'registry.internal.test:8443';
  const found = await resolve(registryEntry(name, { ca }), { HTTPS_PROXY: proxy });
  expect(found.digest).toBe(top.digest);
  expect(connects).toEqual([name]);
  await expect(resolve(registryEntry(name), { HTTPS_PROXY: proxy })).rejects.toMatchObject({ code: 'tls' });
});

it('does not take a certificate of another name', async () => {
  const other = registryEntry('other.internal.test', { ca });
  await expect(resolve(other, { HTTPS_PROXY: proxy })).rejects.toMatchObject({ code: 'tls' });
});

it('is told when the proxy is not there', async () => {
  const dead = resolve(registryEntry('registry.internal.test'), { HTTPS_PROXY: 'http://127.0.0.1:1' });
  await expect(dead).rejects.toMatchObject({ code: 'unreachable', temporary: true });
});
