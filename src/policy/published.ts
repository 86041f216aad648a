import { type IsoDate, isoDate } from '../domain/ledger-entry.ts';
import { daysBetween } from './age.ts';

/** What is said about when one digest was published. Times as RFC 3339 texts, as they were found. */
export type PublishedClaims = {
  /** The registry's push time for this very digest. */
  readonly pushed: string | null;
  /** `created` of the image's configuration: the publisher's word. */
  readonly created: string | null;
  /** The newest time the image itself says something below it was made: of its base, or of its history. */
  readonly newestPart: string | null;
};

export type Published = {
  readonly date: IsoDate | null;
  readonly source: 'pushed' | 'created' | null;
  /** Why claims were not believed, sentences. */
  readonly refused: readonly string[];
};

/** Before this there were no such images: 1970 and 1980 are what reproducible builds write, 0001 what an empty field prints. */
const FIRST_YEAR = 2013;
const SKEW_DAYS = 1;

/**
 * When a digest was published, as far as that is believable: the registry's push time for that digest first, then
 * `created`. Not believed: unreadable times, years before 2013, days after `asOf` (a day of skew is allowed), anything
 * later than the day the digest was `known` already, and a `created` older than a part of the same image. Pure.
 */
export function believePublished(
  claims: PublishedClaims,
  asOf: Date,
  known: { readonly firstSeen: IsoDate | null; readonly pinnedOn: IsoDate | null },
): Published {
  const refused: string[] = [];
  for (const source of ['pushed', 'created'] as const) {
    const text = claims[source];
    if (text === null) continue;
    const why = whyNot(source, text, claims, asOf, known);
    const time = Date.parse(text);
    if (why === null) return { date: isoDate(new Date(time)), source, refused };
    refused.push(why);
  }
  return { date: null, source: null, refused };
}

function whyNot(
  source: 'pushed' | 'created',
  text: string,
  claims: PublishedClaims,
  asOf: Date,
  known: { readonly firstSeen: IsoDate | null; readonly pinnedOn: IsoDate | null },
): string | null {
  const time = Date.parse(text);
  const shown = JSON.stringify(text.slice(0, 40));
  if (Number.isNaN(time)) return `"${source}" ${shown} is no time`;
  const moment = new Date(time);
  const year = moment.getUTCFullYear();
  if (year < FIRST_YEAR) return `"${source}" ${shown} is before there were such images`;
  if (year > 9999) return `"${source}" ${shown} is in the future`;
  const day = isoDate(moment);
  if (daysBetween(day, isoDate(asOf)) < -SKEW_DAYS) return `"${source}" ${shown} is in the future`;
  for (const seen of [known.firstSeen, known.pinnedOn]) {
    if (seen !== null && daysBetween(day, seen) < -SKEW_DAYS) {
      return `"${source}" ${shown} is later than ${seen}, when the digest was known already`;
    }
  }
  if (source === 'pushed') return null;
  const part = claims.newestPart === null ? Number.NaN : Date.parse(claims.newestPart);
  if (!Number.isNaN(part) && part > time + SKEW_DAYS * 86_400_000) {
    return `"created" ${shown} is older than what the image is made of`;
  }
  return null;
}
