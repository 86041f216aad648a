import { messageOf } from '../domain/errors.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import { isTemporary } from '../forge/errors.ts';
import { fingerprintMatter } from '../forge/fingerprint.ts';
import type { Forge } from '../forge/forge.ts';
import type { ForgeLimits } from '../forge/rules.ts';
import type { CheckRun, CheckRunRequest, ForgeIdentity } from '../forge/types.ts';
import { type ReportedRotation, renderMoves } from '../plan/body/body.ts';
import { sumDeltas } from '../plan/body/title.ts';
import { fitSections, link, splitSections } from '../report/markdown.ts';

export const CHECK_NAME = 'Pinwheel';
// For a page's mark, and the line that says where the report goes on.
const ROOM = 535;

type CheckContext = {
  readonly forge: Forge;
  readonly identity: ForgeIdentity;
  readonly today: IsoDate;
  readonly warn: (message: string) => void;
};

/** A file kept for download, and where. */
export type Download = { readonly name: string; readonly url: string };

/** The check `Pinwheel` on a head; null where there is none, or none may be seen. */
export async function lookAtCheck(context: CheckContext, head: string): Promise<CheckRun | null> {
  try {
    return await context.forge.checkRun(head, CHECK_NAME);
  } catch (error) {
    if (isTemporary(error)) throw error;
    return null;
  }
}

/**
 * Brings the check on a pull request's head up to date. Only Apps may write checks: with a token nothing is written, and
 * without the permission it is a warning.
 */
export async function writeCheck(
  context: CheckContext,
  moves: readonly ReportedRotation[],
  head: string,
  existing: CheckRun | null,
  downloads: readonly Download[] = [],
): Promise<void> {
  const { forge, identity, warn } = context;
  if (!identity.writesChecks) return;
  const request = checkRequest(moves, head, context.today, forge.limits);
  if (existing?.isCompleted === true && existing.externalId === request.externalId) return;
  try {
    await forge.putCheck({
      ...request,
      summary: withDownloads(request.summary, downloads, forge.limits.checkText),
    });
  } catch (error) {
    if (isTemporary(error)) throw error;
    warn(`the check could not be written: ${messageOf(error)}`);
  }
}

/** The summary with links to the files that are kept; they are no matter of their own: the check's id ignores them. */
function withDownloads(summary: string, downloads: readonly Download[], limit: number): string {
  if (downloads.length === 0) return summary;
  const links = downloads.map(({ name, url }) => `- ${link(name, url)}`);
  return fitSections(
    [
      { head: summary, rows: [], foot: '' },
      { head: '\n\n**SBOMs of the new images**\n', rows: links, foot: '' },
    ],
    limit,
  );
}

/** The pages of the complete report that do not fit into the check: they go on in comments. */
export function furtherPages(moves: readonly ReportedRotation[], limits: ForgeLimits): readonly string[] {
  return reportPages(moves, limits).slice(1);
}

function reportPages(moves: readonly ReportedRotation[], limits: ForgeLimits): readonly string[] {
  return splitSections(
    moves.flatMap((move) => [...move.report.folds.map((fold) => fold.section), ...move.report.full]),
    Math.min(limits.checkText, limits.body) - ROOM,
  );
}

function checkRequest(
  moves: readonly ReportedRotation[],
  head: string,
  today: IsoDate,
  limits: ForgeLimits,
): CheckRunRequest {
  const summary = [
    renderMoves(moves, null),
    ...moves.flatMap((move) => move.report.verdicts.map((line) => `- ${line}`)),
  ].join('\n');
  const pieces = reportPages(moves, limits);
  const more = pieces.length - 1;
  const text =
    more > 0
      ? `${pieces[0]}\n\nThe report continues in ${more === 1 ? 'a comment' : `${more} comments`} on the pull request.`
      : (pieces[0] ?? '');
  const title = titleOf(moves);
  return {
    name: CHECK_NAME,
    sha: head,
    conclusion: 'success',
    title,
    summary: summary.length <= limits.checkText - ROOM ? summary : title,
    text,
    annotations: moves.flatMap((move) => move.report.annotations),
    externalId: fingerprintMatter(`${title}\n${summary}\n${text}`, today),
  };
}

function titleOf(moves: readonly ReportedRotation[]): string {
  const count = moves.length === 1 ? '1 base image' : `${moves.length} base images`;
  const delta = sumDeltas(moves.map((move) => move.report));
  if (delta === null) return `${count} to rotate`;
  const { fixed, introduced } = delta;
  return `${count}: −${fixed.critical} critical, −${fixed.high} high, +${introduced.critical + introduced.high + introduced.lower} new`;
}
