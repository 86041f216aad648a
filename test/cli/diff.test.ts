import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { stubProgram } from '../support/stub-program.ts';
import { createHarness, type Harness } from './harness.ts';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const [A, B] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`];

let registry: EmbeddedRegistry;
let shell: Harness;

beforeEach(async () => {
  registry = await startEmbeddedRegistry();
  shell = createHarness();
  await shell.write(
    'registries.yaml',
    `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
  );
});

afterEach(async () => {
  shell.remove();
  await registry.close();
});

function push(config: Readonly<Record<string, unknown>>, version: string, architecture = 'amd64'): Digest {
  const referenceLocator = `pkg:deb/debian/tar@${version}?distro=debian-12`;
  const sbom = {
    spdxVersion: 'SPDX-2.3',
    packages: [
      { name: 'tar', versionInfo: version, externalRefs: [{ referenceType: 'purl', referenceLocator }] },
    ],
  };
  const bytes = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture,
      config: { ...config, Labels: { sbom: JSON.stringify(sbom) } },
    }),
  );
  const digest = registry.putBlob('base/app', bytes);
  return registry.putManifest(
    'base/app',
    {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: bytes.length },
      layers: [],
    },
    MANIFEST,
  );
}

const image = (digest: Digest, tag = '') => `${registry.host}/base/app${tag}@${digest}`;
const diff = (...argv: readonly string[]) => shell.run('diff', '--registries', 'registries.yaml', ...argv);

describe('pinwheel diff', () => {
  it.each<[string, readonly string[], string]>([
    ['no image', [], 'needs two images'],
    ['one image', [`python@${A}`], 'needs two images'],
    ['three', [`python@${A}`, `python@${B}`, 'x'], 'unexpected argument'],
    ['no digest', ['python:3.11', `python@${B}`], 'has no digest'],
    ['no image at all', ['UPPER', `python@${B}`], 'UPPER'],
    ['two images', [`python@${A}`, `node@${B}`], 'two digests of one image'],
    ['a platform that is none', [`python@${A}`, `python@${B}`, '--platform', 'amd64'], 'os/architecture'],
    ['a scanner that is none', [`python@${A}`, `python@${B}`, '--scanner', 'clair'], 'expected one of auto'],
    ['two outputs', [`python@${A}`, `python@${B}`, '--json', '--sarif'], 'exclude each other'],
    [
      'an SBOM that is none',
      [`python@${A}`, `python@${B}`, '--sbom', 'xml'],
      'expected one of cyclonedx, spdx',
    ],
    ['a file that is not there', [`python@${A}`, `python@${B}`, '--ignore', 'nowhere'], 'nowhere'],
  ])('%s is refused', async (_, argv, message) => {
    const { code, stderr } = await diff(...argv);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });

  it('without a scanner compares packages and configuration, says so, and ends with 1', async () => {
    const [old, now] = [push({ User: 'app' }, '1'), push({}, '2')];
    const { code, stdout, stderr } = await diff(image(old, ':1'), now, '--json');
    expect(code).toBe(1);
    expect(stderr).toContain('scan-unavailable: no scanner is available');
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'scan-unavailable',
      vulnerabilities: null,
      packages: { changed: [{ name: 'tar', from: '1', to: '2' }] },
      config: [{ field: 'user', from: 'app', to: null }, { field: 'labels.sbom' }],
      platform: 'linux/amd64',
    });
  });

  it('uses the scanner that is named, and shows what it says in every form', async () => {
    const stub = await stubProgram(
      'trivy',
      `if (args[0] === 'version') {
         console.log(JSON.stringify({ Version: '0.68.2', VulnerabilityDB: { UpdatedAt: '2026-11-01T00:00:00Z', NextUpdate: '2099-01-01T00:00:00Z' } }));
       } else {
         const bom = JSON.parse(fs.readFileSync(args.at(-1), 'utf8'));
         const tar = bom.components.find((item) => item.name === 'tar');
         const found = (id) => ({ VulnerabilityID: id, PkgName: 'tar', PkgIdentifier: { PURL: tar.purl }, InstalledVersion: tar.version, Severity: 'HIGH' });
         console.log(JSON.stringify({
           SchemaVersion: 2, ArtifactName: 'x', ArtifactType: 'cyclonedx', Metadata: { OS: { Family: 'debian', Name: '12' } },
           Results: [{ Class: 'os-pkgs', Type: 'debian', Packages: [{ Name: 'tar', Version: tar.version, Identifier: { PURL: tar.purl } }],
             Vulnerabilities: [found('CVE-2026-0001'), found(tar.version === '1' ? 'CVE-2026-0002' : 'CVE-2026-0003')] }],
         }));
       }`,
    );
    shell.remove();
    shell = createHarness({
      env: { PINWHEEL_TRIVY: stub.file, XDG_CACHE_HOME: stub.folder, PATH: process.env['PATH'] },
    });
    await shell.write(
      'registries.yaml',
      `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
    );
    const [old, now] = [push({}, '1'), push({}, '2')];
    const json = await diff(image(old), image(now), '--json');
    expect([json.code, json.stderr]).toEqual([0, '']);
    const document = JSON.parse(json.stdout);
    const ids = (list: string) =>
      document.vulnerabilities[list].map((item: { readonly id: string }) => item.id);
    expect([ids('fixed'), ids('introduced'), ids('unchanged')]).toEqual([
      ['CVE-2026-0002'],
      ['CVE-2026-0003'],
      ['CVE-2026-0001'],
    ]);
    expect(document).toMatchObject({
      scanner: { name: 'trivy', version: '0.68.2', database: '2026-11-01T00:00:00Z' },
      source: 'sbom',
    });
    expect(Object.keys(document).sort()).toEqual([
      'config',
      'packages',
      'platform',
      'scanner',
      'source',
      'vulnerabilities',
    ]);
    expect((await diff(image(old), image(now))).stdout).toContain('🔴 −1 high · +1 high new · 1 unchanged');
    expect((await diff(image(old), image(now), '--markdown')).stdout).toContain('### Introduced (1)');
    expect(JSON.parse((await diff(image(old), image(now), '--sarif')).stdout).version).toBe('2.1.0');
    expect(JSON.parse((await diff(image(old), image(now), '--sbom', 'spdx')).stdout).spdxVersion).toBe(
      'SPDX-2.3',
    );
    // Both reports came from the cache after the first time.
    expect((await stub.calls()).filter(([command]) => command === 'sbom')).toHaveLength(2);
    await shell.write('.trivyignore', 'CVE-2026-0003\n');
    const ignored = JSON.parse(
      (await diff(image(old), image(now), '--json', '--ignore', '.trivyignore')).stdout,
    );
    expect(ignored.vulnerabilities.introduced).toEqual([]);
  });

  it('compares the platform that is asked for, and no other', async () => {
    const index = (version: string) => {
      const manifests = ['amd64', 'arm64'].map((architecture) => ({
        mediaType: MANIFEST,
        digest: push({}, `${version}-${architecture}`, architecture),
        size: 1,
        platform: { os: 'linux', architecture },
      }));
      return registry.putManifest('base/app', { schemaVersion: 2, mediaType: INDEX, manifests }, INDEX);
    };
    const [old, now] = [index('1'), index('2')];
    const { stdout } = await diff(image(old), image(now), '--json', '--platform', 'linux/arm64/v8');
    expect(JSON.parse(stdout)).toMatchObject({
      platform: 'linux/arm64',
      packages: { changed: [{ from: '1-arm64' }] },
    });
    const lost = await diff(image(old), image(push({}, '3')));
    expect(lost.stdout).toContain('the new image no longer has linux/arm64');
    const missing = await diff(image(old), image(now), '--json', '--platform', 'linux/s390x');
    expect([missing.code, JSON.parse(missing.stdout)]).toMatchObject([1, { status: 'failed' }]);
    expect(missing.stderr).toContain('does not have linux/s390x');
  });

  it('a digest that is not there, and a host that is not allowed', async () => {
    const now = push({}, '1');
    const gone = await diff(image(now), `${registry.host}/base/app@${A}`);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain('error');
    const refused = await shell.run('diff', image(now), image(now), '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toEqual({
      status: 'failed',
      reason: expect.stringContaining('loopback'),
      vulnerabilities: null,
      packages: null,
      config: [],
      scanner: null,
      source: null,
      platform: null,
    });
  });
});
