import { findingsOf, isScanned, type ScanDiffFact, scanDiffTotals } from '../assess/diff/scan-diff.ts';
import type { Severity } from '../assess/scan.ts';
import { type IsoDate, isoDate } from '../domain/ledger-entry.ts';
import { explanationOf } from '../pass/explain.ts';
import type { Pass, PinAnswer } from '../pass/pass.ts';
import { answerOf } from '../pass/rotate.ts';
import {
  EMPTY_REPORT,
  type Fold,
  type RotationReport,
  type SecurityDelta,
  type SeveritySummary,
  type SourceRange,
} from '../plan/body/report.ts';
import type { Rotation } from '../plan/plan.ts';
import { scanAnnotations } from '../plan/scan-diff/annotations.ts';
import { fullReportSections } from '../plan/scan-diff/full-report.ts';
import { scanPullRequestSection } from '../plan/scan-diff/pull-request.ts';
import { exportSbom, type SbomFile } from '../plan/scan-diff/sbom-export.ts';
import { scanSarif } from '../plan/scan-diff/scan-sarif.ts';
import { scanSummaryLine } from '../plan/scan-diff/summary-line.ts';
import type { ExplanationLine } from '../policy/explain.ts';
import type { Reason, ReasonCode } from '../policy/verdict.ts';
import { escapeMarkdown, type Section } from '../report/markdown.ts';
import type { SarifLog } from '../report/sarif.ts';
import { moveOf } from '../resolve/resolution.ts';
import { version } from '../version.ts';

/** What one rotation's scan may take of a pull request's body; the check run has all of it. */
const SCAN_LIMIT = 20_000;

/** What the table says already. */
const PLAIN: ReadonlySet<ReasonCode> = new Set([
  'newer-digest',
  'first-pin',
  'newer-tag',
  'up-to-date',
  'index-churn',
]);

const MARKS: Readonly<Partial<Record<ReasonCode, string>>> = {
  'signature-verified': '✅',
  'provenance-verified': '✅',
  'exception-recorded': '✅',
  'fixes-critical': '✅',
  'cool-down': '⏳',
  settling: '⏳',
  'introduced-vulnerability': '⛔',
  'exception-missing': '⛔',
  'exception-expired': '⛔',
  'signature-missing': '⛔',
  'signature-invalid': '⛔',
  'provenance-missing': '⛔',
  'provenance-invalid': '⛔',
  'rule-not-evaluable': '⛔',
};

/**
 * All that is known of a rotation, for its pull request: its age, the scan diff, policy's verdict and why. Pure.
 */
export function reportOf(pass: Pass, rotation: Rotation): RotationReport {
  const answer = answerOf(pass, rotation);
  const verdicts = rotation.reasons.filter(({ code }) => !PLAIN.has(code)).map(verdictLine);
  if (answer === null) return { ...EMPTY_REPORT, verdicts };
  const { judged, scan, age } = answer;
  const seen = judged?.facts.firstSeen ?? null;
  return {
    ...EMPTY_REPORT,
    security: securityLine(answer),
    delta: scan === null ? null : deltaOf(scan),
    age,
    published: publishedOf(rotation),
    firstSeen: seen === null ? null : isoDate(seen),
    source: scan === null ? null : sourceOf(scan),
    verdicts,
    suggestion: answer.suggestion,
    folds: [...(scan === null ? [] : [scanFold(scan)]), explanationFold(answer)],
    full: scan === null ? [] : fullReportSections(scan),
    sarif: scan === null ? null : sarifOf(scan, rotation),
    sboms: () => (scan === null ? [] : sbomsOf(scan, pass.request.asOf)),
    label: judged?.judgement.urgency.label ?? null,
    annotations: scan === null ? [] : scanAnnotations(scan, rotation.sites),
  };
}

/** The new image's packages on each platform that was looked at, in both formats. */
function sbomsOf(scan: ScanDiffFact, made: Date): readonly SbomFile[] {
  return scan.platforms.flatMap((platform) =>
    (['cyclonedx', 'spdx'] as const).flatMap((format) => exportSbom(scan, platform, format, made) ?? []),
  );
}

/** Nothing scanned is nothing to upload: an empty log would read as "all clean". */
function sarifOf(scan: ScanDiffFact, rotation: Rotation): SarifLog | null {
  const [site] = rotation.sites;
  if (site === undefined || !isScanned(scan)) return null;
  const baseline = scan.from === null ? false : 'present';
  return scanSarif(scan, { path: site.file, line: site.line, baseline, version });
}

function securityLine({ scan, judged }: PinAnswer): string | null {
  if (scan !== null) return scanSummaryLine(scan);
  return judged === null || judged.facts.security === null ? null : '⚪ vulnerabilities unknown';
}

function deltaOf(scan: ScanDiffFact): SecurityDelta | null {
  if (!isScanned(scan) || scan.from === null) return null;
  const { fixed, introduced } = scanDiffTotals(scan);
  return {
    fixed: countsOf(fixed),
    introduced: countsOf(introduced),
  };
}

function countsOf(counts: Readonly<Record<Severity, number>>): SeveritySummary {
  const { critical, high, medium, low, negligible, unknown } = counts;
  return { critical, high, lower: medium + low + negligible + unknown };
}

/** When the new image says it was made. */
function publishedOf({ resolution, to }: Rotation): IsoDate | null {
  const move = moveOf(resolution);
  return move?.created && move.to === to ? isoDate(move.created) : null;
}

/** The source repository, out of the address that compares two of its commits. */
function sourceOf({ compareUrl, revisions }: ScanDiffFact): SourceRange | null {
  if (compareUrl === null || revisions.to === null) return null;
  const [url] = compareUrl.split(/(?:\/-)?\/compare\//);
  return url === undefined ? null : { url, from: revisions.from, to: revisions.to };
}

function verdictLine({ code, message }: Reason): string {
  const mark = MARKS[code];
  return mark === undefined ? escapeMarkdown(message, 300) : `${mark} ${escapeMarkdown(message, 300)}`;
}

function scanFold(scan: ScanDiffFact): Fold {
  const [first] = findingsOf(scan, 'fixed');
  const fixed = findingsOf(scan, 'fixed').length;
  const introduced = findingsOf(scan, 'introduced').length;
  const more = fixed > 1 ? ` and ${fixed - 1} more` : '';
  const summary = !isScanned(scan)
    ? 'Packages and configuration; vulnerabilities unknown'
    : first === undefined
      ? `Scan: nothing fixed, ${introduced} introduced`
      : `Fixed: ${first.id} (${first.package}, ${first.severity})${more}${introduced > 0 ? `; ${introduced} introduced` : ''}`;
  return { summary, section: { head: scanPullRequestSection(scan, SCAN_LIMIT), rows: [], foot: '' } };
}

function explanationFold(answer: PinAnswer): Fold {
  const { facts, rules, verdict } = explanationOf(answer);
  const rows = [...titled('Facts', facts), ...titled('Rules', rules), ...titled('Verdict', verdict)];
  const section: Section = { head: '', rows, foot: '' };
  return { summary: `Policy: ${answer.verdict ?? 'unknown'}, and why`, section };
}

function titled(title: string, lines: readonly ExplanationLine[]): readonly string[] {
  const items = lines.map(({ label, text }) => `- ${escapeMarkdown(label)}: ${escapeMarkdown(text, 500)}`);
  return ['', `**${title}**`, '', ...items];
}
