import { describe, expect, it } from 'vitest';
import { type AssessPorts, assessMove, readyScanner } from '../../src/assess/assess.ts';
import { findingsOf } from '../../src/assess/diff/scan-diff.ts';
import type { Scanner, ScannerErrorCode } from '../../src/assess/scanner.ts';
import type { Digest } from '../../src/domain/digest.ts';
import { FAKE_IDENTITY, FakeScanner } from '../support/fake-scanner.ts';
import { digestOf, finding } from '../support/findings.ts';
import { memoryScanCache } from '../support/memory-cache.ts';
import { MemoryRegistry } from '../support/memory-registry.ts';

const repository = { registry: 'registry.example', repository: 'base' };
const signal = new AbortController().signal;

function sbomLabel(version: string): Readonly<Record<string, unknown>> {
  const referenceLocator = `pkg:deb/debian/tar@${version}?distro=debian-12`;
  const document = {
    spdxVersion: 'SPDX-2.3',
    packages: [
      { name: 'tar', versionInfo: version, externalRefs: [{ referenceType: 'purl', referenceLocator }] },
    ],
  };
  return { config: { Labels: { sbom: JSON.stringify(document) } } };
}

async function ports(registry: MemoryRegistry, scanner: Scanner | null): Promise<AssessPorts> {
  return {
    registry,
    scanner: await readyScanner(scanner, signal),
    cache: memoryScanCache(),
    now: () => new Date('2026-11-20T00:00:00Z'),
    signal,
  };
}

function move(from: Digest | null, to: Digest) {
  return { repository, tag: '1', from, to, platforms: [] };
}

describe('assessMove', () => {
  it('scans both sides by their SBOMs where both have one, and requests no layer', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
    const scanner = new FakeScanner({ [old]: [finding('CVE-2026-0001')], [now]: [finding('CVE-2026-0002')] });
    const fact = await assessMove(await ports(registry, scanner), move(old, now));
    expect(scanner.scans).toEqual(['sbom', 'sbom']);
    expect(findingsOf(fact, 'fixed').map(({ id }) => id)).toEqual(['CVE-2026-0001']);
    expect(findingsOf(fact, 'introduced').map(({ id }) => id)).toEqual(['CVE-2026-0002']);
    expect(fact.platforms[0]).toMatchObject({
      after: { status: 'scanned', source: 'sbom' },
      packages: { changed: [{ name: 'tar', from: '1', to: '2', move: 'upgrade' }] },
    });
    expect(fact.scanner).toEqual(FAKE_IDENTITY);
  });

  it('scans both images where one side has no SBOM: never one side by this and the other by that', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage({})];
    const scanner = new FakeScanner({});
    const fact = await assessMove(await ports(registry, scanner), move(old, now));
    expect(scanner.scans).toEqual(['image', 'image']);
    expect(fact.platforms[0]?.after).toMatchObject({ source: 'image' });
  });

  it('scans the images where the scanner does not recognise what an SBOM lists', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
    const scanner = new FakeScanner({});
    scanner.sbomFault = 'nothing-recognised';
    await assessMove(await ports(registry, scanner), move(old, now));
    expect(scanner.scans).toEqual(['sbom', 'sbom', 'image', 'image']);
  });

  it.each<ScannerErrorCode>([
    'failed',
    'crashed',
    'timeout',
    'too-much-output',
    'malformed-output',
    'wrong-subject',
  ])(
    'a scanner that ends in %s is scan-unavailable, and packages are compared all the same',
    async (code) => {
      const registry = new MemoryRegistry();
      const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
      const scanner = new FakeScanner({});
      scanner.sbomFault = code;
      const [platform] = (await assessMove(await ports(registry, scanner), move(old, now))).platforms;
      expect(platform).toMatchObject({
        findings: null,
        unavailable: `the scanner said ${code}`,
        after: { status: 'scan-unavailable' },
        packages: { changed: [{ name: 'tar' }] },
      });
      expect(scanner.scans).toEqual(['sbom', 'sbom']);
    },
  );

  it('a scanner whose database changed in between compares nothing', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
    const scanner = new FakeScanner({});
    scanner.identities = [FAKE_IDENTITY, { ...FAKE_IDENTITY, database: '2026-11-02' }];
    const [platform] = (await assessMove(await ports(registry, scanner), move(old, now))).platforms;
    expect(platform?.findings).toBeNull();
    expect(platform?.unavailable).toContain('changed between');
  });

  it('without a scanner packages and configuration are compared', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
    const [platform] = (await assessMove(await ports(registry, null), move(old, now))).platforms;
    expect(platform?.unavailable).toContain('no scanner is available');
    expect(platform?.packages?.changed).toHaveLength(1);
    expect(platform?.config.map(({ field }) => field)).toEqual(['labels.sbom']);
  });

  it('a scanner of SBOMs only says what is missing', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage({}), registry.putImage({ created: '2026-01-01T00:00:00Z' })];
    const scanner = new FakeScanner({});
    scanner.scanImage = null;
    const [platform] = (await assessMove(await ports(registry, scanner), move(old, now))).platforms;
    expect(platform?.unavailable).toContain('no SBOM is attached');
  });

  it('an old image that is gone leaves the new one’s facts, and no comparison', async () => {
    const registry = new MemoryRegistry();
    const now = registry.putImage(sbomLabel('2'));
    const scanner = new FakeScanner({ [now]: [finding('CVE-2026-0001')] });
    const fact = await assessMove(await ports(registry, scanner), move(digestOf('e'), now));
    expect(fact.platforms[0]).toMatchObject({
      findings: null,
      before: { status: 'scan-unavailable' },
      after: { status: 'scanned', findings: [{ id: 'CVE-2026-0001' }] },
    });
    expect(fact.warnings[0]).toContain('old image cannot be read');
  });

  it('a first pin has nothing fixed and nothing introduced', async () => {
    const registry = new MemoryRegistry();
    const now = registry.putImage(sbomLabel('2'));
    const scanner = new FakeScanner({ [now]: [finding('CVE-2026-0001')] });
    const fact = await assessMove(await ports(registry, scanner), move(null, now));
    expect(fact.platforms[0]?.findings).toMatchObject({
      fixed: [],
      introduced: [],
      unchanged: [{ id: 'CVE-2026-0001' }],
    });
  });

  it('compares at most two platforms in full, the common ones first, and names the rest, the lost and the gained', async () => {
    const registry = new MemoryRegistry();
    const of = (architecture: string, n: number) =>
      registry.putImage({ architecture, created: `2026-01-0${n}T00:00:00Z` });
    const from = registry.putIndex({
      'linux/s390x': of('s390x', 1),
      'linux/arm64': of('arm64', 1),
      'linux/ppc64le': of('ppc64le', 1),
      'linux/amd64': of('amd64', 1),
    });
    const to = registry.putIndex({
      'linux/amd64': of('amd64', 2),
      'linux/arm64/v8': of('arm64', 2),
      'linux/ppc64le': of('ppc64le', 2),
      'linux/riscv64': of('riscv64', 2),
    });
    const fact = await assessMove(await ports(registry, new FakeScanner({})), move(from, to));
    expect(fact.platforms.map((platform) => platform.platform?.architecture)).toEqual(['amd64', 'arm64']);
    expect(fact.platformsNotCompared).toEqual(['linux/ppc64le']);
    expect(fact.platformsLost).toEqual(['linux/s390x']);
    expect(fact.platformsGained).toEqual(['linux/riscv64']);
  });

  it('an index against a manifest compares the manifest’s platform, either way round', async () => {
    const registry = new MemoryRegistry();
    const of = (architecture: string, n: number) =>
      registry.putImage({ architecture, created: `2026-01-0${n}T00:00:00Z` });
    const index = registry.putIndex({ 'linux/amd64': of('amd64', 1), 'linux/arm64': of('arm64', 1) });
    const single = of('arm64', 2);
    for (const [from, to] of [
      [index, single],
      [single, index],
    ] as const) {
      const [platform, ...others] = (
        await assessMove(await ports(registry, new FakeScanner({})), move(from, to))
      ).platforms;
      expect(others).toEqual([]);
      expect(platform?.platform?.architecture).toBe('arm64');
      expect(platform?.findings).not.toBeNull();
      expect([platform?.from, platform?.to]).toContain(single);
    }
  });

  it('never compares two platforms with each other', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [
      registry.putImage({ architecture: 'arm64' }),
      registry.putImage({ architecture: 'amd64' }),
    ];
    const [platform] = (await assessMove(await ports(registry, new FakeScanner({})), move(old, now)))
      .platforms;
    expect(platform?.unavailable).toContain('is for linux/arm64');
    expect(platform?.findings).toBeNull();
  });

  it('uses a cached report, and only for the same scanner and database', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage({}), registry.putImage({ created: '2026-01-01T00:00:00Z' })];
    const scanner = new FakeScanner({});
    const shared = await ports(registry, scanner);
    await assessMove(shared, move(old, now));
    await assessMove(shared, move(old, now));
    expect(scanner.scans).toHaveLength(2);
    const other = { ...FAKE_IDENTITY, database: '2026-11-02' };
    scanner.identities = [other, other];
    await assessMove({ ...shared, scanner: { status: 'ready', scanner, identity: other } }, move(old, now));
    expect(scanner.scans).toHaveLength(4);
  });

  it('VEX attached to the image counts for that image', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
    const products = [{ '@id': 'pkg:deb/debian/openssl' }];
    const statements = [{ vulnerability: { name: 'CVE-2026-0001' }, status: 'not_affected', products }];
    const text = JSON.stringify({ '@context': 'https://openvex.dev/ns/v0.2.0', statements });
    registry.refer(
      now,
      registry.putArtifact([{ text, mediaType: 'application/vnd.openvex+json' }], now),
      null,
    );
    const scanner = new FakeScanner({ [now]: [finding('CVE-2026-0001'), finding('CVE-2026-0002')] });
    const fact = await assessMove(await ports(registry, scanner), move(old, now));
    expect(findingsOf(fact, 'introduced').map(({ id }) => id)).toEqual(['CVE-2026-0002']);
    expect(fact.platforms[0]?.findings?.ignored).toMatchObject([{ by: 'vex' }]);
  });

  it('who is stopped publishes nothing', async () => {
    const registry = new MemoryRegistry();
    const [old, now] = [registry.putImage(sbomLabel('1')), registry.putImage(sbomLabel('2'))];
    const scanner = new FakeScanner({});
    scanner.sbomFault = 'aborted';
    await expect(assessMove(await ports(registry, scanner), move(old, now))).rejects.toMatchObject({
      code: 'aborted',
    });
  });
});
