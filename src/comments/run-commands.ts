import { familiarName } from '../domain/image-reference.ts';
import { type IsoDate, isoDate } from '../domain/ledger-entry.ts';
import type { Forge } from '../forge/forge.ts';
import type { ForgeLinks } from '../forge/rules.ts';
import type { Commit } from '../forge/types.ts';
import type { Pass } from '../pass/pass.ts';
import { markDigest, readMarker } from '../plan/body/marker.ts';
import { describeMove } from '../plan/body/title.ts';
import type { Plan, Rotation } from '../plan/plan.ts';
import type { GroupOutcome, PublishReport } from '../pull-requests/outcome.ts';
import { type SettingsChange, writeSettings } from '../pull-requests/settings-pull.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';
import { type CommandSession, closeCommand, type SettingsWish, say, settingsName } from './execute.ts';
import { rotateInPull } from './execute-pull.ts';

const DAY = 86_400_000;

/** Whether any comment names this rotation's image. */
export function namesRotation(sessions: readonly CommandSession[], rotation: Rotation): boolean {
  const to = markDigest(rotation.to);
  const again = sessions.flatMap((session) => session.effects.again);
  if (again.some((pull) => readMarker(pull.body)?.pins.some((pin) => pin.to === to))) return true;
  return sessions.some((session) =>
    session.effects.images.some(
      ({ registry, repository, tag }) =>
        registry === rotation.image.registry &&
        repository === rotation.image.repository &&
        (tag === null || tag === rotation.image.tag),
    ),
  );
}

/** Writes what the comments ask of the settings file; each session says what became of it. `pull` holds what was written. */
export async function settleSettings(
  forge: Forge,
  base: { readonly branch: string; readonly commit: Commit },
  sessions: readonly CommandSession[],
  plan: Plan,
  now: Date,
): Promise<{ readonly sessions: readonly CommandSession[]; readonly pull: number | null }> {
  const settled: CommandSession[] = [];
  let pull: number | null = null;
  for (const session of sessions) {
    if (session.effects.settings.length === 0) {
      settled.push(session);
      continue;
    }
    const { author } = session.request;
    const changes: SettingsChange[] = [];
    for (const wish of session.effects.settings)
      changes.push(...(await changesFor(forge, wish, plan, author, now)));
    if (changes.length === 0) {
      settled.push(say(session, ['This pull request proposes no digest that could be ignored.'], true));
      continue;
    }
    const outcome = await writeSettings(forge, base, changes, author);
    if (outcome.status === 'not-editable') {
      const line = `${codeSpan(outcome.path)} could not be edited in place; write it there by hand.`;
      settled.push(say(session, [line], true));
    } else if (outcome.status === 'unchanged') {
      settled.push(say(session, ['The settings say so already.']));
    } else {
      pull = outcome.number;
      settled.push(
        say(session, [
          `Written to ${codeSpan(outcome.file.path)} by ${forge.links.pullRequest(outcome.number)}; it counts from now on and lasts once that is merged.`,
        ]),
      );
    }
  }
  return { sessions: settled, pull };
}

async function changesFor(
  forge: Forge,
  wish: SettingsWish,
  plan: Plan,
  by: string,
  now: Date,
): Promise<readonly SettingsChange[]> {
  switch (wish.kind) {
    case 'hold': {
      const until = wish.days === null ? null : isoDate(new Date(now.getTime() + Math.ceil(wish.days) * DAY));
      const entry = { image: settingsName(wish.image), until, reason: wish.reason, by };
      return [{ kind: 'add', list: 'holds', entry }];
    }
    case 'unhold':
      return [{ kind: 'remove', list: 'holds', image: settingsName(wish.image) }];
    case 'ignore':
      return [
        { kind: 'add', list: 'ignores', entry: { image: settingsName(wish.image), reason: wish.reason, by } },
      ];
    case 'ignore-digests': {
      const pull = await forge.pullRequest(wish.pullRequest);
      const marked = new Set((readMarker(pull?.body ?? '')?.pins ?? []).map((pin) => pin.to));
      return plan.rotations
        .filter((rotation) => rotation.verdict === 'rotate' && marked.has(markDigest(rotation.to)))
        .map((rotation) => ({
          kind: 'add',
          list: 'ignores',
          entry: {
            image: `${familiarName(rotation.image)}:${rotation.image.tag}`,
            digest: rotation.to,
            reason: wish.reason,
            by,
          },
        }));
    }
  }
}

/** Rotates in other people's pull requests, as the comments there ask. */
export async function rotateElsewhere(
  forge: Forge,
  sessions: readonly CommandSession[],
  planAt: (commit: Commit) => Promise<Pass>,
  today: IsoDate,
): Promise<readonly CommandSession[]> {
  const done: CommandSession[] = [];
  for (const session of sessions) {
    let answered = session;
    for (const pull of session.effects.rotateIn) {
      const answer = await rotateInPull(forge, pull, planAt, today);
      answered = say(answered, answer.lines, answer.failed);
    }
    done.push(answered);
  }
  return done;
}

/** Answers every comment with what the pass did. `report` is null where no pass was needed; `troubles` are told where the status was asked for. */
export async function answerAll(
  forge: Forge,
  sessions: readonly CommandSession[],
  plan: Plan | null,
  report: PublishReport | null,
  troubles: readonly string[] = [],
): Promise<void> {
  for (const session of sessions) {
    let answered = session;
    const { effects } = session;
    const wantsPass =
      effects.everything ||
      effects.status ||
      effects.images.length + effects.rebuild.length + effects.again.length > 0;
    if (report !== null && plan !== null && wantsPass) {
      answered = say(answered, summarise(plan, report, answered, forge.links), false);
      const told = effects.status ? troubles : [];
      if (told.length > 0) {
        answered = say(answered, [told.map((line) => `- ${escapeMarkdown(line, 300)}`).join('\n')]);
      }
    }
    await closeCommand(forge, answered);
  }
}

function summarise(
  plan: Plan,
  report: PublishReport,
  session: CommandSession,
  links: ForgeLinks,
): readonly string[] {
  const named = session.effects.images.length > 0;
  const concerns = (rotation: Rotation): boolean => !named || namesRotation([session], rotation);
  const rows = report.outcomes.flatMap((one) => outcomeRow(one, links));
  for (const rotation of plan.rotations.filter(concerns)) {
    if (rotation.verdict !== 'hold' && rotation.verdict !== 'block') continue;
    const why = rotation.reasons.map((reason) => escapeMarkdown(reason.message, 200)).join('; ');
    rows.push(
      `- ${rotation.verdict === 'hold' ? 'held' : 'blocked'}: ${codeSpan(describeMove(rotation))} — ${why}`,
    );
  }
  for (const failure of plan.failures.slice(0, 20)) {
    rows.push(`- failed: ${codeSpan(failure.subject)}: ${escapeMarkdown(failure.message, 200)}`);
  }
  if (named && !plan.rotations.some(concerns)) {
    const names = session.effects.images.map((image) => codeSpan(image.text, 200)).join(', ');
    return [`No pin of ${names} in this repository.`, ...(rows.length === 0 ? [] : [rows.join('\n')])];
  }
  return [rows.length === 0 ? 'Every pin is what its tag points to: nothing to rotate.' : rows.join('\n')];
}

const WORDS: Readonly<Partial<Record<GroupOutcome['status'], string>>> = {
  opened: 'opened',
  rebuilt: 'built anew',
  refreshed: 'brought up to date',
  unchanged: 'open, and up to date',
  closed: 'closed: nothing is left to rotate',
  'left-alone': 'left alone: somebody else pushed to it',
  declined: 'not proposed: a pull request with this digest was closed',
  waiting: 'waits',
  occupied: 'cannot be opened',
  failed: 'failed',
};

function outcomeRow(outcome: GroupOutcome, links: ForgeLinks): string[] {
  const words = WORDS[outcome.status];
  if (words === undefined) return [];
  const what =
    outcome.number === null
      ? outcome.rotations.map((rotation) => codeSpan(describeMove(rotation))).join(', ') ||
        codeSpan(outcome.group)
      : links.pullRequest(outcome.number);
  const told =
    outcome.status === 'left-alone' || outcome.status === 'closed' || outcome.status === 'declined';
  const detail = outcome.detail === null || told ? '' : ` (${escapeMarkdown(outcome.detail, 300)})`;
  const moves = outcome.number === null ? '' : moveList(outcome);
  return [`- ${what} ${words}${moves}${detail}`];
}

function moveList({ status, rotations }: GroupOutcome): string {
  if (status === 'closed' || status === 'left-alone' || rotations.length === 0) return '';
  const shown = rotations.slice(0, 10).map((rotation) => codeSpan(describeMove(rotation)));
  const more = rotations.length > shown.length ? `, and ${rotations.length - shown.length} more` : '';
  return `: ${shown.join(', ')}${more}`;
}
