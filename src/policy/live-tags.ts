const MAX_TAGS = 3;
const NUMBERS = /^(v?)(\d+(?:\.\d+){0,3})(?=$|[^\d.])(.*)$/;
/** Release names in the order of time; within a line the later one is the newer. */
const CODENAMES: readonly (readonly string[])[] = [
  ['jessie', 'stretch', 'buster', 'bullseye', 'bookworm', 'trixie', 'forky'],
  ['xenial', 'bionic', 'focal', 'jammy', 'noble', 'resolute'],
];
const ALPINE = /^alpine(\d{1,3})\.(\d{1,3})$/;

/**
 * Tags to move to from a tag that is no longer built: newer versions and newer releases of the distribution in the same
 * variant (`3.9-slim-buster` → `3.13-slim-bookworm`, never `3.13-alpine`), written with as many numbers. At most three,
 * the newest first; none for tags that carry neither a version nor a release. Pure; linear in the list.
 */
export function liveTags(current: string, tags: readonly string[]): readonly string[] {
  const own = parse(current);
  if (own === null) return [];
  return tags
    .flatMap((tag) => {
      const parsed = parse(tag);
      return parsed !== null && isSameKind(parsed, own) && isNewer(parsed, own) ? [{ tag, parsed }] : [];
    })
    .sort((a, b) => compareVersions(b.parsed, a.parsed))
    .slice(0, MAX_TAGS)
    .map(({ tag }) => tag);
}

type Version = {
  readonly prefix: string;
  readonly numbers: readonly number[];
  /** The parts behind the numbers with the release left out: `slim`. */
  readonly variant: string;
  readonly release: { readonly line: string; readonly order: number } | null;
};

function parse(tag: string): Version | null {
  const match = NUMBERS.exec(tag);
  const parts = (match?.[3] ?? tag).split('-');
  const releases = parts.map(parseRelease);
  const release = releases.find((found) => found !== null) ?? null;
  if (match === null && release === null) return null;
  return {
    prefix: match?.[1] ?? '',
    numbers: (match?.[2] ?? '')
      .split('.')
      .filter((part) => part !== '')
      .map(Number),
    variant: parts.filter((_, index) => releases[index] === null).join('-'),
    release,
  };
}

function parseRelease(part: string): Version['release'] {
  const alpine = ALPINE.exec(part);
  if (alpine !== null) return { line: 'alpine', order: Number(alpine[1]) * 1000 + Number(alpine[2]) };
  for (const line of CODENAMES) {
    const order = line.indexOf(part);
    if (order >= 0) return { line: line[0] ?? '', order };
  }
  return null;
}

function isSameKind(a: Version, b: Version): boolean {
  return (
    a.prefix === b.prefix &&
    a.variant === b.variant &&
    a.numbers.length === b.numbers.length &&
    a.release?.line === b.release?.line
  );
}

/** Newer in something and older in nothing. */
function isNewer(a: Version, b: Version): boolean {
  const release = (a.release?.order ?? 0) - (b.release?.order ?? 0);
  return compareNumbers(a.numbers, b.numbers) >= 0 && release >= 0 && compareVersions(a, b) > 0;
}

function compareVersions(a: Version, b: Version): number {
  return compareNumbers(a.numbers, b.numbers) || (a.release?.order ?? 0) - (b.release?.order ?? 0);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
