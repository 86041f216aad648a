import { type IsoDate, isoDate } from './ledger-entry.ts';
import { DAY_MS, daysBetween } from './time.ts';

/** What an image says of its own making. Times as they were found: RFC 3339, or anything else. */
export type MadeFacts = {
  /** `created` of its configuration or annotations: the publisher's word. */
  readonly created: string | null;
  /** The newest time in its history: what it is made of cannot be newer than it is. */
  readonly newestPart: string | null;
};

/** Days on which a digest was there already; null where unknown. */
export type KnownSince = { readonly firstSeen: IsoDate | null; readonly pinnedOn: IsoDate | null };

/** Before this there were no such images: 1970 and 1980 are what reproducible builds write, 0001 what an empty field prints. */
const FIRST_YEAR = 2013;
const LAST_YEAR = 9999;
/** Clocks of other machines, and days of other time zones, may be ahead by so much. */
export const SKEW_DAYS = 1;

/**
 * The one rule for a believable date: a readable time, of 2013 or later, not after the day of `asOf` (a day of skew is
 * allowed). Null for any other text. Pure.
 */
export function believableTime(text: string | null | undefined, asOf: Date): Date | null {
  if (text == null) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return null;
  const moment = new Date(time);
  const year = moment.getUTCFullYear();
  if (year < FIRST_YEAR || year > LAST_YEAR) return null;
  return daysBetween(isoDate(moment), isoDate(asOf)) < -SKEW_DAYS ? null : moment;
}

/**
 * When a digest was published, as far as that is believable ({@link believableTime}). Not believed either: a day after one
 * on which the digest was `known` already, and a `created` older than a part of the same image. Pure.
 */
export function believePublished(made: MadeFacts, asOf: Date, known: KnownSince): IsoDate | null {
  const moment = believableTime(made.created, asOf);
  if (moment === null) return null;
  const day = isoDate(moment);
  for (const seen of [known.firstSeen, known.pinnedOn]) {
    if (seen !== null && daysBetween(day, seen) < -SKEW_DAYS) return null;
  }
  const part = made.newestPart === null ? Number.NaN : Date.parse(made.newestPart);
  const isOlderThanPart = !Number.isNaN(part) && part > moment.getTime() + SKEW_DAYS * DAY_MS;
  return isOlderThanPart ? null : day;
}
