import { answerAll, type PassResult } from '../../comments/answer.ts';
import type { CommandSession } from '../../comments/session.ts';
import { refusalOf } from '../../forge/errors.ts';
import { about, type PassContext } from './pass-context.ts';

/** Answers comments; one that may not be answered (a locked conversation) is logged and keeps none of the others back. */
export async function answerComments(
  context: PassContext,
  sessions: readonly CommandSession[],
  result: PassResult | null,
): Promise<void> {
  for (const reason of await answerAll(context.forge, sessions, result)) {
    context.options.log.warn(about(context, { reason }), 'a comment could not be answered');
  }
}

/** Does what the pass can do without: a lasting refusal is logged as `what`. Throws what may pass by itself. */
export async function orLogged(
  context: PassContext,
  what: string,
  task: () => Promise<unknown>,
): Promise<void> {
  const reason = await refusalOf(task);
  if (reason !== null) context.options.log.warn(about(context, { reason }), what);
}
