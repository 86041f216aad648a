import * as v from 'valibot';
import { holdEntry, ignoreEntry, imageRule } from './images.ts';
import { managersSchema } from './managers.ts';
import { policySchema } from './policy.ts';
import { groupsSchema, pullRequestsSchema } from './pull-requests.ts';
import { scanSchema } from './scan.ts';
import { scheduleSchema } from './schedule.ts';
import { branchPatterns, pathPatterns, registryPatterns, repositoryPath, textList } from './values.ts';

const filesSchema = v.strictObject({
  /** More files to read: as Dockerfiles where nothing else is known of them. */
  include: v.optional(pathPatterns, []),
  /** Files and folders never to read. */
  exclude: v.optional(pathPatterns, []),
});

const ledgerSchema = v.pipe(
  v.union(
    [
      v.boolean(),
      v.strictObject({
        enabled: v.optional(v.boolean(), true),
        /** null: an existing one anywhere, else `BASE_IMAGE_DIGESTS.md`. */
        path: v.optional(v.nullable(repositoryPath), null),
      }),
    ],
    'expected true, false, or "path" and "enabled"',
  ),
  v.transform((value) => (typeof value === 'boolean' ? { enabled: value, path: null } : value)),
);

const dashboardSchema = v.pipe(
  v.union(
    [
      v.boolean(),
      v.strictObject({
        enabled: v.optional(v.boolean(), true),
        title: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(200)), 'Pinwheel dashboard'),
        labels: v.optional(textList, []),
      }),
    ],
    'expected true, false, or "enabled", "title" and "labels"',
  ),
  v.transform((value) =>
    typeof value === 'boolean' ? { enabled: value, title: 'Pinwheel dashboard', labels: [] } : value,
  ),
);

/** Which registries this repository's images may come from. Hosts, credentials and addresses are the operator's alone. */
const registriesSchema = v.strictObject({
  /** Only images of these registries are looked up; absent: of all. */
  only: v.optional(v.nullable(registryPatterns), null),
  /** Images of these registries are left alone. */
  ignore: v.optional(registryPatterns, []),
});

/**
 * `.github/pinwheel.yml`, whole. The one source of the keys, their defaults, the types and the published JSON Schema.
 * Every default stands here or in the part's own schema.
 */
export const repositorySchema = v.strictObject({
  $schema: v.optional(v.string()),
  enabled: v.optional(v.boolean(), true),
  /** Whether a fork is worked on; off unless the fork's own file says so. */
  forks: v.optional(v.boolean(), false),
  /** Base branches; empty: the default branch. */
  branches: v.optional(branchPatterns, []),
  schedule: v.optional(scheduleSchema, 'weekly'),
  files: v.optional(filesSchema, {}),
  /** Whether references without a digest get one. */
  pin: v.optional(v.boolean(), false),
  images: v.optional(v.pipe(v.array(imageRule), v.maxLength(1000)), []),
  holds: v.optional(v.pipe(v.array(holdEntry), v.maxLength(1000)), []),
  ignores: v.optional(v.pipe(v.array(ignoreEntry), v.maxLength(1000)), []),
  groups: v.optional(groupsSchema, 'all'),
  pullRequests: v.optional(pullRequestsSchema, {}),
  ledger: v.optional(ledgerSchema, true),
  dashboard: v.optional(dashboardSchema, true),
  /** With what both images are scanned, and what does not count. */
  scan: v.optional(scanSchema, true),
  policy: v.optional(policySchema, {}),
  registries: v.optional(registriesSchema, {}),
  managers: v.optional(managersSchema, []),
});
