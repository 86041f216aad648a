import * as v from 'valibot';
import { compileGlob } from '../../discover/candidates.ts';
import { type RepositoryName, repositoryKey } from '../../domain/repository-name.ts';
import type { RotationQueue } from './queue.ts';

/**
 * What a push must touch to matter, as the last pass read it from the repository's configuration. Only a hint: what a
 * webhook misses for want of it, the schedule finds.
 */
export type Watch = {
  /** Base branches; empty: the default branch. */
  readonly branches: readonly string[];
  /** Globs of files to read beside the usual ones. */
  readonly include: readonly string[];
  /** The ledger's path, where it is not the usual one. */
  readonly ledger: string | null;
};

export const DEFAULT_WATCH: Watch = { branches: [], include: [], ledger: null };

const watchSchema = v.object({
  branches: v.array(v.string()),
  include: v.array(v.string()),
  ledger: v.nullable(v.string()),
});

/** Keeps what a pass has read. Throws {@link QueueError}. */
export async function rememberWatch(
  queue: RotationQueue,
  repository: RepositoryName,
  watch: Watch,
): Promise<void> {
  const known = await queue.mark(markOf(repository));
  const { branches, include, ledger } = watch;
  const text = JSON.stringify({ branches, include, ledger });
  if (known !== text) await queue.setMark(markOf(repository), text);
}

/** What the last pass kept; the defaults where there was none. Throws {@link QueueError}. */
export async function recallWatch(queue: RotationQueue, repository: RepositoryName): Promise<Watch> {
  const text = await queue.mark(markOf(repository));
  if (text === null) return DEFAULT_WATCH;
  const parsed = v.safeParse(watchSchema, JSON.parse(text));
  return parsed.success ? parsed.output : DEFAULT_WATCH;
}

/** Whether one of the included globs names the path. Globs that are not well-formed name nothing. */
export function isIncluded(watch: Watch, path: string): boolean {
  return watch.include.some((glob) => {
    try {
      return compileGlob(glob)(path);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  });
}

function markOf(repository: RepositoryName): string {
  return `watch:${repositoryKey(repository)}`;
}
