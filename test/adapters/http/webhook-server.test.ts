import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startWebhookServer, type WebhookServer } from '../../../src/adapters/http/webhook-server.ts';
import { keptLog } from '../../support/log.ts';

describe('startWebhookServer', () => {
  const handleWebhook = vi.fn();
  const isReady = vi.fn();
  let server: WebhookServer;
  beforeEach(async () => {
    handleWebhook.mockReset().mockImplementation((_request, response) => response.end('taken'));
    isReady.mockReset().mockResolvedValue(true);
    server = await startWebhookServer({
      host: '127.0.0.1',
      port: 0,
      webhookPath: '/hook',
      handleWebhook,
      isReady,
      log: keptLog(),
      maxPayloadBytes: 100,
      closeMs: 50,
    });
  });
  afterEach(() => server.close());

  const post = async (body: string | Buffer | ReadableStream) => {
    const response = await fetch(`${server.url}/hook`, {
      method: 'POST',
      body,
      duplex: 'half',
    } as RequestInit);
    await response.text();
    return response.status;
  };
  const object = (size: number) => `{${' '.repeat(size - 2)}}`;
  const streamed = (size: number) =>
    new ReadableStream({
      start: (controller) => {
        for (const character of object(size)) controller.enqueue(new TextEncoder().encode(character));
        controller.close();
      },
    });

  it('hands over the body, byte for byte', async () => {
    const body = Buffer.from('{"a":"\u{1f680}\\u0000"}');
    expect(await post(body)).toBe(200);
    expect(Buffer.from(handleWebhook.mock.calls[0]?.[0].rawBody)).toEqual(body);
  });

  it.each([
    ['announced, at the cap', object(100), 200],
    ['announced, over it', object(101), 413],
    ['streamed, at the cap', streamed(100), 200],
    ['streamed, over it', streamed(101), 413],
    ['no object', '[1]', 400],
  ])('a payload %s', async (_, body, status) => {
    expect(await post(body)).toBe(status);
    expect(handleWebhook).toHaveBeenCalledTimes(status === 200 ? 1 : 0);
  });

  it('answers 500 for what throws, and goes on', async () => {
    handleWebhook.mockImplementation(() => {
      throw new Error('oops');
    });
    expect(await post('{}')).toBe(500);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('is ready until it drains', async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    isReady.mockResolvedValueOnce(false);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    server.drain();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.url}/ready`)).status).toBe(503);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  it.each([
    ['cut short', 'content-length: 50', '{'],
    ['over the cap, and never whole', 'transfer-encoding: chunked', `c8\r\n${'x'.repeat(200)}\r\n`],
  ])('closes although a request is %s', async (_, header, start) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`POST /hook HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n${start}`);
    await fetch(`${server.url}/healthz`);
    await server.close();
    socket.destroy();
  });

  it('says where it cannot listen', async () => {
    const port = Number(new URL(server.url).port);
    const options = { host: '127.0.0.1', port, webhookPath: '/', handleWebhook, isReady, log: keptLog() };
    await expect(startWebhookServer(options)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
