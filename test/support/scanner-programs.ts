import type { ImageAccess } from '../../src/adapters/scanner/image-access.ts';
import { type ProgramOutput, type ProgramRun, runProgram } from '../../src/adapters/scanner/run-program.ts';
import type { CompleteSbom } from '../../src/assess/sbom/complete-sbom.ts';
import { ScannerError, type ScanSubject } from '../../src/assess/scanner.ts';
import { digestOf } from './findings.ts';
import type { StubProgram } from './stub-program.ts';

export const signal = new AbortController().signal;
export const subject: ScanSubject = {
  registry: 'registry.example',
  repository: 'base',
  digest: digestOf('a'),
  platform: { os: 'linux', architecture: 'amd64', variant: null },
  configDigest: digestOf('c'),
};
export const sbom: CompleteSbom = {
  format: 'spdx',
  complete: true,
  os: { id: 'debian', version: '12' },
  packages: [
    {
      name: 'libssl3',
      version: '3.0.11-1',
      type: 'deb',
      purl: 'pkg:deb/debian/libssl3@3.0.11-1',
      source: { name: 'openssl', version: null },
      location: null,
    },
  ],
};
export const access: ImageAccess = {
  reference: `registry.example/base@${digestOf('a')}`,
  host: 'registry.example',
  plainHttp: true,
  credentials: { kind: 'basic', username: 'me', password: 's3cret' },
  ca: null,
};

/** What a program prints, by its arguments and environment; throws what the runner would. */
export type Answer = (args: readonly string[], env: Readonly<Record<string, string>>) => string;

/** A program that answers in this process, and keeps its command lines. */
export type FakeProgram = { readonly answer: Answer; readonly calls: (readonly string[])[] };

export function fake(answer: Answer): FakeProgram {
  return { answer, calls: [] };
}

export function fails(said: string): never {
  throw new ScannerError({ code: 'failed', message: `it failed with exit code 1: ${said}` });
}

export function options(program: FakeProgram | StubProgram, env: Readonly<Record<string, string>> = {}) {
  const run = async (one: ProgramRun): Promise<ProgramOutput> => {
    if ('file' in program) return runProgram(one);
    program.calls.push(one.args);
    return { stdout: program.answer(one.args, one.env), stderr: '' };
  };
  return {
    run,
    file: 'file' in program ? program.file : '/usr/bin/scanner',
    env: { PATH: process.env['PATH'] ?? '', GITHUB_TOKEN: 'never', ...env },
    access: async () => access,
    timeoutMs: 5_000,
    maxOutputBytes: 1_000_000,
    now: () => new Date('2026-11-20T00:00:00Z'),
  };
}

export const VERSION = {
  Version: '0.68.2',
  VulnerabilityDB: { Version: 2, UpdatedAt: '2026-11-01T06:00:00Z', NextUpdate: '2099-01-01T00:00:00Z' },
};
export const VULNERABILITY = {
  VulnerabilityID: 'CVE-2026-0001',
  VendorIDs: ['DSA-1-1'],
  PkgName: 'libssl3',
  PkgIdentifier: { PURL: 'pkg:deb/debian/libssl3@3.0.11-1?arch=amd64' },
  InstalledVersion: '3.0.11-1',
  FixedVersion: '3.0.13-1',
  Severity: 'LOW',
  SeveritySource: 'debian',
  PrimaryURL: 'https://example.org/CVE-2026-0001',
  Title: 'openssl: a flaw',
  Futurewise: { any: 'thing' },
};
export const REPORT = {
  SchemaVersion: 2,
  ArtifactName: 'x',
  ArtifactType: 'container_image',
  Metadata: { OS: { Family: 'debian', Name: '12.5' }, ImageID: digestOf('c') },
  Results: [
    {
      Target: 'x (debian 12.5)',
      Class: 'os-pkgs',
      Type: 'debian',
      Packages: [
        { Name: 'libssl3', Version: '3.0.11-1', Identifier: { PURL: 'pkg:deb/debian/libssl3@3.0.11-1' } },
      ],
      Vulnerabilities: [VULNERABILITY],
    },
    {
      Target: 'Node.js',
      Class: 'lang-pkgs',
      Type: 'node-pkg',
      Packages: [{ Name: 'lodash', Version: '4.17.20', Identifier: { PURL: 'pkg:npm/lodash@4.17.20' } }],
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2026-0002',
          PkgName: 'lodash',
          PkgPath: 'app/lodash/package.json',
          InstalledVersion: '4.17.20',
          Severity: 'HIGH',
        },
      ],
    },
  ],
};

/** A Trivy that knows its version and answers every scan with `report`. */
export function trivy(report: Answer, version: unknown = VERSION): FakeProgram {
  return fake((args, env) => (args[0] === 'version' ? JSON.stringify(version) : report(args, env)));
}

export const print =
  (document: unknown): Answer =>
  () =>
    JSON.stringify(document);

export const MATCH = {
  vulnerability: {
    id: 'GHSA-aaaa-bbbb-cccc',
    dataSource: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    namespace: 'github:language:javascript',
    severity: 'High',
    description: 'lodash: a flaw',
    fix: { versions: ['4.17.21'], state: 'fixed' },
  },
  relatedVulnerabilities: [{ id: 'CVE-2026-0002', severity: 'Critical' }],
  matchDetails: [{ type: 'exact-direct-match', fix: { suggestedVersion: '4.17.21' } }],
  artifact: {
    name: 'lodash',
    version: '4.17.20',
    type: 'npm',
    purl: 'pkg:npm/lodash@4.17.20',
    locations: [{ path: '/app/lodash' }],
    upstreams: [],
  },
};
export const DEBIAN_MATCH = {
  vulnerability: {
    id: 'CVE-2026-0001',
    namespace: 'debian:distro:debian:12',
    severity: 'Negligible',
    urls: ['https://x.example'],
    fix: { versions: [], state: 'wont-fix' },
  },
  relatedVulnerabilities: [{ id: 'CVE-2026-0001', severity: 'High' }],
  matchDetails: [],
  artifact: {
    name: 'libssl3',
    version: '3.0.11-1',
    type: 'deb',
    purl: 'pkg:deb/debian/libssl3@3.0.11-1',
    locations: [{ path: '/var/lib/dpkg/status' }],
  },
};
export const GRYPE = {
  matches: [MATCH, DEBIAN_MATCH],
  source: {
    type: 'image',
    target: { userInput: 'x', imageID: digestOf('c'), manifestDigest: digestOf('a') },
  },
  distro: { name: 'debian', version: '12', idLike: [] },
  descriptor: {
    name: 'grype',
    version: '0.92.0',
    db: { status: { built: '2026-11-01T01:00:00Z', valid: true } },
  },
};

/** A Grype as documented: `version`, `db status` and `db update`, and `report` for every scan. */
export function grype(report: Answer): FakeProgram {
  return fake((args, env) => {
    if (args[0] === 'version') return '{"application":"grype","version":"0.92.0"}';
    if (args[0] !== 'db') return report(args, env);
    if (args[1] === 'status') return '{"schemaVersion":"6.0.2","built":"2026-11-01T01:00:00Z","valid":true}';
    return env['GRYPE_FAIL_UPDATE'] === undefined ? '' : fails('no route to host');
  });
}
