import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Planted, writeTrivyDatabase } from '../../support/trivy-database.ts';
import {
  attachReferrer,
  debianImages,
  type InstalledPackage,
  installedPackages,
  inTotoStatement,
  pushAttestedIndex,
  pushImage,
  syftSpdx,
  trivyCycloneDx,
} from './scan-images.ts';
import { type RunningRegistry, startDockerRegistry, trivyProgram } from './scan-programs.ts';

/** Three images of Debian 12 in a real registry, each plain and with SBOMs attached, and a database with planted vulnerabilities. */
export type ScanLab = {
  readonly registry: RunningRegistry;
  readonly folder: string;
  readonly trivy: string;
  /** Whether Trivy starts as fast as it does where it is installed. */
  readonly unpacked: boolean;
  /** The digests of `base`, without an SBOM. */
  readonly plain: Digests;
  /** The digests of `attested`: indexes with an SPDX attestation in Syft's shape, as BuildKit writes it. */
  readonly attested: Digests;
  /** The digests of `referred`: manifests with a CycloneDX document of Trivy's as a referrer. */
  readonly referred: Digests;
  /** Source packages that the security updates raised, and binary packages of theirs. */
  readonly raised: readonly Raised[];
  readonly env: Readonly<Record<string, string>>;
  readonly registriesFile: string;
  readonly stop: () => Promise<void>;
};

export type Digests = Readonly<Record<'old' | 'updated' | 'extended', string>>;

export type Raised = {
  readonly source: string;
  readonly version: string;
  readonly packages: readonly string[];
};

const SOURCE = 'https://github.com/acme/base';
const REVISIONS = { old: 'a'.repeat(40), updated: 'b'.repeat(40), extended: 'c'.repeat(40) } as const;

/** Builds and starts all of it; the slow parts are kept between runs. */
export async function startScanLab(): Promise<ScanLab> {
  const folder = await mkdtemp(join(tmpdir(), 'pinwheel-scan-lab-'));
  const program = await trivyProgram();
  const roots = await debianImages();
  const registry = await startDockerRegistry(folder);
  try {
    const packages = {
      old: await installedPackages(roots.old),
      updated: await installedPackages(roots.updated),
      extended: await installedPackages(roots.extended),
    };
    const raised = raisedSources(packages.old, packages.updated);
    const plain: Record<string, string> = {};
    const attested: Record<string, string> = {};
    const referred: Record<string, string> = {};
    for (const name of ['old', 'updated', 'extended'] as const) {
      const labels = {
        'org.opencontainers.image.source': SOURCE,
        'org.opencontainers.image.revision': REVISIONS[name],
      };
      const options = name === 'old' ? { user: 'app', labels } : { port: '8080/tcp', labels };
      const push = (repository: string) =>
        pushImage(registry.host, repository, name, roots[name], join(folder, repository), options);
      plain[name] = await push('base');
      const image = await push('attested');
      const statement = inTotoStatement(image, syftSpdx(packages[name]));
      attested[name] = await pushAttestedIndex(registry.host, 'attested', `index-${name}`, image, statement);
      referred[name] = await push('referred');
      const document = await trivyCycloneDx(program.path, roots[name]);
      await attachReferrer(
        registry.host,
        'referred',
        referred[name],
        document,
        'application/vnd.cyclonedx+json',
      );
    }
    await writeTrivyDatabase(join(folder, 'trivy'), planted(raised));
    const registriesFile = join(folder, 'registries.yml');
    await writeFile(
      registriesFile,
      `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
    );
    return {
      registry,
      folder,
      trivy: program.path,
      unpacked: program.unpacked,
      plain: digests(plain),
      attested: digests(attested),
      referred: digests(referred),
      raised,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        PINWHEEL_TRIVY: program.path,
        TRIVY_CACHE_DIR: join(folder, 'trivy'),
        TRIVY_SKIP_DB_UPDATE: 'true',
        XDG_CACHE_HOME: join(folder, 'cache'),
      },
      registriesFile,
      stop: async () => {
        await registry.stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function digests(made: Readonly<Record<string, string>>): Digests {
  const { old = '', updated = '', extended = '' } = made;
  return { old, updated, extended };
}

/** Which sources the updates raised. The first two are planted; both a source of its own name and of another one are wanted. */
function raisedSources(
  before: readonly InstalledPackage[],
  after: readonly InstalledPackage[],
): readonly Raised[] {
  const old = new Map(before.map((item) => [item.name, item.sourceVersion]));
  const raised = new Map<string, { version: string; packages: string[] }>();
  for (const item of after) {
    if (old.get(item.name) === item.sourceVersion || !old.has(item.name)) continue;
    const known = raised.get(item.source) ?? { version: item.sourceVersion, packages: [] };
    known.packages.push(item.name);
    raised.set(item.source, known);
  }
  const list = [...raised].map(([source, rest]) => ({ source, ...rest, packages: rest.packages.sort() }));
  if (list.length < 2)
    throw new Error('Debian has fewer than two security updates for these packages just now');
  // Sources whose packages have other names come first: these are what an incomplete SBOM loses.
  return list.sort((a, b) => Number(a.packages.includes(a.source)) - Number(b.packages.includes(b.source)));
}

/** Fixed: two raised sources. Kept: glibc (no fix), zlib (a fix to come). Introduced: less. Never there: tar, bash of another release. */
function planted(raised: readonly Raised[]): readonly Planted[] {
  const [first, second] = raised;
  const bucket = 'debian 12';
  return [
    ...(first === undefined
      ? []
      : [
          {
            id: 'CVE-2026-1001',
            bucket,
            sourcePackage: first.source,
            fixedVersion: first.version,
            severity: 'CRITICAL' as const,
          },
        ]),
    ...(second === undefined
      ? []
      : [
          {
            id: 'CVE-2026-1002',
            bucket,
            sourcePackage: second.source,
            fixedVersion: second.version,
            severity: 'HIGH' as const,
            vendorSeverity: { nvd: 3 as const },
          },
        ]),
    {
      id: 'CVE-2026-1003',
      bucket,
      sourcePackage: 'glibc',
      severity: 'HIGH',
      vendorSeverity: { debian: 1, nvd: 3 },
    },
    {
      id: 'CVE-2026-1004',
      bucket,
      sourcePackage: 'zlib',
      fixedVersion: '1:99',
      severity: 'MEDIUM',
      vendorSeverity: { nvd: 2 },
    },
    {
      id: 'CVE-2026-1005',
      bucket,
      sourcePackage: 'less',
      severity: 'HIGH',
      vendorSeverity: { nvd: 3 },
      title: 'less: @octocat <img src=x> closes #1 | and [more](https://evil.example)',
    },
    { id: 'CVE-2026-1006', bucket, sourcePackage: 'tar', fixedVersion: '1.0', severity: 'CRITICAL' },
    { id: 'CVE-2026-1007', bucket: 'debian 11', sourcePackage: 'bash', severity: 'CRITICAL' },
  ];
}
