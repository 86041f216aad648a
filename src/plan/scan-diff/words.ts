import { SEVERITIES, type SeverityCounts, totalOf } from '../../assess/diff/scan-diff.ts';
import type { Severity } from '../../assess/scan.ts';

/** Severities a reviewer looks at one by one; the rest is said as one number. */
const NAMED: readonly Severity[] = ['critical', 'high'];

/**
 * Counts in words, each with a sign: `−7 critical −12 high −3 lower`. Empty where all are zero.
 */
export function signedCounts(counts: SeverityCounts, sign: '+' | '−'): string {
  const named = NAMED.filter((severity) => counts[severity] > 0).map(
    (severity) => `${sign}${counts[severity]} ${severity}`,
  );
  const rest = totalOf(counts) - NAMED.reduce((sum, severity) => sum + counts[severity], 0);
  if (rest > 0) named.push(`${sign}${rest} ${named.length === 0 ? restWord(counts) : 'lower'}`);
  return named.join(' ');
}

/** One severity's own name where only that one occurs: `−3 medium`, else `−3 lower`. */
function restWord(counts: SeverityCounts): string {
  const present = SEVERITIES.filter((severity) => counts[severity] > 0);
  const [only] = present;
  return present.length === 1 && only !== undefined ? only : 'lower';
}

/** `1 package`, `2 packages`. */
export function counted(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}

/** `28.3 MB` of bytes, as registries count. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
