import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/registry.ts';
import { openWorktree } from '../../src/adapters/worktree/worktree.ts';
import { openFacts } from '../../src/app/open-facts.ts';
import { defaultConfig } from '../../src/config/repository.ts';
import { gather } from '../../src/pass/gather.ts';
import { passRequest } from '../../src/pass/request.ts';
import { reportOf } from '../../src/pull-requests/report.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { registryEntry } from '../support/registry-entry.ts';
import { stubProgram } from '../support/stub-program.ts';

const NOW = new Date('2026-11-20T12:00:00Z');
let registry: EmbeddedRegistry;
let folder: string;

beforeEach(async () => {
  registry = await startEmbeddedRegistry();
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-facts-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await registry.close();
});

/** An image with an SBOM in a label: as many vulnerabilities as its one package's version says. */
function push(tag: string, vulnerabilities: number): string {
  const referenceLocator = `pkg:deb/debian/tar@${vulnerabilities}?distro=debian-12`;
  const externalRefs = [{ referenceType: 'purl', referenceLocator }];
  const sbom = {
    spdxVersion: 'SPDX-2.3',
    packages: [{ name: 'tar', versionInfo: `${vulnerabilities}`, externalRefs }],
  };
  const spec = { platforms: ['linux/amd64'], labels: { sbom: JSON.stringify(sbom) } };
  return registry.pushImage('base/app', tag, spec).top.digest;
}

/** A Trivy that reads SBOMs only. */
const trivy = () =>
  stubProgram(
    'trivy',
    `if (args[0] === 'version') {
       console.log(JSON.stringify({ Version: '0.68.2', VulnerabilityDB: { UpdatedAt: '2026-11-01T00:00:00Z', NextUpdate: '2099-01-01T00:00:00Z' } }));
       process.exit(0);
     }
     if (args[0] !== 'sbom') process.exit(3);
     const tar = JSON.parse(fs.readFileSync(args.at(-1), 'utf8')).components.find((item) => item.name === 'tar');
     const found = (_, i) => ({ VulnerabilityID: 'CVE-2026-' + (1000 + i), PkgName: 'tar', PkgIdentifier: { PURL: tar.purl }, InstalledVersion: tar.version, Severity: 'MEDIUM' });
     console.log(JSON.stringify({ SchemaVersion: 2, ArtifactName: 'x', ArtifactType: 'cyclonedx', Metadata: { OS: { Family: 'debian', Name: '12' } },
       Results: [{ Class: 'os-pkgs', Type: 'debian', Packages: [{ Name: 'tar', Version: tar.version, Identifier: { PURL: tar.purl } }],
         Vulnerabilities: Array.from({ length: Number(tar.version) }, found) }] }));`,
  );

it.each([
  ['in one line, from its SBOM alone', true, 1],
  ['not where that is turned off', false, 0],
])('a smaller variant is suggested %s', async (_, suggestions, times) => {
  const old = push('1.2-bookworm', 42);
  push('1.2-bookworm', 41);
  push('1.2-slim-bookworm', 3);
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${registry.host}/base/app:1.2-bookworm@${old}\n`);
  const stub = await trivy();
  const settings = { registries: [registryEntry(registry.host, { plainHttp: true, allowPrivate: true })] };
  const client = createRegistry({ settings, env: {} });
  const tree = openWorktree(folder);
  const config = { ...defaultConfig(), scan: { ...defaultConfig().scan, suggestions } };
  const sources = {
    registry: client,
    registrySettings: settings,
    env: { PINWHEEL_TRIVY: stub.file, PATH: process.env['PATH'], PINWHEEL_SIGSTORE_ROOT: 'off' },
    cwd: folder,
    cacheFolder: join(folder, '.cache'),
    now: () => NOW,
    seen: null,
  };
  const facts = await openFacts(sources, tree, config, new AbortController().signal);
  const ports = { tree, registry: client, facts, history: null };
  const pass = await gather(ports, config, passRequest(NOW));
  await client.close();
  const line = `Fewer findings: \`${registry.host}/base/app:1.2-slim-bookworm\` has 3 (0 critical, 0 high), \`${registry.host}/base/app:1.2-bookworm\` 41 (0 critical, 0 high).`;
  const reported = pass.plan.rotations.map((rotation) => reportOf(pass, rotation).suggestion);
  expect(reported).toEqual([times === 0 ? null : line]);
  const commands = (await stub.calls()).filter(([command]) => command !== 'version');
  expect(commands.map(([command]) => command)).toEqual(Array(2 + times).fill('sbom'));
});
