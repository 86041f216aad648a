/** A release of a Linux distribution that a word of a tag names. Releases of one distribution are in the order of time. */
export type DistributionRelease = {
  readonly distribution: 'debian' | 'ubuntu' | 'alpine';
  /** Its version in parts: Debian `[12, 0]`, Ubuntu `[22, 4]`, Alpine `[3, 19]`. */
  readonly version: readonly [major: number, minor: number];
};

const CODENAMES: ReadonlyMap<string, DistributionRelease> = new Map([
  ...['jessie', 'stretch', 'buster', 'bullseye', 'bookworm', 'trixie', 'forky'].map(
    (name, at): [string, DistributionRelease] => [name, { distribution: 'debian', version: [8 + at, 0] }],
  ),
  // Ubuntu's releases with long support, every second April.
  ...['xenial', 'bionic', 'focal', 'jammy', 'noble', 'resolute'].map(
    (name, at): [string, DistributionRelease] => [
      name,
      { distribution: 'ubuntu', version: [16 + 2 * at, 4] },
    ],
  ),
]);
const ALPINE = /^alpine(\d{1,3})\.(\d{1,3})$/;

/** The release that a word between the hyphens of a tag names: `bookworm`, `jammy`, `alpine3.19`; null for any other. Pure. */
export function releaseNamed(word: string): DistributionRelease | null {
  const alpine = ALPINE.exec(word);
  if (alpine === null) return CODENAMES.get(word) ?? null;
  return { distribution: 'alpine', version: [Number(alpine[1]), Number(alpine[2])] };
}

/** Negative where `a` is the older release of one distribution. Pure. */
export function compareReleases(a: DistributionRelease, b: DistributionRelease): number {
  return a.version[0] - b.version[0] || a.version[1] - b.version[1];
}
