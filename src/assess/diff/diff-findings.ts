import type { Finding } from '../scan.ts';
import { unifyFindings } from './identity.ts';
import { compareFindings, type FindingDiff, findingKey, type IgnoredFinding } from './scan-diff.ts';
import { type SuppressedImage, type Suppression, suppressionOf } from './suppression.ts';

/** One side's findings and the statements that hold for it. */
export type FindingSide = {
  readonly image: SuppressedImage;
  readonly findings: readonly Finding[];
  readonly suppressions: readonly Suppression[];
};

/**
 * What a move does to the findings. `before` is null where there was no image: then everything is `unchanged`, for
 * nothing is known of what ran before. Pure; symmetric: what one direction fixes, the other introduces.
 */
export function diffFindings(before: FindingSide | null, after: FindingSide): FindingDiff {
  const sides = unifyFindings(before?.findings ?? [], after.findings);
  const old = new Set(sides.before.map(findingKey));
  const now = new Set(sides.after.map(findingKey));
  const ignored: IgnoredFinding[] = [];
  const counting = sides.after.filter((finding) => {
    const by = suppressionOf(finding, after.image, after.suppressions);
    if (by !== null) ignored.push({ finding, by: by.by, reason: by.reason });
    return by === null;
  });
  const isOld = (finding: Finding): boolean => before === null || old.has(findingKey(finding));
  return {
    fixed: sides.before.filter(
      (finding) =>
        before !== null &&
        !now.has(findingKey(finding)) &&
        suppressionOf(finding, before.image, before.suppressions) === null,
    ),
    introduced: counting.filter((finding) => !isOld(finding)),
    unchanged: counting.filter(isOld),
    ignored: ignored.sort((a, b) => compareFindings(a.finding, b.finding)),
  };
}
