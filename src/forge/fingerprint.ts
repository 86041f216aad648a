import { createHash } from 'node:crypto';
import type { FileChange } from '../discover/tree.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';

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

/**
 * A short digest of a text for people that leaves out what the calendar alone changes: numbers of days and hours, and
 * today's date. Else every open pull request would be written again each day.
 */
export function fingerprintMatter(text: string, today: IsoDate): string {
  const steady = text
    .replaceAll(today, '')
    .replace(/\b\d+(?:\.\d+)?(?=(?:&nbsp;| )(?:more )?(?:days?|hours?|minutes?|weeks?)\b)/g, '')
    .replace(/\b(days|hours|minutes|weeks)\b/g, (word) => word.slice(0, -1))
    .replace(/\b(?:today|yesterday|less than a day)\b/g, '');
  return fingerprintText(steady);
}
