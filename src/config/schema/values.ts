import * as v from 'valibot';
import { type Digest, isDigest } from '../../domain/digest.ts';
import type { Result } from '../../domain/errors.ts';
import { parseImagePattern, toImagePattern } from '../../domain/image-glob.ts';
import { isIsoDate } from '../../domain/ledger-entry.ts';
import {
  parseBranchPattern,
  parsePathPattern,
  toBranchPattern,
  toPathPattern,
} from '../../domain/path-glob.ts';
import { parsePlatform } from '../../domain/platform.ts';
import { parseRegistryPattern, toRegistryPattern } from '../../domain/registry-glob.ts';

/** Small values that several parts of the configuration share. */

const DURATION = /^(\d{1,5})\s*(h|hours?|d|days?|w|weeks?|m|months?)$/;
const DAYS_BY_UNIT: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7, m: 30 };
const MAX_DAYS = 3660;

/** Days in `12h`, `30d`, `2w`, `3 months` (30 days each) or a plain number of days; null where it is none. */
export function parseDays(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (/^\d{1,5}$/.test(trimmed)) return within(Number(trimmed));
  const match = DURATION.exec(trimmed);
  const factor = DAYS_BY_UNIT[match?.[2]?.[0] ?? ''];
  if (match === null || factor === undefined) return null;
  return within(Number(match[1]) * factor);
}

function within(days: number): number | null {
  return days <= MAX_DAYS ? days : null;
}

/** A duration; the parsed form is a number of days, fractions for hours. */
export const days = v.pipe(
  v.union(
    [v.string(), v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_DAYS))],
    'expected a duration: "30d", "2w", "12h"',
  ),
  v.transform((value) => (typeof value === 'number' ? value : parseDays(value))),
  v.check((value) => value !== null, 'expected a duration: "30d", "2w", "12h"'),
  v.transform((value) => value ?? 0),
);

/** A platform `os/architecture[/variant]`, kept as text. */
export const platform = v.pipe(
  v.string(),
  v.check((text) => parsePlatform(text) !== null, 'expected a platform: "linux/amd64", "linux/arm/v7"'),
);

/** A digest, checked. */
export const digest = v.pipe(
  v.string(),
  v.check((text) => isDigest(text), 'expected a full digest: "sha256:" and 64 hex digits'),
  v.transform((text) => text as Digest),
);

/** A pattern for images, checked. Patterns: docs/configuration.md, "Patterns". */
export const imagePattern = v.pipe(patternText(parseImagePattern), v.transform(toImagePattern));

/** One pattern for images or a list of them; the parsed form is a list. */
export const imagePatterns = v.pipe(
  oneOrMore(patternText(parseImagePattern)),
  v.transform((patterns) => patterns.map(toImagePattern)),
);

/** One pattern for files or a list of them; the parsed form is a list. */
export const pathPatterns = v.pipe(
  oneOrMore(patternText(parsePathPattern)),
  v.transform((patterns) => patterns.map(toPathPattern)),
);

/** A list of patterns for registries. */
export const registryPatterns = v.pipe(
  list(patternText(parseRegistryPattern)),
  v.transform((patterns) => patterns.map(toRegistryPattern)),
);

/** A list of patterns for branches. */
export const branchPatterns = v.pipe(
  list(patternText(parseBranchPattern)),
  v.transform((patterns) => patterns.map(toBranchPattern)),
);

/** A list of short texts. */
export const textList = list(shortText());

/** A relative path inside the repository. */
export const repositoryPath = v.pipe(
  v.string(),
  v.nonEmpty('expected a path'),
  v.maxLength(1024),
  v.check(
    (path) =>
      !path.startsWith('/') &&
      !path.includes('\\') &&
      !path.includes('\0') &&
      !path.split('/').includes('..'),
    'expected a path inside the repository, with "/" between folders and no ".."',
  ),
);

/** A calendar day `YYYY-MM-DD`, kept as text. */
export const day = v.pipe(
  v.string(),
  v.isoDate('expected a day: YYYY-MM-DD'),
  v.check(isIsoDate, 'there is no such day'),
);

/** The check comes before anything is made of the text, so that a fault stays that of the text and its line. */
function patternText(parse: (text: string) => Result<unknown, { readonly message: string }>) {
  return v.pipe(
    shortText(),
    v.check(
      (text) => parse(text).ok,
      ({ input }) => {
        const parsed = parse(input);
        return parsed.ok ? '' : parsed.fault.message;
      },
    ),
  );
}

function list<Item extends v.GenericSchema<string>>(item: Item) {
  return v.pipe(v.array(item), v.maxLength(1000));
}

/** One text or a list of texts; the parsed form is a list. */
function oneOrMore(item: ReturnType<typeof patternText>) {
  return v.pipe(
    v.union([item, list(item)], 'expected a string or a list of strings'),
    v.transform((value): readonly string[] => (typeof value === 'string' ? [value] : value)),
  );
}

function shortText() {
  return v.pipe(v.string(), v.nonEmpty('expected a non-empty string'), v.maxLength(1000));
}
