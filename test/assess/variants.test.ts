import { describe, expect, it } from 'vitest';
import { readyScanner } from '../../src/assess/assess.ts';
import type { ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import type { Finding, ScannerIdentity } from '../../src/assess/scan.ts';
import { variantSuggester } from '../../src/assess/variants.ts';
import { canonicalName, type TaggedImage } from '../../src/domain/image-reference.ts';
import { parsePlatforms } from '../../src/domain/platform.ts';
import { RegistryError } from '../../src/resolve/registry.ts';
import { FAKE_IDENTITY, FakeScanner } from '../support/fake-scanner.ts';
import { finding, scanDiffFact } from '../support/findings.ts';
import { memoryScanCache } from '../support/memory-cache.ts';
import { MemoryRegistry } from '../support/memory-registry.ts';

const SBOM = JSON.stringify({
  spdxVersion: 'SPDX-2.3',
  packages: [
    {
      name: 'tar',
      versionInfo: '1',
      externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:deb/debian/tar@1?distro=debian-12' }],
    },
  ],
});
const LINE =
  'Fewer findings: `python:3.11-slim` has 2 (0 critical, 2 high), `python:3.11` 40 (0 critical, 40 high).';

const findings = (count: number): readonly Finding[] =>
  Array.from({ length: count }, (_, i) => finding(`CVE-2026-${1000 + i}`));

type Given = {
  readonly fact?: ScanDiffFact;
  readonly sbom?: string | null;
  readonly platforms?: readonly string[];
  readonly index?: readonly string[];
  readonly found?: number;
  readonly identity?: ScannerIdentity;
  readonly fault?: 'aborted' | 'nothing-recognised';
  readonly allows?: (image: TaggedImage) => boolean;
};

/** A registry with `3.11-slim` behind it, and a suggester of one pass. */
async function suggester(given: Given, registry = new MemoryRegistry()) {
  const labels = given.sbom === null ? {} : { sbom: given.sbom ?? SBOM };
  const image = registry.putImage({ config: { Labels: labels } });
  const entries = Object.fromEntries((given.index ?? ['linux/amd64']).map((platform) => [platform, image]));
  registry.tag('3.11-slim', given.index?.length === 0 ? image : registry.putIndex(entries));
  const scanner = new FakeScanner(() => findings(given.found ?? 2));
  scanner.sbomFault = given.fault ?? null;
  scanner.identities = given.identity === undefined ? [] : [given.identity];
  scanner.scanImage = async () => {
    throw new RangeError('a layer would be pulled');
  };
  const signal = new AbortController().signal;
  const suggest = variantSuggester(
    {
      registry,
      scanner: await readyScanner(scanner, signal),
      cache: memoryScanCache(),
      now: () => new Date('2026-11-20T00:00:00Z'),
      signal,
    },
    { suppressions: [], allows: given.allows ?? (() => true), timeoutMs: 100 },
  );
  return { registry, subjects: scanner.subjects, suggest };
}

const FULL = scanDiffFact({ unchanged: findings(40) });
const amd64 = parsePlatforms(['linux/amd64']);

describe('a variant', () => {
  it('is suggested by its attached SBOM, and looked for once a pass', async () => {
    const { registry, subjects, suggest } = await suggester({});
    const [first, again] = await Promise.all([suggest(FULL, []), suggest(FULL, [])]);
    expect([first, again]).toEqual([LINE, LINE]);
    expect(await suggest(FULL, [])).toBe(LINE);
    expect(subjects.map(canonicalName)).toEqual(['docker.io/library/python']);
    expect(registry.asked.filter((one) => /^tag (?!sha256)/.test(one))).toEqual([
      'tag 3.11-slim',
      'tag latest',
    ]);
  });

  it.each<[string, Given, readonly string[], string | null]>([
    [
      'of which the index has what is configured',
      { index: ['linux/amd64', 'linux/arm64'] },
      ['linux/arm64'],
      LINE,
    ],
    ['that is one manifest of the platform', { index: [] }, ['linux/amd64'], LINE],
    ['that lacks a platform', {}, ['linux/amd64', 'linux/arm64'], null],
    ['that is one manifest of two platforms', { index: [] }, ['linux/amd64', 'linux/arm64'], null],
    ['of another platform', { index: ['linux/arm64'] }, [], null],
    ['without an SBOM', { sbom: null }, [], null],
    ['whose SBOM nobody recognises', { fault: 'nothing-recognised' }, [], null],
    ['whose scan was stopped', { fault: 'aborted' }, [], null],
    ['judged by another database', { identity: { ...FAKE_IDENTITY, database: '2026-11-02' } }, [], null],
    ['that is not far better', { found: 11 }, [], null],
    ['that the configuration leaves alone', { allows: () => false }, [], null],
  ])('%s', async (_, given, platforms, expected) => {
    const { suggest } = await suggester(given);
    expect(await suggest(FULL, parsePlatforms(platforms))).toBe(expected);
  });

  const layers = FULL.platforms.map((one) =>
    one.after.status === 'scanned' ? { ...one, after: { ...one.after, source: 'image' as const } } : one,
  );
  it.each<[string, ScanDiffFact]>([
    ['was not scanned', scanDiffFact(null)],
    ['has few findings', scanDiffFact({ unchanged: findings(9) })],
    ['was read layer by layer', { ...FULL, platforms: layers }],
    ['has no tag', { ...FULL, tag: null }],
    ['runs nowhere', { ...FULL, platforms: [] }],
  ])('is not looked for where the image %s', async (_, fact) => {
    const { registry, suggest } = await suggester({});
    expect(await suggest(fact, amd64)).toBeNull();
    expect(registry.asked).toEqual([]);
  });
});

describe('a registry that does not answer', () => {
  class Silent extends MemoryRegistry {
    readonly hosts: string[] = [];
    override async resolveTag(image: TaggedImage) {
      if (!image.tag.startsWith('sha256-')) this.hosts.push(image.registry);
      if (image.registry === 'gcr.io') {
        throw new RegistryError({ code: 'unreachable', message: 'gcr.io: nobody there', temporary: true });
      }
      return super.resolveTag(image);
    }
  }

  it('costs no suggestion, and is not asked again in the pass', async () => {
    const silent = new Silent();
    const { suggest } = await suggester({}, silent);
    expect(await suggest(FULL, [])).toBe(LINE);
    expect(await suggest({ ...FULL, to: FULL.platforms[0]?.to ?? FULL.to }, [])).toBe(LINE);
    expect(silent.hosts).toEqual(['docker.io', 'gcr.io', 'docker.io']);
  });

  it('keeps nobody waiting', async () => {
    class Hanging extends Silent {
      override async resolveTag(image: TaggedImage) {
        return image.registry === 'gcr.io' ? new Promise<never>(() => {}) : super.resolveTag(image);
      }
    }
    const { suggest } = await suggester({}, new Hanging());
    expect(await suggest(FULL, [])).toBe(LINE);
  });

  it('is suggested where the image has just enough findings to win by, and the variant none', async () => {
    const { registry, suggest } = await suggester({ found: 0 });
    expect(await suggest(scanDiffFact({ unchanged: findings(10) }), amd64)).toContain('python:3.11-slim');
    expect(registry.asked).not.toEqual([]);
  });
});
