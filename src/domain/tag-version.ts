/**
 * - `version`: numbers in the order of importance, `3.11.6`. - `calendar`: the same, led by a year, `2024.9.1`.
 * - `date`: a day, `20240912` or `2024-09-12`. The three are never compared with each other.
 */
export type TagKind = 'version' | 'calendar' | 'date';

/** A release before the release: `-rc.1`, `b2`, `-preview`. `numbers` is empty where the tag has none (`3.15-rc`). */
export type PreRelease = {
  /** 0 alpha, 1 beta, 2 preview, milestone or early access, 3 release candidate. */
  readonly stage: 0 | 1 | 2 | 3;
  readonly numbers: readonly number[];
};

/**
 * What a tag says, in parts that can be compared. Tags of one repository belong together only where kind, prefix,
 * precision and variant are equal: `3.11.6-slim-bookworm` and `3.11.9-slim-bookworm`.
 */
export type TagVersion = {
  readonly tag: string;
  readonly kind: TagKind;
  /** What stands before the number: `v`, `release-`, `bookworm-` (dates only); mostly empty. */
  readonly prefix: string;
  /** `3.11.6` → 3, 11, 6; `20240912` → 20240912; `2024-09-12` → 2024, 9, 12; `8u412` → 8, 0, 412. */
  readonly parts: readonly number[];
  /** How many numbers the version has: `3.11` never becomes `3.11.9`. */
  readonly precision: number;
  readonly preRelease: PreRelease | null;
  /** Numbers that count rebuilds of one version: `-r2`, `_9`, `-ls250`, `-20240912`, the time of a date. */
  readonly builds: readonly number[];
  /** All other text, `#` where a build number stood: `-slim-bookworm`, `-debian-12-r#`. */
  readonly variant: string;
};

/** distribution/reference: a tag has at most 128 characters. */
const TAG_LIMIT = 128;
/** More digits lose precision as a number. */
const DIGITS_LIMIT = 15;
const PARTS_LIMIT = 8;

const STAGES: ReadonlyMap<string, PreRelease['stage']> = new Map([
  ['a', 0],
  ['alpha', 0],
  ['b', 1],
  ['beta', 1],
  ['pre', 2],
  ['preview', 2],
  ['ea', 2],
  ['m', 2],
  ['milestone', 2],
  ['c', 3],
  ['cr', 3],
  ['rc', 3],
]);

/** Bare numbers behind a version that name a platform: Windows releases and the 32-bit Intel architectures. */
const PLATFORM_NUMBERS: ReadonlySet<string> = new Set(
  '386 486 586 686 1607 1709 1803 1809 1903 1909'.split(' '),
);

// All of these are anchored and run over at most 128 characters; no class overlaps its separator.
const COMMIT = /^(?=\d*[a-f])[0-9a-f]{7,64}$/;
const NUMBER = /^\d+(?:\.\d+)*/;
const VERSION_PREFIX = /^(?:(?:[A-Za-z]+[-_.])*[vV]|(?:version|release|rel|ver)[-_.])?$/;
const DATE_PREFIX = /^(?:[A-Za-z]+[-_.]+)*[vVrR]?$/;
const DASHED_DATE = /^(\d{4})([-_])(\d{2})\2(\d{2})(?!\d)/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})(\d{6}|\d{4})?(?!\d)/;
const TIME = /^T(\d{2})-?(\d{2})-?(\d{2})Z?(?![A-Za-z0-9])/;
const DATE_REVISION = /^\.(\d{1,9})(?:\.(\d{1,9}))?(?![A-Za-z0-9.])/;
/** `2024-09`, `2024-37`: a month or a week, which only looks like a year and a variant. */
const MONTH_OR_WEEK = /^[-_]\d{1,2}(?=$|[-_])/;
const JAVA_8 = /^u(\d{1,5})(?!\d)/;
const STAGE_WORD = /^[-._]?(alpha|beta|rc|cr|preview|pre|milestone|ea)(?:[-._]?(\d+(?:\.\d+)*))?(?=$|[-_.])/i;
const STAGE_LETTER = /^(?:([abc])|[-._]?(M))(\d+)(?=$|[-_.])/;
const FIRST_BUILD = /^(?:(_)|([-.]?(?:build[-._]?|[bp])))(\d+)(?=$|[-_])/;
const BARE_BUILD = /^-(\d{3,6}|\d{10}|\d{3,6}\.\d{10})(?=$|[-_])/;
const ANY_BUILD = /([-_.](?:r|ls)|[-_])(\d+)(?:\.(\d{1,6}))?(?=$|[-_])/g;

/**
 * Reads a tag as a version. Null where it says none that could be ordered: words (`latest`, `bookworm`), variants with a
 * number of their own (`alpine3.19`, `debian-12`, `pg16`), commits, build ids of six digits and more, `pr-12`, `2024-37`.
 * When in doubt a number is part of the variant, so that it stays what it is. Pure; linear; never throws.
 */
export function parseTag(tag: string): TagVersion | null {
  if (tag.length > TAG_LIMIT || COMMIT.test(tag)) return null;
  const start = tag.search(/\d/);
  if (start < 0) return null;
  const prefix = tag.slice(0, start);
  const text = tag.slice(start);
  return parseDate(tag, prefix, text) ?? parseVersion(tag, prefix, text);
}

function parseDate(tag: string, prefix: string, text: string): TagVersion | null {
  const dashed = DASHED_DATE.exec(text);
  const compact = dashed === null ? COMPACT_DATE.exec(text) : null;
  const found = dashed ?? compact;
  if (found === null || !DATE_PREFIX.test(prefix)) return null;
  const [whole, year = ''] = found;
  const [month = '', day = ''] = dashed === null ? found.slice(2, 4) : found.slice(3, 5);
  if (!isDay(year, month, day)) return null;
  const parts = dashed === null ? [Number(`${year}${month}${day}`)] : [year, month, day].map(Number);
  let rest = text.slice(whole.length);
  let variant = dashed?.[2] === '_' ? '_' : '';
  const builds: number[] = [];
  const attachedTime = compact?.[4];
  if (attachedTime !== undefined) {
    builds.push(Number(attachedTime));
    variant += '#'.repeat(attachedTime.length);
  }
  const time = TIME.exec(rest);
  const revision = time === null ? DATE_REVISION.exec(rest) : null;
  if (time !== null) {
    builds.push(Number(time.slice(1).join('')));
    variant += 'T#';
    rest = rest.slice(time[0].length);
  } else if (revision !== null) {
    // Ubuntu's `jammy-20240911` and `jammy-20240911.1` are one line of tags: a revision is no variant.
    builds.push(...revision.slice(1).flatMap((digits) => (digits === undefined ? [] : [Number(digits)])));
    rest = rest.slice(revision[0].length);
  }
  const suffix = takeBuilds(rest, builds);
  return {
    tag,
    kind: 'date',
    prefix,
    parts,
    precision: parts.length,
    preRelease: null,
    builds,
    variant: variant + suffix,
  };
}

function parseVersion(tag: string, prefix: string, text: string): TagVersion | null {
  const digits = NUMBER.exec(text)?.[0] ?? '';
  const written = digits.split('.');
  const [major = ''] = written;
  if (!VERSION_PREFIX.test(prefix) || major.length > 5 || written.length > PARTS_LIMIT) return null;
  if (written.some((part) => part.length > DIGITS_LIMIT)) return null;
  const kind = /^(?:199|20\d)\d$/.test(major) ? 'calendar' : 'version';
  const parts = written.map(Number);
  let rest = text.slice(digits.length);
  if (kind === 'calendar' && MONTH_OR_WEEK.test(rest)) return null;
  let variant = '';
  const update = parts.length === 1 ? JAVA_8.exec(rest) : null;
  if (update !== null) {
    // Java 8 counts its security updates so; to everyone else that is the third number.
    parts.push(0, Number(update[1]));
    variant = 'u';
    rest = rest.slice(update[0].length);
  }
  const stage = STAGE_WORD.exec(rest) ?? STAGE_LETTER.exec(rest);
  const preRelease = stage === null ? null : toPreRelease(stage);
  if (stage !== null && preRelease === null) return null;
  if (stage !== null) rest = rest.slice(stage[0].length);
  const builds: number[] = [];
  const suffix = takeBuilds(rest, builds);
  return {
    tag,
    kind,
    prefix,
    parts,
    precision: parts.length,
    preRelease,
    builds,
    variant: variant + suffix,
  };
}

function toPreRelease(match: RegExpExecArray): PreRelease | null {
  // STAGE_WORD has the word and its numbers; STAGE_LETTER a letter, the M of a milestone, and a number.
  const word = match.length === 3 ? match[1] : (match[1] ?? match[2]);
  const digits = (match.length === 3 ? match[2] : match[3])?.split('.') ?? [];
  const stage = STAGES.get(word?.toLowerCase() ?? '');
  if (stage === undefined || digits.some((one) => one.length > DIGITS_LIMIT)) return null;
  return { stage, numbers: digits.map(Number) };
}

/** The text behind a version with its build numbers taken out, `#` in their place; they are added to `builds`. */
function takeBuilds(rest: string, builds: number[]): string {
  if (!/\d/.test(rest)) return rest;
  let done = '';
  let text = rest;
  const first = FIRST_BUILD.exec(text);
  const bare = first === null ? BARE_BUILD.exec(text) : null;
  if (first !== null && (first[3] ?? '').length <= DIGITS_LIMIT) {
    builds.push(Number(first[3]));
    done = `${first[1] ?? first[2] ?? ''}#`;
    text = text.slice(first[0].length);
  } else if (bare !== null && isBuildNumber(bare[1] ?? '')) {
    builds.push(...(bare[1] ?? '').split('.').map(Number));
    done = '-#';
    text = text.slice(bare[0].length);
  }
  const others = text.replace(ANY_BUILD, (whole, mark: string, digits: string, revision?: string) => {
    const isDate = mark.length === 1;
    const day = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)] as const;
    if (isDate && (digits.length !== 8 || !isDay(...day))) return whole;
    if (!isDate && (revision !== undefined || digits.length > DIGITS_LIMIT)) return whole;
    builds.push(Number(digits), ...(revision === undefined ? [] : [Number(revision)]));
    return `${mark}#`;
  });
  return done + others;
}

/**
 * Whether a bare number behind a version counts builds (Red Hat's `9.4-1194`). Short ones name something else as often
 * (`1.2.3-20-bookworm` is for Node 20), and so do years.
 */
function isBuildNumber(digits: string): boolean {
  return !PLATFORM_NUMBERS.has(digits) && !/^20\d\d$/.test(digits);
}

function isDay(year: string, month: string, day: string): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  return y >= 2000 && y <= 2099 && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}
