import { createHash } from 'node:crypto';
import type { FileChange } from '../discover/tree.ts';

/**
 * A digest over the file changes: paths, what the files held, what they will hold. Equal fingerprints mean that the
 * branch still says what is wanted of the base as it is now, whatever else moved in the base.
 */
export function fingerprintChanges(changes: readonly FileChange[]): string {
  const hash = createHash('sha256');
  for (const change of [...changes].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    for (const part of [Buffer.from(change.path), change.before ?? Buffer.from('\0none'), change.bytes]) {
      hash.update(`${part.length}:`).update(part);
    }
  }
  return hash.digest('hex').slice(0, 24);
}

/** A short digest of a text. */
export function fingerprintText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
