import * as v from 'valibot';
import { isDigest } from '../../domain/digest.ts';
import { tagKey } from '../../domain/image-reference.ts';
import type { RotationQueue } from '../../queue/queue.ts';
import type { SeenDigest, SeenDigests } from '../../resolve/seen.ts';

/** Digests remembered of one tag: what a cool-down may fall back to, and no more. */
const MAX_REMEMBERED = 12;

const stored = v.array(v.object({ digest: v.pipe(v.string(), v.check(isDigest)), firstSeen: v.string() }));

/** {@link SeenDigests} in the queue's marks, so that a restart does not reset every cool-down. */
export function seenDigests(queue: Pick<RotationQueue, 'mark' | 'setMark'>): SeenDigests {
  return {
    async note(image, digest, now) {
      const name = `seen:${tagKey(image)}`;
      const known = readSeen(await queue.mark(name));
      if (known.some((seen) => seen.digest === digest)) return known;
      const all = [...known, { digest, firstSeen: now }].slice(-MAX_REMEMBERED);
      await queue.setMark(name, JSON.stringify(all));
      return all;
    },
  };
}

/** What was stored; nothing where it cannot be read: then every digest counts as seen now, and waits. */
function readSeen(text: string | null): readonly SeenDigest[] {
  if (text === null) return [];
  const parsed = v.safeParse(stored, parseOrNull(text));
  if (!parsed.success) return [];
  return parsed.output.flatMap(({ digest, firstSeen }) => {
    const time = new Date(firstSeen);
    return isDigest(digest) && !Number.isNaN(time.getTime()) ? [{ digest, firstSeen: time }] : [];
  });
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
