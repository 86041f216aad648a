import type { IsoDate, LedgerStatus } from '../domain/ledger-entry.ts';
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
  /** The word for the ledger; absent means it follows from the verdict (`current`, `held`, `blocked`, `unknown`). */
  readonly status?: LedgerStatus;
  /** When the digest in place after this pass was published, where that is believable; absent keeps what the ledger says. */
  readonly published?: IsoDate | null;
  /** When that digest was first seen behind its tag, where somebody knows better than the ledger. */
  readonly firstSeen?: IsoDate | null;
  /** When the digest in the files came into the repository, where its history or a comment tells. */
  readonly pinnedOn?: IsoDate | null;
};
