import {
  type ConfigChange,
  countBySeverity,
  findingsOf,
  type PackageDiff,
  type ScanDiffFact,
  SEVERITIES,
  type SeverityCounts,
} from '../../assess/diff/scan-diff.ts';
import type { Finding, Severity } from '../../assess/scan.ts';
import {
  codeSpan,
  escapeMarkdown,
  link,
  type Section,
  table,
  tableHead,
  tableRow,
} from '../../report/markdown.ts';
import { describeConfigChange } from './config-words.ts';

const MARKS: Readonly<Record<Severity, string>> = {
  critical: '🟥 critical',
  high: '🟧 high',
  medium: '🟨 medium',
  low: '⬜ low',
  negligible: '⬜ negligible',
  unknown: '⬜ not rated',
};

/** What a side of the severity table counts. */
const ROWS = ['fixed', 'introduced', 'unchanged'] as const;

/** Fixed, introduced and unchanged by severity; columns without any finding are left out. Empty where there is none at all. */
export function severityTable(fact: ScanDiffFact): string {
  const counts = ROWS.map((list) => countBySeverity(findingsOf(fact, list)));
  const present = SEVERITIES.filter((severity) => counts.some((row) => row[severity] > 0));
  if (present.length === 0) return '';
  const rows = ROWS.map((list, i) => [list, ...present.map((severity) => cellOf(counts[i], severity, list))]);
  return table(['', ...present.map((severity) => MARKS[severity])], rows);
}

function cellOf(counts: SeverityCounts | undefined, severity: Severity, list: (typeof ROWS)[number]): string {
  const count = counts?.[severity] ?? 0;
  if (count === 0) return '·';
  if (list === 'fixed') return `−${count}`;
  return list === 'introduced' ? `**+${count}**` : String(count);
}

const FINDING_HEADERS = ['severity', 'id', 'package', 'installed', 'fixed in', 'title'] as const;

/** A table of findings as a section that may be continued. `heading` is Markdown; `from` names who rated it. */
export function findingSection(heading: string, findings: readonly Finding[]): Section {
  const head = [heading, '', ...tableHead(FINDING_HEADERS)].join('\n');
  return { head, rows: findings.map(findingRow), foot: '' };
}

/** One finding as a row: everything in it that others wrote is neutralised. */
export function findingRow(finding: Finding): string {
  const rated = finding.severitySource === null ? '' : ` (${escapeMarkdown(finding.severitySource, 20)})`;
  const id =
    finding.url === null ? escapeMarkdown(finding.id, 60) : link(finding.id.slice(0, 60), finding.url);
  const place = finding.location === null ? '' : ` in ${codeSpan(finding.location, 80)}`;
  return tableRow(
    [
      `${MARKS[finding.severity]}${rated}`,
      id,
      `${codeSpan(finding.package, 80)}${place}`,
      escapeMarkdown(finding.installed, 60),
      finding.fixedIn === null ? 'no fix yet' : escapeMarkdown(finding.fixedIn, 60),
      escapeMarkdown(finding.title, 120),
    ],
    FINDING_HEADERS.length,
  );
}

/** Changed, added and removed packages as a section that may be continued. */
export function packageSection(heading: string, packages: PackageDiff): Section {
  const headers = ['', 'package', 'was', 'now'];
  const cell = (text: string): string => escapeMarkdown(text, 80);
  const rows = [
    ...packages.changed.map((item) => [
      MOVES[item.move],
      codeSpan(item.name, 80),
      cell(item.from),
      cell(item.to),
    ]),
    ...packages.added.map((item) => ['added', codeSpan(item.name, 80), '', cell(item.version)]),
    ...packages.removed.map((item) => ['removed', codeSpan(item.name, 80), cell(item.version), '']),
  ];
  return {
    head: [heading, '', ...tableHead(headers)].join('\n'),
    rows: rows.map((row) => tableRow(row, headers.length)),
    foot: '',
  };
}

const MOVES = {
  upgrade: '⬆ upgrade',
  downgrade: '⬇ **downgrade**',
  rebuild: 'rebuild',
  unknown: 'changed',
} as const;

/** Configuration changes as a section that may be continued: one line each, those that matter first and bold. */
export function configSection(heading: string, changes: readonly ConfigChange[]): Section {
  const ordered = changes.toSorted((a, b) => Number(b.matters) - Number(a.matters));
  return { head: `${heading}\n`, rows: ordered.map((change) => `- ${configPhrase(change)}`), foot: '' };
}

/** One configuration change as safe Markdown. */
export function configPhrase(change: ConfigChange): string {
  const phrase = escapeMarkdown(describeConfigChange(change), 300);
  return change.matters ? `**${phrase}**` : phrase;
}
