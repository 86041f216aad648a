/** How often a request is tried before it becomes a dead letter: over about three hours, as outages of a forge or a registry last. */
export const MAX_ATTEMPTS = 10;
/**
 * How often a request may be under way when its process dies, before it becomes a dead letter: more often than it may
 * fail, as restarts are mostly not its fault; not for ever, as it may be what kills the process.
 */
export const MAX_DEATHS = 20;

const FIRST_DELAY_MS = 30_000;
const LONGEST_DELAY_MS = 3_600_000;

/**
 * How long to wait after the `attempt`th failure (from 1), in milliseconds: 30 seconds, doubled each time, an hour at
 * most, ±20 % so that what failed together is not tried together. `random` is in [0, 1).
 */
export function retryDelayMs(attempt: number, random: number): number {
  const delay = Math.min(FIRST_DELAY_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_DELAY_MS);
  return Math.round(delay * (0.8 + 0.4 * random));
}
