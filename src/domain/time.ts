/** Milliseconds of a day of 24 hours, as UTC counts days. */
export const DAY_MS = 86_400_000;

/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;
