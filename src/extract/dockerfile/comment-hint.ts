import { type ImageReference, parseImageReference } from '../../domain/image-reference.ts';
import { isIsoDate } from '../../domain/ledger-entry.ts';
import type { Slot, TagHint } from '../../domain/site.ts';
import { HASH, isSpace, LF } from './chars.ts';

const DATE_LENGTH = 10;
const MAX_COMMENT = 1024;

/**
 * Reads the comment on the line before the one that starts at `lineStart` where it names the tag of the digest there:
 * `# debian:bookworm-slim (pinned 2026-01-31)`; the part in parentheses may be missing. Null where the line is no such
 * comment, or names another image than `image`, or another tag than the one `image` has (or means: `latest` where it has
 * neither tag nor digest). Slots are the tag and, where it is one, the date.
 */
export function readTagHint(text: string, lineStart: number, image: ImageReference): TagHint | null {
  if (lineStart < 2 || text.charCodeAt(lineStart - 1) !== LF) return null;
  let end = lineStart - 1;
  let start = end;
  while (start > 0 && text.charCodeAt(start - 1) !== LF) {
    start--;
    if (end - start > MAX_COMMENT) return null;
  }
  while (start < end && (isSpace(text.charCodeAt(start)) || text.charCodeAt(start) === 0xfeff)) start++;
  if (text.charCodeAt(start) !== HASH) return null;
  start++;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  let wordEnd = start;
  while (wordEnd < end && !isSpace(text.charCodeAt(wordEnd))) wordEnd++;
  const parsed = parseImageReference(text.slice(start, wordEnd));
  if (!parsed.ok || parsed.value.tag === null || parsed.value.digest !== null) return null;
  if (parsed.value.registry !== image.registry || parsed.value.repository !== image.repository) return null;
  const wanted = image.tag ?? (image.digest === null ? 'latest' : parsed.value.tag);
  if (parsed.value.tag !== wanted) return null;
  const rest = text.slice(wordEnd, end).trimStart();
  if (rest !== '' && !(rest.startsWith('(') && rest.endsWith(')'))) return null;
  const tag = parsed.value.tag;
  const slots: Slot[] = [{ holds: 'tag', start: wordEnd - tag.length, end: wordEnd, text: tag }];
  const date = dateSlot(text, wordEnd, end);
  if (date !== null) slots.push(date);
  return { image: parsed.value, slots };
}

function dateSlot(text: string, from: number, to: number): Slot | null {
  for (let i = from; i + DATE_LENGTH <= to; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || c > 57) continue;
    const date = text.slice(i, i + DATE_LENGTH);
    if (isIsoDate(date)) return { holds: 'date', start: i, end: i + DATE_LENGTH, text: date };
  }
  return null;
}
