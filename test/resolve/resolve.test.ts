import { describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { formatPlatform, parsePlatforms } from '../../src/domain/platform.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import type { ImageShape, Resolution } from '../../src/resolve/resolution.ts';
import { type ResolveOptions, resolvePins } from '../../src/resolve/resolve.ts';
import { FakeRegistry, sha512Of } from './fake-registry.ts';

const IMAGE = { registry: 'docker.io', repository: 'library/python', tag: '3.11' };
const KEY = 'docker.io/library/python:3.11';
const OPTIONS: ResolveOptions = { concurrency: 4, now: new Date('2026-11-20T12:00:00Z') };
const ATTESTATION = { 'vnd.docker.reference.type': 'attestation-manifest' };

async function resolve(
  registry: FakeRegistry,
  from: Digest | null,
  options: Partial<ResolveOptions> = {},
): Promise<Resolution> {
  const [resolution] = await resolvePins([{ image: IMAGE, from }], registry, { ...OPTIONS, ...options });
  if (resolution === undefined) throw new RangeError('no resolution');
  return resolution;
}

const names = (shape: ImageShape) => shape.platforms.map(formatPlatform);

/** An old and a new index of two platforms with attestations; the tag stands at the new one. */
function twoIndexes() {
  const registry = new FakeRegistry();
  const side = (age: string) => {
    const amd64 = registry.manifestOf(`${age}-amd64`, 'linux/amd64');
    const arm64 = registry.manifestOf(`${age}-arm64`, 'linux/arm64');
    const index = registry.indexOf(age, [
      { platform: 'linux/amd64', digest: amd64 },
      { platform: 'linux/arm64/v8', digest: arm64 },
      { platform: 'unknown/unknown', digest: FakeRegistry.digest(`${age} att`), annotations: ATTESTATION },
    ]);
    return { amd64, arm64, index };
  };
  const [old, fresh] = [side('old'), side('new')];
  registry.tag(KEY, fresh.index);
  return { registry, old, fresh };
}

describe('a pin to an index', () => {
  it('is current for one HEAD and nothing else', async () => {
    const { registry, fresh } = twoIndexes();
    const resolution = await resolve(registry, fresh.index);
    expect(resolution).toMatchObject({ status: 'current', churn: false, shape: { kind: 'index' } });
    expect(registry.asked).toEqual([`head ${KEY}`]);
  });

  it('moves to the new index', async () => {
    const { registry, old, fresh } = twoIndexes();
    const resolution = await resolve(registry, old.index);
    if (resolution.status !== 'moved') throw new RangeError(resolution.status);
    expect(resolution.to).toBe(fresh.index);
    expect(names(resolution.shape)).toEqual(['linux/amd64', 'linux/arm64/v8']);
    expect(resolution.oldShape?.kind).toBe('index');
    // The tag, both indexes, and one platform's manifest and configuration for when it was made.
    expect(registry.requests()).toMatchObject({ head: 1, manifest: 3, blob: 1 });
  });

  it('tells which platforms are not rebuilt yet, and when the new content says it was made', async () => {
    const { registry, old, fresh } = twoIndexes();
    const created = (text: string) => ({ 'org.opencontainers.image.created': text });
    const half = registry.indexOf('half', [
      { platform: 'linux/amd64', digest: fresh.amd64, annotations: created('2026-11-18T01:02:03Z') },
      { platform: 'linux/arm64', digest: old.arm64, annotations: created('0001-01-01T00:00:00Z') },
      { platform: 'linux/s390x', digest: fresh.arm64, annotations: created('2026-11-23T00:00:00Z') },
    ]);
    registry.tag(KEY, half);
    const resolution = await resolve(registry, old.index);
    if (resolution.status !== 'moved') throw new RangeError(resolution.status);
    expect(resolution.unchanged?.map(formatPlatform)).toEqual(['linux/arm64']);
    expect(resolution.created?.toISOString()).toBe('2026-11-18T01:02:03.000Z');
  });

  it.each([
    ['2026-11-01T00:00:00Z', '2026-11-01T00:00:00.000Z'],
    ['1970-01-01T00:00:00Z', undefined],
    ['0001-01-01T00:00:00Z', undefined],
    ['2026-11-20T12:09:00Z', '2026-11-20T12:09:00.000Z'],
    ['2026-11-22T00:00:00Z', undefined],
    ['yesterday', undefined],
  ])('believes a configuration that says %s: %s', async (created, believed) => {
    const { registry, old } = twoIndexes();
    const digest = registry.manifestOf('dated', 'linux/amd64', { created });
    const arm = registry.manifestOf('arm', 'linux/arm64');
    const entry = (platform: string, of: Digest) => ({ platform, digest: of });
    registry.tag(KEY, registry.indexOf('dated', [entry('linux/arm64', arm), entry('linux/amd64', digest)]));
    const resolution = await resolve(registry, old.index);
    if (resolution.status !== 'moved') throw new RangeError(resolution.status);
    expect(resolution.created?.toISOString()).toBe(believed);
    registry.remove(digest);
    expect(await resolve(registry, old.index)).toMatchObject({ status: 'moved', created: null });
  });

  it('is current where the new index runs the same manifests, whatever attests them', async () => {
    const { registry, old } = twoIndexes();
    const churned = registry.indexOf('churn', [
      { platform: 'linux/arm64', digest: old.arm64 },
      { platform: 'linux/amd64', digest: old.amd64 },
      { platform: 'unknown/unknown', digest: FakeRegistry.digest('other'), annotations: ATTESTATION },
    ]);
    registry.tag(KEY, churned);
    expect(await resolve(registry, old.index)).toMatchObject({
      status: 'current',
      churn: true,
      latest: { digest: churned },
    });
  });

  it('tells the platforms it would lose', async () => {
    const { registry, old, fresh } = twoIndexes();
    const narrow = registry.indexOf('narrow', [{ platform: 'linux/amd64', digest: fresh.amd64 }]);
    registry.tag(KEY, narrow);
    const resolution = await resolve(registry, old.index);
    if (resolution.status !== 'lost-platforms') throw new RangeError(resolution.status);
    expect(resolution.lost.map(formatPlatform)).toEqual(['linux/arm64/v8']);
    expect(resolution.to).toBe(narrow);
  });

  it.each([
    ['the one that stays', ['linux/amd64'], 'moved'],
    ['the one that goes, in another spelling', ['linux/aarch64'], 'lost-platforms'],
    ['one that nobody had', ['linux/s390x'], 'moved'],
    ['nothing', [], 'lost-platforms'],
  ] as const)('loses a platform where %s is what matters', async (_, named, status) => {
    const { registry, old, fresh } = twoIndexes();
    const narrow = registry.indexOf('narrow', [{ platform: 'linux/amd64', digest: fresh.amd64 }]);
    registry.tag(KEY, narrow);
    const pin = { image: IMAGE, from: old.index, platforms: parsePlatforms(named) };
    const [resolution] = await resolvePins([pin], registry, OPTIONS);
    expect(resolution).toMatchObject({ status, to: narrow });
  });

  it('cannot follow a tag that lists nothing that runs', async () => {
    const { registry, old } = twoIndexes();
    registry.tag(KEY, registry.indexOf('empty', []));
    expect((await resolve(registry, old.index)).status).toBe('unfollowable');
  });

  it('moves where the old digest is gone', async () => {
    const { registry, old, fresh } = twoIndexes();
    registry.remove(old.index);
    expect(await resolve(registry, old.index)).toMatchObject({
      status: 'moved',
      to: fresh.index,
      oldShape: null,
    });
  });

  it.each([
    ['only platform: moved', ['linux/amd64'], 'linux/amd64', 'moved'],
    ['one of two platforms: lost', ['linux/amd64', 'linux/arm64'], 'linux/amd64', 'lost-platforms'],
    ['another platform: lost', ['linux/amd64'], 'linux/arm64', 'lost-platforms'],
    ['no platform it names: lost', ['linux/amd64'], null, 'lost-platforms'],
  ] as const)('whose tag is a single manifest now, of its %s', async (_, had, has, status) => {
    const registry = new FakeRegistry();
    const old = registry.indexOf(
      'old',
      had.map((platform) => ({ platform, digest: registry.manifestOf(`old ${platform}`, platform) })),
    );
    const single = registry.manifestOf('single', has);
    registry.tag(KEY, single);
    expect(await resolve(registry, old)).toMatchObject({ status, to: single });
  });

  it('is current where the tag became the only manifest it ran', async () => {
    const registry = new FakeRegistry();
    const single = registry.manifestOf('single', 'linux/amd64');
    const old = registry.indexOf('old', [{ platform: 'linux/amd64', digest: single }]);
    registry.tag(KEY, single);
    expect(await resolve(registry, old)).toMatchObject({ status: 'current', churn: true });
  });
});

describe('a pin to one platform’s manifest', () => {
  it('is current while the index lists it', async () => {
    const { registry, fresh } = twoIndexes();
    const resolution = await resolve(registry, fresh.arm64);
    if (resolution.status !== 'current') throw new RangeError(resolution.status);
    expect(resolution.shape.kind).toBe('manifest');
    expect(names(resolution.shape)).toEqual(['linux/arm64/v8']);
  });

  it('follows its platform, arm64 and arm64/v8 being one', async () => {
    const { registry, old, fresh } = twoIndexes();
    expect(await resolve(registry, old.arm64)).toMatchObject({ status: 'moved', to: fresh.arm64 });
  });

  it('follows os and variant too, not the architecture alone', async () => {
    const registry = new FakeRegistry();
    const old = registry.manifestOf('old', 'linux/arm/v6');
    const v6 = registry.manifestOf('v6', 'linux/arm/v6');
    const entry = (platform: string, digest: Digest) => ({ platform, digest });
    const others = ['linux/arm/v7', 'linux/arm/v5', 'freebsd/arm/v6'];
    registry.tag(
      KEY,
      registry.indexOf('new', [
        ...others.map((platform) => entry(platform, registry.manifestOf(platform, platform))),
        entry('linux/arm/v6', v6),
      ]),
    );
    expect(await resolve(registry, old)).toMatchObject({ status: 'moved', to: v6 });
  });

  it.each([
    ['its platform is gone', 'linux/s390x', /the tag now has linux\/amd64, linux\/arm64/],
    ['its configuration names no platform', null, /does not say which platform/],
  ])('cannot be followed where %s', async (_, platform, detail) => {
    const { registry } = twoIndexes();
    const old = registry.manifestOf('odd', platform);
    const resolution = await resolve(registry, old);
    expect(resolution.status === 'unfollowable' && resolution.detail).toMatch(detail);
  });

  it('chooses among Windows manifests by build number', async () => {
    const registry = new FakeRegistry();
    const windows = (name: string, version: string) =>
      registry.manifestOf(name, 'windows/amd64', { 'os.version': version });
    const old = windows('old', '10.0.17763.100');
    const fresh = [windows('2019', '10.0.17763.200'), windows('2022', '10.0.20348.200')];
    const list = (digests: readonly Digest[]) =>
      digests.map((digest) => ({ platform: 'windows/amd64', digest }));
    registry.tag(KEY, registry.indexOf('new', list(fresh)));
    expect(await resolve(registry, old)).toMatchObject({ status: 'moved', to: fresh[0] });
    registry.tag(KEY, registry.indexOf('newer', list([fresh[1] ?? old, windows('2025', '10.0.26100.1')])));
    expect((await resolve(registry, old)).status).toBe('unfollowable');
  });

  it.each([
    ['the same platform', 'linux/amd64', 'moved'],
    ['another platform', 'linux/arm64', 'unfollowable'],
  ])('whose tag is a manifest of %s', async (_, platform, status) => {
    const registry = new FakeRegistry();
    const old = registry.manifestOf('old', 'linux/amd64');
    registry.tag(KEY, registry.manifestOf('new', platform));
    expect((await resolve(registry, old)).status).toBe(status);
  });

  it('is current where only annotations of the manifest differ', async () => {
    const registry = new FakeRegistry();
    const old = registry.manifestOf('old', 'linux/amd64');
    registry.tag(KEY, registry.alias(old, FakeRegistry.digest('annotated')));
    expect(await resolve(registry, old)).toMatchObject({ status: 'current', churn: true });
  });

  it('follows what the ledger knows where the old manifest is gone', async () => {
    const { registry, old, fresh } = twoIndexes();
    registry.remove(old.arm64);
    const platforms = [{ os: 'linux', architecture: 'arm64', variant: null }];
    const known = (): ImageShape => ({ kind: 'manifest', platforms });
    expect(await resolve(registry, old.arm64, { known })).toMatchObject({ to: fresh.arm64, oldShape: null });
    expect(await resolve(registry, old.arm64)).toMatchObject({ to: fresh.index, oldShape: null });
  });
});

describe('other pins', () => {
  it('takes the tag’s own digest where nothing is pinned', async () => {
    const { registry, fresh } = twoIndexes();
    const resolution = await resolve(registry, null);
    expect(resolution).toMatchObject({ status: 'moved', from: null, to: fresh.index, oldShape: null });
  });

  it('knows a sha512 pin of the same content', async () => {
    const { registry, old, fresh } = twoIndexes();
    const [index, manifest] = [sha512Of('index'), sha512Of('manifest')];
    registry.alias(fresh.index, index);
    registry.alias(fresh.amd64, manifest);
    const older = registry.alias(old.index, sha512Of('older'));
    expect(await resolve(registry, index)).toMatchObject({ status: 'current', churn: true });
    expect(await resolve(registry, manifest)).toMatchObject({ status: 'current', churn: true });
    expect(await resolve(registry, older)).toMatchObject({ status: 'moved', to: fresh.index });
  });
});

describe('many pins', () => {
  it('asks once for each tag and once for each content', async () => {
    const { registry, old, fresh } = twoIndexes();
    const froms = [old.index, old.index, old.arm64, fresh.index, null, old.amd64];
    const resolutions = await resolvePins(
      froms.map((from) => ({ image: IMAGE, from })),
      registry,
      OPTIONS,
    );
    expect(resolutions.map((one) => one.from)).toEqual(froms);
    expect(resolutions.map((one) => one.status)).toEqual([
      'moved',
      'moved',
      'moved',
      'current',
      'moved',
      'moved',
    ]);
    expect(registry.count('head')).toBe(1);
    expect(new Set(registry.asked).size).toBe(registry.asked.length);
  });

  it('goes on when one fails, and reads no failure as "no update"', async () => {
    const { registry, old, fresh } = twoIndexes();
    const down = new RegistryError({ code: 'unavailable', message: 'registry.test: 503', temporary: true });
    registry.tag('docker.io/library/down:1', down);
    const image = (repository: string, tag: string) => ({ registry: 'docker.io', repository, tag });
    const resolutions = await resolvePins(
      [
        { image: image('library/down', '1'), from: old.index },
        { image: image('library/down', '1'), from: null },
        { image: image('library/gone', '1'), from: old.index },
        { image: IMAGE, from: old.index },
      ],
      registry,
      { ...OPTIONS, concurrency: 1 },
    );
    expect(resolutions.map((one) => (one.status === 'failed' ? one.failure : one.status))).toEqual([
      {
        subject: 'docker.io/library/down:1',
        code: 'unavailable',
        message: 'registry.test: 503',
        temporary: true,
      },
      {
        subject: 'docker.io/library/down:1',
        code: 'unavailable',
        message: 'registry.test: 503',
        temporary: true,
      },
      expect.objectContaining({ subject: 'docker.io/library/gone:1', code: 'not-found', temporary: false }),
      'moved',
    ]);
    expect(registry.count('head')).toBe(3);
    expect(fresh.index).toBe(resolutions[3]?.status === 'moved' && resolutions[3].to);
  });

  it('keeps within its concurrency and tells its progress', async () => {
    const { registry } = twoIndexes();
    let running = 0;
    let most = 0;
    const resolveTag: FakeRegistry['resolveTag'] = async (image) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((done) => setImmediate(done));
      running -= 1;
      return registry.resolveTag(image);
    };
    const slow = Object.assign(Object.create(registry), { resolveTag });
    const progress: number[] = [];
    const pins = Array.from({ length: 10 }, (_, n) => ({ image: { ...IMAGE, tag: `t${n}` }, from: null }));
    await resolvePins(pins, slow, { ...OPTIONS, concurrency: 3, onProgress: (done) => progress.push(done) });
    expect(most).toBe(3);
    expect(progress.at(-1)).toBe(10);
    expect(await resolvePins([], slow, OPTIONS)).toEqual([]);
  });
});

describe('platforms that the configuration names', () => {
  it.each([
    ['the lost one among others', ['linux/amd64', 'linux/arm64'], 'lost-platforms'],
    ['the lost one alone', ['linux/arm64'], 'lost-platforms'],
    ['others alone', ['linux/amd64', 'linux/s390x'], 'moved'],
    ['none', [], 'lost-platforms'],
  ])('%s: a lost one matters where it is named', async (_, wanted, status) => {
    const { registry, old, fresh } = twoIndexes();
    registry.tag(KEY, registry.indexOf('amd64 only', [{ platform: 'linux/amd64', digest: fresh.amd64 }]));
    const platforms = parsePlatforms(wanted);
    const [resolution] = await resolvePins([{ image: IMAGE, from: old.index, platforms }], registry, OPTIONS);
    expect(resolution?.status).toBe(status);
  });
});

describe('shapes', () => {
  it('a first pin has the shape of what it is pinned to, and no old one', async () => {
    const { registry } = twoIndexes();
    expect(await resolve(registry, null)).toMatchObject({
      status: 'moved',
      oldShape: null,
      shape: { kind: 'index', platforms: [{ architecture: 'amd64' }, { architecture: 'arm64' }] },
    });
  });

  it('a manifest that the index of the tag lists is current, for its platform alone', async () => {
    const { registry, fresh } = twoIndexes();
    expect(await resolve(registry, fresh.arm64)).toMatchObject({
      status: 'current',
      churn: false,
      shape: { kind: 'manifest', platforms: [{ architecture: 'arm64' }] },
    });
    const nameless = registry.manifestOf('nameless', null);
    registry.tag(KEY, registry.indexOf('nameless', [{ platform: null, digest: nameless }]));
    expect(await resolve(registry, nameless)).toMatchObject({ shape: { kind: 'manifest', platforms: [] } });
  });

  it('a followed manifest keeps its platform in both shapes, and says when it was made', async () => {
    const registry = new FakeRegistry();
    const old = registry.manifestOf('old', 'linux/arm64');
    const created = '2026-11-01T00:00:00Z';
    const fresh = registry.manifestOf('fresh', 'linux/arm64', { created });
    const other = registry.manifestOf('other', 'linux/amd64', { created: '2026-01-01T00:00:00Z' });
    const entries = [
      { platform: 'linux/amd64', digest: other },
      { platform: 'linux/arm64', digest: fresh },
    ];
    registry.tag(KEY, registry.indexOf('fresh', entries));
    const shape = { kind: 'manifest', platforms: [{ architecture: 'arm64' }] };
    expect(await resolve(registry, old)).toMatchObject({
      status: 'moved',
      to: fresh,
      shape,
      oldShape: shape,
      created: new Date(created),
    });
  });

  it('a tag that is a single manifest is told as one', async () => {
    const registry = new FakeRegistry();
    const only = registry.manifestOf('only', 'linux/amd64');
    registry.tag(KEY, only);
    expect(await resolve(registry, only)).toMatchObject({ status: 'current', shape: { kind: 'manifest' } });
  });

  it.each([
    ['an outage', 'unavailable'],
    ['a refusal', 'unauthorized'],
  ] as const)('%s of the pinned content is never taken for its absence', async (_, code) => {
    const { registry, old } = twoIndexes();
    const ask = registry.manifest;
    registry.manifest = async (repository, digest) => {
      if (digest === old.index) throw new RegistryError({ code, message: 'unknown' });
      return ask(repository, digest);
    };
    expect(await resolve(registry, old.index)).toMatchObject({ status: 'failed' });
  });
});
