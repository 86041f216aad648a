import type { Digest } from '../../domain/digest.ts';
import { tagKey } from '../../domain/image-reference.ts';
import { parsePlatforms } from '../../domain/platform.ts';
import type { Site } from '../../domain/site.ts';
import { pooled } from '../pool.ts';
import type { Registry } from '../registry.ts';
import type { PinnedImage } from '../resolution.ts';
import { canWriteTag } from './can-write-tag.ts';
import { TagLookups } from './tag-lookups.ts';
import { type KeptCode, type Tracked, type TrackOptions, trackTag } from './track-tag.ts';

/** A pin as tracking sees it: what `plan/pins` groups. */
export type TrackedPin = PinnedImage & {
  readonly sites: readonly Site[];
  /** Ids of the groups it moves with. */
  readonly groups: readonly string[];
};

/** What the configuration says of an image, as far as tags are concerned: `config/image-settings`. */
export type TrackSettings = {
  readonly track: string;
  /** As written, `linux/arm64`; null: those the pinned image has. */
  readonly platforms: readonly string[] | null;
  readonly ignoredDigests: readonly Digest[];
  /** Why the image is left alone; null where it is not. */
  readonly ignored: string | null;
  /** The tag that the configuration gives digests without one. */
  readonly tag: string | null;
};

/** The tag to follow for one pin: its own, unless `tracked` found a newer one. */
export type Followed<Pin extends TrackedPin = TrackedPin> = {
  readonly pin: Pin;
  readonly toTag: string;
  readonly tracked: Tracked;
};

export type FollowOptions = Pick<TrackOptions, 'known'> & {
  /** Now: creation times in the future are not believed. */
  readonly now: Date;
  /** Tags looked up at once; the registry client limits requests per host besides. Default 8. */
  readonly concurrency?: number;
};

const LOOKUPS_AT_ONCE = 8;

/**
 * The tag to follow for each pin, in the order of `pins`. Pins of one tag get one answer, so that places that say the same
 * today say the same tomorrow; pins that move together keep their tags where one of them has no place to write another
 * one. Images that track nothing cost no request; each repository's tags are listed once. Never throws.
 */
export async function followTags<Pin extends TrackedPin>(
  pins: readonly Pin[],
  settingsOf: (pin: Pin) => TrackSettings,
  registry: Registry,
  options: FollowOptions,
): Promise<readonly Followed<Pin>[]> {
  const settings = new Map(pins.map((pin) => [pin, settingsOf(pin)]));
  const stuck = stuckPins(pins);
  const answers = new Map<Pin, Tracked>();
  const movable: Pin[] = [];
  for (const pin of pins) {
    const own = settings.get(pin);
    const answer = own === undefined ? null : withoutLookup(pin, own, stuck);
    if (answer === null) movable.push(pin);
    else answers.set(pin, answer);
  }
  const lookups = new TagLookups(registry, options.now);
  const byTag = [...Map.groupBy(movable, (pin) => tagKey(pin.image)).values()];
  await pooled(byTag, options.concurrency ?? LOOKUPS_AT_ONCE, async (members) => {
    const [first] = members;
    const own = first === undefined ? undefined : settings.get(first);
    if (first === undefined || own === undefined) return;
    const { known } = options;
    const tracked = await trackTag(lookups, first.image, own.track, {
      pinned: members.flatMap(({ from }) => from ?? []),
      platforms: own.platforms === null ? null : parsePlatforms(own.platforms),
      ignoredDigests: own.ignoredDigests,
      ...(known === undefined ? {} : { known }),
    });
    for (const pin of members) answers.set(pin, tracked);
  });
  return pins.flatMap((pin) => {
    const tracked = answers.get(pin);
    if (tracked === undefined) return [];
    return [{ pin, toTag: tracked.status === 'newer' ? tracked.tag : pin.image.tag, tracked }];
  });
}

/** Kept tags that somebody may want to do something about. The others are kept because there is nothing to do. */
const NOTEWORTHY: ReadonlySet<KeptCode> = new Set<KeptCode>([
  'unreadable-range',
  'unwritable-site',
  'tag-in-configuration',
  'platforms-unknown',
  'none-fits',
]);

/** Whether a tag is tracked and cannot move until something else changes: somebody wants to know. Pure. */
export function isNoteworthy(tracked: Tracked): tracked is Extract<Tracked, { readonly status: 'kept' }> {
  return tracked.status === 'kept' && NOTEWORTHY.has(tracked.code);
}

/** The answer where nothing needs to be asked; null where the registry has to say. */
function withoutLookup<Pin extends TrackedPin>(
  pin: Pin,
  settings: TrackSettings,
  stuck: ReadonlyMap<Pin, Site>,
): Tracked | null {
  const name = tagKey(pin.image);
  if (settings.track === 'digest') return kept('not-tracked', `${name} is tracked by digest only`);
  if (settings.ignored !== null) return kept('ignored', `${name} is ignored: ${settings.ignored}`);
  const bare = pin.sites.find((site) => site.image.tag === null && site.image.digest !== null);
  if (settings.tag !== null && bare !== undefined) {
    const message = `${place(bare)}: the configuration names the tag ${settings.tag} of this digest; change it there`;
    return kept('tag-in-configuration', message);
  }
  const site = stuck.get(pin);
  if (site === undefined) return null;
  const message = `${place(site)}: the tag of this image is set elsewhere (a variable or a shared value), so ${name} keeps its tag`;
  return kept('unwritable-site', message);
}

/** Pins whose tag cannot be written everywhere, themselves or through those they move with, and a site to blame. */
function stuckPins<Pin extends TrackedPin>(pins: readonly Pin[]): ReadonlyMap<Pin, Site> {
  const byGroup = new Map<string, Pin[]>();
  for (const pin of pins) {
    for (const group of pin.groups) {
      const members = byGroup.get(group);
      if (members === undefined) byGroup.set(group, [pin]);
      else members.push(pin);
    }
  }
  const stuck = new Map<Pin, Site>();
  for (const pin of pins) {
    const [first] = pin.sites;
    // Twins of an image that is not among them would get the digest of a tag that nobody wrote.
    const alone = pin.sites.every(({ twin }) => twin === true) ? first : undefined;
    const site = pin.sites.find((one) => !canWriteTag(one)) ?? alone;
    if (site !== undefined) stuck.set(pin, site);
  }
  const visited = new Set<string>();
  // A map is walked to its end, with what is added on the way.
  for (const [pin, site] of stuck) {
    for (const group of pin.groups) {
      if (visited.has(group)) continue;
      visited.add(group);
      for (const other of byGroup.get(group) ?? []) if (!stuck.has(other)) stuck.set(other, site);
    }
  }
  return stuck;
}

function place(site: Site): string {
  return `${site.file}:${site.line}`;
}

function kept(code: KeptCode, message: string): Tracked {
  return { status: 'kept', code, message, passedOver: [] };
}
