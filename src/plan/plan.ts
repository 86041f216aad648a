import type { Digest } from '../domain/digest.ts';
import { type Failure, PinwheelError } from '../domain/errors.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import type { LedgerEntry } from '../domain/ledger-entry.ts';
import type { Site } from '../domain/site.ts';
import type { Reason, Verdict } from '../policy/verdict.ts';
import type { Resolution } from '../resolve/resolution.ts';

/** One change of one span: applied from the right, refused where `expected` differs. Offsets are UTF-16. */
export type Edit = {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly expected: string;
  readonly replacement: string;
};

/** One pinned image (a tag at a digest), the sites that hold it, and what was decided. */
export type Rotation = {
  readonly image: TaggedImage;
  /** The tag to write: differs from `image.tag` only where the rule tracks a range. */
  readonly toTag: string;
  readonly from: Digest | null;
  /** The digest to adopt; for `current` the one that is pinned. */
  readonly to: Digest;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly sites: readonly Site[];
  readonly resolution: Resolution;
};

/** The ledger before and after. `before` is null where there is no file yet; `after` is the whole new text. */
export type LedgerChange = {
  readonly path: string;
  readonly before: string | null;
  readonly after: string;
  readonly changed: boolean;
  /** One sentence each for a person: rows of a hand-written table that were left in it, other ledgers that were found. */
  readonly notes: readonly string[];
  readonly entries: readonly LedgerEntry[];
};

/** All that a pass decided: what to write, and what stands in the way. */
export type Plan = {
  readonly rotations: readonly Rotation[];
  readonly edits: readonly Edit[];
  readonly ledger: LedgerChange | null;
  readonly failures: readonly Failure[];
};

export type PlanErrorCode =
  | 'overlapping-edits'
  | 'expected-differs'
  | 'unintended-change'
  | 'unwritable-site'
  | 'not-utf8'
  | 'ledger-damaged';

export class PlanError extends PinwheelError<PlanErrorCode> {}
