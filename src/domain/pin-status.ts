/** How a pinned digest stands by its age, the words that need someone first. One vocabulary for every view. */
export const PIN_STATUSES = ['expired', 'stagnant', 'unknown', 'ageing', 'fresh'] as const;

/**
 * How a pin stands by its age.
 * - `fresh`, `ageing`: within the limit, or there is none; `ageing` from a configured share of it on.
 * - `expired`: past the limit, and a newer digest exists. - `stagnant`: past the limit, and the tag still points to it.
 * - `unknown`: no believable date, or past the limit while no registry could say whether there is a newer digest.
 */
export type PinStatus = (typeof PIN_STATUSES)[number];

/** What keeps a newer digest from a pin: a verdict of `hold` or `block`. */
export type Stopped = 'held' | 'blocked';
