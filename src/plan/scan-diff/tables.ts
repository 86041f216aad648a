import {
  type ConfigChange,
  countBySeverity,
  findingsOf,
  type PackageDiff,
  type ScanDiffFact,
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

/** The columns of the small table: what is below medium is one number. */
const COLUMNS: readonly { readonly title: string; readonly severities: readonly Severity[] }[] = [
  { title: MARKS.critical, severities: ['critical'] },
  { title: MARKS.high, severities: ['high'] },
  { title: MARKS.medium, severities: ['medium'] },
  { title: '⬜ lower', severities: ['low', 'negligible', 'unknown'] },
];

/** Fixed, introduced and unchanged by severity; columns without any finding are left out. Empty where there is none at all. */
export function severityTable(fact: ScanDiffFact): string {
  const counts = ROWS.map((list) => countBySeverity(findingsOf(fact, list)));
  const present = COLUMNS.filter((column) => counts.some((row) => countOf(row, column.severities) > 0));
  if (present.length === 0) return '';
  const rows = ROWS.map((list, i) => [
    list,
    ...present.map((column) => cellOf(countOf(counts[i], column.severities), list)),
  ]);
  return table(['', ...present.map((column) => column.title)], rows);
}

function countOf(counts: SeverityCounts | undefined, severities: readonly Severity[]): number {
  return severities.reduce((sum, severity) => sum + (counts?.[severity] ?? 0), 0);
}

function cellOf(count: number, list: (typeof ROWS)[number]): string {
  if (count === 0) return '·';
  if (list === 'fixed') return `−${count}`;
  return list === 'introduced' ? `**+${count}**` : String(count);
}

const FINDING_HEADERS = ['severity', 'vulnerability', 'package', 'installed', 'fixed in'] as const;

/** A table of findings as a section that may be continued. `heading` is Markdown. */
export function findingSection(heading: string, findings: readonly Finding[]): Section {
  const head = [heading, '', ...tableHead(FINDING_HEADERS)].join('\n');
  return { head, rows: findings.map(findingRow), foot: '' };
}

/** One finding as a row: everything in it that others wrote is neutralised. */
export function findingRow(finding: Finding): string {
  const rated = finding.severitySource === null ? '' : `<br>by ${escapeMarkdown(finding.severitySource, 20)}`;
  const title = finding.title === '' ? '' : `<br>${escapeMarkdown(finding.title, 120)}`;
  const id =
    finding.url === null ? escapeMarkdown(finding.id, 60) : link(finding.id.slice(0, 60), finding.url);
  const place = finding.location === null ? '' : `<br>in ${codeSpan(finding.location, 80)}`;
  return tableRow(
    [
      `${MARKS[finding.severity]}${rated}`,
      `${id}${title}`,
      `${codeSpan(finding.package, 80)}${place}`,
      escapeMarkdown(finding.installed, 60),
      finding.fixedIn === null ? 'no fix yet' : escapeMarkdown(finding.fixedIn, 60),
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
  const phrase = escapeMarkdown(describeConfigChange(change), 300).trim();
  return change.matters ? `**${phrase}**` : phrase;
}
