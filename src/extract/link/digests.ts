import { isDigest } from '../../domain/digest.ts';
import type { ImageReference } from '../../domain/image-reference.ts';
import type { Site } from '../../domain/site.ts';
import type { BareDigest } from '../format.ts';
import { dockerfileOf } from './arguments.ts';
import { argLabel, type Links } from './links.ts';

/**
 * Finds the image of each digest that stands alone: the composed FROM of the ARG it is injected into, else the image with
 * the same digest beside it, by name (`PYTHON_DIGEST` beside `PYTHON_IMAGE`) or as the only one in the file.
 */
export function linkDigests(links: Links): void {
  const injected = new Set<string>();
  for (const build of links.builds) {
    const dockerfile = dockerfileOf(links, build);
    for (const arg of build.args) {
      const digest = links.digestAt(build.file, arg.siteStart);
      if (digest === undefined || dockerfile === null) continue;
      if (injectDigest(links, digest, arg.name, dockerfile)) injected.add(links.keyOf(digest));
    }
  }
  if (!links.extractions.some(({ digests }) => digests !== undefined && digests.length > 0)) return;
  const twins = new Twins(links);
  for (const extraction of links.extractions) {
    for (const digest of extraction.digests ?? []) {
      if (!injected.has(links.keyOf(digest))) twins.join(digest);
    }
  }
}

/** `FROM python:3.11@${DIGEST}`: the ARG's default is a site that holds only the digest. */
function injectDigest(links: Links, digest: BareDigest, name: string, dockerfile: string): boolean {
  for (const arg of links.dockerfiles.get(dockerfile)?.args.get(name) ?? []) {
    const site = links.siteAt(dockerfile, arg.siteStart);
    if (site === undefined || site.slots[0].holds !== 'digest') continue;
    const image = withDigest({ ...site.image, tag: digest.tag ?? site.image.tag }, digest.text);
    if (image === null) continue;
    const made = links.makeSite(digest, image);
    links.join(argLabel(name, dockerfile), site);
    links.join(argLabel(name, dockerfile), made);
    return true;
  }
  return false;
}

class Twins {
  readonly #links: Links;
  readonly #byDigest = new Map<string, Site[]>();
  readonly #byStem = new Map<string, Site[]>();

  constructor(links: Links) {
    this.#links = links;
    for (const extraction of links.extractions) {
      const promoted = (extraction.candidates ?? []).filter((site) => links.isPromoted(site));
      for (const site of [...extraction.sites, ...promoted]) this.#note(site);
    }
  }

  join(digest: BareDigest): void {
    const twin = this.#twinOf(digest);
    const image = twin === undefined ? null : withDigest(twin.image, digest.text);
    if (twin === undefined || image === null) return;
    const made = this.#links.makeSite(digest, image, twin);
    this.#links.tie(twin, made);
  }

  #note(site: Site): void {
    const { digest } = site.image;
    if (site.skip !== null || digest === null) return;
    add(this.#byDigest, digest, site);
    if (site.name !== null) add(this.#byStem, `${site.file} ${stem(site.name)}`, site);
  }

  #twinOf(digest: BareDigest): Site | undefined {
    const equal = (this.#byDigest.get(digest.text) ?? []).filter(
      (site) => digest.tag === undefined || digest.tag === site.image.tag,
    );
    const named = equal.filter((site) => site.name !== null && stem(site.name) === stem(digest.name));
    const here = equal.filter((site) => site.file === digest.file);
    const twin =
      named.find((site) => site.file === digest.file) ?? (sameImages(here) ? here[0] : undefined) ?? named[0];
    if (twin !== undefined) return twin;
    const [sibling] = this.#byStem.get(`${digest.file} ${stem(digest.name)}`) ?? [];
    if (sibling !== undefined) this.#disagrees(digest, sibling);
    return undefined;
  }

  #disagrees(digest: BareDigest, sibling: Site): void {
    this.#links.note({
      code: 'digest-disagreement',
      file: digest.file,
      line: digest.line,
      pin: null,
      message: `${digest.name} has a different digest than ${sibling.name ?? sibling.text} (line ${sibling.line}), so it is skipped; make them agree and they move together`,
    });
  }
}

/** What is left of a name without the words for what it holds: `PYTHON_IMAGE` and `PYTHON_DIGEST` are `PYTHON`. */
function stem(name: string): string {
  const words = name.toUpperCase().replaceAll('-', '_').split('_');
  return words.filter((word) => !STEM_WORDS.has(word)).join('_');
}

const STEM_WORDS: ReadonlySet<string> = new Set(['IMAGE', 'DIGEST', 'SHA', 'SHA256', 'BASE', 'REF', 'HASH']);

function sameImages(sites: readonly Site[]): boolean {
  return (
    new Set(sites.map((site) => `${site.image.registry}/${site.image.repository}:${site.image.tag}`)).size ===
    1
  );
}

function withDigest(image: ImageReference, digest: string): ImageReference | null {
  if (!isDigest(digest)) return null;
  const tagged = image.tag === null ? image.name : `${image.name}:${image.tag}`;
  return { ...image, digest, text: `${tagged}@${digest}` };
}

function add(map: Map<string, Site[]>, key: string, site: Site): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [site]);
  else list.push(site);
}
