import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { replayForged, replayTwice, webhookExamples } from '../support/webhook-examples.ts';
import { startTestServer, type TestServer } from '../support/webhooks.ts';

describe.each(['api.github.com', 'ghes-35'])('every example payload of %s', (version) => {
  const examples = webhookExamples(version);
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
    // Nothing takes jobs away while they are counted.
    vi.spyOn(server.queue, 'claim').mockResolvedValue(null);
  });
  afterEach(() => server.stop());

  it('is taken, and nothing is done twice', async () => {
    expect(examples.length).toBeGreaterThan(100);
    expect(await replayTwice(server, examples)).toBeGreaterThan(4);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('is refused where it is forged or cut short', async () => {
    await replayForged(server, examples);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
