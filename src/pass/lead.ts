import { type ImageSettings, imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { TaggedImage } from '../domain/image-reference.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { parsePlatforms } from '../domain/platform.ts';
import type { Pin } from '../plan/pins.ts';
import type { ImageRules } from '../policy/rules.ts';
import { imageRules, ruleSources } from '../policy/stages.ts';
import type { Registry } from '../resolve/registry.ts';
import { moveOf, type Resolution } from '../resolve/resolution.ts';
import { resolvePins } from '../resolve/resolve.ts';
import { SharedRegistry } from '../resolve/shared-registry.ts';
import { followTags } from '../resolve/track/follow-tags.ts';
import type { Tracked } from '../resolve/track/track-tag.ts';
import { knownShapes, type LedgerRows } from './ledger-rows.ts';
import type { PassRequest } from './request.ts';

/** A pin and what its tag leads to: what is judged. */
export type Lead = {
  readonly pin: Pin;
  readonly settings: ImageSettings;
  readonly rules: ImageRules;
  /** What is asked of a digest that comes by `toTag`: another tag may have other rules. */
  readonly moveRules: ImageRules;
  readonly tracked: Tracked;
  readonly toTag: string;
  readonly resolution: Resolution;
};

const LOOKUPS_AT_ONCE = 64;

/**
 * Follows the tags of pins and looks up what they point to, in the order of `pins`. One HEAD for each tag, whoever pins
 * it. Never throws: an outage is a resolution that failed.
 */
export async function followPins(
  pins: readonly Pin[],
  { registry, rowOf }: { readonly registry: Registry; readonly rowOf: LedgerRows },
  config: RepositoryConfig,
  request: PassRequest,
): Promise<readonly Lead[]> {
  const known = knownShapes(rowOf);
  const now = request.asOf;
  const settings = new Map(pins.map((pin) => [pin, imageSettings(config, pin.image, isoDate(now))]));
  const settingsOf = (pin: Pin): ImageSettings =>
    settings.get(pin) ?? imageSettings(config, pin.image, isoDate(now));
  // Following a tag and moving to it are one look-up.
  const shared = SharedRegistry.of(registry);
  const followed = await followTags(pins, settingsOf, shared, { now, known });
  const wanted = followed.map(({ pin, toTag }) => ({
    image: { ...pin.image, tag: toTag },
    from: pin.from,
    platforms: parsePlatforms(settingsOf(pin).platforms ?? []),
  }));
  const resolutions = await resolvePins(wanted, shared, {
    concurrency: LOOKUPS_AT_ONCE,
    now,
    known,
    onProgress: request.onProgress,
  });
  return followed.flatMap(({ pin, toTag, tracked }, index) => {
    const resolution = resolutions[index];
    if (resolution === undefined) return [];
    const own = settingsOf(pin);
    const rules = rulesOf(pin.image, config, request, own);
    const moveRules =
      toTag === pin.image.tag ? rules : rulesOf({ ...pin.image, tag: toTag }, config, request, own);
    return [{ pin, settings: own, rules, moveRules, tracked, toTag, resolution }];
  });
}

/** The policy for an image, the organisation's locks considered. */
export function rulesOf(
  image: TaggedImage,
  config: RepositoryConfig,
  request: PassRequest,
  settings = imageSettings(config, image, isoDate(request.asOf)),
): ImageRules {
  return imageRules(image, { ...ruleSources(config, request.organisation, settings), gates: request.gates });
}

/** Whether there is something newer to move to; null where that is unknown. */
export function hasNewer({ resolution, tracked }: Pick<Lead, 'resolution' | 'tracked'>): boolean | null {
  if (resolution.status === 'failed') return null;
  if (resolution.status !== 'current') return true;
  return tracked.status === 'failed' ? null : false;
}

/** Whether anything about the pin would change: another digest, or another tag. */
export function isMoving({ pin, toTag, resolution }: Lead): boolean {
  return toTag !== pin.image.tag || resolution.status === 'unfollowable' || moveOf(resolution) !== null;
}
