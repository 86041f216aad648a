import { parseTag } from '../../../src/domain/tag-version.ts';
import { newerVersions, parseTrack } from '../../../src/resolve/track/candidates.ts';

/** The tags that one may move to, newest first; none where the tag or the track cannot be read. */
export function candidates(current: string, tags: readonly string[], track: string): readonly string[] {
  const [from, read] = [parseTag(current), parseTrack(track)];
  if (from === null || read === null) return [];
  return newerVersions(
    from,
    tags.flatMap((tag) => parseTag(tag) ?? []),
    read,
  ).map(({ tag }) => tag);
}
