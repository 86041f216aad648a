import type { Digest } from '../domain/digest.ts';
import type { TaggedImage } from '../domain/image-reference.ts';

/** A digest and when it was first seen behind its tag. */
export type SeenDigest = { readonly digest: Digest; readonly firstSeen: Date };

/**
 * The port to a store that remembers which digests a tag pointed to, so that a cool-down can be counted. A cache: losing
 * it restarts the wait, and never lets a digest through early.
 */
export interface SeenDigests {
  /** Notes that `digest` stands behind the tag `now`; answers all digests known of the tag, oldest first. */
  note(image: TaggedImage, digest: Digest, now: Date): Promise<readonly SeenDigest[]>;
}
