import { parseImageReference } from '../../domain/image-reference.ts';
import type { Site, Slot } from '../../domain/site.ts';

/**
 * Whether the tag that a site follows is written at the site itself, whole, so that a move can write another one. False
 * where it stands in a variable or a shared value (`python:${VERSION}@sha256:…`, a digest of its own), and where only
 * the ledger or the configuration knows it: there it would be followed back. The twin of an image has no tag to write:
 * it can where the image itself can. Pure.
 */
export function canWriteTag(site: Site): boolean {
  if (site.skip !== null) return false;
  if (site.twin === true) return true;
  const { tag, digest } = site.image;
  if (tag === null && digest === null) return site.slots.some((slot) => slot.holds === 'reference');
  if (tag !== null) return site.slots.some((slot) => slotTag(slot) === tag);
  const hint = site.tagHint;
  return hint?.slots.some((slot) => slotTag(slot) === hint.image.tag) ?? false;
}

/** The whole tag that a slot holds; null where it holds none. */
function slotTag(slot: Slot): string | null {
  switch (slot.holds) {
    case 'tag':
      return slot.text;
    case 'tag-and-digest':
      return slot.text.split('@', 1)[0] ?? null;
    case 'reference': {
      const parsed = parseImageReference(slot.text);
      return parsed.ok ? parsed.value.tag : null;
    }
    case 'digest':
    case 'date':
      return null;
  }
}
