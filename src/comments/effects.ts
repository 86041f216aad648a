import type { CommandImage } from '../domain/rotate-command.ts';
import type { PullRequest } from '../forge/types.ts';
import { markDigest, readMarker } from '../plan/body/marker.ts';
import type { Rotation } from '../plan/plan.ts';

/** A change of the settings file that a comment asks for. */
export type SettingsWish =
  | {
      readonly kind: 'hold';
      readonly image: CommandImage;
      readonly days: number | null;
      readonly reason: string | null;
    }
  | { readonly kind: 'unhold'; readonly image: CommandImage }
  | { readonly kind: 'ignore'; readonly image: CommandImage; readonly reason: string | null }
  /** The digests that this pull request of ours proposes. */
  | { readonly kind: 'ignore-digests'; readonly pullRequest: number; readonly reason: string | null };

/** What a command makes the pass do. */
export type Effect =
  /** A pass over everything. */
  | { readonly kind: 'everything' }
  /** This image is proposed though time stands against it. */
  | { readonly kind: 'propose'; readonly image: CommandImage }
  /** A pull request of ours is rebuilt, whoever pushed to it. */
  | { readonly kind: 'rebuild'; readonly pullRequest: number }
  /** What a closed pull request of ours proposed is proposed again. */
  | { readonly kind: 'propose-again'; readonly pull: PullRequest }
  /** Somebody else's pull request is rotated in. */
  | { readonly kind: 'rotate-in'; readonly pull: PullRequest }
  | { readonly kind: 'settings'; readonly wish: SettingsWish }
  | { readonly kind: 'status' };

/**
 * What the answer to an effect is made of. `outcomes`: what the pass did. `status`: that, and the passes that were given
 * up. `itself`: whoever does it says what came of it.
 */
export const ANSWERED_BY: Readonly<Record<Effect['kind'], 'outcomes' | 'status' | 'itself'>> = {
  everything: 'outcomes',
  propose: 'outcomes',
  rebuild: 'outcomes',
  'propose-again': 'outcomes',
  'rotate-in': 'itself',
  settings: 'itself',
  status: 'status',
};

/** What one or several comments ask of the pass. */
export type Asking = { readonly effects: readonly Effect[] };

/** The effects of a kind, in the order asked for. */
export function effectsOf<Kind extends Effect['kind']>(
  asking: readonly Asking[],
  kind: Kind,
): readonly Extract<Effect, { readonly kind: Kind }>[] {
  const isOfKind = (effect: Effect): effect is Extract<Effect, { readonly kind: Kind }> =>
    effect.kind === kind;
  return asking.flatMap(({ effects }) => effects.filter(isOfKind));
}

/** Whether any comment names this rotation's image, or asks for its digest to be proposed again. */
export function namesRotation(asking: readonly Asking[], rotation: Rotation): boolean {
  const to = markDigest(rotation.to);
  const again = effectsOf(asking, 'propose-again').some(({ pull }) =>
    readMarker(pull.body)?.pins.some((pin) => pin.to === to),
  );
  return (
    again ||
    effectsOf(asking, 'propose').some(
      ({ image: { registry, repository, tag } }) =>
        registry === rotation.image.registry &&
        repository === rotation.image.repository &&
        (tag === null || tag === rotation.image.tag),
    )
  );
}
