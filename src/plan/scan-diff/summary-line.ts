import { isScanned, type ScanDiffFact, scanDiffTotals, totalOf } from '../../assess/diff/scan-diff.ts';
import { signedCounts } from './words.ts';

/**
 * One line for one rotation, plain Markdown without anything from outside: `🟢 −7 critical −12 high · +0 new · 41 unchanged`.
 * Green: nothing comes. Red: a critical or high one comes. Yellow: lesser ones come. White: not known.
 */
export function scanSummaryLine(fact: ScanDiffFact): string {
  if (!isScanned(fact)) return '⚪ vulnerabilities unknown';
  const totals = scanDiffTotals(fact);
  const rest = `${totalOf(totals.unchanged)} ${fact.from === null ? 'known' : 'unchanged'}`;
  if (fact.from === null) return `⚪ first pin · ${rest}`;
  const introduced = totalOf(totals.introduced);
  const severe = totals.introduced.critical + totals.introduced.high;
  const light = introduced === 0 ? '🟢' : severe > 0 ? '🔴' : '🟡';
  const fixed = signedCounts(totals.fixed, '−') || '−0';
  const added = introduced === 0 ? '+0 new' : `${signedCounts(totals.introduced, '+')} new`;
  return `${light} ${fixed} · ${added} · ${rest}`;
}
