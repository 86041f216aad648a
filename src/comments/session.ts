import type { CommandRequest, RotateCommand } from '../domain/rotate-command.ts';
import { hasCode } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import { keepComment, ownComments } from '../forge/own-comments.ts';
import type { Reaction } from '../forge/types.ts';
import { groupOfBranch } from '../plan/body/branch.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';
import type { Effect } from './effects.ts';
import { type CommentPlace, type Reply, rowOf } from './table.ts';

const OBEYED: ReadonlySet<string> = new Set(['admin', 'maintain', 'write']);

/** A comment being answered: what it asks of the pass, and what can be said already. */
export type CommandSession = {
  readonly request: CommandRequest;
  readonly effects: readonly Effect[];
  /** Markdown made safe, one paragraph each. */
  readonly lines: readonly string[];
  /** Something in it could not be done. */
  readonly failed: boolean;
};

/**
 * Takes a comment in: shows that it was seen (👀), asks the forge whether its author may write here, and turns its
 * commands into effects. A person who may not gets a short answer and no effects.
 */
export async function openCommand(forge: Forge, request: CommandRequest): Promise<CommandSession> {
  await reactQuietly(forge, request.commentId, 'eyes');
  const session: CommandSession = { request, effects: [], lines: [], failed: false };
  if (!OBEYED.has(await forge.permissionOf(request.author))) {
    const line = `This needs write access to the repository, which ${codeSpan(request.author)} does not have.`;
    return say(session, [line], true);
  }
  const place = await placeOf(forge, request);
  const asked = request.commands.map((command) => effectOf(command, place));
  const replies = asked.filter((one) => one.kind === 'reply');
  return {
    request,
    effects: asked.filter((one) => one.kind !== 'reply'),
    lines: replies.map(({ line }) => line),
    failed: replies.some(({ failed }) => failed),
  };
}

/** Adds paragraphs to the answer. */
export function say(session: CommandSession, lines: readonly string[], failed = false): CommandSession {
  return { ...session, lines: [...session.lines, ...lines], failed: session.failed || failed };
}

/** Answers a comment: one reply, edited where there is one already, and 🚀 or 😕. */
export async function closeCommand(forge: Forge, session: CommandSession): Promise<void> {
  const { request, lines, failed } = session;
  const mark = `<!-- pinwheel:reply:${request.commentId} -->`;
  const whole = lines.length === 0 ? 'Done.' : lines.join('\n\n');
  const text = whole.slice(0, forge.limits.body - mark.length - 2);
  await keepComment(forge, request.issue, await ownComments(forge, request.issue), { mark, text });
  await reactQuietly(forge, request.commentId, failed ? 'confused' : 'rocket');
}

async function placeOf(forge: Forge, { onPullRequest, issue }: CommandRequest): Promise<CommentPlace> {
  const pull = onPullRequest ? await forge.pullRequest(issue) : null;
  const { login } = await forge.identity();
  // A person's pull request from a branch that is named like ours is not ours.
  const ours = pull !== null && pull.author === login && groupOfBranch(pull.head.branch) !== null;
  return { pull, ours };
}

function effectOf(command: RotateCommand, place: CommentPlace): Effect | Reply {
  if (command.kind !== 'unknown') return rowOf(command.kind).effect(command, place);
  const meant = command.nearest === null ? '' : ` Did you mean ${codeSpan(command.nearest)}?`;
  const line = `${codeSpan(command.text, 120)}: ${escapeMarkdown(command.problem, 300)}.${meant}`;
  return { kind: 'reply', line, failed: true };
}

/** A reaction is a courtesy: a comment that was deleted, or a forge without reactions, stops nothing. */
async function reactQuietly(forge: Forge, commentId: number, reaction: Reaction): Promise<void> {
  try {
    await forge.react(commentId, reaction);
  } catch (error) {
    if (hasCode(error, 'rate-limited')) throw error;
  }
}
