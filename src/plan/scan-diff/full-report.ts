import type { IgnoredFinding, PlatformScanDiff, ScanDiffFact } from '../../assess/diff/scan-diff.ts';
import { familiarName } from '../../domain/image-reference.ts';
import { formatPlatform } from '../../domain/platform.ts';
import {
  codeSpan,
  escapeMarkdown,
  link,
  type Section,
  splitSections,
  tableHead,
  tableRow,
} from '../../report/markdown.ts';
import { imageTitle, platformWords, scannedWith } from './pull-request.ts';
import { scanSummaryLine } from './summary-line.ts';
import { configSection, findingSection, packageSection, severityTable } from './tables.ts';

/** The complete report of one rotation as one text: for `pinwheel diff --markdown`. */
export function diffMarkdown(fact: ScanDiffFact): string {
  return splitSections(fullReportSections(fact), Number.MAX_SAFE_INTEGER).join('\n\n');
}

/** The complete report of one rotation: everything that is known, unchanged findings last. */
export function fullReportSections(fact: ScanDiffFact): readonly Section[] {
  const text = (markdown: string): readonly Section[] =>
    markdown === '' ? [] : [{ head: markdown, rows: [], foot: '' }];
  return [
    ...text(`## ${imageTitle(fact)}`),
    ...text(scanSummaryLine(fact)),
    ...text(severityTable(fact)),
    ...text(platformWords(fact)),
    ...fact.platforms.flatMap((platform) => platformSections(fact, platform)),
    ...text(fact.compareUrl === null ? '' : `Upstream: ${link('what changed', fact.compareUrl)}`),
    ...text(builtWords(fact)),
    ...text(scannedWith(fact)),
    ...text(sbomWords(fact)),
    ...text(fact.warnings.map((warning) => `> ${escapeMarkdown(warning, 500)}`).join('\n>\n')),
  ];
}

/** When both images say they were built, where that can be believed: reproducible builds say 1970 or 0001. */
function builtWords(fact: ScanDiffFact): string {
  const { from, to } = fact.created;
  const day = (instant: string | null): string | null =>
    instant !== null && /^20\d\d-\d\d-\d\dT/.test(instant) ? instant.slice(0, 10) : null;
  const [before, after] = [day(from), day(to)];
  if (after === null) return '';
  return before === null
    ? `The new image says it was built on ${after}.`
    : `Built on ${before}, the new one on ${after}.`;
}

/**
 * How to get the SBOM of the new image: a check run carries no files, so the command that writes the very document. Names,
 * tags and digests are safe in a shell by their grammar; a platform is the registry's word.
 */
function sbomWords({ image, tag, from, to, platforms }: ScanDiffFact): string {
  const listed = platforms.find(({ after }) => after.packages !== null && after.packages.length > 0);
  if (listed === undefined) return '';
  const name = `${familiarName(image)}${tag === null ? '' : `:${tag}`}`;
  const on = listed.platform === null ? '' : formatPlatform(listed.platform);
  const platform = /^[\w./-]+$/.test(on) ? ` --platform ${on}` : '';
  const command = `pinwheel diff ${name}@${from ?? to} ${name}@${to}${platform} --sbom cyclonedx`;
  return `SBOM of the new image: ${codeSpan(command, 1000)} (or ${codeSpan('--sbom spdx')})`;
}

function platformSections(fact: ScanDiffFact, platform: PlatformScanDiff): readonly Section[] {
  const { findings, packages, config, unavailable } = platform;
  const name = platform.platform === null ? 'platform unknown' : formatPlatform(platform.platform);
  const of = fact.platforms.length > 1 ? ` on ${escapeMarkdown(name)}` : '';
  const sections: Section[] = [];
  if (unavailable !== null) {
    const head = `> ⚠️ Vulnerabilities${of} unknown (scan-unavailable): ${escapeMarkdown(unavailable, 1000)}`;
    sections.push({ head, rows: [], foot: '' });
  }
  if (findings !== null) {
    const { introduced, fixed } = findings;
    if (introduced.length > 0)
      sections.push(findingSection(`### Introduced${of} (${introduced.length})`, introduced));
    if (fixed.length > 0) sections.push(findingSection(`### Fixed${of} (${fixed.length})`, fixed));
  }
  const moved =
    packages === null ? 0 : packages.changed.length + packages.added.length + packages.removed.length;
  if (packages !== null && moved > 0) {
    sections.push(
      packageSection(`### Packages${of} (${moved} of ${moved + packages.unchanged} changed)`, packages),
    );
  }
  if (config.length > 0) sections.push(configSection(`### Configuration${of} (${config.length})`, config));
  if (findings !== null && findings.ignored.length > 0) sections.push(ignoredSection(of, findings.ignored));
  if (findings !== null && findings.unchanged.length > 0) {
    const title = fact.from === null ? 'Found' : 'Unchanged';
    sections.push(findingSection(`### ${title}${of} (${findings.unchanged.length})`, findings.unchanged));
  }
  return sections;
}

const IGNORED_BY = { vex: 'VEX', trivyignore: '.trivyignore', exception: 'recorded exception' } as const;

function ignoredSection(of: string, ignored: readonly IgnoredFinding[]): Section {
  const headers = ['severity', 'id', 'package', 'ignored by', 'reason'];
  return {
    head: [`### Ignored${of} (${ignored.length})`, '', ...tableHead(headers)].join('\n'),
    rows: ignored.map(({ finding, by, reason }) =>
      tableRow(
        [
          finding.severity,
          escapeMarkdown(finding.id, 60),
          codeSpan(finding.package, 80),
          IGNORED_BY[by],
          escapeMarkdown(reason, 300),
        ],
        headers.length,
      ),
    ),
    foot: '',
  };
}
