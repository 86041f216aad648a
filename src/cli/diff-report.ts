import { findingsOf, type ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { Finding } from '../assess/scan.ts';
import { shortDigest } from '../domain/digest.ts';
import { familiarName } from '../domain/image-reference.ts';
import { formatPlatform } from '../domain/platform.ts';
import { describeConfigChange } from '../plan/scan-diff/config-words.ts';
import { scanSummaryLine } from '../plan/scan-diff/summary-line.ts';
import type { Io } from './io.ts';
import { type Cell, columns, count, paint, printable } from './text.ts';

/** The difference for a terminal: introduced first, then fixed, then packages and configuration; unchanged ones counted. */
export function diffReport(fact: ScanDiffFact, io: Io): string {
  const { bold, dim, red, green } = paint(io.color);
  const from = fact.from === null ? 'nothing' : shortDigest(fact.from, 12);
  const tag = fact.tag === null ? '' : `:${fact.tag}`;
  const parts = [
    bold(`${familiarName(fact.image)}${tag}  ${from} → ${shortDigest(fact.to, 12)}`),
    scanSummaryLine(fact),
  ];
  const [first] = fact.platforms;
  const introduced = findingsOf(fact, 'introduced');
  const fixed = findingsOf(fact, 'fixed');
  if (introduced.length > 0)
    parts.push('', red(bold(`introduced (${introduced.length})`)), findingTable(introduced, io));
  if (fixed.length > 0) parts.push('', green(bold(`fixed (${fixed.length})`)), findingTable(fixed, io));
  if (first?.unavailable) parts.push('', `vulnerabilities unknown: ${printable(first.unavailable)}`);
  const packages = first?.packages ?? null;
  if (packages !== null) {
    const rows: Cell[][] = [
      ...packages.changed.map((item) => [
        { text: item.move, paint: dim },
        { text: item.name },
        { text: `${item.from} → ${item.to}` },
      ]),
      ...packages.added.map((item) => [
        { text: 'added', paint: dim },
        { text: item.name },
        { text: item.version },
      ]),
      ...packages.removed.map((item) => [
        { text: 'removed', paint: dim },
        { text: item.name },
        { text: item.version },
      ]),
    ];
    if (rows.length > 0)
      parts.push('', bold(`packages (${rows.length} of ${rows.length + packages.unchanged})`), columns(rows));
  } else {
    parts.push('', dim('packages unknown: no SBOM is attached and no scanner listed them'));
  }
  if (fact.platformsLost.length > 0)
    parts.push('', red(printable(`the new image no longer has ${fact.platformsLost.join(', ')}`)));
  if (first !== undefined && first.config.length > 0) {
    parts.push('', bold(count(first.config.length, 'configuration change')));
    for (const change of first.config) parts.push(`  ${shortened(printable(describeConfigChange(change)))}`);
  }
  parts.push('', dim(footer(fact)));
  return `${parts.join('\n')}\n`;
}

function findingTable(findings: readonly Finding[], io: Io): string {
  const { red, yellow, dim } = paint(io.color);
  return columns(
    findings.map((finding) => [
      {
        text: finding.severity,
        paint: finding.severity === 'critical' || finding.severity === 'high' ? red : yellow,
      },
      { text: finding.id },
      { text: finding.package },
      { text: finding.installed },
      { text: finding.fixedIn === null ? 'no fix yet' : `fixed in ${finding.fixedIn}` },
      { text: finding.title.slice(0, 80), paint: dim },
    ]),
  );
}

/** Labels may hold whole documents. */
function shortened(line: string): string {
  return line.length <= 300 ? line : `${line.slice(0, 299).toWellFormed()}…`;
}

function footer(fact: ScanDiffFact): string {
  const [first] = fact.platforms;
  const platform = first?.platform ? formatPlatform(first.platform) : 'platform unknown';
  if (fact.scanner === null) return platform;
  const { name, version, database } = fact.scanner;
  const source =
    first?.after.status === 'scanned' && first.after.source === 'sbom' ? 'attached SBOM' : 'image';
  const dated = database === null ? '' : `, database ${database}`;
  return printable(`${name} ${version}${dated}, by the ${source}, ${platform}`);
}
