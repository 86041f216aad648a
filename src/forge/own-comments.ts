import type { Forge } from './forge.ts';
import type { Comment } from './types.ts';

/** The comments of this identity on an issue or pull request. A person's comment that quotes a mark is not among them. */
export async function ownComments(forge: Forge, issue: number): Promise<readonly Comment[]> {
  const { login } = await forge.identity();
  return (await forge.comments(issue)).filter((comment) => comment.author === login);
}

/** The comment that carries a hidden mark; null where there is none. */
export function commentMarked(own: readonly Comment[], mark: string): Comment | null {
  return own.find((comment) => comment.body.includes(mark)) ?? null;
}

/**
 * Keeps one comment with a hidden mark (`<!-- pinwheel:… -->`): written where `own` has none, edited where it says
 * something else, else left as it is. Throws what the forge throws.
 */
export async function keepComment(
  forge: Forge,
  issue: number,
  own: readonly Comment[],
  { mark, text }: { readonly mark: string; readonly text: string },
): Promise<void> {
  const body = `${text}\n\n${mark}`;
  const known = commentMarked(own, mark);
  if (known === null) await forge.comment(issue, body);
  else if (!isSameText(known.body, body)) await forge.editComment(known.id, body);
}

/** Whether a text on the forge is ours: one that a browser saved comes back with CRLF and other blanks at its end. */
export function isSameText(onForge: string, ours: string): boolean {
  return onForge.replaceAll('\r\n', '\n').trim() === ours.trim();
}
