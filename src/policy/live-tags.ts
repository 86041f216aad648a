const MAX_TAGS = 3;
const NUMBERS = /^(v?)(\d+(?:\.\d+){0,3})(.*)$/;

/**
 * Tags to move to from a tag that is no longer built: the newest versions above it of the same variant
 * (`3.9-slim-buster` → `3.13-slim-bookworm` is another variant, `3.13-slim-buster` the same), written with as many
 * numbers. Tags without a leading number have none. At most three, the newest first. Pure; linear in the list.
 */
export function liveTags(current: string, tags: readonly string[]): readonly string[] {
  const own = parse(current);
  if (own === null) return [];
  return tags
    .flatMap((tag) => {
      const parsed = parse(tag);
      const isSameKind =
        parsed !== null &&
        parsed.prefix === own.prefix &&
        parsed.variant === own.variant &&
        parsed.numbers.length === own.numbers.length;
      return isSameKind && compareNumbers(parsed.numbers, own.numbers) > 0
        ? [{ tag, numbers: parsed.numbers }]
        : [];
    })
    .sort((a, b) => compareNumbers(b.numbers, a.numbers))
    .slice(0, MAX_TAGS)
    .map(({ tag }) => tag);
}

type Version = { readonly prefix: string; readonly numbers: readonly number[]; readonly variant: string };

function parse(tag: string): Version | null {
  const match = NUMBERS.exec(tag);
  if (match === null) return null;
  const [, prefix = '', numbers = '', variant = ''] = match;
  return { prefix, numbers: numbers.split('.').map(Number), variant };
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
