import { type ImageReference, parseImageReference } from '../../src/domain/image-reference.ts';

/** The reference in `text`; throws a RangeError where it is none. */
export function toImageReference(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if (!parsed.ok) throw new RangeError(parsed.fault.message);
  return parsed.value;
}
