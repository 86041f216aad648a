import type { Digest } from '../domain/digest.ts';
import {
  canonicalName,
  familiarName,
  type ImageReference,
  parseImageReference,
  type Repository,
} from '../domain/image-reference.ts';
import type { Site, TagHint } from '../domain/site.ts';

/** A tag that the configuration names for digests without one. */
export type TagRule = {
  /** A glob on the canonical or the familiar name: `docker.io/library/debian`, `debian`, `ghcr.io/acme/*`. */
  readonly image: string;
  /** Only for this digest; null for any. */
  readonly digest: Digest | null;
  readonly tag: string;
};

export type TagSources = {
  readonly rules: readonly TagRule[];
  /** The tag the ledger's rows know an image's digest by; null where none does, and where rows disagree. */
  ledgerTag(image: Repository, digest: Digest): string | null;
  /** Whether a rule's glob matches a name. */
  matches(glob: string, name: string): boolean;
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
  const tag = ruleTag(sources, image, image.digest) ?? sources.ledgerTag(image, image.digest);
  const hint = tag === null ? null : hintOf(image, tag, comment);
  if (hint !== null) return { ...site, tagHint: hint };
  if (comment !== null || site.skip !== null) return site;
  const detail = `${familiarName(image)} has a digest and no tag to follow: name the tag in the configuration, or in a comment on the line before ("# ${familiarName(image)}:TAG")`;
  return { ...site, skip: { reason: 'digest-without-tag', detail } };
}

function ruleTag(sources: TagSources, image: ImageReference, digest: Digest): string | null {
  const rule = sources.rules.find(
    (candidate) =>
      (candidate.digest === null || candidate.digest === digest) &&
      (sources.matches(candidate.image, canonicalName(image)) ||
        sources.matches(candidate.image, familiarName(image))),
  );
  return rule?.tag ?? null;
}

/** The hint that a tag from elsewhere makes; null where it is no tag. */
function hintOf(image: ImageReference, tag: string, comment: TagHint | null): TagHint | null {
  const parsed = parseImageReference(`${image.name}:${tag}`);
  return parsed.ok ? { image: parsed.value, slots: comment?.slots ?? [] } : null;
}
