import type { Digest } from '../domain/digest.ts';
import { familiarName, type TaggedImage, tagKey } from '../domain/image-reference.ts';
import type { Site } from '../domain/site.ts';
import { compareText } from '../domain/text.ts';

/** The tag that docker and every registry client take where a reference has neither tag nor digest. */
const DEFAULT_TAG = 'latest';

/** One image at one digest, and every site that holds it. What is resolved, judged and moved as one. */
export type Pin = {
  readonly image: TaggedImage;
  /** The digest in the files; null where nothing is pinned yet. */
  readonly from: Digest | null;
  /** By file and offset. Never empty. */
  readonly sites: readonly [Site, ...Site[]];
  /** Ids of the groups (`site.pin`) these sites move with, sorted. */
  readonly groups: readonly string[];
  /** One sentence where sites of one group hold something else than this pin; null where all agree. */
  readonly disagreement: string | null;
};

/**
 * The tag a site follows: its own, else the one a comment, the configuration or the ledger names (`tagHint`), else
 * `latest` where there is no digest either. Null for a digest whose tag is unknown: `latest` is never assumed there.
 */
export function followedImage(site: Site): TaggedImage | null {
  const { registry, repository, digest } = site.image;
  const tag = site.image.tag ?? site.tagHint?.image.tag ?? (digest === null ? DEFAULT_TAG : null);
  return tag === null ? null : { registry, repository, tag };
}

/** The key of a pin for maps: `docker.io/library/python:3.11@sha256:…`, without `@…` where it is not pinned. */
export function pinKey(pin: { readonly image: TaggedImage; readonly from: Digest | null }): string {
  return pin.from === null ? tagKey(pin.image) : `${tagKey(pin.image)}@${pin.from}`;
}

/**
 * Groups sites into pins: one for each (registry, repository, tag, digest), in the order of those names. Sites with a
 * skip, and digests whose tag is not known (they carry the skip `digest-without-tag`), are left out.
 * Where sites of one group (`site.pin`) hold different things, each pin concerned says so.
 */
export function groupPins(sites: readonly Site[]): readonly Pin[] {
  const grouped = new Map<string, { image: TaggedImage; from: Digest | null; sites: [Site, ...Site[]] }>();
  for (const site of sites) {
    const image = site.skip === null ? followedImage(site) : null;
    if (image === null) continue;
    const from = site.image.digest;
    const key = pinKey({ image, from });
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, { image, from, sites: [site] });
    else known.sites.push(site);
  }
  const pins = [...grouped.values()].map((pin) => ({
    ...pin,
    sites: pin.sites.sort(bySite),
    groups: [...new Set(pin.sites.flatMap((site) => (site.pin === null ? [] : [site.pin])))].sort(),
  }));
  const members = Map.groupBy(
    pins.flatMap((pin) => pin.groups.map((group) => ({ group, pin }))),
    (member) => member.group,
  );
  return pins
    .map((pin) => ({ ...pin, disagreement: disagreement(pin, members) }))
    .sort((a, b) => compareText(pinKey(a), pinKey(b)));
}

function bySite(a: Site, b: Site): number {
  return compareText(a.file, b.file) || a.start - b.start || a.end - b.end;
}

type Grouped = Omit<Pin, 'disagreement'>;

function disagreement(
  pin: Grouped,
  members: ReadonlyMap<string, readonly { readonly pin: Grouped }[]>,
): string | null {
  const others = new Set<Grouped>();
  for (const group of pin.groups) {
    for (const member of members.get(group) ?? []) if (member.pin !== pin) others.add(member.pin);
  }
  if (others.size === 0) return null;
  const told = [...others].map((other) => `${place(other.sites[0])} ${describe(other)}`).sort(compareText);
  return `${place(pin.sites[0])} ${describe(pin)}, but ${told.join(', ')}; they belong together and should agree`;
}

function describe(pin: Grouped): string {
  const name = `${familiarName(pin.image)}:${pin.image.tag}`;
  return pin.from === null ? `names ${name} without a digest` : `pins ${name}@${pin.from}`;
}

function place(site: Site): string {
  return `${site.file}:${site.line}`;
}
