import type { Digest } from '../domain/digest.ts';
import {
  familiarName,
  type ImageReference,
  parseImageReference,
  type Repository,
} from '../domain/image-reference.ts';
import type { Site, TagHint } from '../domain/site.ts';

export type TagSources = {
  /** The tag that the configuration names for an image's digests without one; null where it names none. */
  configuredTag(image: ImageReference): string | null;
  /** The tag the ledger's rows know an image's digest by; null where none does, and where rows disagree. */
  ledgerTag(image: Repository, digest: Digest): string | null;
};

/**
 * Gives each site that has a digest and no tag its tag, as `tagHint`: from the configuration, else from the ledger row
 * with that digest, else from the comment on the line before (which the extractor has read); else it gets the skip
 * `digest-without-tag`. Never `latest`. The reference itself keeps its spelling, without a tag. The slots of a comment
 * stay in the hint whoever names the tag, so that the comment is kept true. Pure; all other sites come back as they are.
 */
export function attachTagHints(sites: readonly Site[], sources: TagSources): readonly Site[] {
  return sites.map((site) => attach(site, sources));
}

function attach(site: Site, sources: TagSources): Site {
  const { image, tagHint: comment } = site;
  if (image.digest === null || image.tag !== null) return site;
  const tag = sources.configuredTag(image) ?? sources.ledgerTag(image, image.digest);
  const hint = tag === null ? null : hintOf(image, tag, comment);
  if (hint !== null) return { ...site, tagHint: hint };
  if (comment !== null || site.skip !== null) return site;
  const detail = `${familiarName(image)} has a digest and no tag to follow: name the tag in the configuration, or in a comment on the line before ("# ${familiarName(image)}:TAG")`;
  return { ...site, skip: { reason: 'digest-without-tag', detail } };
}

/** The hint that a tag from elsewhere makes; null where it is no tag. */
function hintOf(image: ImageReference, tag: string, comment: TagHint | null): TagHint | null {
  const parsed = parseImageReference(`${image.name}:${tag}`);
  return parsed.ok ? { image: parsed.value, slots: comment?.slots ?? [] } : null;
}
