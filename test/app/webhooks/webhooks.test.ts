import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { WEBHOOK_EVENTS } from '../../../src/app/webhooks/from-webhook.ts';
import { QueueError } from '../../../src/queue/queue.ts';
import { replayForged, replayTwice, webhookExamples } from '../../support/webhook-examples.ts';
import { deliver, sign, startTestServer, type TestServer, WEBHOOK_SECRET } from '../../support/webhooks.ts';

// One of each event here; all of them in test/integration/webhook-replay.test.ts.
const examples = webhookExamples().filter((example) => example.id.endsWith('-0'));
const comment = JSON.stringify({
  action: 'created',
  installation: { id: 1 },
  repository: { name: 'shop', owner: { login: 'acme' }, default_branch: 'main' },
  sender: { login: 'ada', id: 1815, type: 'User' },
  issue: { number: 7, pull_request: {} },
  comment: { id: 99, body: '/rotate all', user: { login: 'ada', id: 1815, type: 'User' } },
});

describe('the App', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer(
      { source: { repositories: async function* () {} } },
      () => new Promise(() => {}),
    );
    // Nothing takes jobs away: what was queued can be counted.
    vi.spyOn(server.queue, 'claim').mockResolvedValue(null);
  });
  afterEach(() => server.stop());

  it('takes examples of every event, twice, without doing anything twice', async () => {
    await replayTwice(server, examples);
  });

  it('refuses examples that are forged or cut short, and queues nothing', async () => {
    await replayForged(server, examples);
  });

  it('queues a command with its comment', async () => {
    vi.mocked(server.queue.claim).mockRestore();
    vi.spyOn(server.queue, 'onWork').mockReturnValue(() => {});
    const claimed = vi.spyOn(server.queue, 'claim').mockResolvedValue(null);
    expect(await deliver(server, { event: 'issue_comment', body: comment, id: 'd1' })).toBe(200);
    expect(await deliver(server, { event: 'issue_comment', body: comment, id: 'd1' })).toBe(200);
    claimed.mockRestore();
    const job = await server.queue.claim();
    expect(job?.request).toMatchObject({
      repository: { owner: 'acme', name: 'shop' },
      installationId: 1,
      priority: 'command',
      causes: ['command'],
      commands: [
        { commentId: 99, issue: 7, onPullRequest: true, author: 'ada', commands: [{ kind: 'all' }] },
      ],
    });
    expect(await server.queue.counts()).toEqual({ waiting: 0, running: 1, dead: 0 });
  });

  it.each([
    ['a signed body that is no JSON', { event: 'push', body: 'not json' }, 400],
    ['an empty body', { event: 'push', body: '' }, 400],
    ['a JSON that is no object', { event: 'push', body: '"push"' }, 200],
    ['an event nobody knows', { event: 'telepathy', body: '{}' }, 200],
    ['a payload of another shape', { event: 'issue_comment', body: '{"action":"created","comment":5}' }, 200],
    ['another content type', { event: 'push', body: '{}', headers: { 'content-type': 'text/plain' } }, 415],
    [
      'a signature of another kind',
      { event: 'push', body: '{}', headers: { 'x-hub-signature-256': 'sha1=00' } },
      400,
    ],
  ])('answers %s', async (_, delivery, status) => {
    const answered = await deliver(server, delivery);
    // Not a crash, whatever it is; and nothing queued.
    expect([status, 400]).toContain(answered);
    expect(await server.queue.counts()).toEqual({ waiting: 0, running: 0, dead: 0 });
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('refuses requests without what GitHub sends', async () => {
    const url = `${server.url}/api/github/webhooks`;
    expect((await fetch(url)).status).toBe(404);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'POST', body: '{}', headers })).status).toBe(400);
    expect((await fetch(`${server.url}/`)).status).toBe(404);
  });

  it('survives a sender that goes away in the middle', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const body = comment.slice(0, 40);
    socket.write(
      `POST /api/github/webhooks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${comment.length}\r\nX-GitHub-Event: issue_comment\r\nX-GitHub-Delivery: 1\r\nX-Hub-Signature-256: ${sign(comment, WEBHOOK_SECRET)}\r\n\r\n${body}`,
    );
    socket.resetAndDestroy();
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(await server.queue.counts()).toMatchObject({ waiting: 0 });
  });

  it('fails a delivery it could not queue, so that it can be sent again', async () => {
    const down = new QueueError({ code: 'unreachable', message: 'down', temporary: true });
    vi.spyOn(server.queue, 'enqueue').mockRejectedValueOnce(down);
    expect(await deliver(server, { event: 'issue_comment', body: comment, id: 'again' })).toBe(500);
    expect(await deliver(server, { event: 'issue_comment', body: comment, id: 'again' })).toBe(200);
    expect(await server.queue.counts()).toMatchObject({ waiting: 1 });
  });

  it('says whether it is ready', async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    vi.spyOn(server.queue, 'counts').mockRejectedValueOnce(new Error('down'));
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
  });

  it('logs no secret and no payload', async () => {
    await deliver(server, { event: 'issue_comment', body: comment, secret: 'guess' });
    await deliver(server, { event: 'push', body: 'not json' });
    expect(server.log()).toContain('signature');
    expect(server.log()).not.toContain(WEBHOOK_SECRET);
    expect(server.log()).not.toContain('ada');
    expect(server.log()).not.toContain('PRIVATE KEY');
  });
});

it('asks for exactly the events it uses', () => {
  const manifest = parse(readFileSync(new URL('../../../app.yml', import.meta.url), 'utf8')) as {
    default_events: string[];
  };
  // Every App gets these two without asking.
  const own = WEBHOOK_EVENTS.filter((name) => !name.startsWith('installation'));
  expect([...manifest.default_events].sort()).toEqual([...own].sort());
});
