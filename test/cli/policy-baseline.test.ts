import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Digest } from '../../src/domain/digest.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { stubProgram } from '../support/stub-program.ts';
import { createHarness, type Harness } from './harness.ts';

let registry: EmbeddedRegistry;
let checkout: Harness | null = null;

beforeEach(async () => {
  registry = await startEmbeddedRegistry();
});

afterEach(async () => {
  checkout?.remove();
  await registry.close();
});

/** An image with an SBOM in a label, so that no layer is needed. */
function push(): Digest {
  const referenceLocator = 'pkg:deb/debian/tar@1?distro=debian-12';
  const sbom = {
    spdxVersion: 'SPDX-2.3',
    packages: [
      { name: 'tar', versionInfo: '1', externalRefs: [{ referenceType: 'purl', referenceLocator }] },
    ],
  };
  const bytes = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      config: { Labels: { sbom: JSON.stringify(sbom) } },
    }),
  );
  const digest = registry.putBlob('base/app', bytes);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: bytes.length };
  return registry.putManifest(
    'base/app',
    { schemaVersion: 2, mediaType, config, layers: [] },
    mediaType,
    '1',
  );
}

it('scans what is pinned, is reviewed as a file, and then accepted by the check', async () => {
  const stub = await stubProgram(
    'trivy',
    `if (args[0] === 'version') {
       console.log(JSON.stringify({ Version: '0.68.2', VulnerabilityDB: { UpdatedAt: '2026-11-01T00:00:00Z', NextUpdate: '2099-01-01T00:00:00Z' } }));
     } else {
       const bom = JSON.parse(fs.readFileSync(args.at(-1), 'utf8'));
       const tar = bom.components.find((item) => item.name === 'tar');
       const found = (id, severity) => ({ VulnerabilityID: id, PkgName: 'tar', PkgIdentifier: { PURL: tar.purl }, InstalledVersion: tar.version, Severity: severity });
       console.log(JSON.stringify({
         SchemaVersion: 2, ArtifactName: 'x', ArtifactType: 'cyclonedx', Metadata: { OS: { Family: 'debian', Name: '12' } },
         Results: [{ Class: 'os-pkgs', Type: 'debian', Packages: [{ Name: 'tar', Version: tar.version, Identifier: { PURL: tar.purl } }],
           Vulnerabilities: [found('CVE-2026-0002', 'CRITICAL'), found('CVE-2026-0001', 'CRITICAL'), found('CVE-2026-0003', 'HIGH')] }],
       }));
     }`,
  );
  const here = createHarness({
    env: { PINWHEEL_TRIVY: stub.file, XDG_CACHE_HOME: stub.folder, PATH: process.env['PATH'] },
  });
  checkout = here;
  await here.write(
    'registries.yaml',
    `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
  );
  await here.write('Dockerfile', `FROM ${registry.host}/base/app:1@${push()}\n`);
  await here.write('.github/pinwheel.yml', 'policy:\n  stage: baseline\n');
  const run = (...argv: readonly string[]) =>
    here.run(...argv, '--registries', `${here.root}/registries.yaml`);

  const before = await run('check', here.root, '--json');
  expect(before.code).toBe(2);
  expect(JSON.parse(before.stdout).violations).toMatchObject([
    { rule: 'new-critical', file: 'Dockerfile', line: 1 },
  ]);

  const expected = `{
  "version": 1,
  "images": {
    "${registry.host}/base/app:1": [
      {"id": "CVE-2026-0001", "package": "tar"},
      {"id": "CVE-2026-0002", "package": "tar"}
    ]
  }
}
`;
  expect(await run('policy', 'baseline', here.root)).toMatchObject({ code: 0, stdout: expected });
  expect((await run('policy', 'baseline', here.root, '--write')).stdout).toBe(
    'Wrote .github/pinwheel-baseline.json.\n',
  );
  expect(await here.read('.github/pinwheel-baseline.json')).toBe(expected);
  expect((await run('check', here.root)).code).toBe(0);
});

it('writes nothing where an image could not be scanned', async () => {
  const here = createHarness();
  checkout = here;
  await here.write(
    'registries.yaml',
    `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
  );
  await here.write('Dockerfile', `FROM ${registry.host}/base/app:1@${push()}\n`);
  const { code, stderr } = await here.run(
    'policy',
    'baseline',
    here.root,
    '--write',
    '--registries',
    `${here.root}/registries.yaml`,
  );
  expect(code).toBe(1);
  expect(stderr).toContain('vulnerabilities unknown');
  await expect(here.read('.github/pinwheel-baseline.json')).rejects.toThrow();
});

it.each([
  [[], 0, 'pinwheel policy explain'],
  [['--help'], 0, 'pinwheel policy baseline'],
  [['explain', '--help'], 0, 'IMAGE'],
  [['baseline', '--help'], 0, '--write'],
  [['explain'], 1, 'name an image'],
  [['nonsense'], 1, 'expected "explain" or "baseline"'],
])('policy %j', async (argv, code, text) => {
  const here = createHarness();
  checkout = here;
  const result = await here.run('policy', ...argv);
  expect(result.code).toBe(code);
  expect(result.stdout + result.stderr).toContain(text);
});
