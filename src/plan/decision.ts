import type { IsoDate } from '../domain/ledger-entry.ts';
import type { PinStatus } from '../domain/pin-status.ts';
import type { Reason, Verdict } from '../policy/verdict.ts';
import type { Resolution } from '../resolve/resolution.ts';
import type { Pin } from './pins.ts';

/** What was found and decided of one pin: what the plan is built from. */
export type PinDecision = {
  readonly pin: Pin;
  /** Of `pin.from` against the tag to follow (`toTag`). */
  readonly resolution: Resolution;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  /** The tag to write; absent means the pin's own. */
  readonly toTag?: string;
  /** Of the digest in the files; absent: not looked up, and the ledger's words stay. */
  readonly before?: DigestFacts;
  /** Of the digest to adopt; absent: not looked up. */
  readonly after?: DigestFacts;
};

/**
 * A pin that is not decided on in a plan: not asked for, moved by another pull request, or without an answer. Its ledger row
 * stays as it is; where it has none it gets one only if somebody knows something of it (`before`).
 */
export type UndecidedPin = Pick<PinDecision, 'pin' | 'before'> & Partial<Pick<PinDecision, 'verdict'>>;

/** Of a digest that nobody looked at. */
export const NOT_LOOKED_AT: DigestFacts = { published: null, firstSeen: null, pinnedOn: null, status: null };

/** What the ledger says of one digest; null where unknown: then the ledger's own word stays. */
export type DigestFacts = {
  /** When it was published, where that is believable. */
  readonly published: IsoDate | null;
  /** When it was first seen behind its tag. */
  readonly firstSeen: IsoDate | null;
  /** When it came into the repository; for a digest to adopt that is the day it is written. */
  readonly pinnedOn: IsoDate | null;
  readonly status: PinStatus | null;
};
