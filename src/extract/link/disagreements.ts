import { shortDigest } from '../../domain/digest.ts';
import { familiarName } from '../../domain/image-reference.ts';
import type { Site } from '../../domain/site.ts';
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
    for (const [index, site] of defaults.entries()) {
      const used = injected.find((other) => sameImage(other, site) && !sameDigest(other, site));
      const earlier = defaults
        .slice(0, index)
        .find((other) => sameImage(other, site) && !sameDigest(other, site));
      if (used !== undefined) {
        note(
          'digest-disagreement',
          site,
          `${nameOf(site)} defaults to ${spelled(site)}, but ${placeOf(used)} injects ${spelled(used)}, and that is what builds there use; they move together`,
        );
      } else if (earlier !== undefined) {
        note(
          'digest-disagreement',
          site,
          `${nameOf(site)} is ${spelled(site)} here and ${spelled(earlier)} in ${placeOf(earlier)}; they move together`,
        );
      }
    }
    for (const [index, site] of injected.entries()) {
      const earlier = injected
        .slice(0, index)
        .find((other) => sameImage(other, site) && !sameDigest(other, site));
      if (earlier === undefined) continue;
      note(
        'digest-disagreement',
        site,
        `${nameOf(site)} is ${spelled(site)} here and ${spelled(earlier)} in ${placeOf(earlier)}: builds differ by where they run; they move together`,
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
