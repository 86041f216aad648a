import { describe, expect, it } from 'vitest';
import { parseTrack } from '../../../src/resolve/track/candidates.ts';
import { candidates } from './candidates-of.ts';
import { REAL_TAGS, type RealImage } from './real-tags.ts';

const newest = (image: RealImage, current: string, track: string) =>
  candidates(current, REAL_TAGS[image], track)[0] ?? null;

describe('the newest tag of real images', () => {
  it.each<[RealImage, string, string, string | null]>([
    ['python', '3.11.6-slim-bookworm', 'patch', '3.11.14-slim-bookworm'],
    ['python', '3.11.6-slim-bookworm', 'minor', '3.14.0-slim-bookworm'],
    ['python', '3.11.6-slim-bookworm', 'major', '3.14.0-slim-bookworm'],
    ['python', '3.11.6-slim-bookworm', '^3.11', '3.14.0-slim-bookworm'],
    ['python', '3.11.6-slim-bookworm', '~3.12', '3.12.12-slim-bookworm'],
    ['python', '3.11.6-slim-bookworm', '>=3.11 <3.13', '3.12.12-slim-bookworm'],
    ['python', '3.11.6-slim-bookworm', '^4', null],
    ['python', '3.11.6-slim-bookworm', 'digest', null],
    ['python', '3.11.6-slim-bullseye', 'minor', null],
    ['python', '3.11', 'minor', '3.14'],
    ['python', '3.11', 'patch', null],
    ['python', '3.11', '^3.11', '3.14'],
    ['python', '3.11-slim', '<3.14', '3.13-slim'],
    // A floating tag stands for the newest of its line, so 3.13 may be beyond 3.13.5.
    ['python', '3.11-slim', '<3.13.5', '3.12-slim'],
    ['python', '3.11-slim', '^3.12.4', '3.14-slim'],
    ['python', '3', 'major', null],
    ['python', '3.14.0', 'major', null],
    ['python', '3.15.0a1', 'patch', '3.15.0a2'],
    ['python', '3.15.0a1', '^3.14', '3.15.0a2'],
    ['python', '3.15-rc', 'major', null],
    ['python', '3.14.0-alpine', 'minor', null],
    ['python', '3.11.14-alpine3.21', 'minor', '3.14.0-alpine3.21'],
    ['python', '3.13.9-windowsservercore-ltsc2022', 'minor', '3.14.0-windowsservercore-ltsc2022'],
    ['python', '3.11.14-alpine3.20', 'minor', null],
    ['python', 'latest', 'major', null],
    ['python', 'slim-bookworm', 'major', null],
    ['python', 'alpine3.21', 'major', null],
    ['debian', 'bookworm-20260112-slim', 'patch', 'bookworm-20260202-slim'],
    ['debian', 'bookworm-20260112', 'patch', 'bookworm-20260202'],
    ['debian', 'bookworm-20260112', 'major', 'bookworm-20260202'],
    ['debian', '12.12-slim', 'minor', '12.13-slim'],
    ['debian', '12.12-slim', 'major', '13.3-slim'],
    ['debian', '12-slim', 'minor', null],
    ['debian', 'bookworm-slim', 'major', null],
    ['debian', 'rc-buggy', 'major', null],
    ['alpine', '3.15.6', 'minor', '3.22.2'],
    ['alpine', '3.15', 'minor', '3.22'],
    ['alpine', '3', 'major', null],
    ['alpine', '20220715', 'major', '20250108'],
    ['alpine', 'edge', 'major', null],
    ['postgres', '16.4-bookworm', 'minor', '16.10-bookworm'],
    ['postgres', '16.4-bookworm', 'patch', null],
    ['postgres', '16.4-bookworm', 'major', '18.0-bookworm'],
    ['postgres', '16-alpine', 'major', '18-alpine'],
    ['postgres', '18beta3', 'patch', '18'],
    ['postgres', '18beta1-bookworm', '^18', '18-bookworm'],
    ['postgres', '9.6.15', 'patch', '9.6.24'],
    ['redis', '7.0.12-alpine', 'minor', '7.4.5-alpine'],
    ['redis', '7.0.12-alpine3.18', 'minor', null],
    ['redis', '7.0.12-bookworm', '7.0 - 7.2', '7.2.10-bookworm'],
    ['redis', '8.0-M01', 'minor', '8.2'],
    ['node', '20.18.0-bookworm-slim', 'minor', '20.19.5-bookworm-slim'],
    ['node', '20.18.0-bookworm-slim', 'major', '24.8.0-bookworm-slim'],
    ['node', '20.18.0-bookworm-slim', '^20 || ^22', '22.19.0-bookworm-slim'],
    ['node', 'lts-bookworm', 'major', null],
    ['golang', '1.24.9-alpine3.22', 'patch', null],
    ['golang', '1.24.9-alpine3.22', 'minor', '1.25.3-alpine3.22'],
    ['golang', '1.24.7-bookworm', 'patch', '1.24.9-bookworm'],
    ['golang', '1.25rc1', 'patch', '1.25'],
    ['golang', 'tip-20251019-trixie', 'patch', 'tip-20251026-trixie'],
    ['eclipse-temurin', '21.0.3_9-jdk-jammy', 'patch', '21.0.8_9-jdk-jammy'],
    ['eclipse-temurin', '21.0.8_8-jdk-jammy', 'patch', '21.0.8_9-jdk-jammy'],
    ['eclipse-temurin', '17_35-jdk', 'patch', null],
    ['eclipse-temurin', '8u412-b08-jdk-alpine', 'patch', '8u462-b08-jdk-alpine'],
    ['eclipse-temurin', '8u412-b08-jre', 'minor', null],
    ['eclipse-temurin', '21-jre-alpine', 'major', '25-jre-alpine'],
    ['dotnet/aspnet', '8.0.7-bookworm-slim', 'patch', '8.0.20-bookworm-slim'],
    ['dotnet/aspnet', '8.0.7-bookworm-slim', 'major', '9.0.9-bookworm-slim'],
    ['dotnet/aspnet', '8.0.7-alpine3.20-arm64v8', 'patch', null],
    ['dotnet/aspnet', '9.0.0-rc.1-noble', 'patch', '9.0.9-noble'],
    ['dotnet/aspnet', '8.0-noble-chiseled', 'major', '9.0-noble-chiseled'],
    ['bitnami/redis', '7.2.5-debian-12-r1', 'patch', '7.2.5-debian-12-r4'],
    ['bitnami/redis', '7.2.5-debian-12-r1', 'minor', '7.4.1-debian-12-r2'],
    ['bitnami/redis', '7.0.12-debian-11-r5', 'minor', '7.0.15-debian-11-r2'],
    ['bitnami/redis', '7.2.4', 'patch', '7.2.5'],
    ['bitnami/redis', '7.2-debian-12', 'minor', '7.4-debian-12'],
    ['chainguard/python', '3.12.4-r0', 'patch', '3.12.7-r1'],
    ['chainguard/python', '3.12-dev', 'minor', '3.13-dev'],
    ['chainguard/python', '3.12', 'minor', '3.13'],
    ['chainguard/python', 'latest-dev', 'major', null],
    ['distroless/python3-debian12', 'nonroot', 'major', null],
    ['distroless/python3-debian12', 'latest-amd64', 'major', null],
    ['ubuntu', '22.04', 'major', '25.10'],
    ['ubuntu', '22.04', 'minor', '22.10'],
    ['ubuntu', '22.04', '>=22.04 <=24.04', '24.04'],
    ['ubuntu', 'jammy-20240911', 'patch', 'jammy-20251001'],
    ['ubuntu', 'noble-20240801', 'patch', 'noble-20251001.1'],
    ['ubi9', '9.4-949', 'patch', '9.4-1214.1726694543'],
    ['ubi9', '9.4-949', 'minor', '9.5-1732804088'],
    ['minio', 'RELEASE.2024-08-17T01-24-54Z', 'patch', 'RELEASE.2024-09-13T20-26-02Z'],
    ['minio', 'RELEASE.2024-08-17T01-24-54Z-cpuv1', 'patch', 'RELEASE.2024-09-13T20-26-02Z-cpuv1'],
    ['tomcat', '9.0.0.M17-jre8', 'patch', '9.0.109-jre8'],
    ['moved-to-semver', '1.2.3', 'major', '1.4.0'],
    ['moved-to-semver', '2021.5.1', 'minor', '2021.12.0'],
    ['ci', '1.2.3', 'major', '1.3.0'],
    ['ci', 'main-3fa4c21', 'major', null],
    ['ci', 'pr-12', 'major', null],
    ['ci', '0a1b2c3', 'major', null],
    ['devcontainers/javascript-node', '1.1.9-20-bookworm', 'minor', '1.3.0-20-bookworm'],
    ['keycloak', '25.0.6-0', 'minor', null],
    ['keycloak', '25.0.4-0', 'patch', '25.0.6-0'],
  ])('%s:%s within %s', (image, current, track, expected) => {
    expect(newest(image, current, track)).toBe(expected);
  });
});

describe('candidates', () => {
  it('come newest first, each once', () => {
    const tags = ['1.2.10', '1.2.9', 'latest', '1.2.10', '1.2.11-rc1', '1.3.0', '1.2.3', '1.2.2', 'v1.2.12'];
    expect(candidates('1.2.3', tags, 'patch')).toEqual(['1.2.10', '1.2.9']);
  });

  it('offer the later stages of a pre-release, and releases before all of them', () => {
    const tags = ['3.15.0a1', '3.15.0a2', '3.15.0b1', '3.15.0rc1', '3.15.0', '3.15.1', '3.16.0a1'];
    expect(candidates('3.15.0a1', tags, 'patch')).toEqual([
      '3.15.1',
      '3.15.0',
      '3.15.0rc1',
      '3.15.0b1',
      '3.15.0a2',
    ]);
    expect(candidates('3.14.0', tags, 'minor')).toEqual(['3.15.1', '3.15.0']);
    expect(candidates('3.14.0', ['3.15.0a2', '3.16.0a1'], '>=3.15.0-alpha.1')).toEqual(['3.15.0a2']);
  });

  it('never turn a pre-release that moves by itself into a fixed one, nor back', () => {
    const tags = ['3.15-rc', '3.15-rc2', '3.15-rc3', '3.15'];
    expect(candidates('3.15-rc', tags, 'patch')).toEqual(['3.15']);
    expect(candidates('3.15-beta', [...tags, '3.15-beta1'], 'patch')).toEqual(['3.15', '3.15-rc']);
    expect(candidates('3.15-rc2', tags, 'patch')).toEqual(['3.15', '3.15-rc3']);
  });

  it('are none where two tags say the same number', () => {
    expect(candidates('18.4', ['18.04', '18.4'], 'major')).toEqual([]);
    expect(candidates('18.2', ['18.4', '18.04'], 'minor')).toEqual(['18.04', '18.4']);
  });

  it('are the same whatever the order of the list', () => {
    const tags = REAL_TAGS.python;
    const sorted = candidates('3.10-slim', tags, 'major');
    expect(candidates('3.10-slim', tags.toReversed(), 'major')).toEqual(sorted);
    expect(sorted).toEqual(['3.14-slim', '3.13-slim', '3.12-slim', '3.11-slim']);
  });
});

describe('a track', () => {
  it.each(['digest', 'patch', 'minor', 'major'])('%s is a word', (word) => {
    expect(parseTrack(word)).toEqual({ to: word });
  });

  it.each(['^3.11', '~3.11.6', '>=3.11 <3.14', '3.x', '3.11 - 3.13', 'v3', '^20 || ^22', '*'])(
    '%s is a range',
    (range) => {
      expect(parseTrack(range)?.to).toBe('range');
    },
  );

  it.each(['', ' ', 'latest', '^', '3.11.6-slim-bookworm || foo bar', '>=3 <', '^3.11'.repeat(60)])(
    '%j is neither',
    (text) => {
      expect(parseTrack(text)).toBeNull();
      expect(candidates('1.0.0', ['1.0.1'], text)).toEqual([]);
    },
  );
});
