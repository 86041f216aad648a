import type { FileChange, TreeEntry } from '../discover/tree.ts';
import { PublishError } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { Commit, TreeWrite } from '../forge/types.ts';
import { renderCommitMessage } from '../plan/body/title.ts';
import type { PublishContext } from './context.ts';
import { COMMIT_TRAILER } from './standing.ts';
import type { Wish } from './wish.ts';

/** Writes the one commit of a pull request on the head of its base; nothing points to it yet. Gives its id. */
export async function writeWish(context: PublishContext, wish: Wish): Promise<string> {
  const { forge, base, settings } = context;
  const trailers: string[] = [];
  // A person's token writes as that person: the trailer tells our commits from theirs.
  if (context.identity.kind === 'user') trailers.push(COMMIT_TRAILER);
  if (settings.pullRequests.signOff) trailers.push(`Signed-off-by: ${await forge.signature()}`);
  return forge.writeCommit({
    parent: base.commit.sha,
    baseTree: base.commit.tree,
    writes: await treeWrites(forge, base.commit, wish.changes),
    message: renderCommitMessage(
      wish.title,
      wish.moves.map((move) => move.rotation),
      trailers,
    ),
  });
}

/** Changes as git writes them on a commit, their modes kept. Throws {@link PublishError} for what is no file there. */
export async function treeWrites(
  forge: Forge,
  on: Commit,
  changes: readonly FileChange[],
): Promise<readonly TreeWrite[]> {
  const entries = await forge.treeAt(on).list(() => false);
  const kinds = new Map(entries.map((entry) => [entry.path, entry.kind]));
  return changes.map((change) => treeWrite(change, kinds.get(change.path)));
}

/** A change as git writes it, its mode kept. Throws {@link PublishError} for what is no file. */
export function treeWrite(change: FileChange, kind: TreeEntry['kind'] | undefined): TreeWrite {
  if (kind === 'symlink' || kind === 'submodule') {
    throw new PublishError({
      code: 'not-a-file',
      message: `${change.path} is a ${kind}; Pinwheel writes files only`,
    });
  }
  return { path: change.path, mode: kind === 'executable' ? '100755' : '100644', bytes: change.bytes };
}
