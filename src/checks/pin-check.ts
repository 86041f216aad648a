import { shortDigest } from '../domain/digest.ts';
import { familiarName } from '../domain/image-reference.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { DAY_MS } from '../domain/time.ts';
import { fingerprintText } from '../forge/fingerprint.ts';
import type { Forge } from '../forge/forge.ts';
import type { ForgeLimits } from '../forge/rules.ts';
import type { Annotation, CheckRunConclusion, CheckRunRequest } from '../forge/types.ts';
import type { CheckResult } from '../pass/check.ts';
import { type AgeAssessment, saySince } from '../policy/age.ts';
import type { CheckFinding, PinToCheck } from '../policy/check.ts';
import {
  codeSpan,
  escapeMarkdown,
  type Section,
  splitSections,
  tableHead,
  tableRow,
} from '../report/markdown.ts';

const PIN_CHECK_NAME = 'Pinwheel / base image age';

// For the line that says how much did not fit.
const TEXT_ROOM = 535;
const ANNOTATION_LIMIT = 200;
const NOTE_LIMIT = 50;

/**
 * Writes the check on a commit, unless the one that is there says the same (and `again` does not want it written anyway).
 * Nothing is written for an identity that may not write checks. Throws what the forge throws.
 */
export async function putPinCheck(
  forge: Forge,
  sha: string,
  result: CheckResult,
  again = false,
): Promise<void> {
  await putUnlessSame(forge, pinCheckRequest(sha, result, forge.limits), again);
}

/**
 * Writes on a commit that its pins could not be checked, and why (one sentence): neutral, for it is neither a pass nor the fault of
 * who wrote it, and a check that is required must not stay away. As {@link putPinCheck} otherwise.
 */
export async function putUnchecked(forge: Forge, sha: string, why: string): Promise<void> {
  await putUnlessSame(forge, {
    name: PIN_CHECK_NAME,
    sha,
    conclusion: 'neutral',
    title: 'Pins could not be checked',
    summary: escapeMarkdown(why, 2000),
    text: '',
    annotations: [],
    externalId: fingerprintText(`unjudged ${why}`),
  });
}

async function putUnlessSame(forge: Forge, request: CheckRunRequest, again = false): Promise<void> {
  if (!(await forge.identity()).writesChecks) return;
  const existing = await forge.checkRun(request.sha, PIN_CHECK_NAME);
  if (!again && existing?.isCompleted === true && existing.externalId === request.externalId) return;
  await forge.putCheck(request);
}

/**
 * The check run that says how the pins of a commit stand. `failure`: violations. `neutral`: no violation is known, and
 * not everything could be looked at; an outage is never a pass. Pure.
 */
export function pinCheckRequest(
  sha: string,
  result: CheckResult,
  limits: Pick<ForgeLimits, 'checkText'>,
): CheckRunRequest {
  const { report, failures } = result;
  const conclusion = conclusionOf(result);
  const title = titleOf(result);
  const warnings = report.findings.filter((finding) => finding.level === 'warning');
  const sections = [
    findingSection('Violations', report.violations),
    findingSection('Warnings', warnings),
    failureSection(result),
    pinSection(report.pins),
  ].filter((section) => section.rows.length > 0);
  const [text = '', ...more] = splitSections(sections, limits.checkText - TEXT_ROOM);
  const rest =
    more.length === 0 ? '' : `\n\n… ${more.length} more pages: run \`pinwheel check\` for the full report.`;
  const summary = [
    `${title}.`,
    ...(report.violations.length > 0 ? ['Fix: comment `/rotate`, or run `pinwheel rotate --write`.'] : []),
    ...(failures.length > 0 ? ['Some pins could not be checked; the rest were.'] : []),
  ].join(' ');
  return {
    name: PIN_CHECK_NAME,
    sha,
    conclusion,
    title,
    summary: [summary, ...noteLines(result)].join('\n'),
    text: `${text}${rest}`,
    annotations: [...report.violations, ...warnings].slice(0, ANNOTATION_LIMIT).map(annotationOf),
    externalId: fingerprintText(matterOf(result)),
  };
}

/**
 * What the check says, without what the calendar alone changes: ages in days stand in its texts, and else every check
 * would be written again each day.
 */
function matterOf(result: CheckResult): string {
  const { report, failures, notes } = result;
  const steady = (text: string): string => text.replace(/\b\d+ days?\b/g, '');
  return JSON.stringify([
    conclusionOf(result),
    report.findings.map(({ rule, level, image, file, line, message }) => [
      rule,
      level,
      image,
      file,
      line,
      steady(message),
    ]),
    report.pins.map(({ image, digest, sites, age, verdict, reasons }) => [
      image,
      digest,
      sites,
      age === null ? null : [age.status, age.limitDays, age.basis, age.since],
      verdict,
      reasons[0]?.code ?? null,
    ]),
    failures.map(({ subject, code, message }) => [subject, code, steady(message)]),
    notes.map(steady),
  ]);
}

/** Exceptions that are about to end, a history that does not go back far enough, and the like. */
function noteLines({ notes }: CheckResult): readonly string[] {
  const shown = notes.slice(0, NOTE_LIMIT).map((note) => `- ${escapeMarkdown(note, 500)}`);
  const rest = notes.length - shown.length;
  const more = rest > 0 ? [`- … and ${rest} more: run \`pinwheel check\``] : [];
  return shown.length === 0 ? [] : ['', ...shown, ...more];
}

function conclusionOf({ report, failures }: CheckResult): CheckRunConclusion {
  if (report.violations.length > 0) return 'failure';
  return failures.length > 0 ? 'neutral' : 'success';
}

function titleOf({ report, failures }: CheckResult): string {
  const count = report.pins.filter(({ digest }) => digest !== null).length;
  const pins = count === 1 ? '1 pin' : `${count} pins`;
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
  return { head: '### Failed\n', rows, foot: '' };
}

const HEADERS = [
  'image',
  'digest',
  'status',
  'since',
  'limit (days)',
  'past limit from',
  'rotation',
  'places',
] as const;

function pinSection(pins: readonly PinToCheck[]): Section {
  const rows = pins.map(({ image, digest, age, verdict, reasons, sites }) =>
    tableRow(
      [
        codeSpan(`${familiarName(image)}:${image.tag}`),
        digest === null ? '' : codeSpan(shortDigest(digest)),
        ...(age === null ? ['unpinned', '', '', ''] : ageCells(age)),
        verdict === null ? 'unknown' : `${verdict} (${reasons[0]?.code ?? ''})`,
        String(sites.length),
      ],
      HEADERS.length,
    ),
  );
  return { head: `### Pins\n\n${tableHead([...HEADERS]).join('\n')}`, rows, foot: '' };
}

function ageCells(age: AgeAssessment): readonly string[] {
  return [
    age.status,
    saySince(age),
    age.limitDays === null ? 'none' : String(age.limitDays),
    firstDayPast(age),
  ];
}

/** The first day on which the pin is past its limit: says the same on every day. */
function firstDayPast({ since, limitDays }: AgeAssessment): string {
  if (since === null || limitDays === null) return '';
  return isoDate(new Date(Date.parse(since) + (limitDays + 1) * DAY_MS));
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
