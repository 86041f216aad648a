import { createHash } from 'node:crypto';
import { matchesImage } from '../domain/image-glob.ts';
import { familiarName, tagKey } from '../domain/image-reference.ts';
import { matchesPath } from '../domain/path-glob.ts';
import type { Site } from '../domain/site.ts';
import { compareText } from '../domain/text.ts';
import type { Rotation } from '../plan/plan.ts';
import type { PublishSettings } from './settings.ts';

/** The group of moves to newer tags, where nothing else is configured. */
const TAG_GROUP = 'tags';

/** The rotations of one pull request. */
export type RotationGroup = {
  /** Safe in a branch name. */
  readonly name: string;
  readonly rotations: readonly Rotation[];
};

/**
 * Divides rotations into pull requests, by name of the group: an image rule's `group` first, then the first named group
 * that matches image and file, then `by`. By directory a rotation is divided by the folders of its sites. Sites that move
 * together (`site.pin`) stay together, in the group of the first of them. Pure; the order of rotations is kept.
 */
export function groupRotations(
  rotations: readonly Rotation[],
  settings: Pick<PublishSettings, 'groups' | 'images'>,
): readonly RotationGroup[] {
  const linked = new Map<string, string>();
  const groups = new Map<string, Map<Rotation, Site[]>>();
  for (const rotation of rotations) {
    for (const site of rotation.sites) {
      const own = groupNameOf(rotation, site, settings);
      const name = site.pin === null ? own : (linked.get(site.pin) ?? own);
      if (site.pin !== null) linked.set(site.pin, name);
      const members = groups.get(name) ?? new Map<Rotation, Site[]>();
      groups.set(name, members);
      const sites = members.get(rotation) ?? [];
      members.set(rotation, sites);
      sites.push(site);
    }
  }
  return [...groups.entries()]
    .map(([name, members]) => ({
      name,
      rotations: [...members].map(([rotation, sites]) =>
        sites.length === rotation.sites.length ? rotation : { ...rotation, sites },
      ),
    }))
    .sort((a, b) => compareText(a.name, b.name));
}

function groupNameOf(
  rotation: Rotation,
  site: Site,
  settings: Pick<PublishSettings, 'groups' | 'images'>,
): string {
  const { image } = rotation;
  const rule = settings.images.find((candidate) =>
    candidate.match.some((pattern) => matchesImage(pattern, image)),
  );
  if (rule?.group !== undefined) return branchSafe(rule.group);
  const named = settings.groups.named.find(
    (group) =>
      group.images.some((pattern) => matchesImage(pattern, image)) &&
      group.files.some((pattern) => matchesPath(pattern, site.file)),
  );
  if (named !== undefined) return branchSafe(named.name);
  // A move to another tag is another question than a newer digest of the same one: a pull request of its own.
  if (settings.groups.by === 'all' && rotation.toTag !== image.tag) return TAG_GROUP;
  if (settings.groups.by === 'image') {
    return withHash(`${familiarName(image)}-${image.tag}`, tagKey(image));
  }
  if (settings.groups.by === 'directory') {
    const slash = site.file.lastIndexOf('/');
    const folder = slash < 0 ? '' : site.file.slice(0, slash);
    return folder === '' ? 'root' : withHash(folder, folder);
  }
  return 'all';
}

// Two names may have the same slug; the hash keeps their branches apart.
function withHash(text: string, identity: string): string {
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return `${branchSafe(text).slice(0, 60)}-${hash}`;
}

/** What stands behind the group names of a base branch that is not the default one. */
export function baseSuffix(branch: string): string {
  return `@${branchSafe(branch)}`;
}

/** git-check-ref-format: no `..`, no end in `.lock` or `.`, none of the special characters. */
function branchSafe(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/\.lock$/, '-lock')
    .replace(/^[.-]+|[.-]+$/g, '');
  return slug === '' ? 'group' : slug;
}
