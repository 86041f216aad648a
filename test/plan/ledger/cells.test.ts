import { describe, expect, it } from 'vitest';
import {
  imageName,
  isDelimiterRow,
  isNothing,
  parsePathsCell,
  parsePlatformsCell,
  pathsCell,
  platformsCell,
  splitRow,
  withoutCode,
} from '../../../src/plan/ledger/cells.ts';
import { HEAD, readHead } from '../../../src/plan/ledger/columns.ts';

describe('a row', () => {
  it.each([
    ['| a | b |', ['a', 'b']],
    ['a | b', ['a', 'b']],
    ['  | a | b  ', ['a', 'b']],
    ['|  | b |', ['', 'b']],
    ['| a |  |', ['a', '']],
    ['| a \\| b | c |', ['a | b', 'c']],
    ['| a \\ b | c |', ['a \\ b', 'c']],
    ['| a \\|', ['a |']],
    ['a|', ['a']],
    ['', []],
    ['|', []],
    ['a', ['a']],
  ])('%j', (line, want) => {
    expect(splitRow(line)).toEqual(want);
  });

  it.each([
    [['---', ':--', '--:', ':-:', '-'], true],
    [['---', 'a'], false],
    [['--- a'], false],
    [['a---'], false],
    [['---', ''], false],
    [[], false],
  ])('%j is the line under a head: %s', (cells, want) => {
    expect(isDelimiterRow(cells)).toBe(want);
  });
});

describe('a name', () => {
  it.each([
    ['docker.io', 'library/python', 'python'],
    ['docker.io', 'acme/base', 'acme/base'],
    ['ghcr.io', 'acme/base', 'ghcr.io/acme/base'],
    ['docker.io', 'localhost/base', 'docker.io/localhost/base'],
    ['docker.io', 'a.b/base', 'docker.io/a.b/base'],
  ])('of %s/%s is read back as the same image', (registry, repository, want) => {
    expect(imageName({ registry, repository })).toBe(want);
  });

  it.each([
    ['`a`', 'a'],
    ['a', 'a'],
    ['`a', '`a'],
    ['a`', 'a`'],
    ['``', '``'],
    ['`', '`'],
  ])('%j without code is %j', (cell, want) => {
    expect(withoutCode(cell)).toBe(want);
  });

  it.each([
    ['', true],
    ['-', true],
    ['–', true],
    ['—', true],
    ['--', false],
    ['0', false],
  ])('%j says nothing: %s', (cell, want) => {
    expect(isNothing(cell)).toBe(want);
  });
});

describe('platforms', () => {
  it.each([
    [null, [], '—'],
    ['index', [], 'index'],
    [null, ['linux/amd64', 'linux/arm64'], 'linux/amd64, linux/arm64'],
    ['manifest', ['linux/arm/v7'], 'manifest: linux/arm/v7'],
    ['index', ['linux/a,b'], 'index: linux/a%2Cb'],
    ['index', ['odd'], 'index: %6F%64%64'],
    ['index', ['linux/é'], 'index: linux/%C3%A9'],
    ['index', ['linux/\u0001'], 'index: linux/%01'],
  ] as const)('%s %j', (kind, platforms, cell) => {
    expect(platformsCell({ kind, platforms })).toBe(cell);
    expect(parsePlatformsCell(cell)).toEqual({ kind, platforms });
  });

  it.each([
    ['', { kind: null, platforms: [] }],
    ['index:linux/amd64 ,linux/arm64', { kind: 'index', platforms: ['linux/amd64', 'linux/arm64'] }],
    ['index:', null],
    ['index: linux/amd64,', null],
    ['bundle: linux/amd64', null],
    [': linux/amd64', null],
    [',', null],
    ['linux/%', null],
    ['linux/amd64', { kind: null, platforms: ['linux/amd64'] }],
  ] as const)('%j is read as %j', (cell, want) => {
    expect(parsePlatformsCell(cell)).toEqual(want);
  });
});

describe('paths', () => {
  it.each([
    [[], '—'],
    [['Dockerfile'], '`Dockerfile`'],
    [['a b/Dockerfile', 'c'], '`a b/Dockerfile`<br>`c`'],
    [[' a', 'b '], '`%20a`<br>`b%20`'],
    [['a|b', 'c`d', 'e\\f', '100%'], '`a%7Cb`<br>`c%60d`<br>`e%5Cf`<br>`100%25`'],
    [['a\u00a0b', 'c\u2028d', 'e\nf'], '`a%C2%A0b`<br>`c%E2%80%A8d`<br>`e%0Af`'],
    [['größe/😀'], '`größe/😀`'],
    [['😀 '], '`😀%20`'],
  ])('%j', (paths, cell) => {
    expect(pathsCell(paths)).toBe(cell);
    expect(parsePathsCell(cell)).toEqual(paths);
  });

  it.each([
    ['', []],
    ['`a`, `b`', ['a', 'b']],
    ['`a` <br/> `b`<br />`c`', ['a', 'b', 'c']],
    ['`a` `b`', null],
    ['`a`b', null],
    ['`a`x<br>`b`', null],
    ['a', null],
    ['`a', null],
    ['``', null],
    ['`%`', null],
    ['`a`<br>', ['a']],
  ])('%j is read as %j', (cell, want) => {
    expect(parsePathsCell(cell)).toEqual(want);
  });
});

describe('a head', () => {
  it('as it is written is read', () => {
    expect(readHead(HEAD.map(([, name]) => name))).toEqual(HEAD.map(([column]) => column));
  });

  it.each([
    ['image', 'image, images, base image, image name, name, reference, image reference, repository'],
    ['tag', 'tag, tags, image tag, version, tracked tag'],
    ['digest', 'digest, sha, sha256, hash, image digest, pinned digest, current digest, index digest, pin'],
    [
      'platforms',
      'kind and platforms, kind platforms, platforms, platform, kind, arch, architecture, architectures',
    ],
    ['published', 'published, published on, created, built, build date, released, release date'],
    ['firstSeen', 'first seen, first seen on, seen'],
    [
      'pinnedOn',
      'pinned on, pinned, pinned at, pinned since, pin date, date pinned, rotated, last rotated, date, updated, last updated, updated on, since',
    ],
    ['status', 'status, state'],
    ['usedIn', 'used in, used by, files, file, where, location, locations, dockerfile, dockerfiles'],
    ['age', 'age, age days, age in days, days'],
  ])('%s is what people call %s', (column, names) => {
    for (const name of names.split(', ')) {
      expect([name, readHead([name])]).toEqual([name, [column]]);
      expect(readHead([`**${name.toUpperCase()}**`])).toEqual([column]);
    }
  });

  it.each([
    [
      ['Digest (short)', 'Age (days)'],
      ['digest', 'age'],
    ],
    [
      ['Image', 'Base image', 'Notes'],
      ['image', null, null],
    ],
    [
      ['', '()'],
      [null, null],
    ],
  ])('%j', (cells, want) => {
    expect(readHead(cells)).toEqual(want);
  });
});
