import { findingKey, type ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { Finding } from '../assess/scan.ts';
import type { SecurityFact } from './severity.ts';

/**
 * What a scan diff says to policy: over all platforms that were compared, each finding once. A platform that could not
 * be compared makes the whole fact `scan-unavailable`: what is not known is never "nothing". Pure.
 */
export function securityFact(scan: ScanDiffFact): SecurityFact {
  const fixed = unique(scan.platforms.flatMap(({ findings }) => findings?.fixed ?? []));
  const introduced = unique(scan.platforms.flatMap(({ findings }) => findings?.introduced ?? []));
  const unknown = scan.platforms.find(({ findings }) => findings === null);
  if (unknown === undefined && scan.platforms.length > 0) return { status: 'compared', fixed, introduced };
  const reason = unknown?.unavailable ?? 'no platform could be compared';
  return { status: 'scan-unavailable', reason, fixed, introduced };
}

/** The fact for a move whose scan itself failed. */
export function unscanned(reason: string): SecurityFact {
  return { status: 'scan-unavailable', reason, fixed: [], introduced: [] };
}

function unique(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [findingKey(finding), finding])).values()];
}
