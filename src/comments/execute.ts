import { parseImagePattern } from '../domain/image-glob.ts';
import { canonicalName, familiarName } from '../domain/image-reference.ts';
import type { Forge } from '../forge/forge.ts';
import type { PullRequest } from '../forge/types.ts';
import { groupOfBranch } from '../plan/body/branch.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';
import type { CommandImage, CommandRequest, RotateCommand } from './command.ts';
import { helpText } from './help-text.ts';

/** A change of the settings file that a comment asks for. */
export type SettingsWish =
  | {
      readonly kind: 'hold';
      readonly image: CommandImage;
      readonly days: number | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'unhold'; readonly image: CommandImage }
  | { readonly kind: 'ignore'; readonly image: CommandImage; readonly reason: string | null }
  /** The digests that this pull request of ours proposes. */
  | { readonly kind: 'ignore-digests'; readonly pullRequest: number; readonly reason: string | null };

/** What the commands of one comment ask the pass to do. */
export type CommandEffects = {
  readonly everything: boolean;
  readonly images: readonly CommandImage[];
  /** Pull requests of ours to build anew. */
  readonly rebuild: readonly number[];
  /** What a closed pull request of ours proposed, to be proposed again. */
  readonly again: readonly PullRequest[];
  /** Pull requests of others to rotate in. */
  readonly rotateIn: readonly PullRequest[];
  readonly settings: readonly SettingsWish[];
  readonly status: boolean;
};

/** A comment being answered: what it asks for, and what can be said already. */
export type CommandSession = {
  readonly request: CommandRequest;
  readonly effects: CommandEffects;
  /** Markdown made safe, one paragraph each. */
  readonly lines: readonly string[];
  /** Something in it could not be done. */
  readonly failed: boolean;
};

const NO_EFFECTS: CommandEffects = {
  everything: false,
  images: [],
  rebuild: [],
  again: [],
  rotateIn: [],
  settings: [],
  status: false,
};

/**
 * Takes a comment in: shows that it was seen (👀), asks the forge whether its author may write here, and turns its commands
 * into effects. A person who may not gets a short answer and no effects.
 */
export async function openCommand(forge: Forge, request: CommandRequest): Promise<CommandSession> {
  await acknowledge(forge, request);
  const permission = await forge.permissionOf(request.author);
  if (permission !== 'admin' && permission !== 'maintain' && permission !== 'write') {
    const line = `This needs write access to the repository, which ${codeSpan(request.author)} does not have.`;
    return { request, effects: NO_EFFECTS, lines: [line], failed: true };
  }
  const pull = request.onPullRequest ? await forge.pullRequest(request.issue) : null;
  const { login } = await forge.identity();
  const ours = pull !== null && pull.author === login && groupOfBranch(pull.head.branch) !== null;
  let session: CommandSession = { request, effects: NO_EFFECTS, lines: [], failed: false };
  for (const command of request.commands) session = take(session, command, pull, ours);
  return session;
}

/** Adds paragraphs to the answer. */
export function say(session: CommandSession, lines: readonly string[], failed = false): CommandSession {
  return { ...session, lines: [...session.lines, ...lines], failed: session.failed || failed };
}

/** Answers a comment: one reply, edited where there is one already, and 🚀 or 😕. */
export async function closeCommand(forge: Forge, session: CommandSession): Promise<void> {
  const { request, failed } = session;
  const mark = `<!-- pinwheel:reply:${request.commentId} -->`;
  const text = session.lines.length === 0 ? 'Done.' : session.lines.join('\n\n');
  const body = `${text.slice(0, forge.limits.body - mark.length - 2)}\n\n${mark}`;
  const { login } = await forge.identity();
  const comments = await forge.comments(request.issue);
  const known = comments.find((comment) => comment.author === login && comment.body.includes(mark));
  if (known === undefined) await forge.comment(request.issue, body);
  else if (known.body.replaceAll('\r\n', '\n') !== body) await forge.editComment(known.id, body);
  await reactQuietly(forge, request.commentId, failed ? 'confused' : 'rocket');
}

async function acknowledge(forge: Forge, request: CommandRequest): Promise<void> {
  await reactQuietly(forge, request.commentId, 'eyes');
}

/** A reaction is a courtesy: a comment that was deleted, or a stand-in without reactions, stops nothing. */
async function reactQuietly(
  forge: Forge,
  commentId: number,
  reaction: 'eyes' | 'rocket' | 'confused',
): Promise<void> {
  try {
    await forge.react(commentId, reaction);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'rate-limited') throw error;
  }
}

function take(
  session: CommandSession,
  command: RotateCommand,
  pull: PullRequest | null,
  ours: boolean,
): CommandSession {
  const { effects } = session;
  const with_ = (change: Partial<CommandEffects>): CommandSession => ({
    ...session,
    effects: { ...effects, ...change },
  });
  const settings = (wish: SettingsWish): CommandSession => with_({ settings: [...effects.settings, wish] });
  switch (command.kind) {
    case 'here':
      if (pull === null) return with_({ everything: true });
      if (ours && pull.state === 'closed') return with_({ again: [...effects.again, pull] });
      if (ours) return with_({ rebuild: [...effects.rebuild, pull.number] });
      if (pull.state !== 'open') return say(session, ['This pull request is closed.'], true);
      return with_({ rotateIn: [...effects.rotateIn, pull] });
    case 'all':
      return with_({ everything: true });
    case 'image':
      return with_({ images: [...effects.images, command.image] });
    case 'rebase':
      if (pull !== null && ours) return with_({ rebuild: [...effects.rebuild, pull.number] });
      return say(
        session,
        [`${codeSpan('/rotate rebase')} builds a pull request of Pinwheel anew; this is none.`],
        true,
      );
    case 'hold':
      return settings({
        kind: 'hold',
        image: command.image,
        days: command.days,
        reason: command.reason,
      });
    case 'unhold':
      return settings({ kind: 'unhold', image: command.image });
    case 'ignore':
      if (command.image !== null) {
        return settings({ kind: 'ignore', image: command.image, reason: command.reason });
      }
      if (pull !== null && ours) {
        return settings({ kind: 'ignore-digests', pullRequest: pull.number, reason: command.reason });
      }
      return say(
        session,
        [
          `${codeSpan('/rotate ignore')} without an image ignores what a pull request of Pinwheel proposes; this is none. Name an image: ${codeSpan('/rotate ignore IMAGE')}.`,
        ],
        true,
      );
    case 'status':
      return with_({ status: true });
    case 'help':
      return say(session, [helpText()]);
    case 'unknown': {
      const meant = command.nearest === null ? '' : ` Did you mean ${codeSpan(command.nearest)}?`;
      return say(
        session,
        [`${codeSpan(command.text, 120)}: ${escapeMarkdown(command.problem, 300)}.${meant}`],
        true,
      );
    }
  }
}

/**
 * The pattern an image is written by in the settings: the short name with the tag where one was named; the canonical one
 * where the short name alone would read as something else (an image of Docker Hub that is called `my.image`).
 */
export function settingsName(image: CommandImage): string {
  const tag = image.tag === null ? '' : `:${image.tag}`;
  const short = `${familiarName(image)}${tag}`;
  return parseImagePattern(short).ok ? short : `${canonicalName(image)}${tag}`;
}
