import { type SarifLog, type SarifRule, sarifLog } from '../report/sarif.ts';
import type { CheckFinding, CheckReport, CheckRule } from './check.ts';

const RULES: Readonly<Record<CheckRule, Omit<SarifRule, 'id'>>> = {
  expired: {
    description: 'A base image is past its maximum age, and a newer digest exists.',
    level: 'error',
    tags: ['security', 'maintenance'],
  },
  stagnant: {
    description:
      'A base image is past its maximum age, and its tag has no newer digest: it may no longer be built.',
    level: 'warning',
    tags: ['maintenance'],
  },
  'unknown-age': {
    description: 'The age of a pinned base image is unknown.',
    level: 'warning',
    tags: ['maintenance'],
  },
  unpinned: {
    description: 'A base image is not pinned to a digest, so builds change over time.',
    level: 'warning',
    tags: ['security', 'supply-chain'],
  },
  'new-critical': {
    description: 'A base image has a critical vulnerability that the baseline does not accept.',
    level: 'error',
    securitySeverity: 9,
    tags: ['security'],
  },
  untrusted: {
    description: 'A base image lacks the signature or provenance that a trust rule requires.',
    level: 'error',
    tags: ['security', 'supply-chain'],
  },
  'unmatched-trust': {
    description: 'An enforced trust rule matches no image in the repository, so it checks nothing.',
    level: 'warning',
    tags: ['security', 'supply-chain'],
  },
  ledger: {
    description: 'The ledger of base-image digests does not match the files.',
    level: 'error',
    tags: ['maintenance'],
  },
};

/** A check as SARIF 2.1.0: one result a place, rule ids `pinwheel/expired` and so on. Violations are errors. Pure. */
export function checkSarif(report: CheckReport, version: string): SarifLog {
  return sarifLog({
    tool: { name: 'Pinwheel', version },
    category: 'pinwheel/check/',
    rules: Object.entries(RULES).map(([id, rule]) => ({
      ...rule,
      id: `pinwheel/${id}`,
    })),
    results: report.findings.map((finding) => ({
      ruleId: `pinwheel/${finding.rule}`,
      level: finding.level === 'violation' ? 'error' : 'warning',
      message: finding.message,
      path: finding.file,
      line: finding.line,
      fingerprint: fingerprint(finding),
    })),
  });
}

/** What stays the same when lines above move, a day passes or the digest is fixed and falls behind again. */
function fingerprint(finding: CheckFinding): string {
  return `${finding.rule}\n${finding.image}\n${finding.file}`;
}
