import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Log } from '../../domain/log.ts';

/** GitHub sends no payload over 25 MB. */
const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024;

/** A payload takes GitHub well under this, and GitHub itself gives up after 10 seconds. */
const CLOSE_MS = 10_000;
const OPENING_BRACE = 0x7b;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

export type WebhookServerOptions = {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly webhookPath: string;
  /**
   * Probot's middleware. The payload, whole, stands in `request.rawBody`. True where it answered.
   */
  readonly handleWebhook: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** Whether work can be taken in: asked by `/readyz`. */
  readonly isReady: () => Promise<boolean>;
  readonly log: Log;
  readonly maxPayloadBytes?: number;
  /** How long closing waits for requests under way, in milliseconds. */
  readonly closeMs?: number;
};

export type WebhookServer = {
  /** `http://127.0.0.1:3000` */
  readonly url: string;
  /** `/readyz` says no from now on, so that balancers send nothing new. */
  drain(): void;
  /** Takes no new connection and resolves when the open requests are answered, or cut off after `closeMs`. */
  close(): Promise<void>;
};

/**
 * The HTTP server in front of Probot: payloads up to a cap, time limits on slow senders, `/healthz` (the process
 * lives) and `/readyz` (work can be taken in). Rejects where the address cannot be had.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  let isDraining = false;
  const server = createServer((request, response) => {
    if (isDraining) response.setHeader('connection', 'close');
    answer(options, request, response, isDraining).catch((error: unknown) => {
      options.log.error({ err: error }, 'a request failed');
      if (!response.headersSent) respond(response, 500, 'internal error');
      else response.destroy();
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  await listen(server, options);
  return {
    url: urlOf(server),
    drain: () => {
      isDraining = true;
    },
    close: () =>
      new Promise((resolve) => {
        // A request that is never sent whole must not hold the end up.
        const timer = setTimeout(() => server.closeAllConnections(), options.closeMs ?? CLOSE_MS);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

async function answer(
  options: WebhookServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  isDraining: boolean,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/healthz' || path === '/health') return respond(response, 200, 'ok');
  if (path === '/readyz' || path === '/ready') {
    const isReady = !isDraining && (await options.isReady().catch(() => false));
    return respond(response, isReady ? 200 : 503, isReady ? 'ready' : 'not ready');
  }
  if (path === options.webhookPath || path === `${options.webhookPath}/`)
    return takeWebhook(options, request, response);
  respond(response, 404, 'not found');
}

async function takeWebhook(
  options: WebhookServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const rawBody = await readBody(request, options.maxPayloadBytes ?? MAX_PAYLOAD_BYTES);
    if (rawBody === 'cut-off') {
      request.destroy();
      return;
    }
    // The rest is read and dropped, as long as `requestTimeout` lets it: who still writes to a closed connection never
    // sees the answer.
    if (rawBody === 'too-large') return respond(response, 413, 'payload too large');
    // Probot looks into a payload before it knows that it is an object; GitHub sends nothing else.
    if (rawBody.length > 0 && !startsObject(rawBody))
      return respond(response, 400, 'the payload is not a JSON object');
    Object.assign(request, { body: {}, rawBody });
  }
  await options.handleWebhook(request, response);
}

function startsObject(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => !BLANKS.has(byte));
  return first === OPENING_BRACE;
}

/** The body whole; refused as soon as it is known to be over the cap. */
function readBody(request: IncomingMessage, cap: number): Promise<Uint8Array | 'too-large' | 'cut-off'> {
  if (Number(request.headers['content-length'] ?? 0) > cap) return Promise.resolve('too-large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= cap) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve('too-large');
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('cut-off'));
    request.on('close', () => resolve('cut-off'));
  });
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}

function listen(server: Server, { host, port }: WebhookServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return 'http://localhost';
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
