/** Requests that passes cost on GitHub, counted at a stand-in that is held against GitHub's own schemas. */
import { GitHub } from '../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../src/adapters/github/forge.ts';
import { createPassRunner } from '../src/app/repository/pass-runner.ts';
import type { Digest } from '../src/domain/digest.ts';
import { type Cause, EVERYTHING } from '../src/queue/request.ts';
import { digestOf } from '../test/support/fake-pass.ts';
import { fakeRegistry } from '../test/support/fake-registry.ts';
import { GitHubStandIn } from '../test/support/github/stand-in.ts';
import { passOptions } from '../test/support/pass-options.ts';
import { planWith } from '../test/support/plan-with.ts';

const FILES = 20;
const repository = { owner: 'acme', name: 'shop' };
const old = digestOf('a');
const tags = new Map<string, Digest>();
const images = Array.from({ length: 5 }, (_, i) => `image${i}`);
for (const image of images) tags.set(`docker.io/acme/${image}:1`, digestOf('b'));

const github = await GitHubStandIn.start();
await github.commitFiles(
  'acme/shop',
  'main',
  Object.fromEntries(
    Array.from({ length: FILES }, (_, i) => [
      `services/s${i}/Dockerfile`,
      `FROM acme/${images[i % images.length]}:1@${old}\nRUN true\n`,
    ]),
  ),
);
const client = new GitHub({
  baseUrl: github.url,
  credentials: { kind: 'app', appId: String(github.appId), privateKey: github.privateKey },
});
const caches = objectCaches();
const registry = fakeRegistry(tags);
const run = createPassRunner(
  passOptions({
    openForge: (wanted, installation) => openForge(client, wanted, installation, caches),
    plan: planWith(registry),
    clock: () => new Date(),
  }),
);

async function pass(cause: Cause): Promise<void> {
  const request = { repository, installationId: null, priority: 'event', visit: null, commands: [] } as const;
  await run({ ...request, causes: [cause], scope: EVERYTHING }, new AbortController().signal);
}

const rows: Record<string, Record<string, number>> = {};
async function count(name: string, cause: Cause): Promise<void> {
  github.takeCounts();
  const started = performance.now();
  await pass(cause);
  const ms = Math.round(performance.now() - started);
  const { auth, read, notModified, graphql, write } = github.takeCounts();
  rows[name] = { auth, read, 'of them 304': notModified, 'batched (GraphQL)': graphql, write, ms };
}

await count(
  `first pass, ${FILES} files, ${images.length} images, opens the pull request and dashboard`,
  'webhook',
);
await count('the same again, nothing moved', 'webhook');
tags.set('docker.io/acme/image0:1', digestOf('c'));
await count('a digest moved again: branch, body, check and dashboard', 'webhook');
for (const image of images) tags.set(`docker.io/acme/${image}:1`, old);
await count('nothing left: closed with a note', 'webhook');
await pass('cron');
await count('scheduled pass over an unchanged repository', 'cron');
console.table(rows);
await github.close();
if (github.faults.length > 0) {
  console.error(github.faults.join('\n'));
  process.exitCode = 1;
}
