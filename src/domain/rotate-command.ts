import type { Digest } from './digest.ts';
import type { TaggedImage } from './image-reference.ts';

/** The image a command names: canonical for matching, `text` as spelled for answers. `tag` is null where none is written. */
export type CommandImage = Omit<TaggedImage, 'tag'> & {
  readonly tag: string | null;
  readonly digest: Digest | null;
  readonly text: string;
};

/** One `/rotate` command, parsed. Plain data: it waits in the queue as JSON. */
export type RotateCommand =
  /** On a Pinwheel pull request: resolve again and rebuild; elsewhere by the place it stands. */
  | { readonly kind: 'here' }
  | { readonly kind: 'all' }
  | { readonly kind: 'image'; readonly image: CommandImage }
  | { readonly kind: 'rebase' }
  /** `days` is null where no end was given. */
  | {
      readonly kind: 'hold';
      readonly image: CommandImage;
      readonly days: number | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'unhold'; readonly image: CommandImage }
  /** `image` null: the digest this pull request proposes (`/rotate ignore` and `/rotate ignore this digest`). */
  | { readonly kind: 'ignore'; readonly image: CommandImage | null; readonly reason: string | null }
  | { readonly kind: 'status' }
  | { readonly kind: 'help' }
  /** Not understood: what was wrong, in one sentence, and the command that was probably meant. */
  | {
      readonly kind: 'unknown';
      readonly text: string;
      readonly problem: string;
      readonly nearest: string | null;
    };

export type CommandKind = RotateCommand['kind'];

/** A comment that must be answered, exactly once. Plain data: it waits in the queue as JSON. */
export type CommandRequest = {
  readonly commentId: number;
  /** The issue or pull request it is on. */
  readonly issue: number;
  readonly onPullRequest: boolean;
  readonly author: string;
  readonly authorId: number;
  /** In the order written; never empty. */
  readonly commands: readonly RotateCommand[];
};
