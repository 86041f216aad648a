import { parseImageReference } from '../../domain/image-reference.ts';

/** What a scan counted in one image. */
export type VariantFindings = {
  /** As a person would write it: `python:3.11.9-slim-bookworm`. */
  readonly reference: string;
  readonly critical: number;
  readonly high: number;
  /** Of all severities. */
  readonly total: number;
};

/** Fewer findings less than this are no reason to change how an image is built. */
export const LEAST_GAIN = 10;
/** "Far fewer": at most one in so many. */
const FEWER = 4;

/**
 * One line, without line end, on the variant with by far the fewest findings: at most a quarter of what the image has, at
 * least ten fewer, and no more critical or high ones. A suggestion, never an edit. Null where none is that much better
 * or the references cannot be shown. Both sides must come from one scanner and one database. Pure.
 */
export function suggestVariant(
  current: VariantFindings,
  variants: readonly VariantFindings[],
): string | null {
  if (!parseImageReference(current.reference).ok) return null;
  const better = variants.filter(
    (variant) =>
      variant.reference !== current.reference &&
      parseImageReference(variant.reference).ok &&
      variant.total * FEWER <= current.total &&
      current.total - variant.total >= LEAST_GAIN &&
      variant.critical <= current.critical &&
      variant.critical + variant.high <= current.critical + current.high,
  );
  const [best] = better.sort(
    (a, b) =>
      a.critical - b.critical || a.high - b.high || a.total - b.total || (a.reference < b.reference ? -1 : 1),
  );
  if (best === undefined) return null;
  return `Fewer findings: \`${best.reference}\` has ${counts(best)}, \`${current.reference}\` ${counts(current)}.`;
}

function counts({ total, critical, high }: VariantFindings): string {
  return `${total} (${critical} critical, ${high} high)`;
}
