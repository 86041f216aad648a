import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createPrivateKey, createSign, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '../../../src/domain/digest.ts';
import type { BuiltImage, Content } from '../../support/registry/image-builder.ts';

export type DockerRegistryAuth = 'none' | 'basic' | 'bearer';

export const USERNAME = 'puller';
export const PASSWORD = 'pass: wörd';

/** A real Docker registry (the `docker-registry` package) of its own folder and port, with deletion enabled. */
export type DockerRegistry = {
  readonly host: string;
  push(repository: string, tag: string, image: BuiltImage): Promise<void>;
  pushManifest(
    repository: string,
    reference: string,
    manifest: Content,
    blobs?: readonly Content[],
  ): Promise<void>;
  remove(repository: string, digest: Digest): Promise<void>;
  /** SIGSTOP: connections are taken and never answered. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Starts it again on the same port, with what it holds. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function startDockerRegistry(auth: DockerRegistryAuth = 'none'): Promise<DockerRegistry> {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-registry-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const tokens = auth === 'bearer' ? await startTokenServer(folder) : null;
  writeConfig(folder, port, auth, tokens?.config ?? '');
  let child = await launch(folder, host);

  const authorization = (repository: string): Record<string, string> => {
    if (auth === 'basic') {
      return { authorization: `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}` };
    }
    if (tokens === null) return {};
    return { authorization: `Bearer ${tokens.mint(repository, ['pull', 'push', 'delete'])}` };
  };
  const send = async (method: string, repository: string, url: string, body?: Content): Promise<Response> => {
    const response = await fetch(url, {
      method,
      headers: {
        ...authorization(repository),
        ...(body === undefined ? {} : { 'content-type': body.mediaType }),
      },
      ...(body === undefined ? {} : { body: new Uint8Array(body.bytes) }),
    });
    if (response.ok) return response;
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  };
  const pushBlob = async (repository: string, blob: Content): Promise<void> => {
    const started = await send('POST', repository, `http://${host}/v2/${repository}/blobs/uploads/`);
    const target = new URL(started.headers.get('location') ?? '', `http://${host}`);
    target.searchParams.set('digest', blob.digest);
    await send('PUT', repository, target.href, { ...blob, mediaType: 'application/octet-stream' });
  };
  const pushManifest: DockerRegistry['pushManifest'] = async (
    repository,
    reference,
    manifest,
    blobs = [],
  ) => {
    for (const blob of blobs) await pushBlob(repository, blob);
    await send('PUT', repository, `http://${host}/v2/${repository}/manifests/${reference}`, manifest);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    host,
    pushManifest,
    async push(repository, tag, image) {
      for (const { manifest, blobs } of image.manifests) {
        await pushManifest(repository, manifest.digest, manifest, blobs);
      }
      await pushManifest(repository, tag, image.top);
    },
    async remove(repository, digest) {
      await send('DELETE', repository, `http://${host}/v2/${repository}/manifests/${digest}`);
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      await kill();
      child = await launch(folder, host);
    },
    async close() {
      await kill();
      await tokens?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function writeConfig(folder: string, port: number, auth: DockerRegistryAuth, tokenConfig: string): void {
  mkdirSync(join(folder, 'data'));
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    `storage: { filesystem: { rootdirectory: ${join(folder, 'data')} }, delete: { enabled: true } }`,
    `http: { addr: "127.0.0.1:${port}" }`,
  ];
  if (auth === 'basic') {
    const line = execFileSync('htpasswd', ['-Bbn', USERNAME, PASSWORD], { encoding: 'utf8' });
    writeFileSync(join(folder, 'htpasswd'), line);
    lines.push(`auth: { htpasswd: { realm: test, path: ${join(folder, 'htpasswd')} } }`);
  }
  if (auth === 'bearer') lines.push(tokenConfig);
  writeFileSync(join(folder, 'config.yml'), `${lines.join('\n')}\n`);
}

async function launch(folder: string, host: string): Promise<ChildProcess> {
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  const ready = async (): Promise<void> => {
    for (let i = 0; i < 400; i++) {
      if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
      const answered = await fetch(`http://${host}/v2/`).then(
        (response) => response.status < 500,
        () => false,
      );
      if (answered) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`docker-registry did not listen on ${host}`);
  };
  await Promise.race([ready(), failed]);
  return child;
}

type TokenServer = {
  /** The `auth:` line of the registry's configuration. */
  readonly config: string;
  mint(repository: string, actions: readonly string[]): string;
  close(): Promise<void>;
};

/** A token server as the distribution's token authentication describes, with a key made now. */
async function startTokenServer(folder: string): Promise<TokenServer> {
  const key = join(folder, 'token.key');
  const certificate = join(folder, 'token.crt');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=token',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  );
  const privateKey = createPrivateKey(readFileSync(key));
  const [, der = ''] =
    /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(readFileSync(certificate, 'utf8')) ?? [];
  const header = { typ: 'JWT', alg: 'RS256', x5c: [der.replace(/\s/g, '')] };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const mint = (repository: string, actions: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'pinwheel-test',
      aud: 'registry-test',
      sub: USERNAME,
      jti: randomUUID(),
      iat: now,
      nbf: now - 5,
      exp: now + 300,
      access: [{ type: 'repository', name: repository, actions }],
    };
    const signed = `${encode(header)}.${encode(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey).toString('base64url')}`;
  };
  const expected = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString('base64')}`;
  const server = createHttpServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://token');
    if (request.headers.authorization !== expected) return void response.writeHead(401).end();
    const [, repository = ''] = (url.searchParams.get('scope') ?? '').split(':');
    const token = mint(repository, ['pull']);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ token, expires_in: 300, issued_at: new Date().toISOString() }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = `auth: { token: { realm: "http://127.0.0.1:${port}/token", service: registry-test, issuer: pinwheel-test, rootcertbundle: ${certificate} } }`;
  return {
    config,
    mint,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
