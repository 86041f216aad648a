import type { Digest } from '../domain/digest.ts';
import type { Failure } from '../domain/errors.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import type { Platform } from '../domain/platform.ts';
import type { Descriptor } from './registry.ts';

/** One image pin to look up: a tag, and the digest it is pinned to (null: not pinned yet). */
export type PinnedImage = {
  readonly image: TaggedImage;
  readonly from: Digest | null;
  /** The platforms that matter; absent or empty: all that the pinned image has. */
  readonly platforms?: readonly Platform[];
};

/** What the tag's content is, as far as it was needed to know. */
export type ImageShape = {
  readonly kind: 'index' | 'manifest';
  /** The platforms it runs on, attestation entries left out; empty where they were not looked up. */
  readonly platforms: readonly Platform[];
};

/** What an index that moved says of its own making: facts for settling and for the ledger. */
export type MoveFacts = {
  /** Platforms of the new index that still run the old content: an index pushed platform by platform may not be done. */
  readonly unchanged?: readonly Platform[];
  /** When the new content says it was made, the newest of its platforms; null where it does not or is not believable. */
  readonly created?: Date | null;
};

/**
 * What a pin's tag points to now, seen from the digest it is pinned to.
 * - `current`: the pin is what the tag points to; `churn` tells an index that changed in nothing that runs.
 * - `moved`: `to` is the digest to adopt, of the kind the user pinned (index stays index, a platform's manifest follows its platform).
 * - `lost-platforms`: the new index lacks platforms the old one had, of those that matter.
 * - `unfollowable`: the pinned content is of a kind that cannot be followed (its platform is gone or not known).
 * - `failed`: the registry did not answer; nothing is known. Never to be read as "no update".
 */
export type Resolution = PinnedImage &
  (
    | {
        readonly status: 'current';
        readonly latest: Descriptor;
        readonly churn: boolean;
        readonly shape: ImageShape;
      }
    | (MoveFacts & {
        readonly status: 'moved';
        readonly to: Digest;
        readonly latest: Descriptor;
        readonly shape: ImageShape;
        /** The old side's shape; null where there was none or the registry no longer has it. */
        readonly oldShape: ImageShape | null;
      })
    | (MoveFacts & {
        readonly status: 'lost-platforms';
        readonly to: Digest;
        readonly latest: Descriptor;
        readonly shape: ImageShape;
        readonly oldShape: ImageShape;
        readonly lost: readonly Platform[];
      })
    | { readonly status: 'unfollowable'; readonly latest: Descriptor; readonly detail: string }
    | { readonly status: 'failed'; readonly failure: Failure }
  );

/** A resolution with a digest to adopt: the tag's content is another one than what is pinned. */
export type MovedResolution = Extract<Resolution, { readonly status: 'moved' | 'lost-platforms' }>;

/** The move that a resolution proposes; null where there is none to make or nothing is known. Pure. */
export function moveOf(resolution: Resolution): MovedResolution | null {
  return resolution.status === 'moved' || resolution.status === 'lost-platforms' ? resolution : null;
}
