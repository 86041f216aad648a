import type { Finding } from '../assess/scan.ts';
import type { Digest } from '../domain/digest.ts';
import { shortDigest } from '../domain/digest.ts';
import { DAY_MS } from '../domain/time.ts';
import type { SeenDigest } from '../resolve/seen.ts';
import { type AgeAssessment, sayDays } from './age.ts';
import type { AgeRules } from './rules.ts';
import type { Reason } from './verdict.ts';

export type CoolDownFacts = {
  readonly asOf: Date;
  /** The digest the tag points to now. `firstSeen` null: never seen before, so seen now. */
  readonly candidate: { readonly digest: Digest; readonly firstSeen: Date | null };
  /** Newer digests of the tag than the pinned one, the tag's newest excluded, which can still be pulled. */
  readonly earlier: readonly SeenDigest[];
  /** The pinned digest's age; null where it was not looked up. */
  readonly age: AgeAssessment | null;
  /** What the move fixes; null where nothing is known. */
  readonly fixed: readonly Finding[] | null;
};

export type CoolDown =
  | { readonly outcome: 'adopt'; readonly digest: Digest; readonly reasons: readonly Reason[] }
  | { readonly outcome: 'wait'; readonly until: Date; readonly reasons: readonly Reason[] };

/**
 * The one rule that reconciles minimum and maximum age. In this order, the first that applies:
 * 1. The new digest was first seen `minimumDays` ago or longer (or there is no minimum): adopt it.
 * 2. It fixes a finding of a severity in `skipMinimumFor`: adopt it, the wait is skipped.
 * 3. An earlier digest of the same tag, newer than the pin, has waited long enough: adopt the newest such one meanwhile.
 * 4. The pin is past its maximum age: `pastMaximum` decides, `rotate` adopts the new digest in spite of the wait,
 *    `hold` waits; either way the reason says so.
 * 5. Wait.
 * Pure. A first-seen time in the future counts as now.
 */
export function coolDown(facts: CoolDownFacts, rules: AgeRules): CoolDown {
  const { candidate, asOf } = facts;
  const wait = rules.minimumDays * DAY_MS;
  if (wait <= 0) return adopt(candidate.digest);
  const now = asOf.getTime();
  const seen = Math.min(candidate.firstSeen?.getTime() ?? now, now);
  const until = new Date(seen + wait);
  if (now >= until.getTime()) return adopt(candidate.digest);

  const left = sayDays(Math.ceil(((until.getTime() - now) / DAY_MS) * 10) / 10);
  const waiting = `${shortDigest(candidate.digest)} is in its cool-down: ${left} of ${sayDays(rules.minimumDays)} remain`;
  const fix = facts.fixed?.find((finding) => rules.skipMinimumFor.includes(finding.severity));
  if (fix !== undefined) {
    const message = `the cool-down is skipped: the new digest fixes ${fix.id} (${fix.package}, ${fix.severity})`;
    return adopt(candidate.digest, { code: 'cool-down-skipped', message });
  }
  const settled = facts.earlier
    .filter((digest) => now - digest.firstSeen.getTime() >= wait)
    .sort((a, b) => b.firstSeen.getTime() - a.firstSeen.getTime())[0];
  if (settled !== undefined) {
    const message = `${waiting}; ${shortDigest(settled.digest)} of the same tag is past its cool-down and is adopted in the meantime`;
    return adopt(settled.digest, { code: 'cool-down', message });
  }
  const past = sayPastMaximum(facts.age);
  if (past !== null) {
    if (rules.pastMaximum === 'rotate') {
      return adopt(candidate.digest, {
        code: 'maximum-age',
        message: `${past}: the maximum age overrides the cool-down (${left} remained)`,
      });
    }
    return {
      outcome: 'wait',
      until,
      reasons: [
        { code: 'cool-down', message: waiting },
        {
          code: 'maximum-age',
          message: `${past}, but is held because "pastMaximum: hold" is configured`,
        },
      ],
    };
  }
  return { outcome: 'wait', until, reasons: [{ code: 'cool-down', message: waiting }] };
}

/** That the pin is past its maximum age; null where it is not, or unknown. */
function sayPastMaximum(age: AgeAssessment | null): string | null {
  if (age === null || age.ageDays === null || age.limitDays === null || age.ageDays <= age.limitDays)
    return null;
  return `the pin is ${sayDays(age.ageDays)} old, past its maximum of ${sayDays(age.limitDays)}`;
}

function adopt(digest: Digest, ...reasons: readonly Reason[]): CoolDown {
  return { outcome: 'adopt', digest, reasons };
}
