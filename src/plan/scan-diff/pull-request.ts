import {
  type ConfigChange,
  findingsOf,
  isScanned,
  type ScanDiffFact,
  scanDiffTotals,
  totalOf,
} from '../../assess/diff/scan-diff.ts';
import type { Finding } from '../../assess/scan.ts';
import { shortDigest } from '../../domain/digest.ts';
import { familiarName } from '../../domain/image-reference.ts';
import { formatPlatform } from '../../domain/platform.ts';
import { codeSpan, details, escapeMarkdown, fitSections, link, type Section } from '../../report/markdown.ts';
import { scanSummaryLine } from './summary-line.ts';
import { configPhrase, configSection, findingSection, packageSection, severityTable } from './tables.ts';
import { counted, signedCounts } from './words.ts';

/** What comes at the top of a fold is named; beyond this many the report in the check run is complete. */
const MAX_ROWS = 40;

/**
 * What a reviewer must see of one rotation, as Markdown of at most `limit` characters: the summary line, what stands
 * against the move first, a small table by severity, the rest folded. Unchanged findings are counted, never listed.
 */
export function scanPullRequestSection(fact: ScanDiffFact, limit: number): string {
  const lines = [
    `#### ${imageTitle(fact)}`,
    scanSummaryLine(fact),
    ...unavailableLine(fact),
    ...introducedBlock(fact),
    severityTable(fact),
    ...importantLines(fact),
    ...upstreamLine(fact),
  ].filter((line) => line !== '');
  const sections = lines.map((line): Section => ({ head: line, rows: [], foot: '' }));
  return fitSections([...sections, ...folds(fact)], limit);
}

/** `python:3.11` `7a2e4c9f` → `c41d88e0` as Markdown. */
export function imageTitle(fact: ScanDiffFact): string {
  const name = fact.tag === null ? familiarName(fact.image) : `${familiarName(fact.image)}:${fact.tag}`;
  const from = fact.from === null ? 'not pinned' : codeSpan(shortDigest(fact.from));
  return `${codeSpan(name, 200)} ${from} → ${codeSpan(shortDigest(fact.to))}`;
}

function unavailableLine(fact: ScanDiffFact): readonly string[] {
  const reasons = new Set(fact.platforms.flatMap((platform) => platform.unavailable ?? []));
  return [...reasons].map(
    (reason) =>
      `> ⚠️ Vulnerabilities unknown (scan-unavailable): ${escapeMarkdown(reason, 400)}. Packages and configuration are compared.`,
  );
}

function introducedBlock(fact: ScanDiffFact): readonly string[] {
  const introduced = findingsOf(fact, 'introduced');
  if (introduced.length === 0) return [];
  return [sectionText(findingSection(`**${introducedWords(introduced)}:**`, introduced), 10)];
}

function introducedWords(introduced: readonly Finding[]): string {
  return `The new image introduces ${counted(introduced.length, 'vulnerability', 'vulnerabilities')}`;
}

function importantLines(fact: ScanDiffFact): readonly string[] {
  const lines = importantChanges(fact).map((change) => `- ⚙️ ${configPhrase(change)}`);
  if (fact.platformsLost.length > 0) {
    lines.push(`- ⚙️ **the new image no longer has ${escapeMarkdown(fact.platformsLost.join(', '), 300)}**`);
  }
  const downgrades = fact.platforms.flatMap((platform) =>
    (platform.packages?.changed ?? []).filter((item) => item.move === 'downgrade'),
  );
  const names = [...new Set(downgrades.map((item) => codeSpan(item.name, 80)))];
  if (names.length > 0) lines.push(`- ⬇ downgraded: ${shortList(names)}`);
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function importantChanges(fact: ScanDiffFact): readonly ConfigChange[] {
  const seen = new Map<string, ConfigChange>();
  for (const platform of fact.platforms) {
    for (const change of platform.config) {
      if (change.matters) seen.set(`${change.field} ${change.to}`, change);
    }
  }
  return [...seen.values()];
}

function folds(fact: ScanDiffFact): readonly Section[] {
  return [...fixedFold(fact), ...restFold(fact)];
}

function fixedFold(fact: ScanDiffFact): readonly Section[] {
  const fixed = findingsOf(fact, 'fixed');
  const [first] = fixed;
  if (first === undefined) return [];
  const more = fixed.length === 1 ? '' : ` and ${fixed.length - 1} more`;
  const title = `Fixed: ${first.id} (${first.package}, ${first.severity})${more}`;
  return [folded(title, [], findingSection('', fixed), [])];
}

/** `41 unchanged findings, 14 packages changed, 2 configuration changes`: the rest, by platform where they differ. */
function restFold(fact: ScanDiffFact): readonly Section[] {
  const [first] = fact.platforms;
  if (first === undefined) return [];
  const { packages, config } = first;
  const known = isScanned(fact);
  const moved =
    packages === null ? 0 : packages.changed.length + packages.added.length + packages.removed.length;
  const words = [
    ...(known ? [counted(totalOf(scanDiffTotals(fact).unchanged), 'unchanged finding')] : []),
    packages === null ? 'packages unknown' : `${counted(moved, 'package')} changed`,
    counted(config.length, 'configuration change'),
  ];
  const table = packages === null || moved === 0 ? NOTHING : packageSection('**Packages**', packages);
  const configuration =
    config.length === 0 ? '' : sectionText(configSection('**Configuration**', config), MAX_ROWS);
  return [
    folded(words.join(', '), known ? [unchangedWords(fact)] : [], table, [
      configuration,
      platformWords(fact),
      scannedWith(fact),
    ]),
  ];
}

const NOTHING: Section = { head: '', rows: [], foot: '' };

/** A fold around a table that may be cut by its rows when room is short. */
function folded(
  summary: string,
  before: readonly string[],
  section: Section,
  after: readonly string[],
): Section {
  const [open = '', close = ''] = details(summary, FOLD_BODY).split(FOLD_BODY);
  const rest = section.rows.length - MAX_ROWS;
  const more = rest > 0 ? `… and ${rest} more in the check run.` : '';
  const full = (part: string): boolean => part.trim() !== '';
  return {
    head: [open.trim(), ...before, section.head.trim()].filter(full).join('\n\n'),
    rows: section.rows.slice(0, MAX_ROWS),
    foot: `\n${[more, ...after, close.trim()].filter(full).join('\n\n')}`,
  };
}

const FOLD_BODY = '\u0000';

function unchangedWords(fact: ScanDiffFact): string {
  const counts = signedCounts(scanDiffTotals(fact).unchanged, '+').replaceAll('+', '');
  const ignored = new Set(
    fact.platforms.flatMap((platform) => (platform.findings?.ignored ?? []).map((item) => item.finding.id)),
  ).size;
  const parts = counts === '' ? [] : [`Still there: ${counts}.`];
  if (ignored > 0)
    parts.push(`${counted(ignored, 'vulnerability is', 'vulnerabilities are')} ignored with a reason.`);
  return parts.join(' ');
}

/** What differs between the platforms, one line each; empty for one platform. */
export function platformWords(fact: ScanDiffFact): string {
  if (fact.platforms.length + fact.platformsNotCompared.length < 2) return '';
  const lines = fact.platforms.map((platform) => {
    const name = platform.platform === null ? 'platform unknown' : formatPlatform(platform.platform);
    const { findings } = platform;
    if (findings === null) return `- ${escapeMarkdown(name)}: vulnerabilities unknown`;
    const { fixed, introduced, unchanged } = findings;
    return `- ${escapeMarkdown(name)}: −${fixed.length} · +${introduced.length} · ${unchanged.length} unchanged`;
  });
  const rest = fact.platformsNotCompared;
  if (rest.length > 0) lines.push(`- not compared: ${escapeMarkdown(rest.join(', '), 300)}`);
  return `**Platforms**\n\n${lines.join('\n')}`;
}

/** With what it was scanned, as one line; empty where nothing was. */
export function scannedWith(fact: ScanDiffFact): string {
  if (fact.scanner === null || !isScanned(fact)) return '';
  const [first] = fact.platforms;
  const source =
    first?.after.status === 'scanned' && first.after.source === 'sbom' ? 'attached SBOMs' : 'the images';
  const { name, version, database } = fact.scanner;
  const made = database === null ? '' : `, database of ${database.slice(0, 10)}`;
  return escapeMarkdown(`Both sides scanned by ${name} ${version}${made}, from ${source}.`, 300);
}

function upstreamLine(fact: ScanDiffFact): readonly string[] {
  const { compareUrl, revisions } = fact;
  if (compareUrl === null || revisions.from === null || revisions.to === null) return [];
  const text = `${revisions.from.slice(0, 7)}...${revisions.to.slice(0, 7)}`;
  return [
    `Upstream: ${link(`${new URL(compareUrl).pathname.split('/').slice(1, 3).join('/')} ${text}`, compareUrl)}`,
  ];
}

function sectionText(section: Section, maxRows: number): string {
  const rows = section.rows.slice(0, maxRows);
  const rest = section.rows.length - rows.length;
  const note = rest > 0 ? [`\n… and ${rest} more in the check run.`] : [];
  return [section.head, ...rows, ...note].join('\n').trim();
}

function shortList(items: readonly string[]): string {
  return items.length <= 5
    ? items.join(', ')
    : `${items.slice(0, 5).join(', ')} and ${items.length - 5} more`;
}
