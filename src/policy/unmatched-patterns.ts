import type { OwnSettings, RepositoryConfig } from '../config/repository.ts';
import { settingsLines } from '../config/settings-file.ts';
import { type ImagePattern, matchesImage, type NamedImage } from '../domain/image-glob.ts';
import { matchesPath, type PathPattern } from '../domain/path-glob.ts';
import { matchesRegistry, type RegistryPattern } from '../domain/registry-glob.ts';
import type { CheckFinding } from './check.ts';
import type { Gates } from './rules.ts';

/** A pattern of the repository's own file that names nothing in the repository. */
export type UnmatchedPattern = {
  /** Where it stands, as the faults of settings are spelled: `images[2].match[0]`. */
  readonly key: string;
  /** As written. */
  readonly pattern: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Whether it says which images must be signed: an image it was meant for is adopted unsigned. */
  readonly isTrust: boolean;
};

/** What a tree holds, as patterns see it. */
export type SeenInTree = {
  /** Every image the files name, those that the configuration leaves alone too. */
  readonly images: readonly NamedImage[];
  /** Files that name an image. */
  readonly imageFiles: readonly string[];
  /** Every file, those that the configuration excludes too. */
  readonly files: readonly string[];
  /** Folders that were not entered. */
  readonly skippedFolders: readonly string[];
};

type Keys = readonly (string | number)[];
type Written = { readonly keys: Keys; readonly pattern: string; readonly isTrust: boolean };

/**
 * The patterns that name nothing in the repository, most likely slips: in the order of the keys in the documentation.
 * Only the repository's own file counts: a pattern of its organisation is written for many repositories, and a preset's
 * is Pinwheel's own. Where the tree names no image at all, nothing is told of patterns for images. Pure.
 */
export function unmatchedPatterns(config: RepositoryConfig, seen: SeenInTree): readonly UnmatchedPattern[] {
  const { own } = config;
  if (own === null) return [];
  const images = seen.images.length === 0 ? [] : unmatchedImages(own.settings, seen.images);
  const all = [...unmatchedFiles(own.settings, seen), ...images];
  return all.length === 0 ? [] : placed(all, own);
}

/** Of several trees with the same settings (base branches): the patterns that name nothing in any of them. Pure. */
export function unmatchedInAll(trees: readonly (readonly UnmatchedPattern[])[]): readonly UnmatchedPattern[] {
  const [first = [], ...others] = trees;
  return first.filter(({ key }) => others.every((tree) => tree.some((one) => one.key === key)));
}

/** `policy.trust[0].image "ghcr.io/acme/*" matches nothing here (.github/pinwheel.yml:12)`: for people, plain text. */
export function sayUnmatched({ key, pattern, file, line }: UnmatchedPattern): string {
  return `${key} ${JSON.stringify(pattern)} matches nothing here (${file}:${line})`;
}

/**
 * What a check says of trust rules that name nothing, where trust is enforced: a warning, which fails nothing, for a rule
 * may be written before the image comes, or be copied to every repository. Pure.
 */
export function unmatchedTrust(
  unmatched: readonly UnmatchedPattern[],
  gates: Pick<Gates, 'trust'>,
): readonly CheckFinding[] {
  if (gates.trust !== 'enforce') return [];
  return unmatched
    .filter(({ isTrust }) => isTrust)
    .map(({ key, pattern, file, line }) => ({
      rule: 'unmatched-trust',
      level: 'warning',
      image: pattern,
      file,
      line,
      message: `${key} ${JSON.stringify(pattern)} matches nothing here, so this trust rule applies to no image. Correct the pattern, or remove the rule`,
    }));
}

function unmatchedFiles(own: OwnSettings['settings'], seen: SeenInTree): readonly Written[] {
  const folders = seen.skippedFolders.flatMap((folder) => [folder, `${folder}/`]);
  const anyPath = [...seen.files, ...folders];
  const among =
    (paths: readonly string[]) =>
    (pattern: PathPattern): boolean =>
      paths.some((path) => matchesPath(pattern, path));
  const named = seen.imageFiles.length === 0 ? [] : own.groups.named;
  return [
    ...unmatchedOf(['files', 'include'], own.files.include, among(seen.files)),
    ...unmatchedOf(['files', 'exclude'], own.files.exclude, among(anyPath)),
    ...own.managers.flatMap(({ files }, i) =>
      unmatchedOf(['managers', i, 'files'], files, among(seen.files)),
    ),
    ...named.flatMap(({ files }, i) =>
      unmatchedOf(['groups', 'named', i, 'files'], files, among(seen.imageFiles)),
    ),
  ];
}

function unmatchedImages(own: OwnSettings['settings'], images: readonly NamedImage[]): readonly Written[] {
  const isImage = (pattern: ImagePattern): boolean => images.some((image) => matchesImage(pattern, image));
  const isRegistry = (pattern: RegistryPattern): boolean =>
    images.some((image) => matchesRegistry(pattern, image.registry));
  const single = (keys: Keys, pattern: ImagePattern | undefined, isTrust = false): readonly Written[] =>
    pattern === undefined || isImage(pattern) ? [] : [{ keys, pattern: pattern.text, isTrust }];
  const { policy } = own;
  return [
    ...own.images.flatMap(({ match }, i) => unmatchedOf(['images', i, 'match'], match, isImage)),
    ...own.holds.flatMap(({ image }, i) => single(['holds', i, 'image'], image)),
    ...own.ignores.flatMap(({ image }, i) => single(['ignores', i, 'image'], image)),
    ...own.groups.named.flatMap((group, i) =>
      unmatchedOf(['groups', 'named', i, 'images'], group.images, isImage),
    ),
    ...unmatchedOf(['registries', 'only'], own.registries.only ?? [], isRegistry),
    ...unmatchedOf(['registries', 'ignore'], own.registries.ignore, isRegistry),
    ...policy.exceptions.flatMap(({ image }, i) => single(['policy', 'exceptions', i, 'image'], image)),
    ...policy.trust.flatMap(({ image }, i) => single(['policy', 'trust', i, 'image'], image, true)),
  ];
}

function unmatchedOf<Pattern extends { readonly text: string }>(
  keys: Keys,
  patterns: readonly Pattern[],
  matches: (pattern: Pattern) => boolean,
): readonly Written[] {
  return patterns.flatMap((pattern, i) =>
    matches(pattern) ? [] : [{ keys: [...keys, i], pattern: pattern.text, isTrust: false }],
  );
}

function placed(all: readonly Written[], own: OwnSettings): readonly UnmatchedPattern[] {
  const lineOf = settingsLines(own.text);
  return all.map(({ keys, pattern, isTrust }) => {
    const written = asWritten(keys, own.written);
    return { key: spell(written), pattern, file: own.path, line: lineOf(written), isTrust };
  });
}

/** The keys as the file has them: one text may stand for a list, and a list of groups for its object. */
function asWritten(keys: Keys, written: OwnSettings['written']): Keys {
  const own = keys[0] === 'groups' && Array.isArray(written['groups']) ? ['groups', ...keys.slice(2)] : keys;
  const parent = own.slice(0, -1);
  const value = parent.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    written,
  );
  return typeof value === 'string' ? parent : own;
}

function spell(keys: Keys): string {
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .slice(1);
}
