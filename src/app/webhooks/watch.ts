import * as v from 'valibot';
import {
  type BranchPattern,
  matchesPath,
  type PathPattern,
  parseBranchPattern,
  parsePathPattern,
} from '../../domain/path-glob.ts';
import { type RepositoryName, repositoryKey } from '../../domain/repository-name.ts';
import type { RotationQueue } from '../../queue/queue.ts';

/**
 * What a push must touch to matter, as the last pass read it from the repository's configuration. Only a hint: what a
 * webhook misses for want of it, the schedule finds.
 */
export type Watch = {
  /** Base branches; empty: the default branch. */
  readonly branches: readonly BranchPattern[];
  /** Files to read beside the usual ones. */
  readonly include: readonly PathPattern[];
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
  const text = JSON.stringify({
    branches: watch.branches.map((pattern) => pattern.text),
    include: watch.include.map((pattern) => pattern.text),
    ledger: watch.ledger,
  });
  if (known !== text) await queue.setMark(markOf(repository), text);
}

/** What the last pass kept; the defaults where there was none. A pattern of another version that is none today is left out. Throws {@link QueueError}. */
export async function recallWatch(queue: RotationQueue, repository: RepositoryName): Promise<Watch> {
  const text = await queue.mark(markOf(repository));
  if (text === null) return DEFAULT_WATCH;
  const parsed = v.safeParse(watchSchema, JSON.parse(text));
  if (!parsed.success) return DEFAULT_WATCH;
  return {
    branches: parsed.output.branches.flatMap((branch) => {
      const pattern = parseBranchPattern(branch);
      return pattern.ok ? [pattern.value] : [];
    }),
    include: parsed.output.include.flatMap((path) => {
      const pattern = parsePathPattern(path);
      return pattern.ok ? [pattern.value] : [];
    }),
    ledger: parsed.output.ledger,
  };
}

/** Whether one of the included patterns names the path. */
export function isIncluded(watch: Watch, path: string): boolean {
  return watch.include.some((pattern) => matchesPath(pattern, path));
}

function markOf(repository: RepositoryName): string {
  return `watch:${repositoryKey(repository)}`;
}
