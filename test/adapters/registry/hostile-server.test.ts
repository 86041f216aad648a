import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { RegistryLimits } from '../../../src/adapters/registry/registry.ts';
import { sha256 } from '../../support/registry/image-builder.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import { failure, testClient } from './client.ts';

// What no HTTP library would send, so no mock can: bytes on a socket of the loopback.
const sockets = new Set<Socket>();
const servers: Server[] = [];

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const LIMITS: Partial<RegistryLimits> = {
  attempts: 1,
  idleTimeoutMs: 60,
  connectTimeoutMs: 60,
  headersTimeoutMs: 60,
  maxManifestBytes: 50_000,
};
const DIGEST = sha256(Buffer.from('wanted'));
const BIG = 'x'.repeat(200_000);

async function serve(answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const cases: readonly (readonly [
  what: string,
  send: (socket: Socket) => void,
  code: string,
  temporary: boolean,
])[] = [
  ['no headers', () => {}, 'timeout', true],
  ['half a header', (s) => s.write('HTTP/1.1 200 OK\r\nContent-'), 'timeout', true],
  ['a body that stops', (s) => s.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), 'timeout', true],
  ['a body without end that stops', (s) => s.write('HTTP/1.1 200 OK\r\n\r\nabc'), 'timeout', true],
  ['a body cut off', (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'), 'unreachable', true],
  [
    'a body without announced length, too large',
    (s) => s.end(`HTTP/1.1 200 OK\r\n\r\n${BIG}`),
    'too-large',
    false,
  ],
  ['the same by HTTP/1.0', (s) => s.write(`HTTP/1.0 200 OK\r\n\r\n${BIG}`), 'too-large', false],
  [
    'an endless error page',
    (s) => s.write(`HTTP/1.1 404 No\r\nConnection: close\r\n\r\n${BIG}`),
    'not-found',
    false,
  ],
  [
    'bad chunks',
    (s) => s.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    'invalid-response',
    false,
  ],
  ['no HTTP at all', (s) => s.end('hello\r\n\r\n'), 'invalid-response', false],
  ['a header too large', (s) => s.write(`HTTP/1.1 200 OK\r\nA: ${BIG}\r\n\r\n`), 'invalid-response', false],
  [
    'another protocol',
    (s) => s.write('HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    'unreachable',
    true,
  ],
  [
    'an early hint first',
    (s) => s.write('HTTP/1.1 103 Hint\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n'),
    'not-found',
    false,
  ],
  ['a reset', (s) => s.resetAndDestroy(), 'unreachable', true],
];

it.each(cases)('%s is %3$s', async (_what, send, code, temporary) => {
  const host = await serve(send);
  const settings = { registries: [registryEntry(host, { plainHttp: true, allowPrivate: true })] };
  const { registry } = testClient({ settings, limits: LIMITS });
  const error = await failure(registry.manifest({ registry: host, repository: 'a' }, DIGEST));
  expect({ code: error.code, temporary: error.temporary }).toEqual({ code, temporary });
  expect(error.message).toContain(host);
  await registry.close();
});

it('says how to name a registry that speaks plain http', async () => {
  const host = await serve((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const settings = { registries: [registryEntry(host, { allowPrivate: true })] };
  const { registry } = testClient({ settings, limits: LIMITS });
  const error = await failure(registry.manifest({ registry: host, repository: 'a' }, DIGEST));
  expect(error).toMatchObject({ code: 'tls', temporary: false });
  expect(error.message).toContain('plainHttp: true');
  await registry.close();
});

it('does not wait for a host that swallows requests once for every image', async () => {
  const host = await serve(() => {});
  const settings = { registries: [registryEntry(host, { plainHttp: true, allowPrivate: true })] };
  const { registry } = testClient({ settings, limits: { ...LIMITS, attempts: 3 } });
  const images = Array.from({ length: 40 }, (_, i) => ({ registry: host, repository: `a${i}`, tag: '1' }));
  const errors = await Promise.all(images.map((image) => failure(registry.resolveTag(image))));
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['timeout']));
  expect(registry.requests().head).toBe(3);
  await registry.close();
});

it('ends what is waiting when it is closed', async () => {
  const host = await serve(() => {});
  const settings = { registries: [registryEntry(host, { plainHttp: true, allowPrivate: true })] };
  const { registry } = testClient({ settings });
  const call = failure(registry.manifest({ registry: host, repository: 'a' }, DIGEST));
  while (sockets.size === 0 || ![...sockets].some((socket) => socket.bytesRead > 0)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  await registry.close();
  expect(await call).toMatchObject({ temporary: true });
});
