import { describe, expect, it } from 'vitest';
import { parsePlatform } from '../../../src/domain/platform.ts';
import { TagLookups } from '../../../src/resolve/track/tag-lookups.ts';
import { type Tracked, type TrackOptions, trackTag } from '../../../src/resolve/track/track-tag.ts';
import { FakeRegistry } from '../fake-registry.ts';
import { fault, PYTHON, TaggedRegistry } from './tagged-registry.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
const BOTH = ['linux/amd64', 'linux/arm64'];

const track = (
  registry: TaggedRegistry,
  options: Partial<TrackOptions> = {},
  level = 'patch',
  tag = '3.11.6-slim',
): Promise<Tracked> => trackTag(new TagLookups(registry, NOW), { ...PYTHON, tag }, level, options);

/** Two newer tags of both platforms; `old` is the digest of what is followed. */
function twoNewer() {
  const registry = new TaggedRegistry();
  const old = registry.push('3.11.6-slim', BOTH);
  const middle = registry.push('3.11.8-slim', BOTH);
  const newest = registry.push('3.11.9-slim', BOTH);
  registry.push('3.12.0-slim', BOTH);
  registry.push('latest', BOTH);
  return { registry, old, middle, newest };
}

describe('a tag that is tracked', () => {
  it('moves to the newest one, for one list and one look at each side', async () => {
    const { registry, old, newest } = twoNewer();
    const tracked = await track(registry, { pinned: [old] });
    expect(tracked).toMatchObject({
      status: 'newer',
      tag: '3.11.9-slim',
      level: 'patch',
      latest: { digest: newest },
      message: 'docker.io/library/python:3.11.6-slim has the newer tag 3.11.9-slim within patch',
      passedOver: [],
    });
    expect(registry.asked.map((one) => one.split(' ')[0])).toEqual(['tags', 'manifest', 'head', 'manifest']);
  });

  it('asks for the list alone where nothing is newer', async () => {
    const { registry, old } = twoNewer();
    const tracked = await track(registry, { pinned: [old] }, 'patch', '3.12.0-slim');
    expect(tracked).toMatchObject({ status: 'kept', code: 'up-to-date' });
    expect(registry.asked).toEqual(['tags docker.io/library/python']);
  });

  it.each([
    ['digest', '3.11.6', 'not-tracked'],
    ['latest please', '3.11.6', 'unreadable-range'],
    ['minor', 'latest', 'unordered-tag'],
    ['minor', 'slim-bookworm', 'unordered-tag'],
  ])('within %s asks nothing for %s: %s', async (level, tag, code) => {
    const { registry } = twoNewer();
    expect(await track(registry, {}, level, tag)).toMatchObject({ status: 'kept', code });
    expect(registry.asked).toEqual([]);
  });

  it('knows the platforms of a tag that is not pinned yet from the tag', async () => {
    const { registry } = twoNewer();
    expect(await track(registry)).toMatchObject({ status: 'newer', tag: '3.11.9-slim' });
    expect(registry.askedFor('head')).toHaveLength(2);
  });

  it('lets others have their turn while a long list is read', async () => {
    const { registry, old } = twoNewer();
    for (let build = 0; build < 5000; build++) registry.list(`0.1.${build}-slim`);
    const order: string[] = [];
    setImmediate(() => order.push('another'));
    const tracked = await track(registry, { pinned: [old] });
    order.push('tracked');
    expect(tracked).toMatchObject({ status: 'newer', tag: '3.11.9-slim' });
    expect(order).toEqual(['another', 'tracked']);
  });

  it('says how far it moves', async () => {
    const { registry } = twoNewer();
    expect(await track(registry, {}, '^3.11')).toMatchObject({ tag: '3.12.0-slim', level: 'minor' });
  });
});

describe('a candidate is passed over', () => {
  it('where it lacks a platform of the pinned image', async () => {
    const { registry, old, middle } = twoNewer();
    registry.push('3.11.10-slim', ['linux/amd64', 'linux/s390x']);
    registry.push('3.11.11-slim', ['linux/amd64']);
    registry.remove(registry.push('3.11.9-slim', BOTH));
    expect(await track(registry, { pinned: [old] })).toMatchObject({
      status: 'newer',
      tag: '3.11.8-slim',
      latest: { digest: middle },
      passedOver: [
        { tag: '3.11.11-slim', why: 'lacks linux/arm64' },
        { tag: '3.11.10-slim', why: 'lacks linux/arm64' },
        { tag: '3.11.9-slim', why: 'is listed, but the registry does not have it' },
      ],
    });
  });

  it('where the tag is listed and gone', async () => {
    const { registry, old } = twoNewer();
    registry.list('3.11.10-slim');
    expect(await track(registry, { pinned: [old] })).toMatchObject({ status: 'newer', tag: '3.11.9-slim' });
  });

  it('where the configuration ignores its digest, or that of one of its manifests', async () => {
    const { registry, old, newest } = twoNewer();
    const ignoredDigests = [newest, FakeRegistry.digest('manifest 3.11.8-slim linux/arm64')];
    const tracked = await track(registry, { pinned: [old], ignoredDigests });
    expect(tracked).toMatchObject({ status: 'kept', code: 'none-fits' });
    expect(tracked).toHaveProperty('passedOver.1.tag', '3.11.8-slim');
  });

  it('where it is of a kind that nobody reads any more', async () => {
    const { registry, old } = twoNewer();
    registry.point('3.11.10-slim', fault('unsupported'));
    expect(await track(registry, { pinned: [old] })).toMatchObject({ status: 'newer', tag: '3.11.9-slim' });
  });

  it('for five at most', async () => {
    const registry = new TaggedRegistry();
    const old = registry.push('3.11.6-slim', BOTH);
    for (let patch = 7; patch < 27; patch++) registry.push(`3.11.${patch}-slim`, ['linux/amd64']);
    const tracked = await track(registry, { pinned: [old] });
    expect(tracked).toMatchObject({ status: 'kept', code: 'none-fits' });
    expect(tracked).toHaveProperty('passedOver.length', 5);
    expect(tracked).toHaveProperty('message', expect.stringContaining('3.11.26-slim lacks linux/arm64'));
    expect(registry.askedFor('head')).toHaveLength(5);
  });
});

describe('the platforms a candidate must have', () => {
  it('are that of the manifest, where one is pinned', async () => {
    const { registry } = twoNewer();
    registry.push('3.11.10-slim', ['linux/arm64/v8']);
    const arm64 = FakeRegistry.digest('manifest 3.11.6-slim linux/arm64');
    expect(await track(registry, { pinned: [arm64] })).toMatchObject({
      status: 'newer',
      tag: '3.11.10-slim',
    });
  });

  it('are those of all places that hold the tag', async () => {
    const { registry, old } = twoNewer();
    registry.push('3.11.10-slim', ['linux/arm64']);
    const arm64 = FakeRegistry.digest('manifest 3.11.6-slim linux/arm64');
    expect(await track(registry, { pinned: [arm64, old] })).toMatchObject({ tag: '3.11.9-slim' });
  });

  it('are those of a single manifest too', async () => {
    const registry = new TaggedRegistry();
    const old = registry.point('3.11.6-slim', registry.manifestOf('old', 'linux/amd64'));
    registry.point('3.11.7-slim', registry.manifestOf('fits', 'linux/amd64'));
    registry.point('3.11.8-slim', registry.manifestOf('other', 'linux/arm64'));
    expect(await track(registry, { pinned: [old] })).toMatchObject({
      tag: '3.11.7-slim',
      passedOver: [{ tag: '3.11.8-slim', why: 'lacks linux/amd64' }],
    });
  });

  it('are those the configuration names', async () => {
    const { registry, old } = twoNewer();
    registry.push('3.11.10-slim', ['linux/amd64']);
    const platforms = [parsePlatform('linux/amd64')].flatMap((one) => one ?? []);
    expect(await track(registry, { pinned: [old], platforms })).toMatchObject({ tag: '3.11.10-slim' });
    expect(registry.asked.filter((one) => one.endsWith(old))).toEqual([]);
  });

  it('are those the ledger knows, also when the pinned content is gone', async () => {
    const { registry, old } = twoNewer();
    registry.remove(old);
    const amd64 = [parsePlatform('linux/amd64')].flatMap((one) => one ?? []);
    const known = () => ({ kind: 'index' as const, platforms: amd64 });
    registry.push('3.11.10-slim', ['linux/amd64']);
    expect(await track(registry, { pinned: [old], known })).toMatchObject({ tag: '3.11.10-slim' });
  });

  it('are those of the tag where the pinned content is gone, and unknown where both are', async () => {
    const { registry } = twoNewer();
    const gone = FakeRegistry.digest('gone');
    registry.push('3.11.10-slim', ['linux/amd64']);
    expect(await track(registry, { pinned: [gone] })).toMatchObject({ tag: '3.11.9-slim' });
    const both = await track(registry, { pinned: [gone] }, 'patch', '3.11.5-slim');
    expect(both).toMatchObject({ status: 'kept', code: 'platforms-unknown' });
  });
});

describe('an outage', () => {
  it.each([
    [
      'of the list',
      (registry: TaggedRegistry) => Object.assign(registry, { outage: fault('timeout', true) }),
    ],
    ['of a candidate', (registry: TaggedRegistry) => registry.point('3.11.10-slim', fault('timeout', true))],
  ])('%s is a failure, never "no newer tag"', async (_, break_) => {
    const { registry, old } = twoNewer();
    break_(registry);
    expect(await track(registry, { pinned: [old] })).toEqual({
      status: 'failed',
      failure: {
        subject: 'docker.io/library/python:3.11.6-slim',
        code: 'timeout',
        message: 'registry.test: timeout',
        temporary: true,
      },
    });
  });

  it('that lasts is not temporary', async () => {
    const { registry, old } = twoNewer();
    registry.outage = fault('denied');
    expect(await track(registry, { pinned: [old] })).toMatchObject({
      status: 'failed',
      failure: { code: 'denied', temporary: false },
    });
  });
});
