import type { Forge } from './forge.ts';

export type NoteKind = 'taken-over' | 'nothing-left';

const TEXTS: Readonly<Record<NoteKind, string>> = {
  'taken-over':
    'Somebody else pushed to this branch, so Pinwheel leaves it alone from now on. `/rotate rebase` hands it back: the branch is then built anew and those commits are lost.',
  'nothing-left':
    'Nothing is left to rotate here: the base branch already has these digests, or they are held, ignored or gone. Pinwheel closes this pull request and opens another one when there is something to do.',
};

/** Says something on a pull request, once: a note of the same kind that is there already is enough. */
export async function leaveNote(forge: Forge, number: number, kind: NoteKind): Promise<void> {
  const mark = `<!-- pinwheel:note:${kind} -->`;
  const { login } = await forge.identity();
  const comments = await forge.comments(number);
  if (comments.some((comment) => comment.author === login && comment.body.includes(mark))) return;
  await forge.comment(number, `${TEXTS[kind]}\n\n${mark}`);
}
