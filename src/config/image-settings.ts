import type { Digest } from '../domain/digest.ts';
import { matchesImage, type NamedImage } from '../domain/image-glob.ts';
import { matchesRegistry } from '../domain/registry-glob.ts';
import type { ImageRule, RepositoryConfig } from './repository.ts';

export type Hold = {
  /** The first day it no longer stands, `YYYY-MM-DD`; null: until it is taken out. */
  readonly until: string | null;
  readonly reason: string | null;
};

/** What the configuration says of one image. */
export type ImageSettings = {
  /** The first rule that matches; null where none does. */
  readonly rule: ImageRule | null;
  /** Why it is left alone altogether; null where it is not. */
  readonly ignored: string | null;
  readonly hold: Hold | null;
  /** Digests never to adopt. */
  readonly ignoredDigests: readonly Digest[];
  /** `digest`, `patch`, `minor`, `major` or a semver range. */
  readonly track: string;
  /** Whether references without a digest get one. */
  readonly pin: boolean;
  readonly group: string | null;
  /** Platforms that matter, as written; null: those the pinned image has. */
  readonly platforms: readonly string[] | null;
  /** The tag that a digest without a tag follows. */
  readonly tag: string | null;
  /** Days; null: the policy's. */
  readonly minimumAge: number | null;
  /** Days; null: the policy's. */
  readonly maximumAge: number | null;
};

/**
 * What the configuration says of an image: the first matching rule, the holds and ignores beside the rules (they add up),
 * and the registries that are left alone. `today` (`YYYY-MM-DD`, UTC) ends holds. Pure.
 */
export function imageSettings(config: RepositoryConfig, image: NamedImage, today: string): ImageSettings {
  const rule = config.images.find((candidate) => candidate.match.some((p) => matchesImage(p, image))) ?? null;
  return {
    rule,
    ignored: ignoredBecause(config, rule, image),
    hold: activeHold(config, rule, image, today),
    ignoredDigests: [
      ...(rule?.ignoreDigests ?? []),
      ...config.ignores.flatMap((entry) =>
        entry.digest !== undefined && matchesImage(entry.image, image) ? [entry.digest] : [],
      ),
    ],
    track: rule?.track ?? 'digest',
    pin: rule?.pin ?? config.pin,
    group: rule?.group ?? null,
    platforms: rule?.platforms ?? null,
    tag: rule?.tag ?? null,
    minimumAge: rule?.minimumAge ?? null,
    maximumAge: rule?.maximumAge ?? null,
  };
}

function ignoredBecause(config: RepositoryConfig, rule: ImageRule | null, image: NamedImage): string | null {
  if (rule?.ignore === true) return `a rule ignores ${textsOf(rule.match)}`;
  const entry = config.ignores.find((item) => item.digest === undefined && matchesImage(item.image, image));
  if (entry !== undefined) return entry.reason ?? `${entry.image.text} is ignored`;
  const { only, ignore } = config.registries;
  if (ignore.some((pattern) => matchesRegistry(pattern, image.registry)))
    return `the registry ${image.registry} is ignored`;
  if (only !== null && !only.some((pattern) => matchesRegistry(pattern, image.registry))) {
    return `only ${textsOf(only)} are looked up`;
  }
  return null;
}

function textsOf(patterns: readonly { readonly text: string }[]): string {
  return patterns.map(({ text }) => text).join(', ');
}

/** The hold that stands the longest. */
function activeHold(
  config: RepositoryConfig,
  rule: ImageRule | null,
  image: NamedImage,
  today: string,
): Hold | null {
  const written = config.holds
    .filter((entry) => matchesImage(entry.image, image))
    .map((entry) => ({ until: entry.until ?? null, reason: entry.reason ?? null }));
  const all: readonly Hold[] = rule?.hold == null ? written : [rule.hold, ...written];
  const active = all.filter((hold) => hold.until === null || hold.until > today);
  return active.reduce<Hold | null>((longest, hold) => {
    if (longest === null) return hold;
    if (longest.until === null) return longest;
    return hold.until === null || hold.until > longest.until ? hold : longest;
  }, null);
}
