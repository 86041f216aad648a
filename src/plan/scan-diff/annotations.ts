import { findingsOf, type ScanDiffFact } from '../../assess/diff/scan-diff.ts';
import { shortDigest } from '../../domain/digest.ts';
import { familiarName } from '../../domain/image-reference.ts';
import type { Site } from '../../domain/site.ts';

/** An annotation of a check run: plain text, `message` at most 64 KB, `title` at most 255 characters. */
export type ScanAnnotation = {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly level: 'failure' | 'warning';
  readonly title: string;
  readonly message: string;
};

const MAX_PER_SITE = 10;

/**
 * An annotation on every line that pins the image, for each introduced CRITICAL and HIGH; at most ten a line, the last
 * one counting the rest. Sorted by path and line.
 */
export function scanAnnotations(fact: ScanDiffFact, sites: readonly Site[]): readonly ScanAnnotation[] {
  const severe = findingsOf(fact, 'introduced').filter(
    (finding) => finding.severity === 'critical' || finding.severity === 'high',
  );
  const image = `${familiarName(fact.image)}${fact.tag === null ? '' : `:${fact.tag}`}`;
  const shown = severe.length > MAX_PER_SITE ? severe.slice(0, MAX_PER_SITE - 1) : severe;
  const rest = severe.length - shown.length;
  const places = [...sites].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
  return places.flatMap((site): ScanAnnotation[] => {
    const annotations = shown.map((finding): ScanAnnotation => {
      const fix = finding.fixedIn === null ? 'no fix yet' : `fixed in ${finding.fixedIn}`;
      return {
        path: site.file,
        line: site.line,
        level: finding.severity === 'critical' ? 'failure' : 'warning',
        title: plain(`${image} introduces ${finding.id} (${finding.severity})`, 255),
        message: plain(`${finding.package} ${finding.installed}, ${fix}. ${finding.title}`, 1000),
      };
    });
    if (rest === 0) return annotations;
    const title = plain(`${image} introduces ${rest} more critical and high vulnerabilities`, 255);
    const message = `See the report in the check run for everything ${shortDigest(fact.to)} introduces.`;
    return [...annotations, { path: site.file, line: site.line, level: 'warning', title, message }];
  });
}

function plain(text: string, max: number): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim();
  return clean.length <= max ? clean : `${clean.slice(0, max - 1).toWellFormed()}…`;
}
