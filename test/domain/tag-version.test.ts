import { describe, expect, it } from 'vitest';
import { parseTag } from '../../src/domain/tag-version.ts';

/** A version in one line: kind, prefix, parts, pre-release, builds, variant. */
function show(tag: string): string | null {
  const version = parseTag(tag);
  if (version === null) return null;
  const { kind, prefix, parts, preRelease, builds, variant } = version;
  const stage = preRelease === null ? '' : ` pre ${[preRelease.stage, ...preRelease.numbers].join(' ')}`;
  const built = builds.length === 0 ? '' : ` built ${builds.join(' ')}`;
  return `${kind} ${prefix === '' ? '' : `${prefix}|`}${parts.join(' ')}${stage}${built} ${variant}`.trimEnd();
}

describe('a tag with a version', () => {
  it.each([
    ['3', 'version 3'],
    ['3.11', 'version 3 11'],
    ['3.11.6', 'version 3 11 6'],
    ['10.0.20348.2700', 'version 10 0 20348 2700'],
    ['22.04', 'version 22 4'],
    ['v1.31.0', 'version v|1 31 0'],
    ['V2.0', 'version V|2 0'],
    ['version-1.2.3', 'version version-|1 2 3'],
    ['release-v1.2', 'version release-v|1 2'],
    ['controller-v1.5.1', 'version controller-v|1 5 1'],
    ['3.11.6-slim-bookworm', 'version 3 11 6 -slim-bookworm'],
    ['3.20-alpine3.19', 'version 3 20 -alpine3.19'],
    ['3.9.9-eclipse-temurin-21-alpine', 'version 3 9 9 -eclipse-temurin-21-alpine'],
    ['8.0-windowsservercore-ltsc2022', 'version 8 0 -windowsservercore-ltsc2022'],
    ['3.12-dev', 'version 3 12 -dev'],
    ['1.2.3-SNAPSHOT', 'version 1 2 3 -SNAPSHOT'],
    ['v1.30.4-k3s1', 'version v|1 30 4 -k3s1'],
    ['0.8.0-pg17', 'version 0 8 0 -pg17'],
    ['1.0.2k', 'version 1 0 2 k'],
    ['3.13t-slim', 'version 3 13 t-slim'],
    ['12.4.1-cudnn-devel-ubuntu22.04', 'version 12 4 1 -cudnn-devel-ubuntu22.04'],
    ['1.20.0-scala_2.12-java17', 'version 1 20 0 -scala_2.12-java17'],
    ['17.3.1-ce.0', 'version 17 3 1 -ce.0'],
    ['2.462.2-lts-jdk17', 'version 2 462 2 -lts-jdk17'],
    ['3.1-dev7-alpine', 'version 3 1 -dev7-alpine'],
    ['v1.2.3-15-gabc1234', 'version v|1 2 3 -15-gabc1234'],
    ['3.x', 'version 3 .x'],
  ])('%s', (tag, expected) => {
    expect(show(tag)).toBe(expected);
    expect(parseTag(tag)?.precision).toBe(parseTag(tag)?.parts.length);
  });
});

describe('a pre-release', () => {
  it.each([
    ['3.15.0a2-slim-trixie', 'version 3 15 0 pre 0 2 -slim-trixie'],
    ['3.15.0b1', 'version 3 15 0 pre 1 1'],
    ['3.15.0rc1-alpine', 'version 3 15 0 pre 3 1 -alpine'],
    ['3.15-rc-slim', 'version 3 15 pre 3 -slim'],
    ['1.25rc1-bookworm', 'version 1 25 pre 3 1 -bookworm'],
    ['12-beta3-alpine', 'version 12 pre 1 3 -alpine'],
    ['7.2-rc3', 'version 7 2 pre 3 3'],
    ['8.0-M01', 'version 8 0 pre 2 1'],
    ['9.0.0.M17-jre8-alpine', 'version 9 0 0 pre 2 17 -jre8-alpine'],
    ['8.4.0RC1', 'version 8 4 0 pre 3 1'],
    ['8.0.0-alpha1', 'version 8 0 0 pre 0 1'],
    ['3.4.0-preview1-slim', 'version 3 4 0 pre 2 1 -slim'],
    ['9.0.0-preview.7-alpine3.20', 'version 9 0 0 pre 2 7 -alpine3.20'],
    ['9.0.100-rc.1.24452.12', 'version 9 0 100 pre 3 1 24452 12'],
    ['v1.31.0-alpha.3', 'version v|1 31 0 pre 0 3'],
    ['24-ea-17-jdk-slim', 'version 24 pre 2 17 -jdk-slim'],
    ['v1.31.0-rc1-k3s1', 'version v|1 31 0 pre 3 1 -k3s1'],
    ['1.10.0-alpha20240911', 'version 1 10 0 pre 0 20240911'],
    ['1.24-alpha.0a1b2c3', 'version 1 24 pre 0 .0a1b2c3'],
    ['2024.10.0b3', 'calendar 2024 10 0 pre 1 3'],
    // Words that only begin like one.
    ['2.0-prefork', 'version 2 0 -prefork'],
    ['7.0-eap', 'version 7 0 -eap'],
    ['1.0-crypto', 'version 1 0 -crypto'],
  ])('%s', (tag, expected) => {
    expect(show(tag)).toBe(expected);
  });
});

describe('a build number', () => {
  it.each([
    ['3.0.1-r2', 'version 3 0 1 built 2 -r#'],
    ['6.4.3-debian-12-r10', 'version 6 4 3 built 10 -debian-12-r#'],
    ['21.0.4_7-jdk-noble', 'version 21 0 4 built 7 _#-jdk-noble'],
    ['17_35-jdk', 'version 17 built 35 _#-jdk'],
    ['8u412-b08-jdk-alpine', 'version 8 0 412 built 8 u-b#-jdk-alpine'],
    ['8u422-alpine', 'version 8 0 422 u-alpine'],
    ['4.0.9-ls250', 'version 4 0 9 built 250 -ls#'],
    ['2.4.1p2', 'version 2 4 1 built 2 p#'],
    ['9.4-1194', 'version 9 4 built 1194 -#'],
    ['9.4-1214.1726694543', 'version 9 4 built 1214 1726694543 -#'],
    ['9.5-1732804088', 'version 9 5 built 1732804088 -#'],
    ['9.4-20240506', 'version 9 4 built 20240506 -#'],
    ['4.24.0-20240907', 'version 4 24 0 built 20240907 -#'],
    ['128.0-grid-4.24.0-20240907', 'version 128 0 built 20240907 -grid-4.24.0-#'],
    ['1-187.1724037198', 'version 1 built 187 1724037198 -#'],
    [
      '1.17.2-erlang-27.0.1-debian-bookworm-20240904-slim',
      'version 1 17 2 built 20240904 -erlang-27.0.1-debian-bookworm-#-slim',
    ],
    // A second version is a variant, and so is a number that may be one.
    ['16-3.4-alpine', 'version 16 -3.4-alpine'],
    ['1-3.11-bookworm', 'version 1 -3.11-bookworm'],
    ['1.2.3-20-bookworm', 'version 1 2 3 -20-bookworm'],
    ['8.0.401-1-bookworm-slim', 'version 8 0 401 -1-bookworm-slim'],
    ['v2.10.0-1809', 'version v|2 10 0 -1809'],
    ['3.9-386', 'version 3 9 -386'],
    ['2.1.0-r35.4.1', 'version 2 1 0 -r35.4.1'],
    // A commit, even one without a letter.
    ['1.2.3-abc1234', 'version 1 2 3 -abc1234'],
    ['1.2.3-1234567', 'version 1 2 3 -1234567'],
  ])('%s', (tag, expected) => {
    expect(show(tag)).toBe(expected);
  });
});

describe('a date or a year', () => {
  it.each([
    ['20240912', 'date 20240912'],
    ['v20240912', 'date v|20240912'],
    ['r20240912', 'date r|20240912'],
    ['2024-09-12', 'date 2024 9 12'],
    ['2024_09_12', 'date 2024 9 12 _'],
    ['bookworm-20240612-slim', 'date bookworm-|20240612 -slim'],
    ['nightly-2024-09-12', 'date nightly-|2024 9 12'],
    ['tip-20251026-alpine3.22', 'date tip-|20251026 -alpine3.22'],
    ['jammy-20240911.1', 'date jammy-|20240911 built 1'],
    ['base-20240912.0.261957', 'date base-|20240912 built 0 261957'],
    ['20240912101500', 'date 20240912 built 101500 ######'],
    ['20240912-101500', 'date 20240912 built 101500 -#'],
    ['RELEASE.2024-09-13T20-26-02Z', 'date RELEASE.|2024 9 13 built 202602 T#'],
    ['RELEASE.2024-09-13T20-26-02Z-cpuv1', 'date RELEASE.|2024 9 13 built 202602 T#-cpuv1'],
    ['v20240912-abc1234', 'date v|20240912 -abc1234'],
    ['2024.9.1', 'calendar 2024 9 1'],
    ['2024.08', 'calendar 2024 8'],
    ['2022-latest', 'calendar 2022 -latest'],
    ['2022-CU14-ubuntu-22.04', 'calendar 2022 -CU14-ubuntu-22.04'],
    ['2023.5.20240903.0', 'calendar 2023 5 20240903 0'],
    ['9.3.20231119-minimal', 'version 9 3 20231119 -minimal'],
  ])('%s', (tag, expected) => {
    expect(show(tag)).toBe(expected);
  });
});

describe('a tag without a version', () => {
  it.each([
    'latest',
    'bookworm',
    'slim',
    'stable-alpine3.20-perl',
    'alpine3.19',
    'debian-12',
    'ubuntu-22.04',
    'ltsc2022',
    'windowsservercore-ltsc2022',
    'pg16',
    'pg16-v0.3.0',
    'temurin-21-tools-deps-1.11.4',
    'arm64v8-4.0.9',
    'develop-4.0.9.2300-ls5',
    'stream9-20240906',
    'ubi9',
    'nonroot',
    'latest-dev',
    'debug-nonroot-amd64',
    'pr-12',
    'main-3',
    'build-42',
    'sha-3fa4c21',
    '3fa4c21',
    '0a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d',
    'sha256-0a1b2c3d4e5f.sig',
    '123456',
    '1699999999',
    '20241399',
    '2024-09',
    '2024-37-slim',
    '12345678901234567890.1',
    '1.12345678901234567890',
    '1.2.3.4.5.6.7.8.9',
    '1.0rc12345678901234567890',
    '_1.2',
    '',
    'v',
    '9'.repeat(129),
  ])('%s', (tag) => {
    expect(parseTag(tag)).toBeNull();
  });
});

describe('the limits of dates', () => {
  it.each([
    ['20000101', true],
    ['20991231', true],
    ['19991231', false],
    ['21000101', false],
    ['20260001', false],
    ['20261301', false],
    ['20261200', false],
    ['20261232', false],
    ['20260101', true],
    ['2026-12-31', true],
    ['2026-13-01', false],
    ['jammy-20240911.1', true],
    ['1.2-20240911', false],
  ])('%s is a date: %s', (tag, isDate) => {
    expect(parseTag(tag)?.kind === 'date').toBe(isDate);
  });
});

describe('words of stages', () => {
  it.each([
    ['1.0.0-pre1', 'version 1 0 0 pre 2 1'],
    ['1.0.0-milestone2', 'version 1 0 0 pre 2 2'],
    ['1.0.0-cr3', 'version 1 0 0 pre 3 3'],
    ['1.0.0c4', 'version 1 0 0 pre 3 4'],
    ['1.0.0-preview.5', 'version 1 0 0 pre 2 5'],
    ['1.0.0-prefix', 'version 1 0 0 -prefix'],
    ['1.0.0-slim-rc1', 'version 1 0 0 -slim-rc1'],
    ['1.0.0-slim-b2', 'version 1 0 0 -slim-b2'],
  ])('%s', (tag, expected) => {
    expect(show(tag)).toBe(expected);
  });
});
