import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRegistry } from '../../../src/adapters/registry/registry.ts';
import type { Registry } from '../../../src/resolve/registry.ts';
import { resolvePins } from '../../../src/resolve/resolve.ts';
import { TagLookups } from '../../../src/resolve/track/tag-lookups.ts';
import { trackTag } from '../../../src/resolve/track/track-tag.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../../support/registry/embedded-registry.ts';
import { registryEntry } from '../../support/registry-entry.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const REPOSITORY = 'library/python';

let server: EmbeddedRegistry;
let registry: Registry;

beforeEach(async () => {
  server = await startEmbeddedRegistry({ tagsPerPage: 2, auth: { scheme: 'bearer' } });
  registry = createRegistry({
    settings: { registries: [registryEntry(server.host, { plainHttp: true, allowPrivate: true })] },
    env: {},
    sleep: async () => {},
  });
});

afterEach(async () => {
  await registry.close();
  await server.close();
});

/** Tags over several pages, of which 3.11.9 is the newest that runs wherever 3.11.6 runs. */
function pushTags() {
  const old = server.pushImage(REPOSITORY, '3.11.6-slim', { seed: 'old', attestations: true }).top.digest;
  for (const tag of ['3.11.7-slim', '3.11.8-slim', '3.12.0-slim', 'latest']) {
    server.pushImage(REPOSITORY, tag, { seed: tag, attestations: true });
  }
  const newest = server.pushImage(REPOSITORY, '3.11.9-slim', { seed: 'new', attestations: true }).top.digest;
  server.pushImage(REPOSITORY, '3.11.10-slim', { seed: 'half', platforms: ['linux/amd64'] });
  server.pushImage(REPOSITORY, '3.11.11-slim', { seed: 'one', platforms: ['linux/amd64'], single: true });
  return { old, newest };
}

describe('tracking over HTTP', () => {
  it('reads all pages of tags, and the pinned digest moves to what the new tag points to', async () => {
    const { old, newest } = pushTags();
    const image = { registry: server.host, repository: REPOSITORY, tag: '3.11.6-slim' };
    const tracked = await trackTag(new TagLookups(registry, NOW), image, 'patch', { pinned: [old] });
    if (tracked.status !== 'newer') throw new RangeError(JSON.stringify(tracked));
    expect(tracked.tag).toBe('3.11.9-slim');
    expect(tracked.latest.digest).toBe(newest);
    expect(tracked.passedOver).toEqual([
      { tag: '3.11.11-slim', why: 'lacks linux/arm64' },
      { tag: '3.11.10-slim', why: 'lacks linux/arm64' },
    ]);
    const pages = server.log.filter(({ kind, status }) => kind === 'tags' && status === 200);
    expect(pages).toHaveLength(4);
    expect(registry.requests().head).toBe(3);

    const pins = [{ image: { ...image, tag: tracked.tag }, from: old }];
    const [resolution] = await resolvePins(pins, registry, { concurrency: 4, now: NOW });
    expect(resolution).toMatchObject({ status: 'moved', to: newest, shape: { kind: 'index' } });
  });

  it('fails where a page is missing, and says that it may pass', async () => {
    const { old } = pushTags();
    const answer = { status: 503 };
    server.setFault((request) => (request.url?.includes('last=') === true ? answer : null));
    const image = { registry: server.host, repository: REPOSITORY, tag: '3.11.6-slim' };
    const tracked = await trackTag(new TagLookups(registry, NOW), image, 'patch', { pinned: [old] });
    expect(tracked).toMatchObject({ status: 'failed', failure: { code: 'unavailable', temporary: true } });
  });
});
