import { type MoveLevel, moveLevel } from '../../domain/compare-tags.ts';
import type { Digest } from '../../domain/digest.ts';
import { type Failure, toFailure } from '../../domain/errors.ts';
import { familiarName, type TaggedImage, tagKey } from '../../domain/image-reference.ts';
import { formatPlatform, type Platform, platformKey } from '../../domain/platform.ts';
import { parseTag } from '../../domain/tag-version.ts';
import { type Descriptor, RegistryError } from '../registry.ts';
import type { ImageShape, PinnedImage } from '../resolution.ts';
import { newerVersions, parseTrack } from './candidates.ts';
import type { TagLookups } from './tag-lookups.ts';

export type TrackOptions = {
  /** The digests in the files that stand for this tag: a candidate must run on all that they run on. */
  readonly pinned?: readonly Digest[];
  /** The platforms that matter, instead of those of `pinned`. */
  readonly platforms?: readonly Platform[] | null;
  /** Digests never to adopt: of an index, or of one of its manifests. */
  readonly ignoredDigests?: readonly Digest[];
  /** What is known of a pinned digest, from the ledger: saves a request, and tells of digests that are gone. */
  readonly known?: (pin: PinnedImage) => ImageShape | null;
};

/** A tag that was newer and not taken, and why. */
export type PassedOver = { readonly tag: string; readonly why: string };

export type KeptCode =
  | 'not-tracked'
  | 'ignored'
  | 'unreadable-range'
  | 'unordered-tag'
  | 'unwritable-site'
  | 'tag-in-configuration'
  | 'up-to-date'
  | 'platforms-unknown'
  | 'none-fits';

/**
 * Which tag to follow.
 * - `newer`: `tag` is newer, exists, runs wherever the pinned image runs, and is not ignored.
 * - `kept`: the tag stays what it is, and why. - `failed`: the registry did not answer; never to be read as "no newer tag".
 */
export type Tracked =
  | {
      readonly status: 'newer';
      readonly tag: string;
      readonly level: MoveLevel;
      /** What the tag pointed to when it was looked at. */
      readonly latest: Descriptor;
      /** One sentence for a person: from where to where, and what was passed over. */
      readonly message: string;
      readonly passedOver: readonly PassedOver[];
    }
  | {
      readonly status: 'kept';
      readonly code: KeptCode;
      /** One sentence for a person. */
      readonly message: string;
      readonly passedOver: readonly PassedOver[];
    }
  | { readonly status: 'failed'; readonly failure: Failure };

/** Candidates looked at, the newest first. */
const CANDIDATES_LIMIT = 5;

/**
 * The newest tag that an image may move to within `track` (see {@link newerVersions}), has at least the platforms of what is
 * pinned, and is not ignored. One list of tags; where there is something newer, one look at the pinned content and a HEAD
 * and a manifest for each candidate until one fits. Never throws: an outage is `failed`.
 */
export async function trackTag(
  lookups: TagLookups,
  image: TaggedImage,
  track: string,
  options: TrackOptions,
): Promise<Tracked> {
  const read = parseTrack(track);
  if (read === null) {
    return kept('unreadable-range', `${JSON.stringify(track)} is not a valid range; expected ${WANTED}`);
  }
  if (read.to === 'digest') return kept('not-tracked', `${tagKey(image)} is tracked by digest only`);
  const from = parseTag(image.tag);
  if (from === null) {
    return kept('unordered-tag', `${image.tag} of ${familiarName(image)} has no version to compare`);
  }
  try {
    const newer = newerVersions(from, await lookups.versions(image), read);
    if (newer.length === 0) {
      return kept('up-to-date', `no newer tag of ${tagKey(image)} is within ${track}`);
    }
    const wanted = await wantedPlatforms(lookups, image, options);
    if (wanted === null) {
      const message = `${tagKey(image)} and its pinned digest are both gone, so the platforms it needs are unknown: list them in "platforms"`;
      return kept('platforms-unknown', message);
    }
    const passedOver: PassedOver[] = [];
    for (const version of newer.slice(0, CANDIDATES_LIMIT)) {
      const fitting = await consider(lookups, { ...image, tag: version.tag }, wanted, options);
      if (typeof fitting !== 'string') {
        return {
          status: 'newer',
          tag: version.tag,
          level: moveLevel(from, version),
          latest: fitting,
          message: moveMessage(image, version.tag, track, passedOver),
          passedOver,
        };
      }
      passedOver.push({ tag: version.tag, why: fitting });
    }
    const message = `none of the ${passedOver.length} newest tags after ${tagKey(image)} can be used${because(passedOver)}`;
    return { status: 'kept', code: 'none-fits', message, passedOver };
  } catch (error) {
    return { status: 'failed', failure: toFailure(tagKey(image), error) };
  }
}

const WANTED = 'digest, patch, minor, major, or a range such as "^3.11"';

/** What a tag points to where it may be taken; else why it may not. Throws where the registry does not answer. */
async function consider(
  lookups: TagLookups,
  image: TaggedImage,
  wanted: readonly Platform[],
  options: TrackOptions,
): Promise<Descriptor | string> {
  const found = await readCandidate(lookups, image);
  if (typeof found === 'string') return found;
  const { latest, content } = found;
  const has = new Set(content.platforms.map(platformKey));
  const lacks = wanted.filter((platform) => !has.has(platformKey(platform)));
  if (lacks.length > 0) return `lacks ${lacks.map(formatPlatform).sort().join(', ')}`;
  const ignored = content.digests.find((digest) => options.ignoredDigests?.includes(digest));
  if (ignored !== undefined) return `is ${ignored}, which the configuration ignores`;
  return latest;
}

async function readCandidate(lookups: TagLookups, image: TaggedImage) {
  try {
    const latest = await lookups.tag(image);
    const content = latest === null ? null : await lookups.content(image, latest.digest);
    if (latest === null || content === null) return 'is listed, but the registry does not have it';
    return { latest, content };
  } catch (error) {
    // A manifest of a kind that nobody reads any more (schema 1) says something of this tag alone, not of the registry.
    if (error instanceof RegistryError && error.code === 'unsupported')
      return `cannot be used: ${error.message}`;
    throw error;
  }
}

/** The platforms a candidate must have; null where that is unknown. */
async function wantedPlatforms(
  lookups: TagLookups,
  image: TaggedImage,
  options: TrackOptions,
): Promise<readonly Platform[] | null> {
  if (options.platforms != null && options.platforms.length > 0) return options.platforms;
  const found: (readonly Platform[])[] = [];
  for (const digest of options.pinned ?? []) {
    const known = options.known?.({ image, from: digest })?.platforms ?? [];
    const platforms = known.length > 0 ? known : (await lookups.content(image, digest))?.platforms;
    if (platforms !== undefined) found.push(platforms);
  }
  if (found.length > 0) return found.flat();
  const latest = await lookups.tag(image);
  if (latest === null) return null;
  return (await lookups.content(image, latest.digest))?.platforms ?? null;
}

function moveMessage(
  image: TaggedImage,
  tag: string,
  track: string,
  passedOver: readonly PassedOver[],
): string {
  const moved = `${tagKey(image)} has the newer tag ${tag} within ${track}`;
  return passedOver.length === 0 ? moved : `${moved}; passed over${because(passedOver)}`;
}

/** The newest tag that was passed over, and why: the others mostly share its fate. */
function because(passedOver: readonly PassedOver[]): string {
  const [first] = passedOver;
  return first === undefined ? '' : `: ${first.tag} ${first.why}`;
}

function kept(code: KeptCode, message: string): Tracked {
  return { status: 'kept', code, message, passedOver: [] };
}
