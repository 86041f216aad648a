/**
 * One pass in a process of its own, to be killed: `node pass-process.ts URL APP_ID KEY_FILE OWNER/NAME TAGS_JSON`.
 * TAGS_JSON maps `docker.io/library/python:3.11` to digests. Ends with 0 when the pass is done.
 */
import { readFileSync } from 'node:fs';
import { GitHub } from '../../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../../src/adapters/github/forge.ts';
import { createPassRunner } from '../../../src/app/repository/pass-runner.ts';
import { toDigest } from '../../../src/domain/digest.ts';
import { EVERYTHING } from '../../../src/queue/request.ts';
import { fakeRegistry } from '../fake-registry.ts';
import { passOptions } from '../pass-options.ts';
import { planWith } from '../plan-with.ts';

const [baseUrl = '', appId = '', keyFile = '', repository = '', tagsJson = '{}'] = process.argv.slice(2);
const [owner = '', name = ''] = repository.split('/');
const given: unknown = JSON.parse(tagsJson);
const tags = new Map(Object.entries(given ?? {}).map(([key, digest]) => [key, toDigest(String(digest))]));
const client = new GitHub({
  baseUrl,
  credentials: { kind: 'app', appId, privateKey: readFileSync(keyFile, 'utf8') },
});
const registry = fakeRegistry(tags);
const run = createPassRunner(
  passOptions({
    openForge: (wanted, installation) => openForge(client, wanted, installation, objectCaches()),
    plan: planWith(registry),
    clock: () => new Date(),
  }),
);
await run(
  {
    repository: { owner, name },
    installationId: null,
    causes: ['manual'],
    priority: 'event',
    scope: EVERYTHING,
    visit: null,
    commands: [],
  },
  new AbortController().signal,
);
