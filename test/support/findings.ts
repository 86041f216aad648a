import fc from 'fast-check';
import type { FindingDiff, PlatformScanDiff, ScanDiffFact } from '../../src/assess/diff/scan-diff.ts';
import { SEVERITIES } from '../../src/assess/diff/scan-diff.ts';
import type { Finding, Package } from '../../src/assess/scan.ts';
import { type Digest, toDigest } from '../../src/domain/digest.ts';

/** A digest of one repeated hex character. */
export function digestOf(character: string): Digest {
  return toDigest(`sha256:${character.repeat(64)}`);
}

/** A finding in a Debian package, with what a test wants different. */
export function finding(id: string, name = 'openssl', over: Partial<Finding> = {}): Finding {
  return {
    id,
    aliases: [],
    package: name,
    purl: `pkg:deb/debian/${name}`,
    location: null,
    installed: '3.0.11-1',
    fixedIn: '3.0.13-1',
    severity: 'high',
    severitySource: 'debian',
    title: `${name}: a flaw`,
    url: `https://security-tracker.debian.org/tracker/${id}`,
    ...over,
  };
}

/** A Debian package. */
export function debian(name: string, version: string): Package {
  return {
    name,
    version,
    type: 'deb',
    purl: `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-12`,
  };
}

/** Findings whose ids, packages and places overlap often, aliases and all. */
export const anyFinding: fc.Arbitrary<Finding> = fc
  .record({
    id: fc.constantFrom(
      'CVE-2026-0001',
      'CVE-2026-0002',
      'CVE-2026-0003',
      'GHSA-aaaa-bbbb-cccc',
      'DSA-1-1',
      'DLA-2-1',
    ),
    aliases: fc.uniqueArray(
      fc.constantFrom(
        'CVE-2026-0001',
        'CVE-2026-0002',
        'GHSA-aaaa-bbbb-cccc',
        'GHSA-dddd-eeee-ffff',
        'DSA-1-1',
      ),
      { maxLength: 3 },
    ),
    name: fc.constantFrom('openssl', 'glibc', 'lodash'),
    location: fc.constantFrom(null, '/app/a', '/app/b-1.0'),
    installed: fc.constantFrom('1.0', '2.0'),
    severity: fc.constantFrom(...SEVERITIES),
  })
  .map(({ id, aliases, name, ...rest }) =>
    finding(id, name, { aliases: aliases.filter((alias) => alias !== id), ...rest }),
  );

/** A whole fact of one platform. */
export function scanDiffFact(
  findings: Partial<FindingDiff> | null,
  over: Partial<ScanDiffFact> = {},
  platform: Partial<PlatformScanDiff> = {},
): ScanDiffFact {
  const amd64 = { os: 'linux', architecture: 'amd64', variant: null };
  const scanner = { name: 'trivy', version: '0.68.2', database: '2026-11-01T06:00:00Z' } as const;
  return {
    image: { registry: 'docker.io', repository: 'library/python' },
    tag: '3.11',
    from: digestOf('a'),
    to: digestOf('b'),
    platforms: [
      {
        platform: amd64,
        from: digestOf('c'),
        to: digestOf('d'),
        before: null,
        after:
          findings === null
            ? { status: 'scan-unavailable', reason: 'no scanner', packages: null }
            : {
                status: 'scanned',
                digest: digestOf('d'),
                platform: amd64,
                source: 'sbom',
                scanner,
                findings: [],
                packages: [debian('openssl', '3.0.13-1')],
              },
        findings:
          findings === null ? null : { fixed: [], introduced: [], unchanged: [], ignored: [], ...findings },
        unavailable: findings === null ? 'no scanner' : null,
        packages: { added: [], removed: [], changed: [], unchanged: 1 },
        config: [],
        ...platform,
      },
    ],
    platformsNotCompared: [],
    platformsLost: [],
    platformsGained: [],
    scanner: findings === null ? null : scanner,
    compareUrl: null,
    revisions: { from: null, to: null },
    created: { from: null, to: null },
    warnings: [],
    ...over,
  };
}
