import type { Digest } from '../domain/digest.ts';
import { parseImageReference, spellReference } from '../domain/image-reference.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import type { Site, Slot } from '../domain/site.ts';
import { followedImage } from './pins.ts';
import { type Edit, PlanError } from './plan.ts';

/**
 * What to write at a site so that it holds `to`, and follows `toTag` where that differs from the tag it follows now.
 * The user's spelling is kept; a reference with neither tag nor digest gets both, since a digest alone could not be
 * followed later. A twin gets the digest alone: its image's own place says the tag. `today` goes into the date of a pin comment. Empty where the site says all that already.
 * Throws PlanError `unwritable-site` where the site has no place for the digest or the tag.
 */
export function siteEdits(site: Site, to: Digest, toTag: string, today: IsoDate): readonly Edit[] {
  const followed = followedImage(site)?.tag ?? null;
  if (site.image.digest === to && followed === toTag) return [];
  const slots = [...site.slots, ...(site.tagHint?.slots ?? [])];
  const fault = writeFault(site, slots, to, toTag !== followed);
  if (fault !== null) {
    throw new PlanError({ code: 'unwritable-site', message: `${site.file}:${site.line}: ${fault}` });
  }
  return slots
    .map((slot) => ({
      path: site.file,
      start: slot.start,
      end: slot.end,
      expected: slot.text,
      replacement: slotText(site, slot, to, toTag, today),
    }))
    .filter((edit) => edit.expected !== edit.replacement);
}

/**
 * The text with all edits applied; identical edits count once. Nothing is applied unless all of them fit. Throws
 * PlanError: `expected-differs` where the text is not what an edit expects, `overlapping-edits` where two want the same
 * place.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let end = text.length;
  for (const edit of inOrder(edits).reverse()) {
    const found = text.slice(edit.start, edit.end);
    if (edit.end > text.length || found !== edit.expected) {
      const [expected, there] = [edit.expected, found].map((one) => JSON.stringify(one.slice(0, 200)));
      throw new PlanError({
        code: 'expected-differs',
        message: `${edit.path}: expected ${expected} at offset ${edit.start}, found ${there}; scan again`,
      });
    }
    parts.push(text.slice(edit.end, end), edit.replacement);
    end = edit.start;
  }
  parts.push(text.slice(0, end));
  return parts.reverse().join('');
}

/** Edits of one file by offset, identical ones once. Throws PlanError `overlapping-edits`. */
export function inOrder(edits: readonly Edit[]): Edit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const kept: Edit[] = [];
  for (const edit of sorted) {
    const last = kept.at(-1);
    if (last !== undefined && sameEdit(last, edit)) continue;
    const fits = edit.start >= 0 && edit.end >= edit.start;
    if (!fits || (last !== undefined && (edit.start < last.end || edit.start === last.start))) {
      throw new PlanError({
        code: 'overlapping-edits',
        message: `${edit.path}: two different changes at offset ${edit.start} (${JSON.stringify(edit.expected)}); make the places agree by hand`,
      });
    }
    kept.push(edit);
  }
  return kept;
}

function sameEdit(a: Edit, b: Edit): boolean {
  return (
    a.path === b.path &&
    a.start === b.start &&
    a.end === b.end &&
    a.expected === b.expected &&
    a.replacement === b.replacement
  );
}

function writeFault(site: Site, slots: readonly Slot[], to: Digest, tagMoves: boolean): string | null {
  const takesDigest = slots.some((slot) => slot.holds !== 'tag' && slot.holds !== 'date');
  if (!takesDigest && site.image.digest !== to) return 'there is nowhere to put a digest here';
  for (const slot of slots) {
    if (slot.holds !== 'reference') continue;
    const parsed = parseImageReference(slot.text);
    if (!parsed.ok) return `the reference cannot be rewritten: ${parsed.fault.message}`;
  }
  if (!tagMoves || site.twin === true || slots.some((slot) => takesTag(site, slot))) return null;
  return 'the tag of this image is set elsewhere (a variable or a shared value), so only its digest can be written';
}

function takesTag(site: Site, slot: Slot): boolean {
  if (slot.holds === 'tag' || slot.holds === 'tag-and-digest') return true;
  // A digest without a tag stays one: its tag stands in a comment, the ledger or the configuration.
  return slot.holds === 'reference' || (site.image.tag === null && site.image.digest !== null);
}

function slotText(site: Site, slot: Slot, to: Digest, toTag: string, today: IsoDate): string {
  switch (slot.holds) {
    case 'digest':
      return to;
    case 'tag':
      return toTag;
    case 'tag-and-digest':
      return `${toTag}@${to}`;
    case 'date':
      return today;
    case 'reference':
      return referenceText(site, slot, to, toTag);
  }
}

function referenceText(site: Site, slot: Slot, to: Digest, toTag: string): string {
  const parsed = parseImageReference(slot.text);
  if (!parsed.ok) {
    throw new PlanError({
      code: 'unwritable-site',
      message: `${site.file}:${site.line}: ${parsed.fault.message}`,
    });
  }
  const reference = parsed.value;
  const digestAlone = reference.tag === null && reference.digest !== null;
  return spellReference(reference, to, digestAlone ? null : toTag);
}
