import { createHash } from 'node:crypto';
import type { Schedule, Weekday } from '../config/schema/schedule.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { type RepositoryName, repositoryKey } from '../domain/repository-name.ts';
import { nextOccurrence, toCronExpression } from './cron-expression.ts';

/**
 * A visit by the schedule: what the repository's own `schedule` makes due in (since, until] is to be done.
 * `since` is null where the repository was never visited. ISO 8601.
 */
export type Visit = { readonly since: string | null; readonly until: string };

const WEEKDAYS: readonly Weekday[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
];

/**
 * Whether a repository's schedule names a time in a visit's window (since, until]. A repository never visited is due,
 * unless its schedule is off. What a schedule leaves open (the minute, the day) is chosen by the repository's name, always the
 * same, so that repositories are spread over the day. Pure.
 */
export function isDue(schedule: Schedule, visit: Visit, repository: RepositoryName): boolean {
  if (schedule.kind === 'off') return false;
  if (visit.since === null) return true;
  const next = nextOccurrence(
    toCronExpression(cronOf(schedule, repository)),
    schedule.timezone,
    new Date(visit.since),
  );
  return next !== null && next.getTime() <= Date.parse(visit.until);
}

/** Whether a visit's window touches a new UTC day: what is re-evaluated daily is due. Pure. */
export function isNewDay(visit: Visit): boolean {
  return visit.since === null || isoDate(new Date(visit.since)) !== isoDate(new Date(visit.until));
}

/** The next time after `after` that the schedule names; null where it is off or names none. Pure. */
export function nextDue(schedule: Schedule, repository: RepositoryName, after: Date): Date | null {
  if (schedule.kind === 'off') return null;
  return nextOccurrence(toCronExpression(cronOf(schedule, repository)), schedule.timezone, after);
}

function cronOf(schedule: Exclude<Schedule, { kind: 'off' }>, repository: RepositoryName): string {
  if (schedule.kind === 'cron') return schedule.cron;
  const spread = createHash('sha256').update(repositoryKey(repository)).digest();
  const minuteOfDay = spread.readUInt32BE(0) % 1440;
  const [hour = 0, minute = 0] =
    schedule.time === null
      ? [Math.floor(minuteOfDay / 60), minuteOfDay % 60]
      : schedule.time.split(':').map(Number);
  switch (schedule.interval) {
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekly': {
      // Working days: somebody is there to look at the pull request.
      const weekday =
        schedule.day === null ? 1 + (spread.readUInt32BE(4) % 5) : WEEKDAYS.indexOf(schedule.day);
      return `${minute} ${hour} * * ${weekday}`;
    }
    case 'monthly':
      return `${minute} ${hour} ${1 + (spread.readUInt32BE(8) % 28)} * *`;
  }
}
