import type { Digest } from '../src/domain/digest.ts';
import { isoDate } from '../src/domain/ledger-entry.ts';
import type { EmbeddedRegistry } from '../test/support/registry/embedded-registry.ts';
import type { Planted } from '../test/support/trivy-database.ts';
import { pushRelease, type Release } from './images.ts';

const DAY = 86_400_000;

/** The images as they are published: what the repository is pinned to, and what the tags point to today. */
export const PYTHON = {
  repository: 'hub/library/python',
  tag: '3.11-slim-bookworm',
  source: 'https://github.com/docker-library/python',
  architectures: ['amd64', 'arm64'],
};
export const NODE = {
  repository: 'hub/library/node',
  tag: '24-bookworm-slim',
  source: 'https://github.com/nodejs/docker-node',
  architectures: ['amd64'],
};
export const DISTROLESS = {
  repository: 'gcr/distroless/static-debian12',
  tag: 'nonroot',
  source: 'https://github.com/GoogleContainerTools/distroless',
  architectures: ['amd64'],
};

export type Pins = { readonly python: Digest; readonly node: Digest; readonly distroless: Digest };

/** The vulnerabilities of the demo's database: planted, so that the diff shows all three kinds. */
export const PLANTED: readonly Planted[] = [
  planted(
    'CVE-2026-1111',
    'openssl',
    'CRITICAL',
    '3.0.13-1~deb12u1',
    'openssl: certificate chain check bypass',
  ),
  planted('CVE-2026-1204', 'glibc', 'HIGH', '2.36-9+deb12u9', 'glibc: out-of-bounds write in iconv'),
  planted('CVE-2026-1310', 'expat', 'HIGH', '2.5.0-1+deb12u2', 'expat: quadratic blow-up of entities'),
  planted('CVE-2026-1420', 'perl', 'MEDIUM', '5.36.0-7+deb12u2', 'perl: HTTP::Tiny does not verify TLS'),
  planted('CVE-2026-0007', 'zlib', 'LOW', undefined, 'zlib: integer overflow in minizip'),
  planted('CVE-2026-2222', 'gnutls28', 'LOW', undefined, 'gnutls: timing side channel'),
];

/** Publishes the releases the repository was pinned to; gives their digests. */
export function publishOld(registry: EmbeddedRegistry, now: Date): Pins {
  return publish(registry, {
    python: release(now, 40, '1f2e3d4c5b6a79880102030405060708090a0b0c', [
      ['libssl3', '3.0.11-1~deb12u1', 'openssl'],
      ['openssl', '3.0.11-1~deb12u1'],
      ['libc6', '2.36-9+deb12u3', 'glibc'],
      ['libc-bin', '2.36-9+deb12u3', 'glibc'],
      ['libexpat1', '2.5.0-1', 'expat'],
      ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'],
      ['tzdata', '2024a-0+deb12u1'],
    ]),
    node: release(now, 38, '99aa88bb77cc66dd55ee44ff33001122aabbccdd', [
      ['libc6', '2.36-9+deb12u3', 'glibc'],
      ['perl-base', '5.36.0-7+deb12u1', 'perl'],
      ['libssl3', '3.0.11-1~deb12u1', 'openssl'],
      ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'],
    ]),
    distroless: {
      ...release(now, 60, '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567', [['tzdata', '2024a-0+deb12u1']]),
      user: '65532',
    },
  });
}

/** Moves every tag to a newer release. */
export function publishNew(registry: EmbeddedRegistry, now: Date): Pins {
  return publish(registry, {
    python: {
      ...release(now, 4, '9a8b7c6d5e4f30211203040506070809000a0b0c', [
        ['libssl3', '3.0.13-1~deb12u1', 'openssl'],
        ['openssl', '3.0.13-1~deb12u1'],
        ['libc6', '2.36-9+deb12u9', 'glibc'],
        ['libc-bin', '2.36-9+deb12u9', 'glibc'],
        ['libexpat1', '2.5.0-1+deb12u2', 'expat'],
        ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'],
        ['tzdata', '2025b-0+deb12u1'],
        ['libgnutls30', '3.7.9-2+deb12u3', 'gnutls28'],
      ]),
      env: ['PYTHON_VERSION=3.11.14'],
    },
    node: release(now, 3, '11bb22cc33dd44ee55ff66001122334455667788', [
      ['libc6', '2.36-9+deb12u9', 'glibc'],
      ['perl-base', '5.36.0-7+deb12u2', 'perl'],
      ['libssl3', '3.0.13-1~deb12u1', 'openssl'],
      ['zlib1g', '1:1.2.13.dfsg-1', 'zlib'],
    ]),
    distroless: {
      ...release(now, 3, '7654321f0e9d8c7b6a5f4e3d2c1b0a9876543210', [['tzdata', '2025b-0+deb12u1']]),
      user: '65532',
    },
  });
}

function publish(
  registry: EmbeddedRegistry,
  releases: { readonly python: Release; readonly node: Release; readonly distroless: Release },
): Pins {
  return {
    python: pushRelease(registry, PYTHON, releases.python),
    node: pushRelease(registry, NODE, releases.node),
    distroless: pushRelease(registry, DISTROLESS, releases.distroless),
  };
}

function release(
  now: Date,
  daysAgo: number,
  revision: string,
  packages: readonly (readonly [name: string, version: string, source?: string])[],
): Release {
  return {
    revision,
    created: new Date(now.getTime() - daysAgo * DAY).toISOString(),
    packages: packages.map(([name, version, source]) => ({
      name,
      version,
      ...(source === undefined ? {} : { source }),
    })),
  };
}

function planted(
  id: string,
  sourcePackage: string,
  severity: Planted['severity'],
  fixedVersion: string | undefined,
  title: string,
): Planted {
  const rank = { LOW: 1, MEDIUM: 2, HIGH: 3, CRITICAL: 4 } as const;
  const vendorSeverity = { debian: rank[severity], nvd: rank[severity] };
  const base = { id, bucket: 'debian 12', sourcePackage, severity, vendorSeverity, title };
  return fixedVersion === undefined ? base : { ...base, fixedVersion };
}

/** The sample repository: the kind that pins its base images by hand, injects one from CI and keeps a ledger. */
export function repositoryFiles(pins: Pins, now: Date): Readonly<Record<string, string>> {
  const pinnedOn = isoDate(new Date(now.getTime() - 19 * DAY));
  const python = `python:3.11-slim-bookworm@${pins.python}`;
  return {
    '.github/pinwheel.yml': 'schedule: daily\nscan:\n  maxPlatforms: 1\npolicy:\n  stage: age\n',
    'docker/api/Dockerfile': `# syntax=docker/dockerfile:1
ARG PYTHON_IMAGE=${python}

FROM \${PYTHON_IMAGE} AS build
WORKDIR /src
COPY requirements.txt .
RUN pip install --no-cache-dir --target /deps -r requirements.txt

FROM \${PYTHON_IMAGE}
COPY --from=build /deps /deps
ENV PYTHONPATH=/deps
USER 65532
CMD ["python", "-m", "api"]
`,
    'docker/web/Dockerfile': `FROM node:24-bookworm-slim@${pins.node} AS assets
WORKDIR /web
COPY . .
RUN npm ci && npm run build

# gcr.io/distroless/static-debian12:nonroot (pinned ${pinnedOn})
FROM gcr.io/distroless/static-debian12@${pins.distroless}
COPY --from=assets /web/dist /srv
`,
    '.github/workflows/build.yml': `name: build
on: [push]
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v6
        with:
          context: .
          file: docker/api/Dockerfile
          build-args: |
            PYTHON_IMAGE=${python}
`,
    'BASE_IMAGE_DIGESTS.md': `# Base images

We build on these. Ask the platform team before adding one.

<!-- pinwheel:ledger:start -->

| Image | Tag | Digest | Kind and platforms | Published | First seen | Pinned on | Status | Used in |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| \`gcr.io/distroless/static-debian12\` | \`nonroot\` | \`${pins.distroless}\` | index: linux/amd64 | — | ${pinnedOn} | ${pinnedOn} | fresh | \`docker/web/Dockerfile\` |
| \`node\` | \`24-bookworm-slim\` | \`${pins.node}\` | index: linux/amd64 | — | ${pinnedOn} | ${pinnedOn} | fresh | \`docker/web/Dockerfile\` |
| \`python\` | \`3.11-slim-bookworm\` | \`${pins.python}\` | index: linux/amd64, linux/arm64 | — | ${pinnedOn} | ${pinnedOn} | fresh | \`.github/workflows/build.yml\`<br>\`docker/api/Dockerfile\` |

<!-- pinwheel:ledger:end -->
`,
  };
}
