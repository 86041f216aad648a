import { shortDigest } from '../domain/digest.ts';
import { familiarName } from '../domain/image-reference.ts';
import type { PinStatus } from '../domain/pin-status.ts';
import type { CheckResult } from '../pass/check.ts';
import { type AgeAssessment, saySince } from '../policy/age.ts';
import type { CheckFinding, PinToCheck } from '../policy/check.ts';
import type { Io } from './io.ts';
import { type Cell, columns, count, type Paint, paint, printable } from './text.ts';

/** What a person reads after `pinwheel check`: how each pin stands, what is wrong where, and what fixes it. */
export function checkReport(result: CheckResult, notes: readonly string[], io: Io): string {
  const painter = paint(io.color);
  const { report, failures } = result;
  const parts: string[] = [];
  if (report.pins.length > 0) parts.push(columns(report.pins.map((pin) => pinRow(pin, painter))), '');
  for (const finding of report.findings) parts.push(findingLine(finding, painter));
  for (const failure of failures) {
    parts.push(`${painter.red('failed')}: ${printable(failure.subject)}: ${printable(failure.message)}`);
  }
  for (const note of notes) parts.push(`${painter.yellow('note')}: ${printable(note)}`);
  if (report.findings.length + failures.length + notes.length > 0) parts.push('');
  parts.push(painter.bold(summary(result)));
  return `${parts.join('\n')}\n`;
}

function pinRow(pin: PinToCheck, painter: Paint): readonly Cell[] {
  const shades: Readonly<Record<PinStatus | 'unpinned', (text: string) => string>> = {
    fresh: painter.green,
    ageing: painter.yellow,
    expired: painter.red,
    stagnant: painter.yellow,
    unknown: painter.yellow,
    unpinned: painter.yellow,
  };
  const { age } = pin;
  const status = age?.status ?? 'unpinned';
  return [
    { text: status, paint: shades[status] },
    { text: `${familiarName(pin.image)}:${pin.image.tag}`, paint: painter.bold },
    { text: pin.digest === null ? '' : shortDigest(pin.digest), paint: painter.cyan },
    { text: age === null ? '' : sayDaysOf(age) },
    { text: age === null || age.basis === null ? '' : saySince(age), paint: painter.dim },
    { text: pin.verdict ?? '', paint: painter.dim },
    { text: count(pin.sites.length, 'place'), paint: painter.dim },
  ];
}

function sayDaysOf({ ageDays, limitDays }: AgeAssessment): string {
  if (ageDays === null) return 'age unknown';
  return `${count(ageDays, 'day')} ${limitDays === null ? 'no limit' : `of ${limitDays}`}`;
}

function findingLine(finding: CheckFinding, painter: Paint): string {
  const word = finding.level === 'violation' ? painter.red('violation') : painter.yellow('warning');
  const place = painter.cyan(printable(`${finding.file}:${finding.line}`));
  return `${word}: ${place}: ${printable(finding.message)}`;
}

function summary({ report, failures }: CheckResult): string {
  const warnings = report.findings.length - report.violations.length;
  const parts = [
    count(report.pins.filter(({ digest }) => digest !== null).length, 'pin'),
    count(report.violations.length, 'violation'),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
    ...(failures.length > 0 ? [count(failures.length, 'failure')] : []),
  ];
  return `${parts.join(', ')}.`;
}
