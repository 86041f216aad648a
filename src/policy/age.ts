import { type IsoDate, isoDate } from '../domain/ledger-entry.ts';
import type { PinStatus } from '../domain/pin-status.ts';
import { SKEW_DAYS } from '../domain/published.ts';
import { daysBetween } from '../domain/time.ts';
import type { AgeBasis, AgeRules } from './rules.ts';

/** The three clocks of one pinned digest, UTC days; null where unknown. */
export type PinClocks = {
  /** When the registry or the image says the digest was published, where that is believable. */
  readonly published: IsoDate | null;
  /** When the digest was first seen behind its tag. */
  readonly firstSeen: IsoDate | null;
  /** When the digest came into the default branch. */
  readonly pinnedOn: IsoDate | null;
};

export type AgeFacts = {
  readonly clocks: PinClocks;
  /** Whether the tag points to another digest now; null where no registry answered. */
  readonly hasNewer: boolean | null;
};

export type AgeAssessment = {
  readonly status: PinStatus;
  /** The clock that counted, and its day. */
  readonly basis: AgeBasis | null;
  readonly since: IsoDate | null;
  /** Whole UTC days between `since` and the day asked for. */
  readonly ageDays: number | null;
  readonly limitDays: number | null;
  /** One sentence. */
  readonly message: string;
};

/**
 * How old a pin is, on the day of `asOf`, and what that makes of it. Ages are whole UTC days, so that the ledger (days),
 * a check run and a terminal never disagree within a day: a pin is past its limit from the first day on which
 * `ageDays > limitDays`, at 00:00 UTC. Pure.
 */
export function assessAge(facts: AgeFacts, rules: AgeRules, asOf: Date): AgeAssessment {
  const limitDays = rules.maximumDays;
  const clock = pickClock(facts.clocks, rules.basis, asOf);
  if (clock.basis === null) {
    return { status: 'unknown', basis: null, since: null, ageDays: null, limitDays, message: clock.message };
  }
  const { basis, since } = clock;
  const ageDays = Math.max(0, daysBetween(since, isoDate(asOf)));
  const told = (status: PinStatus, message: string): AgeAssessment => ({
    status,
    basis,
    since,
    ageDays,
    limitDays,
    message,
  });
  const age = `${sayBasis(basis)} ${since}, ${sayDays(ageDays)} ago`;
  if (limitDays === null) return told('fresh', `${age}; no maximum age is set`);
  if (ageDays <= limitDays) {
    const isAgeing = ageDays * 100 > limitDays * rules.ageingPercent;
    return told(isAgeing ? 'ageing' : 'fresh', `${age} (limit ${limitDays})`);
  }
  const past = `${age}, past the limit of ${sayDays(limitDays)}`;
  if (facts.hasNewer === null) {
    return told('unknown', `${past}, but whether a newer digest exists is unknown (no registry answered)`);
  }
  if (facts.hasNewer) return told('expired', `${past}, and a newer digest exists`);
  return told('stagnant', `${past}, but the tag still points to it`);
}

/** `1 day`, `14 days`. */
export function sayDays(days: number): string {
  const rounded = Math.round(days * 10) / 10;
  return `${rounded} day${rounded === 1 ? '' : 's'}`;
}

type Clock =
  | { readonly basis: AgeBasis; readonly since: IsoDate }
  | { readonly basis: null; readonly message: string };

function pickClock(clocks: PinClocks, order: readonly AgeBasis[], asOf: Date): Clock {
  const today = isoDate(asOf);
  const future: string[] = [];
  for (const basis of order) {
    const since = clockOf(clocks, basis);
    if (since === null) continue;
    if (daysBetween(since, today) >= -SKEW_DAYS) return { basis, since };
    future.push(`${sayBasis(basis)} ${since}`);
  }
  if (future.length === 0) return { basis: null, message: `age unknown (no ${sayMissing(order)})` };
  return { basis: null, message: `age unknown: ${future.join(', ')} is after ${today}` };
}

function clockOf(clocks: PinClocks, basis: AgeBasis): IsoDate | null {
  switch (basis) {
    case 'published':
      return clocks.published;
    case 'first-seen':
      return clocks.firstSeen;
    case 'pinned-on':
      return clocks.pinnedOn;
  }
}

/** The clock that counted and its day, in the words of every view: `published 2026-10-11`; `unknown` where none did. */
export function saySince({ basis, since }: Pick<AgeAssessment, 'basis' | 'since'>): string {
  return basis === null || since === null ? 'unknown' : `${sayBasis(basis)} ${since}`;
}

/** What could have told the age and did not: `publish date, ledger row or history`. */
function sayMissing(order: readonly AgeBasis[]): string {
  const sources = order.map((basis) => SOURCES[basis]);
  const last = sources.pop() ?? '';
  return sources.length === 0 ? last : `${sources.join(', ')} or ${last}`;
}

/** Where the day of each clock comes from. */
const SOURCES: Readonly<Record<AgeBasis, string>> = {
  published: 'publish date',
  'first-seen': 'ledger row',
  'pinned-on': 'history',
};

function sayBasis(basis: AgeBasis): string {
  return basis.replace('-', ' ');
}
