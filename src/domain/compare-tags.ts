import type { PreRelease, TagVersion } from './tag-version.ts';

/** How far a move goes. `rebuild`: the same version built again, or a later pre-release of it. `date`: a later day. */
export type MoveLevel = 'major' | 'minor' | 'patch' | 'rebuild' | 'date';

/**
 * Orders what two tags say: parts, then a pre-release before its release, then builds. Negative where `a` is older, 0
 * where neither is newer. A total order on tags of one line ({@link sameLine}). Pure.
 */
export function compareTagVersions(a: TagVersion, b: TagVersion): number {
  return (
    compareNumbers(a.parts, b.parts) ||
    comparePreReleases(a.preRelease, b.preRelease) ||
    compareNumbers(a.builds, b.builds)
  );
}

/** Whether two tags are of one line, in which the one may follow the other: all but the numbers is equal. Pure. */
export function sameLine(a: TagVersion, b: TagVersion): boolean {
  return a.kind === b.kind && a.precision === b.precision && a.prefix === b.prefix && a.variant === b.variant;
}

/** How far it is from one tag to another of its line. Pure. */
export function moveLevel(from: TagVersion, to: TagVersion): MoveLevel {
  if (from.kind === 'date') return 'date';
  const first = from.parts.findIndex((part, index) => part !== to.parts[index]);
  if (first < 0) return 'rebuild';
  if (first === 0) return 'major';
  return first === 1 ? 'minor' : 'patch';
}

function comparePreReleases(a: PreRelease | null, b: PreRelease | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.stage - b.stage || compareNumbers(a.numbers, b.numbers);
}

/** By the first number that differs; where none does, the longer one is later (`20240911.1` after `20240911`). */
function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (one !== other) return one < other ? -1 : 1;
  }
  return a.length - b.length;
}
