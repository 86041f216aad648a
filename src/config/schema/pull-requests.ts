import * as v from 'valibot';
import { imagePatterns, pathPatterns, textList } from './values.ts';

const user = v.pipe(
  v.string(),
  v.regex(/^@?[A-Za-z0-9][A-Za-z0-9-]{0,38}$/, 'expected a GitHub user name'),
  bare(),
);
const reviewer = v.pipe(
  v.string(),
  v.regex(
    /^@?[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:\/[A-Za-z0-9_.-]{1,100})?$/,
    'expected a user, or "organisation/team"',
  ),
  bare(),
);

function bare() {
  return v.transform((name: string) => (name.startsWith('@') ? name.slice(1) : name));
}

/** How pull requests look and how many there may be. */
export const pullRequestsSchema = v.strictObject({
  labels: v.optional(textList, ['dependencies', 'docker']),
  /** Users, and teams as `organisation/team`. */
  reviewers: v.optional(v.array(reviewer), []),
  assignees: v.optional(v.array(user), []),
  /** Open at once; 0: no limit. */
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)), 10),
  /** Opened within an hour; 0: no limit. */
  perHour: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)), 0),
  draft: v.optional(v.boolean(), false),
  /** GitHub's own automerge, by which method. */
  automerge: v.optional(
    v.pipe(
      v.union(
        [v.literal(false), v.literal(true), v.picklist(['merge', 'squash', 'rebase'])],
        'expected false, merge, squash or rebase',
      ),
      v.transform((value) => (value === true ? 'squash' : value)),
    ),
    false,
  ),
  /** The title, without the prefix. `{summary}`, `{count}`, `{group}` and `{images}` are filled in; null: the built-in one. */
  title: v.optional(v.nullable(v.pipe(v.string(), v.nonEmpty(), v.maxLength(200))), null),
  /** Stands before title and commit message, with `: ` after it; empty for none. */
  commitPrefix: v.optional(v.pipe(v.string(), v.maxLength(60)), 'chore(images)'),
  /** Adds `Signed-off-by` to the commit message. */
  signOff: v.optional(v.boolean(), false),
});

const GROUP_NAME = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,49}$/, 'expected a short name: a-z, 0-9, "-"'),
);

const namedGroup = v.strictObject({
  name: GROUP_NAME,
  /** Absent: every image. */
  images: v.optional(imagePatterns, ['**']),
  /** The files that pin the image; absent: every file. */
  files: v.optional(pathPatterns, ['**']),
});

const BY = ['all', 'image', 'directory'] as const;

/** `all`, `image`, `directory`; a list of named groups (the rest goes by `all`); or both as `{ by, named }`. */
export const groupsSchema = v.pipe(
  v.union(
    [
      v.picklist(BY),
      v.array(namedGroup),
      v.strictObject({ by: v.optional(v.picklist(BY), 'all'), named: v.optional(v.array(namedGroup), []) }),
    ],
    'expected all, image, directory, or a list of groups with name, images and files',
  ),
  v.transform((value) => {
    if (typeof value === 'string') return { by: value, named: [] };
    return Array.isArray(value) ? { by: 'all' as const, named: value } : value;
  }),
);
