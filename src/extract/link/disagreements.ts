import { shortDigest } from '../../domain/digest.ts';
import { familiarName } from '../../domain/image-reference.ts';
import type { Site } from '../../domain/site.ts';
import { imageKey, type LinkFinding, type Links } from './links.ts';

/**
 * What the sites of one pin do not agree on. What a build injects wins over the default, so it is what CI builds with;
 * the finding says so, at the place that is not used.
 */
export function disagreements(links: Links): readonly LinkFinding[] {
  const findings: LinkFinding[] = [];
  for (const { label, sites } of links.groups()) {
    const fallback = sites.find((site) => site.kind === 'arg-default') ?? sites[0];
    const injected = sites.filter((site) => site.kind !== 'arg-default' && site !== fallback);
    if (fallback === undefined) continue;
    const other = injected.find((site) => imageKey(site) !== imageKey(fallback));
    const moved = sites.find(
      (site) => imageKey(site) === imageKey(fallback) && site.image.digest !== fallback.image.digest,
    );
    if (moved !== undefined) {
      const used = injected.includes(moved) ? ` builds that inject it use ${spelled(moved)};` : '';
      findings.push({
        code: 'digest-disagreement',
        file: fallback.file,
        line: fallback.line,
        pin: label,
        message: `${nameOf(fallback)} is ${spelled(fallback)} here and ${spelled(moved)} in ${moved.file}:${moved.line}:${used} all of them move together`,
      });
    }
    if (other !== undefined) {
      findings.push({
        code: 'image-disagreement',
        file: fallback.file,
        line: fallback.line,
        pin: label,
        message: `${nameOf(fallback)} defaults to ${spelled(fallback)} and is ${spelled(other)} in ${other.file}:${other.line}: the build there uses the latter; each follows its own tag`,
      });
    }
  }
  return findings;
}

function nameOf(site: Site): string {
  return site.name ?? familiarName(site.image);
}

function spelled({ image }: Site): string {
  const tag = image.tag === null ? '' : `:${image.tag}`;
  return image.digest === null
    ? `${image.name}${tag} without a digest`
    : `${image.name}${tag}@${shortDigest(image.digest)}`;
}
