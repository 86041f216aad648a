import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { SqliteQueue } from '../../src/adapters/queue/sqlite-queue.ts';
import { type RunningServer, type ServerParts, startServer } from '../../src/app/server.ts';
import { createLog } from '../../src/cli/log.ts';
import { type Environment, readEnvironment } from '../../src/config/environment.ts';
import type { PassRunner } from '../../src/queue/request.ts';

export const WEBHOOK_SECRET = 'a secret made for tests';

/** The key of an App, made for this run. */
export const { privateKey: testKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

/** The environment of a server for tests: an App with a key made now, a free loopback port. */
export function testEnvironment(more: Readonly<Record<string, string>> = {}): Environment {
  return readEnvironment({
    APP_ID: '7',
    PRIVATE_KEY: testKey,
    WEBHOOK_SECRET,
    HOST: '127.0.0.1',
    PORT: '0',
    ...more,
  });
}

export type TestServer = RunningServer & {
  readonly queue: SqliteQueue;
  /** What was logged so far. */
  log(): string;
};

/** A server with a queue in memory; passes run by `runPass`, nothing where it is not given; no repositories to visit. */
export async function startTestServer(
  parts: Partial<ServerParts> = {},
  runPass: PassRunner = async () => {},
): Promise<TestServer> {
  const queue = new SqliteQueue(':memory:');
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const server = await startServer({
    environment: testEnvironment(),
    queue,
    runPass,
    source: { repositories: async function* () {} },
    isCandidate: (path) => path.endsWith('Dockerfile'),
    log: createLog({ stream, level: 'info', format: 'json', now: () => new Date() }),
    ...parts,
  });
  return {
    url: server.url,
    queue,
    log: () => text,
    stop: async () => {
      await server.stop();
      await queue.close();
    },
  };
}

export type Delivery = {
  readonly event: string;
  /** The body as sent. */
  readonly body: string;
  readonly id?: string;
  /** What is signed, where it is not the body. */
  readonly signed?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Delivers a webhook as GitHub does; returns the answer's status. */
export async function deliver(server: { readonly url: string }, delivery: Delivery): Promise<number> {
  const response = await fetch(`${server.url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/test',
      'x-github-event': delivery.event,
      'x-github-delivery': delivery.id ?? randomUUID(),
      'x-hub-signature-256': sign(delivery.signed ?? delivery.body, delivery.secret ?? WEBHOOK_SECRET),
      ...delivery.headers,
    },
    body: delivery.body,
  });
  await response.arrayBuffer();
  return response.status;
}

/** The signature header of a body. */
export function sign(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
