import type { Forge } from '../forge/forge.ts';
import { commentMarked, keepComment, ownComments } from '../forge/own-comments.ts';

export type NoteKind = 'taken-over' | 'nothing-left';

const TEXTS: Readonly<Record<NoteKind, string>> = {
  'taken-over':
    'Someone else pushed to this branch, so Pinwheel no longer updates it. Comment `/rotate rebase` to hand it back: Pinwheel then rebuilds the branch, and those commits are lost.',
  'nothing-left':
    'Nothing left to rotate here: the base branch already has these digests, or they are held, ignored or gone. Pinwheel closes this pull request and opens another one when there is something to do.',
};

/**
 * Keeps the pages of a report that do not fit into the check as comments, each edited rather than repeated. Asks nothing
 * where there are no pages.
 */
export async function syncPages(forge: Forge, number: number, pages: readonly string[]): Promise<void> {
  if (pages.length === 0) return;
  const own = await ownComments(forge, number);
  for (const [index, text] of pages.entries()) {
    await keepComment(forge, number, own, { mark: `<!-- pinwheel:report:${index + 2} -->`, text });
  }
}

/** Says something on a pull request, once: a note of the same kind that is there already is enough. */
export async function leaveNote(forge: Forge, number: number, kind: NoteKind): Promise<void> {
  const mark = `<!-- pinwheel:note:${kind} -->`;
  if (commentMarked(await ownComments(forge, number), mark) !== null) return;
  await forge.comment(number, `${TEXTS[kind]}\n\n${mark}`);
}
