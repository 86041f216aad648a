import type { Repository } from '../domain/image-reference.ts';
import { matchesGlob, matchesImage as matchesName } from '../policy/image-glob.ts';

/** An image as a pattern sees it; a `tag` of null is only matched by patterns without one. */
export type NamedImage = Repository & { readonly tag: string | null };

/**
 * Whether a pattern of the configuration names an image: a glob on the canonical name (`docker.io/library/python`) or
 * the short one (`python`, `bitnami/redis`); `*` alone is every image. A part behind `:` is a glob on the tag. Pure.
 */
export function matchesImage(pattern: string, image: NamedImage): boolean {
  const colon = pattern.indexOf(':', pattern.lastIndexOf('/') + 1);
  const name = colon < 0 ? pattern : pattern.slice(0, colon);
  const tag = colon < 0 ? null : pattern.slice(colon + 1);
  if (tag !== null && (image.tag === null || !matchesGlob(tag, image.tag))) return false;
  return name === '*' || matchesName(name, image);
}
