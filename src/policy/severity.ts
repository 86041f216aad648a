import type { Finding, Severity } from '../assess/scan.ts';
import type { SeverityAction } from '../config/policy-terms.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import { findException } from './exceptions.ts';
import type { Exception, SeverityRules } from './rules.ts';
import type { Reason } from './verdict.ts';

/** What a move does to the findings, as far as it is known. Ignored findings (VEX and the like) are left out. */
export type SecurityFact =
  | {
      readonly status: 'compared';
      readonly fixed: readonly Finding[];
      readonly introduced: readonly Finding[];
    }
  /** `introduced` and `fixed` hold what is known all the same, of the platforms that could be compared. */
  | {
      readonly status: 'scan-unavailable';
      readonly reason: string;
      readonly fixed: readonly Finding[];
      readonly introduced: readonly Finding[];
    };

export type SeverityContext = {
  readonly image: TaggedImage;
  readonly asOf: Date;
  readonly exceptions: readonly Exception[];
  /** Known-exploited ids: they weigh more than any severity. */
  readonly exploited: readonly string[];
};

export type SeverityVerdict = {
  readonly outcome: 'pass' | 'hold' | 'block';
  readonly reasons: readonly Reason[];
};

const LEVELS: readonly (Severity | 'exploited')[] = [
  'exploited',
  'critical',
  'high',
  'unknown',
  'medium',
  'low',
  'negligible',
];

/**
 * Which of two images is better by what a move fixes and introduces. **The weighing rule**: the findings are counted
 * level by level, the worst first (known-exploited, critical, high, unrated, medium, low, negligible); the first level
 * at which the two counts differ decides. So one new HIGH against nine fixed ones is better, and one new CRITICAL
 * against nine fixed HIGHs is worse. Negative: the new image is better; positive: worse; zero: even. Pure.
 */
export function weigh(
  fixed: readonly Finding[],
  introduced: readonly Finding[],
  exploited: readonly string[],
): number {
  const listed = new Set(exploited.map((id) => id.toLowerCase()));
  const levelOf = (finding: Finding): Severity | 'exploited' =>
    [finding.id, ...finding.aliases].some((id) => listed.has(id.toLowerCase()))
      ? 'exploited'
      : finding.severity;
  for (const level of LEVELS) {
    const gone = fixed.filter((finding) => levelOf(finding) === level).length;
    const come = introduced.filter((finding) => levelOf(finding) === level).length;
    if (gone !== come) return come - gone;
  }
  return 0;
}

/**
 * Judges what a move introduces.
 * 1. Each introduced finding meets its severity's action; a recorded exception lifts `exception` (and `block` where it
 *    says `liftsBlock`); an expired one counts as absent and is named.
 * 2. Where something is left standing, the images are weighed: a better new image is adopted all the same, and what it
 *    introduces is named. An even or worse one is blocked.
 * 3. Without a scan, `withoutScan` decides, and the reason says so.
 * Introduced findings that are ignored or lifted do not weigh; fixed ones always do. So an exception, or a laxer action,
 * never makes a verdict stricter.
 */
export function judgeSeverity(
  fact: SecurityFact,
  rules: SeverityRules,
  context: SeverityContext,
): SeverityVerdict {
  const standing: Standing[] = [];
  const weighed: Finding[] = [];
  const lifted: Reason[] = [];
  for (const finding of fact.introduced) {
    const actions = rules.actions[finding.severity];
    const action = finding.fixedIn === null ? actions.unfixable : actions.fixable;
    if (action === 'ignore') continue;
    const match = findException(finding, context.image, context.exceptions, context.asOf);
    const isLifted = match.state === 'recorded' && (action !== 'block' || match.exception.liftsBlock);
    if (isLifted && (action === 'block' || action === 'exception')) {
      const { by, expires, reason } = match.exception;
      lifted.push({
        code: 'exception-recorded',
        message: `${describe(finding)} is accepted by ${by} until ${expires}: ${reason}`,
      });
    }
    if (isLifted) continue;
    weighed.push(finding);
    if (action !== 'block' && action !== 'exception') continue;
    standing.push({ finding, action, exception: match.state });
  }
  const better = weigh(fact.fixed, weighed, context.exploited) < 0;
  const verdict = concludeFindings(fact, standing, better, lifted);
  if (fact.status === 'compared') return verdict;
  const unavailable: Reason = {
    code: 'scan-unavailable',
    message: `vulnerabilities unknown: ${fact.reason}`,
  };
  const outcome = verdict.outcome === 'pass' && rules.withoutScan === 'hold' ? 'hold' : verdict.outcome;
  return { outcome, reasons: [...verdict.reasons, unavailable] };
}

/** A finding that nothing lifted: what its severity asks for, and whether an exception was there. */
type Standing = {
  readonly finding: Finding;
  readonly action: SeverityAction;
  readonly exception: 'recorded' | 'expired' | 'missing';
};

function concludeFindings(
  fact: SecurityFact,
  standing: readonly Standing[],
  better: boolean,
  lifted: readonly Reason[],
): SeverityVerdict {
  if (standing.length === 0) return { outcome: 'pass', reasons: lifted };
  // A partial comparison cannot show that the whole image is better.
  const isOutweighed = better && fact.status === 'compared';
  const reasons = [...standing.map((one) => standingReason(one, isOutweighed)), ...lifted];
  if (!isOutweighed) return { outcome: 'block', reasons };
  const message = `the new image is still better: it fixes ${fact.fixed.length} and introduces ${fact.introduced.length}, compared from the worst severity down`;
  return { outcome: 'pass', reasons: [{ code: 'introduced-outweighed', message }, ...reasons] };
}

function standingReason({ finding, action, exception }: Standing, isOutweighed: boolean): Reason {
  const what = `the new image adds ${describe(finding)}`;
  if (action === 'block') {
    const fix = finding.fixedIn === null ? 'no fix yet' : `fixed in ${finding.fixedIn}`;
    const wait = isOutweighed ? '' : ': waiting for a patched image';
    return { code: 'introduced-vulnerability', message: `${what}, ${fix}${wait}` };
  }
  if (exception === 'expired') {
    return { code: 'exception-expired', message: `${what}, and its exception has expired` };
  }
  return { code: 'exception-missing', message: `${what}, and no exception is recorded for it` };
}

function describe(finding: Finding): string {
  return `${finding.id} (${finding.package}, ${finding.severity})`;
}
