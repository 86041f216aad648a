import type { Digest } from '../domain/digest.ts';
import { canonicalName, familiarName, type ImageReference } from '../domain/image-reference.ts';
import type { LedgerEntry } from '../domain/ledger-entry.ts';
import type { Site, Slot } from '../domain/site.ts';

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
  readonly ledger: readonly LedgerEntry[];
  /** Whether a glob matches a name; `discover/candidates` has one. */
  matches(glob: string, name: string): boolean;
};

/**
 * Gives each site that has a digest and no tag its tag: from the configuration, else from the ledger row with that
 * digest, else from the comment on the line before; else it gets the skip `digest-without-tag`. Never `latest`.
 * The tag goes into `image.tag`; the slot to write becomes the digest alone, so that the file keeps its spelling
 * (`text`, `start` and `end` still say where the whole reference stands). Where a comment names the site's tag, its slots
 * are added, so that it stays true. Pure; sites without a digest come back as they are.
 */
export function attachTagHints(sites: readonly Site[], sources: TagSources): readonly Site[] {
  const ledger = new Map<string, string | null>();
  for (const entry of sources.ledger) {
    const key = keyOf(canonicalName(entry.image), entry.digest);
    const known = ledger.get(key);
    // Two rows that disagree say nothing.
    ledger.set(key, known === undefined || known === entry.image.tag ? entry.image.tag : null);
  }
  return sites.map((site) => attach(site, sources, ledger));
}

function attach(site: Site, sources: TagSources, ledger: ReadonlyMap<string, string | null>): Site {
  const { digest, tag } = site.image;
  if (digest === null) return site;
  const comment = site.tagHint;
  if (tag !== null) {
    return comment !== null && comment.image.tag === tag ? withSlots(site, comment.slots) : site;
  }
  const name = canonicalName(site.image);
  const found =
    ruleTag(sources, site.image, digest) ?? ledger.get(keyOf(name, digest)) ?? comment?.image.tag ?? null;
  if (found === null) {
    if (site.skip !== null) return site;
    const detail = `${name} has a digest and no tag: name the tag in the configuration, or in a comment on the line before ("# ${familiarName(site.image)}:TAG")`;
    return { ...site, skip: { reason: 'digest-without-tag', detail } };
  }
  const hinted: Site = {
    ...site,
    image: { ...site.image, tag: found },
    slots: [digestSlot(site.slots[0], digest), ...site.slots.slice(1)],
  };
  return comment !== null && comment.image.tag === found ? withSlots(hinted, comment.slots) : hinted;
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

/** The digest inside a whole reference: the tag came from elsewhere and is not to be written into it. */
function digestSlot(slot: Slot, digest: Digest): Slot {
  if (slot.holds !== 'reference' || !slot.text.endsWith(digest)) return slot;
  return { holds: 'digest', start: slot.end - digest.length, end: slot.end, text: digest };
}

function withSlots(site: Site, slots: readonly Slot[]): Site {
  const [first, ...rest] = site.slots;
  const fresh = slots.filter((slot) => !site.slots.some((own) => own.start === slot.start));
  return { ...site, slots: [first, ...rest, ...fresh] };
}

function keyOf(name: string, digest: Digest): string {
  return `${name}@${digest}`;
}
