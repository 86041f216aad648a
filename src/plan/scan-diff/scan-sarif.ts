import { findingsOf, packageKey, type ScanDiffFact } from '../../assess/diff/scan-diff.ts';
import type { Finding, Severity } from '../../assess/scan.ts';
import { familiarName, tagKey } from '../../domain/image-reference.ts';
import { safeUrl } from '../../report/markdown.ts';
import {
  type SarifLevel,
  type SarifLog,
  type SarifResult,
  type SarifRule,
  sarifLog,
} from '../../report/sarif.ts';

const LEVELS: Readonly<Record<Severity, SarifLevel>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  negligible: 'note',
  unknown: 'warning',
};

/** Where GitHub's own bounds are: over 9.0 critical, 7.0 high, 4.0 medium, below low. */
const SCORES: Readonly<Record<Severity, number>> = {
  critical: 9.5,
  high: 8,
  medium: 5,
  low: 2,
  negligible: 0.1,
  unknown: 5,
};

/** GitHub takes at most 25,000 results a run and shows the first 5,000. */
const MAX_RESULTS = 5000;

/**
 * The findings of the new image as SARIF, at the line that pins it. With `baseline` each says how it stands against the
 * old image (`new`, `unchanged`, and fixed ones as `absent`; `present` leaves these out, for GitHub would show them as
 * alerts); without, only what the new image has. Null-safe: a move that was not scanned has no results, which the caller
 * must not upload as "all clean".
 */
export function scanSarif(
  fact: ScanDiffFact,
  options: {
    readonly path: string;
    readonly line: number;
    readonly baseline: boolean | 'present';
    /** Pinwheel's own. */
    readonly version: string;
  },
): SarifLog {
  const lists = [
    { state: 'new', findings: findingsOf(fact, 'introduced') },
    { state: 'unchanged', findings: findingsOf(fact, 'unchanged') },
    ...(options.baseline === true ? [{ state: 'absent' as const, findings: findingsOf(fact, 'fixed') }] : []),
  ] as const;
  const results = lists.flatMap(({ state, findings }) =>
    findings.map((finding): SarifResult => {
      const fix = finding.fixedIn === null ? 'there is no fix yet' : `fixed in ${finding.fixedIn}`;
      return {
        ruleId: finding.id,
        level: LEVELS[finding.severity],
        message: `${finding.package} ${finding.installed} in ${familiarName(fact.image)} has ${finding.id} (${finding.severity}); ${fix}.`,
        path: options.path,
        line: options.line,
        fingerprint: `${tagKey({ ...fact.image, tag: fact.tag ?? '' })} ${finding.id} ${packageKey(finding)}`,
        ...(options.baseline === false ? {} : { baselineState: state }),
        properties: {
          package: finding.package,
          installed: finding.installed,
          fixedIn: finding.fixedIn,
          severity: finding.severity,
        },
      };
    }),
  );
  return sarifLog({
    tool: {
      name: 'Pinwheel',
      version: options.version,
    },
    category: `pinwheel/scan/${familiarName(fact.image)}${fact.tag === null ? '' : `:${fact.tag}`}/`,
    rules: lists.flatMap(({ findings }) => findings.map(toRule)),
    results: results.slice(0, MAX_RESULTS),
  });
}

function toRule(finding: Finding): SarifRule {
  const url = finding.url === null ? null : safeUrl(finding.url);
  return {
    id: finding.id,
    description: finding.title === '' ? finding.id : finding.title,
    help: finding.title === '' ? finding.id : `${finding.id}: ${finding.title}`,
    ...(url === null ? {} : { helpUri: url }),
    level: LEVELS[finding.severity],
    securitySeverity: SCORES[finding.severity],
    tags: ['security', 'container-image', finding.severity],
  };
}
