import type { Finding } from '../assess/scan.ts';
import { matchesImage } from '../domain/image-glob.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import { type IsoDate, isIsoDate, isoDate } from '../domain/ledger-entry.ts';
import { daysBetween } from '../domain/time.ts';
import { sayDays } from './age.ts';
import type { Exception } from './rules.ts';

/** Days ahead of an exception's end from which it is reported. */
const EXPIRY_NOTICE_DAYS = 14;

/** The newest exception for a finding of an image, and whether it still counts. */
export type ExceptionMatch =
  | { readonly state: 'recorded'; readonly exception: Exception }
  | { readonly state: 'expired'; readonly exception: Exception }
  | { readonly state: 'missing' };

/**
 * Finds the exception for a finding: by id or alias (case ignored), for an image that its pattern names, tag included. One that is still
 * in force goes before an expired one. An exception counts through its last day, UTC. Pure.
 */
export function findException(
  finding: Pick<Finding, 'id' | 'aliases'>,
  image: TaggedImage,
  exceptions: readonly Exception[],
  asOf: Date,
): ExceptionMatch {
  const ids = new Set([finding.id, ...finding.aliases].map((id) => id.toLowerCase()));
  const matching = exceptions.filter(
    (exception) => ids.has(exception.id.toLowerCase()) && matchesImage(exception.image, image),
  );
  const inForce = matching.filter((exception) => daysLeft(exception, asOf) >= 0);
  // Among several the one that lifts more speaks.
  const recorded = inForce.find((exception) => exception.liftsBlock) ?? inForce[0];
  if (recorded !== undefined) return { state: 'recorded', exception: recorded };
  const expired = matching[0];
  return expired === undefined ? { state: 'missing' } : { state: 'expired', exception: expired };
}

/** What to tell ahead of time: exceptions that are over, or will be within two weeks. */
export type ExceptionNotice = {
  readonly exception: Exception;
  readonly state: 'expired' | 'expiring';
  readonly message: string;
};

/** Exceptions that ended or end soon, the earliest first. Pure. */
export function exceptionNotices(exceptions: readonly Exception[], asOf: Date): readonly ExceptionNotice[] {
  return exceptions
    .map((exception) => ({ exception, left: daysLeft(exception, asOf) }))
    .filter(({ left }) => left <= EXPIRY_NOTICE_DAYS)
    .sort((a, b) => a.left - b.left || (a.exception.id < b.exception.id ? -1 : 1))
    .map(({ exception, left }) => {
      const what = `the exception for ${exception.id} on ${exception.image.text} by ${exception.by}`;
      if (left < 0) {
        return {
          exception,
          state: 'expired' as const,
          message: `${what} expired on ${exception.expires} and no longer applies`,
        };
      }
      const when = left === 0 ? 'today' : `in ${sayDays(left)}`;
      return {
        exception,
        state: 'expiring' as const,
        message: `${what} expires ${when}, on ${exception.expires}`,
      };
    });
}

/** Days the exception still counts; negative where it is over. A date that is none counts as over. */
function daysLeft(exception: Exception, asOf: Date): number {
  const end: IsoDate | null = isIsoDate(exception.expires) ? exception.expires : null;
  return end === null ? -1 : daysBetween(isoDate(asOf), end);
}
