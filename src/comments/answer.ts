import { refusalOf } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { ForgeLinks } from '../forge/rules.ts';
import { describeMove } from '../plan/body/title.ts';
import type { Plan, Rotation } from '../plan/plan.ts';
import type { GroupOutcome, PublishReport } from '../pull-requests/outcome.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';
import { ANSWERED_BY, effectsOf, namesRotation } from './effects.ts';
import { type CommandSession, closeCommand, say } from './session.ts';

const SHOWN_FAILURES = 20;
const SHOWN_MOVES = 10;

/** What a pass did. */
export type PassResult = {
  readonly plan: Plan;
  readonly report: PublishReport;
  /** Passes that were given up, one line of plain text each: told where the status was asked for. */
  readonly troubles: readonly string[];
};

/**
 * Answers every comment with what the pass did; `result` is null where no pass was needed, or none was possible. Gives why
 * some could not be answered, a line each. Throws what may pass by itself.
 */
export async function answerAll(
  forge: Forge,
  sessions: readonly CommandSession[],
  result: PassResult | null,
): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const session of sessions) {
    const whole = result === null ? session : withResult(session, result, forge.links);
    const refusal = await refusalOf(() => closeCommand(forge, whole));
    if (refusal !== null) refusals.push(refusal);
  }
  return refusals;
}

function withResult(session: CommandSession, result: PassResult, links: ForgeLinks): CommandSession {
  const answers = new Set(session.effects.map(({ kind }) => ANSWERED_BY[kind]));
  if (!answers.has('outcomes') && !answers.has('status')) return session;
  const told = answers.has('status') ? result.troubles.map((line) => `- ${escapeMarkdown(line, 300)}`) : [];
  return say(session, [
    ...summarise(result, session, links),
    ...(told.length === 0 ? [] : [told.join('\n')]),
  ]);
}

function summarise(
  { plan, report }: PassResult,
  session: CommandSession,
  links: ForgeLinks,
): readonly string[] {
  const named = effectsOf([session], 'propose');
  const concerns = (rotation: Rotation): boolean => named.length === 0 || namesRotation([session], rotation);
  const rows = [
    ...report.outcomes.flatMap((one) => outcomeRow(one, links)),
    ...plan.rotations.filter(concerns).flatMap(standingRow),
    ...plan.failures.slice(0, SHOWN_FAILURES).map(({ subject, message }) => {
      return `- failed: ${codeSpan(subject)}: ${escapeMarkdown(message, 200)}`;
    }),
  ];
  if (named.length > 0 && !plan.rotations.some(concerns)) {
    const names = named.map(({ image }) => codeSpan(image.text, 200)).join(', ');
    return [`No pin of ${names} in this repository.`, ...(rows.length === 0 ? [] : [rows.join('\n')])];
  }
  return [rows.length === 0 ? 'Every pin is current: nothing to rotate.' : rows.join('\n')];
}

/** A rotation that is held or blocked, and why. */
function standingRow(rotation: Rotation): readonly string[] {
  const { verdict, reasons } = rotation;
  if (verdict !== 'hold' && verdict !== 'block') return [];
  const why = reasons.map(({ message }) => escapeMarkdown(message, 200)).join('; ');
  return [`- ${verdict === 'hold' ? 'held' : 'blocked'}: ${codeSpan(describeMove(rotation))} — ${why}`];
}

/** What is said of each status: null for nothing; whether the moves and the detail are shown beside it. */
const OUTCOMES: Readonly<
  Record<
    GroupOutcome['status'],
    { readonly words: string; readonly moves: boolean; readonly detail: boolean } | null
  >
> = {
  opened: { words: 'opened', moves: true, detail: true },
  rebuilt: { words: 'rebuilt', moves: true, detail: true },
  refreshed: { words: 'updated', moves: true, detail: true },
  unchanged: { words: 'open and up to date', moves: true, detail: true },
  closed: { words: 'closed: nothing left to rotate', moves: false, detail: false },
  'left-alone': { words: 'skipped: someone else pushed to it', moves: false, detail: false },
  declined: {
    words: 'not proposed: a pull request with this digest was closed',
    moves: true,
    detail: false,
  },
  waiting: { words: 'is waiting', moves: true, detail: true },
  occupied: { words: 'cannot be opened', moves: true, detail: true },
  failed: { words: 'failed', moves: true, detail: true },
  cleaned: null,
  nothing: null,
};

function outcomeRow(outcome: GroupOutcome, links: ForgeLinks): readonly string[] {
  const said = OUTCOMES[outcome.status];
  if (said === null) return [];
  const { number, rotations, group } = outcome;
  const detail = said.detail && outcome.detail !== null ? ` (${escapeMarkdown(outcome.detail, 300)})` : '';
  if (number !== null) {
    const moves = said.moves ? moveList(rotations) : '';
    return [`- ${links.pullRequest(number)} ${said.words}${moves}${detail}`];
  }
  const what = rotations.map((rotation) => codeSpan(describeMove(rotation))).join(', ') || codeSpan(group);
  return [`- ${what} ${said.words}${detail}`];
}

function moveList(rotations: readonly Rotation[]): string {
  if (rotations.length === 0) return '';
  const shown = rotations.slice(0, SHOWN_MOVES).map((rotation) => codeSpan(describeMove(rotation)));
  const more = rotations.length > shown.length ? `, and ${rotations.length - shown.length} more` : '';
  return `: ${shown.join(', ')}${more}`;
}
