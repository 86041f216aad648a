import * as v from 'valibot';
import { pathPatterns } from './values.ts';

/**
 * A format of the repository's own: where its files are, and how an image is found in them, by a regular expression
 * (RE2 syntax: linear) with the named groups `image`, or `name`, `tag` and `digest`; or by a path into YAML, JSON or TOML.
 */
const manager = v.pipe(
  v.strictObject({
    name: v.optional(v.string()),
    files: pathPatterns,
    pattern: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(1000))),
    path: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(1000))),
  }),
  v.check((m) => (m.pattern === undefined) !== (m.path === undefined), 'expected either "pattern" or "path"'),
);

export const managersSchema = v.pipe(v.array(manager), v.maxLength(50));
