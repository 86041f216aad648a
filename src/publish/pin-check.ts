import type { CheckResult } from '../check-pass.ts';
import { shortDigest } from '../domain/digest.ts';
import { familiarName } from '../domain/image-reference.ts';
import type { CheckedPin, CheckFinding } from '../policy/check.ts';
import {
  codeSpan,
  escapeMarkdown,
  type Section,
  splitSections,
  tableHead,
  tableRow,
} from '../report/markdown.ts';
import { fingerprintText } from './fingerprint.ts';
import type { Annotation, CheckConclusion, CheckRequest, Forge } from './forge.ts';

export const PIN_CHECK_NAME = 'Pinwheel / base image age';

// GitHub takes 65,535 characters in each of summary and text.
const TEXT_LIMIT = 65_000;
const ANNOTATION_LIMIT = 200;

/**
 * Writes the check on a commit, unless the one that is there says the same. Only Apps may write checks: with a token
 * nothing is written. Throws what the forge throws.
 */
export async function putPinCheck(forge: Forge, sha: string, result: CheckResult): Promise<void> {
  const identity = await forge.identity();
  if (identity.kind === 'user') return;
  const request = pinCheckRequest(sha, result);
  const existing = await forge.checkRun(sha, PIN_CHECK_NAME);
  if (existing?.externalId === request.externalId) return;
  await forge.putCheck(request);
}

/**
 * The check run that says how the pins of a commit stand. `failure`: violations. `neutral`: no violation is known, and
 * not everything could be looked at; an outage is never a pass. Pure.
 */
export function pinCheckRequest(sha: string, result: CheckResult): CheckRequest {
  const { report, failures } = result;
  const conclusion = conclusionOf(result);
  const title = titleOf(result);
  const sections = [
    findingSection('Violations', report.violations),
    findingSection(
      'Warnings',
      report.findings.filter((finding) => finding.level === 'warning'),
    ),
    failureSection(result),
    pinSection(report.pins),
  ].filter((section) => section.rows.length > 0);
  const [text = '', ...more] = splitSections(sections, TEXT_LIMIT);
  const rest =
    more.length === 0 ? '' : `\n\n… ${more.length} more pages: run \`pinwheel check\` for all of it.`;
  const summary = [
    `${title}.`,
    ...(report.violations.length > 0
      ? ['Mend it with `/rotate` in a comment, or `pinwheel rotate --write`.']
      : []),
    ...(failures.length > 0 ? ['Not everything could be looked at; the rest is judged.'] : []),
  ].join(' ');
  return {
    name: PIN_CHECK_NAME,
    sha,
    conclusion,
    title,
    summary,
    text: `${text}${rest}`,
    annotations: report.findings.slice(0, ANNOTATION_LIMIT).map(annotationOf),
    externalId: fingerprintText(`${conclusion}\n${title}\n${text}`),
  };
}

function conclusionOf({ report, failures }: CheckResult): CheckConclusion {
  if (report.violations.length > 0) return 'failure';
  return failures.length > 0 ? 'neutral' : 'success';
}

function titleOf({ report, failures }: CheckResult): string {
  const pins = report.pins.length === 1 ? '1 pin' : `${report.pins.length} pins`;
  const warnings = report.findings.length - report.violations.length;
  const parts = [
    pins,
    report.violations.length === 1 ? '1 violation' : `${report.violations.length} violations`,
    ...(warnings > 0 ? [warnings === 1 ? '1 warning' : `${warnings} warnings`] : []),
    ...(failures.length > 0 ? [failures.length === 1 ? '1 failure' : `${failures.length} failures`] : []),
  ];
  return parts.join(', ');
}

function findingSection(title: string, findings: readonly CheckFinding[]): Section {
  const rows = findings.map(
    ({ file, line, message }) => `- ${codeSpan(`${file}:${line}`)}: ${escapeMarkdown(message, 600)}`,
  );
  return { head: `### ${title}\n`, rows, foot: '' };
}

function failureSection({ failures }: CheckResult): Section {
  const rows = failures.map(
    ({ subject, message }) => `- ${codeSpan(subject)}: ${escapeMarkdown(message, 400)}`,
  );
  return { head: '### Could not be looked at\n', rows, foot: '' };
}

const HEADERS = ['image', 'digest', 'status', 'age in days', 'limit', 'since', 'places'] as const;

function pinSection(pins: readonly CheckedPin[]): Section {
  const rows = pins.map(({ pin, age }) =>
    tableRow(
      [
        codeSpan(`${familiarName(pin.image)}:${pin.image.tag}`),
        pin.digest === null ? '' : codeSpan(shortDigest(pin.digest)),
        age.status,
        age.ageDays === null ? 'not known' : String(age.ageDays),
        age.limitDays === null ? 'none' : String(age.limitDays),
        age.basis === null ? '' : `${age.basis.replace('-', ' ')} ${age.since ?? ''}`,
        String(pin.sites.length),
      ],
      HEADERS.length,
    ),
  );
  return { head: `### Pins\n\n${tableHead([...HEADERS]).join('\n')}`, rows, foot: '' };
}

function annotationOf(finding: CheckFinding): Annotation {
  return {
    path: finding.file,
    line: finding.line,
    level: finding.level === 'violation' ? 'failure' : 'warning',
    title: `${finding.rule}: ${finding.image}`.slice(0, 250),
    message: finding.message.slice(0, 2000),
  };
}
