import { describe, expect, it } from 'vitest';
import { compareReleases, releaseNamed } from '../../src/domain/distribution-release.ts';

describe('a word of a tag', () => {
  it.each([
    ['jessie', 'debian 8.0'],
    ['bookworm', 'debian 12.0'],
    ['forky', 'debian 14.0'],
    ['xenial', 'ubuntu 16.4'],
    ['jammy', 'ubuntu 22.4'],
    ['resolute', 'ubuntu 26.4'],
    ['alpine3.9', 'alpine 3.9'],
    ['alpine3.19', 'alpine 3.19'],
    ['alpine', null],
    ['alpine3', null],
    ['alpine3.19.1', null],
    ['myalpine3.19', null],
    ['slim', null],
    ['Bookworm', null],
    ['', null],
  ])('%s names %s', (word, expected) => {
    const release = releaseNamed(word);
    expect(release === null ? null : `${release.distribution} ${release.version.join('.')}`).toBe(expected);
  });

  it.each([
    ['bookworm', 'trixie'],
    ['jammy', 'noble'],
    ['alpine3.9', 'alpine3.19'],
    ['alpine3.19', 'alpine4.0'],
  ])('%s is older than %s', (older, newer) => {
    const [a, b] = [releaseNamed(older), releaseNamed(newer)];
    if (a === null || b === null) throw new Error('no release');
    expect(compareReleases(a, b)).toBeLessThan(0);
    expect(compareReleases(b, a)).toBeGreaterThan(0);
    expect(compareReleases(a, a)).toBe(0);
  });
});
