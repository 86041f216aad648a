import type { PlatformScanDiff, ScanDiffFact } from '../../assess/diff/scan-diff.ts';
import type { Finding, Package } from '../../assess/scan.ts';
import { formatPlatform } from '../../domain/platform.ts';

type FindingJson = {
  readonly id: string;
  readonly package: string;
  readonly installed: string;
  readonly fixedIn: string | null;
  readonly severity: string;
};

/**
 * `pinwheel diff --json`: the difference on one platform. `vulnerabilities` is null, never empty lists, where findings are
 * not known; `status` and `reason` say so then: `scan-unavailable`, or `failed` where not even the images could be read.
 */
export type DiffDocument = {
  readonly status?: 'scan-unavailable' | 'failed';
  readonly reason?: string;
  readonly vulnerabilities: {
    readonly fixed: readonly FindingJson[];
    readonly introduced: readonly FindingJson[];
    readonly unchanged: readonly FindingJson[];
  } | null;
  readonly packages: {
    readonly added: readonly { readonly name: string; readonly version: string }[];
    readonly removed: readonly { readonly name: string; readonly version: string }[];
    readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  } | null;
  readonly config: readonly {
    readonly field: string;
    readonly from: string | null;
    readonly to: string | null;
  }[];
  readonly scanner: {
    readonly name: string;
    readonly version: string;
    readonly database: string | null;
  } | null;
  readonly source: 'sbom' | 'image' | null;
  readonly platform: string | null;
};

/** The document of one platform of a move. */
export function diffDocument(fact: ScanDiffFact, platform: PlatformScanDiff): DiffDocument {
  const { findings, packages } = platform;
  const scanned = platform.after.status === 'scanned' ? platform.after : null;
  return {
    ...(findings === null
      ? { status: 'scan-unavailable' as const, reason: platform.unavailable ?? 'unknown' }
      : {}),
    vulnerabilities:
      findings === null
        ? null
        : {
            fixed: findings.fixed.map(findingJson),
            introduced: findings.introduced.map(findingJson),
            unchanged: findings.unchanged.map(findingJson),
          },
    packages:
      packages === null
        ? null
        : {
            added: packages.added.map(packageJson),
            removed: packages.removed.map(packageJson),
            changed: packages.changed.map(({ name, from, to }) => ({ name, from, to })),
          },
    config: platform.config.map(({ field, from, to }) => ({ field, from, to })),
    scanner: findings === null ? null : (scanned?.scanner ?? fact.scanner),
    source: scanned?.source ?? null,
    platform: platform.platform === null ? null : formatPlatform(platform.platform),
  };
}

/** The document where nothing could be compared. */
export function failedDocument(reason: string): DiffDocument {
  return {
    status: 'failed',
    reason,
    vulnerabilities: null,
    packages: null,
    config: [],
    scanner: null,
    source: null,
    platform: null,
  };
}

function findingJson(finding: Finding): FindingJson {
  const { id, installed, fixedIn, severity } = finding;
  return { id, package: finding.package, installed, fixedIn, severity };
}

function packageJson(item: Package): { readonly name: string; readonly version: string } {
  return { name: item.name, version: item.version };
}
