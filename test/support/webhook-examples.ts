import { createRequire } from 'node:module';
import { expect, vi } from 'vitest';
import { type Delivery, deliver, type TestServer } from './webhooks.ts';

export type Example = Delivery & { readonly id: string };

type Definitions = readonly { readonly name: string; readonly examples: readonly object[] }[];

const AT_ONCE = 16;

/** The example payloads of GitHub's webhooks, ids `event-number`; of an Enterprise version such as `ghes-35` where given. */
export function webhookExamples(version = 'api.github.com'): readonly Example[] {
  const require = createRequire(import.meta.url);
  const definitions = require(`@octokit/webhooks-examples/${version}/index.json`) as Definitions;
  return definitions.flatMap(({ name, examples }) =>
    examples.map((payload, i) => ({ event: name, body: JSON.stringify(payload), id: `${name}-${i}` })),
  );
}

/** Delivers all, twice: each is taken, and nothing is queued the second time. Returns how many were queued. */
export async function replayTwice(server: TestServer, examples: readonly Example[]): Promise<number> {
  const enqueue = vi.spyOn(server.queue, 'enqueue');
  expect(await statuses(server, examples)).toEqual([200]);
  const queued = enqueue.mock.calls.length;
  expect(queued).toBeGreaterThan(0);
  expect(await statuses(server, examples)).toEqual([200]);
  const outcomes = await Promise.all(enqueue.mock.results.map((result) => result.value as Promise<string>));
  expect(outcomes).toHaveLength(queued * 2);
  expect(new Set(outcomes.slice(queued))).toEqual(new Set(['duplicate']));
  expect(outcomes.slice(0, queued)).not.toContain('duplicate');
  return queued;
}

/** Delivers all with a wrong signature, and all cut short under the signature of the whole: each is refused. */
export async function replayForged(server: TestServer, examples: readonly Example[]): Promise<void> {
  const enqueue = vi.spyOn(server.queue, 'enqueue');
  const forged = examples.map((example) => ({ ...example, secret: 'guess' }));
  expect(await statuses(server, forged)).toEqual([400]);
  const cut = examples.map((example) => ({
    ...example,
    body: example.body.slice(0, -20),
    signed: example.body,
  }));
  expect(await statuses(server, cut)).toEqual([400]);
  expect(enqueue).not.toHaveBeenCalled();
}

/** The different statuses that all deliveries were answered with. */
async function statuses(server: TestServer, deliveries: readonly Delivery[]): Promise<readonly number[]> {
  const seen = new Set<number>();
  const rest = [...deliveries];
  const worker = async () => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift())
      seen.add(await deliver(server, next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return [...seen];
}
