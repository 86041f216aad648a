import { shortDigest } from '../../domain/digest.ts';
import { familiarName } from '../../domain/image-reference.ts';
import type { IsoDate } from '../../domain/ledger-entry.ts';
import { platformKey } from '../../domain/platform.ts';
import type { Site } from '../../domain/site.ts';
import { compareText } from '../../domain/text.ts';
import { daysBetween } from '../../domain/time.ts';
import { saySince } from '../../policy/age.ts';
import { codeSpan, escapeMarkdown, link, type Section, tableHead, tableRow } from '../../report/markdown.ts';
import { moveOf } from '../../resolve/resolution.ts';
import type { Rotation } from '../plan.ts';
import { comparePage, registryPage } from './links.ts';
import { fitBody } from './overflow.ts';
import type { RotationReport, SeveritySummary } from './report.ts';
import { sumDeltas } from './title.ts';

/** One move and what is known of it. */
export type ReportedRotation = { readonly rotation: Rotation; readonly report: RotationReport };

export type BodyInput = {
  readonly moves: readonly ReportedRotation[];
  /** The ledger's path where it is edited too. */
  readonly ledger: string | null;
  /** Today, for ages; null leaves ages out, so that the text only changes when the matter does. */
  readonly today: IsoDate | null;
  /** The hidden marker, last in the body. */
  readonly marker: string;
  /** The address of a file line: `(path, line) => url`; null where there is none. */
  readonly fileUrl: ((path: string, line: number) => string) | null;
};

/** The box a person ticks to have the branch rebuilt. */
const REBUILD_BOX = '<!-- pinwheel:rebuild -->';

/**
 * The body of a pull request: what moves and why in one table, what stands behind it folded, the places edited, a box to
 * tick, and how to hold or ignore. At most `limit` characters: see `overflow.ts` for what gives way first.
 */
export function renderBody(input: BodyInput, limit: number): string {
  const { moves } = input;
  const tail = [rebuildBox(), help(moves), footer(), input.marker].join('\n\n');
  return fitBody(
    {
      head: headline(moves),
      moves: movesSection(moves, input.today),
      verdicts: verdicts(moves),
      suggestion: suggestion(moves),
      folds: moves.flatMap((move) => foldsOf(move, moves.length > 1)),
      places: placesSection(moves, input.ledger, input.fileUrl),
      sources: sources(moves),
      tail,
    },
    limit,
  );
}

/** Whether the box that asks for a rebuild is ticked in a body. */
export function rebuildTicked(body: string): boolean {
  return body.split('\n').some((line) => /^\s*[-*] \[[xX]\]/.test(line) && line.includes(REBUILD_BOX));
}

function headline(moves: readonly ReportedRotation[]): string {
  const count = moves.length;
  const pins = moves.every((move) => move.rotation.from === null);
  const subject = count === 1 ? '1 base image' : `${count} base images`;
  const verb = pins
    ? `${count === 1 ? 'is' : 'are'} pinned to ${count === 1 ? 'its digest' : 'their digests'}`
    : `${count === 1 ? 'moves' : 'move'} to ${count === 1 ? 'a newer digest' : 'newer digests'}`;
  const delta = sumDeltas(moves.map((move) => move.report));
  const words = delta === null ? '' : ` ${deltaSentence(delta.fixed, delta.introduced)}`;
  return `**${subject} ${verb}.${words}** Nothing else changes.`;
}

function deltaSentence(fixed: SeveritySummary, introduced: SeveritySummary): string {
  const fixes = countWords(fixed);
  const adds = countWords(introduced);
  if (fixes === '' && adds === '') return 'No known vulnerabilities fixed or added.';
  const warning = introduced.critical + introduced.high > 0 ? '⚠️ ' : '';
  if (fixes === '') return `${warning}Adds ${adds} ${noun(introduced)}, fixes none.`;
  const added = adds === '' ? 'none' : adds;
  return `${warning}Fixes ${fixes} ${noun(fixed)}, adds ${added}.`;
}

function noun(counts: SeveritySummary): string {
  return isOne(counts) ? 'vulnerability' : 'vulnerabilities';
}

function isOne({ critical, high, lower }: SeveritySummary): boolean {
  return critical + high + lower === 1;
}

function countWords({ critical, high, lower }: SeveritySummary): string {
  const words: string[] = [];
  if (critical > 0) words.push(`${critical} critical`);
  if (high > 0) words.push(`${high} high`);
  if (lower > 0) words.push(`${lower} lower`);
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} and ${last}`;
}

function movesSection(moves: readonly ReportedRotation[], today: IsoDate | null): Section {
  const hasSecurity = moves.some((move) => move.report.security !== null);
  const hasAge = moves.some((move) => move.report.age !== null);
  const hasSeen = moves.some((move) => move.report.firstSeen !== null || move.report.published !== null);
  const headers = [
    'image',
    'digest',
    ...(hasSecurity ? ['security'] : []),
    'platforms',
    ...(hasAge ? ['age'] : []),
    ...(hasSeen ? ['new image first seen'] : []),
  ];
  const rows = moves.map((move) =>
    tableRow(
      [
        imageCell(move.rotation),
        digestCell(move.rotation),
        ...(hasSecurity ? [move.report.security ?? 'not compared'] : []),
        platformCell(move.rotation),
        ...(hasAge ? [ageCell(move.report, today)] : []),
        ...(hasSeen ? [seenCell(move.report, today)] : []),
      ],
      headers.length,
    ),
  );
  return { head: tableHead(headers).join('\n'), rows, foot: '' };
}

function imageCell(rotation: Rotation): string {
  const { image, toTag } = rotation;
  const name = codeSpan(`${familiarName(image)}:${image.tag}`);
  const page = registryPage({ ...image, tag: toTag });
  // A link's text may hold a code span, and the name is plain characters by its grammar.
  const linked = page === null ? name : `[${name}](${page})`;
  return toTag === image.tag ? linked : `${linked} → ${codeSpan(toTag)}`;
}

function digestCell(rotation: Rotation): string {
  const to = codeSpan(shortDigest(rotation.to));
  // Not to be broken over lines in a narrow column.
  return rotation.from === null
    ? `none&nbsp;→&nbsp;${to}`
    : `${codeSpan(shortDigest(rotation.from))}&nbsp;→&nbsp;${to}`;
}

function platformCell(rotation: Rotation): string {
  const move = moveOf(rotation.resolution);
  if (move === null) return '';
  const names = move.shape.platforms.map(platformKey).sort(compareText);
  const lost = move.status === 'lost-platforms' ? move.lost.map(platformKey).sort(compareText) : [];
  if (names.length === 0 && lost.length === 0) return '';
  const short = (name: string): string => escapeMarkdown(name.replace(/^linux\//, ''));
  const shown = names.slice(0, 6).map(short);
  if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
  const list = shown.join(', ');
  return lost.length > 0 ? `${list} — ⚠️ without ${lost.map(short).join(', ')}` : `${list} ✓`;
}

/** The status and the days it rests on, in the words of the check: `expired: 40 days (limit 14), published 2026-10-11`. */
function ageCell({ age }: RotationReport, today: IsoDate | null): string {
  if (age === null) return '';
  if (age.ageDays === null) return age.status;
  const limit = age.limitDays === null ? '' : ` (limit ${age.limitDays})`;
  const days = age.ageDays === 1 ? '1 day' : `${age.ageDays} days`;
  return today === null
    ? `${age.status}: ${saySince(age)}${limit}`
    : `${age.status}: ${days}${limit}, ${saySince(age)}`;
}

function seenCell(report: RotationReport, today: IsoDate | null): string {
  const { firstSeen, published } = report;
  const parts: string[] = [];
  if (firstSeen !== null) parts.push(today === null ? firstSeen : agoOf(firstSeen, today));
  if (published !== null && published !== firstSeen) parts.push(`published ${published}`);
  return parts.length === 0 ? 'now' : parts.join(', ');
}

function agoOf(from: IsoDate, today: IsoDate): string {
  const days = daysBetween(from, today);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

function verdicts(moves: readonly ReportedRotation[]): readonly string[] {
  const several = moves.length > 1;
  return moves.flatMap((move) => {
    const lines = move.report.verdicts;
    if (lines.length === 0) return [];
    const name = several
      ? `${codeSpan(`${familiarName(move.rotation.image)}:${move.rotation.toTag}`)}: `
      : '';
    return [`${name}${lines.join(' · ')}`];
  });
}

/** One at most: a pull request is no place for advice. */
function suggestion(moves: readonly ReportedRotation[]): string {
  const line = moves.find((move) => move.report.suggestion !== null)?.report.suggestion ?? null;
  return line === null ? '' : `💡 ${line}`;
}

function foldsOf(move: ReportedRotation, several: boolean): readonly { summary: string; section: Section }[] {
  const name = `${familiarName(move.rotation.image)}:${move.rotation.toTag}`;
  return move.report.folds.map((fold) => ({
    summary: several ? `${name}: ${fold.summary}` : fold.summary,
    section: fold.section,
  }));
}

function placesSection(
  moves: readonly ReportedRotation[],
  ledger: string | null,
  fileUrl: BodyInput['fileUrl'],
): { readonly summary: string; readonly section: Section } {
  const sites = moves
    .flatMap((move) => move.rotation.sites)
    .sort((a, b) => compareText(a.file, b.file) || a.start - b.start);
  const files = new Set(sites.map((site) => site.file)).size;
  const summary = `${sites.length} ${sites.length === 1 ? 'place' : 'places'} edited in ${files} ${
    files === 1 ? 'file' : 'files'
  }${ledger === null ? '' : ', ledger updated'}`;
  const rows = sites.map((site) => `- ${placeOf(site, fileUrl)}`);
  if (ledger !== null) rows.push(`- ${codeSpan(ledger)} the ledger`);
  return { summary, section: { head: '', rows, foot: '' } };
}

const KIND_WORDS: Readonly<Record<Site['kind'], string>> = {
  from: 'FROM',
  'copy-from': 'COPY --from',
  'mount-from': 'RUN --mount',
  syntax: 'syntax directive',
  'arg-default': 'ARG',
  'build-arg': 'build argument',
  'build-context': 'build context',
  image: 'image',
  builder: 'builder',
  variable: 'variable',
};

function placeOf(site: Site, fileUrl: BodyInput['fileUrl']): string {
  const place = `${site.file}:${site.line}`;
  const shown = fileUrl === null ? codeSpan(place) : link(place, fileUrl(site.file, site.line));
  return `${shown} ${KIND_WORDS[site.kind]}${site.name === null ? '' : ` ${codeSpan(site.name)}`}`;
}

function sources(moves: readonly ReportedRotation[]): string {
  const links = moves.flatMap((move) => {
    const range = move.report.source;
    if (range === null) return [];
    const page = comparePage(range);
    if (page === null) return [];
    const { pathname } = new URL(page);
    const repository = pathname.split('/').slice(1, 3).join('/');
    const commits =
      range.from === null || range.from === range.to
        ? range.to.slice(0, 7)
        : `${range.from.slice(0, 7)}...${range.to.slice(0, 7)}`;
    return [link(`${repository} ${commits}`, page)];
  });
  return links.length === 0 ? '' : `Upstream: ${[...new Set(links)].join(' · ')}`;
}

function rebuildBox(): string {
  return `- [ ] ${REBUILD_BOX}rebuild this pull request`;
}

function help(moves: readonly ReportedRotation[]): string {
  const first = moves[0]?.rotation;
  const name = first === undefined ? 'IMAGE' : familiarName(first.image);
  return `${codeSpan(`/rotate hold ${name} for 30d because …`)} · ${codeSpan('/rotate ignore this digest')} · ${codeSpan(
    '/rotate rebase',
  )} · ${codeSpan('/rotate help')} — or close this pull request: closing skips this digest; newer ones are still proposed.`;
}

function footer(): string {
  return '<sub>Made by Pinwheel, which keeps base-image digests fresh. It stops updating this branch once someone else pushes to it. The full report is in the check *Pinwheel*.</sub>';
}

/** The table of moves alone, for comments and the check. */
export function renderMoves(moves: readonly ReportedRotation[], today: IsoDate | null): string {
  const section = movesSection(moves, today);
  return [section.head, ...section.rows].join('\n');
}
