import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { GitHubTransport, type TransportOptions } from '../../../src/adapters/github/transport.ts';

const API = 'https://api.github.test';
const NOW = Date.parse('2026-11-20T09:00:00Z');

function open(options: Partial<TransportOptions> = {}) {
  const waits: number[] = [];
  const transport = new GitHubTransport({
    baseUrl: API,
    now: () => NOW,
    random: () => 0.5,
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
    },
    ...options,
  });
  return { transport, waits };
}

describe('retries', () => {
  it.each([500, 502, 503, 504])('a read that meets %i, a few times, with growing waits', async (status) => {
    nock(API).get('/x').times(2).reply(status).get('/x').reply(200, { ok: true });
    const { transport, waits } = open();
    const answer = await transport.fetch(`${API}/x`);
    expect(answer.status).toBe(200);
    expect(waits).toEqual([250, 500]);
  });

  it('gives an outage up after four tries, as temporary', async () => {
    nock(API).get('/x').times(4).reply(502, { message: 'Server Error' });
    await expect(open().transport.fetch(`${API}/x`)).rejects.toMatchObject({
      code: 'unavailable',
      temporary: true,
      status: 502,
    });
  });

  it.each(['/repos/o/r/git/blobs', '/repos/o/r/git/trees', '/repos/o/r/git/commits', '/graphql'])(
    'POST %s, which may be sent twice',
    async (path) => {
      nock(API).post(path).replyWithError('socket hang up').post(path).reply(201, {});
      const answer = await open().transport.fetch(`${API}${path}`, { method: 'POST', body: '{}' });
      expect(answer.status).toBe(201);
    },
  );

  it.each([
    '/repos/o/r/pulls',
    '/repos/o/r/issues/1/comments',
    '/repos/o/r/check-runs',
    '/repos/o/r/git/refs',
  ])('never POST %s, which would make a second one', async (path) => {
    nock(API).post(path).reply(502);
    await expect(open().transport.fetch(`${API}${path}`, { method: 'POST' })).rejects.toMatchObject({
      code: 'unavailable',
      temporary: true,
    });
  });
});

describe('rate limits', () => {
  it.each([
    ['429 with retry-after', 429, { 'retry-after': '7' }, {}, 7000],
    [
      '403 with retry-after',
      403,
      { 'retry-after': '3' },
      { message: 'You have exceeded a secondary rate limit' },
      3000,
    ],
    [
      '403 at the end of the hour',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 20) },
      {},
      21000,
    ],
    [
      '403 of the secondary limit alone',
      403,
      {},
      { message: 'You have exceeded a secondary rate limit.' },
      60000,
    ],
    ['429 without a word', 429, {}, {}, 1000],
  ])('%s is waited for, writes too', async (_, status, headers, body, wait) => {
    nock(API).post('/repos/o/r/pulls').reply(status, body, headers).post('/repos/o/r/pulls').reply(201, {});
    const { transport, waits } = open();
    const answer = await transport.fetch(`${API}/repos/o/r/pulls`, { method: 'POST' });
    expect(answer.status).toBe(201);
    expect(waits).toEqual([wait]);
  });

  it('a long wait is not sat out: it says when to come back', async () => {
    nock(API)
      .get('/x')
      .reply(403, {}, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 1800) });
    await expect(open().transport.fetch(`${API}/x`)).rejects.toMatchObject({
      code: 'rate-limited',
      temporary: true,
      retryAt: new Date(NOW + 1_801_000),
    });
  });

  it('a plain 403 is an answer', async () => {
    nock(API).get('/x').reply(403, { message: 'Resource not accessible by integration' });
    expect((await open().transport.fetch(`${API}/x`)).status).toBe(403);
  });

  it('writes keep a pace after a burst', async () => {
    nock(API).patch('/x').times(4).reply(200, {});
    const { transport, waits } = open({ burst: 2, writesPerMinute: 60 });
    for (let i = 0; i < 4; i++) await transport.fetch(`${API}/x`, { method: 'PATCH' });
    expect(waits).toEqual([1000, 2000]);
  });
});

describe('conditional requests', () => {
  it('an answer that did not change costs a 304', async () => {
    nock(API)
      .get('/x')
      .reply(200, { a: 1 }, { etag: 'W/"1"', 'content-type': 'application/json' })
      .get('/x')
      .matchHeader('if-none-match', 'W/"1"')
      .reply(304);
    const { transport } = open();
    await transport.fetch(`${API}/x`);
    const again = await transport.fetch(`${API}/x`);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual({ a: 1 });
    expect(transport.requests()).toMatchObject({ read: 2, notModified: 1 });
  });

  it('answers of another media type are kept apart', async () => {
    nock(API).get('/x').reply(200, 'a', { etag: '"1"' }).get('/x').reply(200, 'b', { etag: '"2"' });
    const { transport } = open();
    await transport.fetch(`${API}/x`, { headers: { accept: 'a' } });
    const other = await transport.fetch(`${API}/x`, { headers: { accept: 'b' } });
    expect(await other.text()).toBe('b');
  });
});

describe('limits', () => {
  it('an answer that is too large is refused', async () => {
    nock(API).get('/x').reply(200, 'x'.repeat(2000));
    await expect(open({ maxBytes: 1000 }).transport.fetch(`${API}/x`)).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('nothing is sent to another host', async () => {
    await expect(open().transport.fetch('https://evil.test/x')).rejects.toMatchObject({
      message: expect.stringContaining('refusing'),
    });
  });

  it('a server that never answers is a time-out', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const baseUrl = `http://127.0.0.1:${port}`;
    const { transport } = open({ baseUrl, timeout: 20 });
    await expect(transport.fetch(`${baseUrl}/x`)).rejects.toMatchObject({ code: 'timeout', temporary: true });
    server.closeAllConnections();
    server.close();
  });

  it('a cancelled pass stops waiting', async () => {
    nock(API).get('/x').reply(429, {}, { 'retry-after': '30' });
    const stop = new AbortController();
    const { transport } = open({
      sleep: async (_, signal) => {
        stop.abort(new Error('shutting down'));
        signal?.throwIfAborted();
      },
    });
    await expect(transport.fetch(`${API}/x`, { signal: stop.signal })).rejects.toThrow('shutting down');
  });
});
