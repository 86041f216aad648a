import type { IsoDate } from './ledger-entry.ts';

/** Milliseconds of a day of 24 hours, as UTC counts days. */
export const DAY_MS = 86_400_000;

/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;

/** Whole UTC days from one day to another; negative where `to` is earlier. */
export function daysBetween(from: IsoDate, to: IsoDate): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}
