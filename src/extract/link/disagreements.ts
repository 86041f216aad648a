import { shortDigest } from '../../domain/digest.ts';
import { familiarName } from '../../domain/image-reference.ts';
import type { Site } from '../../domain/site.ts';
import { compareText } from '../../domain/text.ts';
import { imageKey, type LinkFinding, type Links } from './links.ts';

/**
 * What the sites of one pin do not agree on. What a build injects wins over the ARG's default, so it is what that build
 * uses; the finding stands at the place that is not used, and says so.
 */
export function disagreements(links: Links): readonly LinkFinding[] {
  return links.groups().flatMap(({ label, sites }) => {
    const defaults = sites.filter((site) => site.kind === 'arg-default');
    const injected = sites.filter((site) => site.kind !== 'arg-default');
    const found: LinkFinding[] = [];
    const note = (code: LinkFinding['code'], { file, line }: Site, message: string): void => {
      found.push({ code, file, line, pin: label, message });
    };
    const [injectedFirst, defaultsFirst] = [firstDigests(injected), firstDigests(defaults)];
    for (const site of defaults) {
      const used = otherThan(site, injectedFirst);
      const earlier = otherThan(site, defaultsFirst);
      if (used !== undefined) {
        note(
          'digest-disagreement',
          site,
          `${nameOf(site)} defaults to ${spelled(site)}, but ${placeOf(used)} injects ${spelled(used)}, and that is what builds there use; they move together`,
        );
      } else if (earlier !== undefined && comesBefore(earlier, site)) {
        note(
          'digest-disagreement',
          site,
          `${nameOf(site)} is ${spelled(site)} here and ${spelled(earlier)} in ${placeOf(earlier)}; they move together`,
        );
      }
    }
    for (const site of injected) {
      const earlier = otherThan(site, injectedFirst);
      if (earlier === undefined || !comesBefore(earlier, site)) continue;
      note(
        'digest-disagreement',
        site,
        `${nameOf(site)} is ${spelled(site)} here and ${spelled(earlier)} in ${placeOf(earlier)}, so builds differ by where they run; they move together`,
      );
    }
    const [fallback] = defaults;
    const other = fallback === undefined ? undefined : injected.find((site) => !sameImage(site, fallback));
    if (fallback !== undefined && other !== undefined) {
      note(
        'image-disagreement',
        fallback,
        `${nameOf(fallback)} defaults to ${spelled(fallback)}, but ${placeOf(other)} injects ${spelled(other)}, and that is what builds there use; each follows its own tag`,
      );
    }
    return found;
  });
}

/** For each image, the first sites of its first two digests: enough to find one that differs. Sites are in order. */
function firstDigests(sites: readonly Site[]): ReadonlyMap<string, readonly Site[]> {
  const found = new Map<string, Site[]>();
  for (const site of sites) {
    const key = imageKey(site);
    const known = found.get(key);
    if (known === undefined) found.set(key, [site]);
    else if (known.length < 2 && !known.some((other) => sameDigest(other, site))) known.push(site);
  }
  return found;
}

function otherThan(site: Site, firsts: ReadonlyMap<string, readonly Site[]>): Site | undefined {
  return firsts.get(imageKey(site))?.find((other) => !sameDigest(other, site));
}

function comesBefore(a: Site, b: Site): boolean {
  return a.file === b.file ? a.start < b.start : compareText(a.file, b.file) < 0;
}

function sameImage(a: Site, b: Site): boolean {
  return imageKey(a) === imageKey(b);
}

function sameDigest(a: Site, b: Site): boolean {
  return a.image.digest === b.image.digest;
}

function nameOf(site: Site): string {
  return site.name ?? familiarName(site.image);
}

function placeOf({ file, line }: Site): string {
  return `${file}:${line}`;
}

function spelled({ image }: Site): string {
  const tag = image.tag === null ? '' : `:${image.tag}`;
  return image.digest === null
    ? `${image.name}${tag} without a digest`
    : `${image.name}${tag}@${shortDigest(image.digest)}`;
}
