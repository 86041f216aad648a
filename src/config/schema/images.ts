import * as v from 'valibot';
import { day, days, digest, imagePattern, imagePatterns, platform } from './values.ts';

const TRACK_WORDS: ReadonlySet<string> = new Set(['digest', 'patch', 'minor', 'major']);
const RANGE = /^[\^~<>=v\d][\w\s.<>=^~|*+-]{0,100}$/;

const hold = v.pipe(
  v.union(
    [v.boolean(), day, v.strictObject({ until: v.optional(day), reason: v.optional(v.string()) })],
    'expected true, a day, or "until" and "reason"',
  ),
  v.transform((value) => {
    if (typeof value === 'boolean') return value ? { until: null, reason: null } : null;
    if (typeof value === 'string') return { until: value, reason: null };
    return { until: value.until ?? null, reason: value.reason ?? null };
  }),
);

/** One rule for images; the first rule that matches an image is the only one that speaks for it. */
export const imageRule = v.strictObject({
  match: imagePatterns,
  /** `digest` (default), `patch`, `minor`, `major`, or a semver range. */
  track: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (text) => TRACK_WORDS.has(text) || RANGE.test(text),
        'expected digest, patch, minor, major, or a range such as "^3.11"',
      ),
    ),
  ),
  /** Whether references without a digest get one; default: the top-level `pin`. */
  pin: v.optional(v.boolean()),
  /** Leave these images alone altogether. */
  ignore: v.optional(v.boolean()),
  /** Digests never to adopt. */
  ignoreDigests: v.optional(v.array(digest)),
  /** Not now: until a day, or until the key is taken out. */
  hold: v.optional(hold),
  /** The pull request group. */
  group: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,49}$/, 'expected a short name: a-z, 0-9, "-"')),
  ),
  /** The platforms that matter; default: those the pinned image has. */
  platforms: v.optional(v.array(platform)),
  /** The tag that a digest without a tag follows. */
  tag: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/, 'expected a tag'))),
  /** A new digest waits until first seen this long ago. */
  minimumAge: v.optional(days),
  /** A pin older than this is a violation where a newer digest exists. */
  maximumAge: v.optional(days),
});

/** A hold written by `/rotate hold`: stands beside the rules, so that no rule is lost by it. */
export const holdEntry = v.strictObject({
  image: imagePattern,
  until: v.optional(day),
  reason: v.optional(v.string()),
  by: v.optional(v.string()),
});

/** An ignore written by `/rotate ignore`: a whole image, or one digest of it. */
export const ignoreEntry = v.strictObject({
  image: imagePattern,
  digest: v.optional(digest),
  reason: v.optional(v.string()),
  by: v.optional(v.string()),
});
