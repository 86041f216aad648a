import type { Severity } from '../../assess/scan.ts';

const WORDS: ReadonlyMap<string, Severity> = new Map([
  ['critical', 'critical'],
  ['high', 'high'],
  ['important', 'high'],
  ['medium', 'medium'],
  ['moderate', 'medium'],
  ['low', 'low'],
  ['negligible', 'negligible'],
  ['unimportant', 'negligible'],
  ['none', 'negligible'],
]);

/** The severity a word stands for in any of the databases' tongues; `unknown` for every other. */
export function severityOf(word: string | null | undefined): Severity {
  return WORDS.get((word ?? '').toLowerCase()) ?? 'unknown';
}

/** CVSS v3 qualitative rating of a base score (specification §5). */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'negligible';
}
