import { shortDigest } from '../../domain/digest.ts';
import { familiarName, tagKey } from '../../domain/image-reference.ts';
import { compareText } from '../../domain/text.ts';
import type { Rotation } from '../plan.ts';
import type { RotationReport, SecurityDelta } from './report.ts';

export type TitleSettings = {
  /** A template with `{summary}`, `{count}`, `{group}` and `{images}`; null: the built-in one. */
  readonly title: string | null;
  /** `chore(images)`; empty for none. */
  readonly commitPrefix: string;
  readonly group: string;
};

// GitHub takes 256 characters.
const TITLE_LIMIT = 200;

/**
 * The title of a pull request and the first line of its commit: `chore(images): rotate 2 base images (−3 critical,
 * −9 high)`. One line of plain text, at most 200 characters; `reports` stand in the order of `rotations`.
 */
export function renderTitle(
  rotations: readonly Rotation[],
  reports: readonly RotationReport[],
  settings: TitleSettings,
): string {
  const summary = summaryOf(rotations, reports);
  const words =
    settings.title === null
      ? summary
      : settings.title
          .replaceAll('{summary}', summary)
          .replaceAll('{count}', String(rotations.length))
          .replaceAll('{group}', settings.group)
          .replaceAll('{images}', imageNames(rotations).join(', '));
  const prefix = settings.commitPrefix === '' ? '' : `${settings.commitPrefix}: `;
  const line = `${prefix}${words}`.replace(/\s+/g, ' ').trim();
  return line.length <= TITLE_LIMIT ? line : `${line.slice(0, TITLE_LIMIT - 1)}…`;
}

/** The whole commit message: the title, what moves, and trailers such as `Signed-off-by: Name <mail>`. */
export function renderCommitMessage(
  title: string,
  rotations: readonly Rotation[],
  trailers: readonly string[],
): string {
  const moves = [...new Set(rotations.map(describeMove))].sort(compareText);
  const shown = moves.slice(0, 50);
  const more = moves.length > shown.length ? [`and ${moves.length - shown.length} more`] : [];
  const parts = [title, [...shown, ...more].join('\n')];
  if (trailers.length > 0) parts.push(trailers.join('\n'));
  return parts.join('\n\n');
}

/** `python:3.11: 7a2e4c9f -> c41d88e0`, for commit messages and plain-text reports. */
export function describeMove(rotation: Rotation): string {
  const { image, toTag, from, to } = rotation;
  const name = familiarName(image);
  if (from === null) return `${name}:${toTag}: pinned to ${shortDigest(to)}`;
  const tags = toTag === image.tag ? `${name}:${image.tag}` : `${name}:${image.tag} -> ${toTag}`;
  return `${tags}: ${shortDigest(from)} -> ${shortDigest(to)}`;
}

/** The sum over all reports that know; null where none does. */
export function sumDeltas(reports: readonly RotationReport[]): SecurityDelta | null {
  const known = reports.flatMap((report) => (report.delta === null ? [] : [report.delta]));
  if (known.length === 0) return null;
  const sum = (pick: (delta: SecurityDelta) => number): number =>
    known.reduce((total, delta) => total + pick(delta), 0);
  return {
    fixed: {
      critical: sum((d) => d.fixed.critical),
      high: sum((d) => d.fixed.high),
      lower: sum((d) => d.fixed.lower),
    },
    introduced: {
      critical: sum((d) => d.introduced.critical),
      high: sum((d) => d.introduced.high),
      lower: sum((d) => d.introduced.lower),
    },
  };
}

function summaryOf(rotations: readonly Rotation[], reports: readonly RotationReport[]): string {
  const names = imageNames(rotations);
  const verb = rotations.every((rotation) => rotation.from === null) ? 'pin' : 'rotate';
  const what = names.length === 1 ? names[0] : `${names.length} base images`;
  const delta = sumDeltas(reports);
  const counts = delta === null ? '' : deltaWords(delta);
  return `${verb} ${what}${counts === '' ? '' : ` (${counts})`}`;
}

function deltaWords(delta: SecurityDelta): string {
  const words: string[] = [];
  for (const severity of ['critical', 'high'] as const) {
    if (delta.fixed[severity] > 0) words.push(`−${delta.fixed[severity]} ${severity}`);
    if (delta.introduced[severity] > 0) words.push(`+${delta.introduced[severity]} ${severity}`);
  }
  return words.join(', ');
}

function imageNames(rotations: readonly Rotation[]): readonly string[] {
  const byKey = new Map(
    rotations.map((rotation) => [
      tagKey({ ...rotation.image, tag: rotation.toTag }),
      `${familiarName(rotation.image)}:${rotation.toTag}`,
    ]),
  );
  return [...byKey.values()];
}
