import type { Digest } from '../../domain/digest.ts';
import type { Repository } from '../../domain/image-reference.ts';
import type { Platform } from '../../domain/platform.ts';
import { compareText } from '../../domain/text.ts';
import type { Finding, Package, ScanFact, ScannerIdentity, Severity } from '../scan.ts';
import type { VersionMove } from '../version/compare-version.ts';

/** A finding that somebody said does not count, and who said so. */
export type IgnoredFinding = {
  readonly finding: Finding;
  readonly by: 'vex' | 'trivyignore' | 'exception';
  /** The justification as it was recorded, plain text; empty where none was given. */
  readonly reason: string;
};

/** What a move does to the findings. All lists are sorted: the most severe first, then by id, then by package. */
export type FindingDiff = {
  /** Found in the old image, not in the new one. */
  readonly fixed: readonly Finding[];
  /** Found in the new image, not in the old one. Ignored ones are left out. */
  readonly introduced: readonly Finding[];
  /** Found in both, as the new image has it. */
  readonly unchanged: readonly Finding[];
  /** Findings of the new image that do not count; the new ones among them are not in `introduced`. */
  readonly ignored: readonly IgnoredFinding[];
};

export type PackageChange = {
  readonly name: string;
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly move: VersionMove;
};

/** Sorted by type and name. */
export type PackageDiff = {
  readonly added: readonly Package[];
  readonly removed: readonly Package[];
  readonly changed: readonly PackageChange[];
  /** Packages that are the same on both sides. */
  readonly unchanged: number;
};

export type ConfigField =
  | 'user'
  | 'entrypoint'
  | 'cmd'
  | 'shell'
  | 'workdir'
  | 'stop-signal'
  | 'healthcheck'
  | 'env'
  | 'ports'
  | 'volumes'
  | 'labels'
  | 'size'
  | 'layers'
  | 'shell-present'
  | 'package-manager'
  | 'os-release'
  | 'os-end-of-life';

/** One difference of the image configuration. `null`: the side does not have it. Texts are plain, not yet escaped. */
export type ConfigChange = {
  /** `env.PATH`, `ports.8080/tcp`, `labels.maintainer`, or the field alone. */
  readonly field: string;
  readonly kind: ConfigField;
  readonly from: string | null;
  readonly to: string | null;
  /** Whether a reviewer must see it: root instead of a user, a new port, a new entry point, an OS at its end. */
  readonly matters: boolean;
};

/** One platform of a move, both sides and their difference. */
export type PlatformScanDiff = {
  /** Null for a manifest that does not say. */
  readonly platform: Platform | null;
  /** The manifest of this platform on each side; null where the side does not have it. */
  readonly from: Digest | null;
  readonly to: Digest;
  /** Null where there is no old side. Kept even where only one side could be scanned. */
  readonly before: ScanFact | null;
  readonly after: ScanFact;
  /** Null where a side is unknown, or both were not scanned by the same scanner and database: never "no vulnerabilities". */
  readonly findings: FindingDiff | null;
  /** Why `findings` is null; null where it is not. */
  readonly unavailable: string | null;
  readonly packages: PackageDiff | null;
  readonly config: readonly ConfigChange[];
};

/** What it costs and brings to move one image from one digest to another, with all that is known. Plain data. */
export type ScanDiffFact = {
  readonly image: Repository;
  readonly tag: string | null;
  readonly from: Digest | null;
  readonly to: Digest;
  /** Platforms compared, the most common first. Empty where the new image has none of the wanted ones. */
  readonly platforms: readonly PlatformScanDiff[];
  /** Platforms of the new image that were not compared, normalised texts. */
  readonly platformsNotCompared: readonly string[];
  readonly platformsLost: readonly string[];
  readonly platformsGained: readonly string[];
  /** The scanner that compared; null where there was none. */
  readonly scanner: ScannerIdentity | null;
  /** Where upstream shows what changed, from the images' own labels. https only, GitHub or GitLab. */
  readonly compareUrl: string | null;
  /** `org.opencontainers.image.revision` of both sides where it looks like one. */
  readonly revisions: { readonly from: string | null; readonly to: string | null };
  readonly created: { readonly from: string | null; readonly to: string | null };
  /** Problems that did not stop the comparison, as sentences. */
  readonly warnings: readonly string[];
};

export type SeverityCounts = Readonly<Record<Severity, number>>;

/** Severities from the worst. */
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'negligible', 'unknown'];

/** What a whole move does, every platform's findings counted once (the same finding on two platforms is one). */
export type ScanDiffTotals = {
  readonly fixed: SeverityCounts;
  readonly introduced: SeverityCounts;
  readonly unchanged: SeverityCounts;
};

/** The number of findings by severity. */
export function countBySeverity(findings: readonly Finding[]): SeverityCounts {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
  for (const finding of findings) counts[finding.severity] += 1;
  return counts;
}

/** All findings of a list of counts. */
export function totalOf(counts: SeverityCounts): number {
  return SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
}

/** Whether every compared platform's findings are known. */
export function isScanned(fact: ScanDiffFact): boolean {
  return fact.platforms.length > 0 && fact.platforms.every((platform) => platform.findings !== null);
}

/** The findings one list holds over all platforms, each finding once, in the platforms' order. */
export function findingsOf(
  fact: ScanDiffFact,
  list: 'fixed' | 'introduced' | 'unchanged',
): readonly Finding[] {
  const seen = new Map<string, Finding>();
  for (const platform of fact.platforms) {
    for (const finding of platform.findings?.[list] ?? []) {
      const key = findingKey(finding);
      if (!seen.has(key)) seen.set(key, finding);
    }
  }
  return [...seen.values()].sort(compareFindings);
}

/** The counts of {@link findingsOf} for all three lists. */
export function scanDiffTotals(fact: ScanDiffFact): ScanDiffTotals {
  return {
    fixed: countBySeverity(findingsOf(fact, 'fixed')),
    introduced: countBySeverity(findingsOf(fact, 'introduced')),
    unchanged: countBySeverity(findingsOf(fact, 'unchanged')),
  };
}

/** What makes two findings of one image the same apart from aliases: id, package without version, location. */
export function findingKey(finding: Finding): string {
  return `${finding.id}\n${packageKey(finding)}`;
}

/** The package part of a finding's identity: purl without version (else the name), and where a language package stands. */
export function packageKey(finding: Finding): string {
  const name = finding.purl === '' ? finding.package : finding.purl;
  if (finding.location === null) return name;
  // `pip-23.0.dist-info/METADATA` is the same place after an upgrade.
  const { installed } = finding;
  const place = installed.length < 2 ? finding.location : finding.location.replaceAll(installed, '*');
  return `${name}\n${place}`;
}

/** The most severe first, then by id, package and place: the order of every list of findings. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.id, b.id) ||
    compareText(a.package, b.package) ||
    compareText(a.location ?? '', b.location ?? '') ||
    compareText(a.installed, b.installed)
  );
}
