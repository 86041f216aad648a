import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asksForScans } from '../../src/cli/rotation-facts.ts';
import { mergeConfig, parseRepositoryConfig } from '../../src/config/repository.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';
import { stubProgram } from '../support/stub-program.ts';
import { createHarness, type Harness } from './harness.ts';

let registry: EmbeddedRegistry;
let cache: string;
const shells: Harness[] = [];

beforeEach(async () => {
  registry = await startEmbeddedRegistry();
  cache = mkdtempSync(join(tmpdir(), 'pinwheel-cache-'));
});

afterEach(async () => {
  for (const shell of shells.splice(0)) shell.remove();
  rmSync(cache, { recursive: true });
  await registry.close();
});

/** A checkout whose one pin is behind its tag, at a time. */
async function checkout(now: string, files: Readonly<Record<string, string>>, env = {}): Promise<Harness> {
  const shell = createHarness({ now, env: { XDG_CACHE_HOME: cache, PINWHEEL_SIGSTORE_ROOT: 'off', ...env } });
  shells.push(shell);
  const text = `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`;
  await shell.write('registries.yaml', text);
  for (const [path, content] of Object.entries(files)) await shell.write(path, content);
  return shell;
}

async function rotation(shell: Harness, ...more: readonly string[]) {
  const { stdout } = await shell.run('rotate', '--json', ...hosts(shell), ...more);
  return JSON.parse(stdout).rotations[0];
}

const hosts = (shell: Harness) => ['--registries', join(shell.root, 'registries.yaml')];
const pin = (digest: string) => ({ Dockerfile: `FROM ${registry.host}/base/app:1@${digest}\n` });
const settings = (policy: string) => ({ '.github/pinwheel.yml': policy });

/** A Trivy that finds a critical vulnerability in images whose digest ends as asked, and a note in all. */
const worseTrivy = (digest: string) =>
  stubProgram(
    'trivy',
    `if (args[0] === 'version') { console.log('{"Version":"0.68.2"}'); process.exit(0); }
     const found = (id, Severity) => ({ VulnerabilityID: id, PkgName: 'tar', InstalledVersion: '1', Severity });
     const worse = args.at(-1).endsWith('${digest}');
     console.log(JSON.stringify({ SchemaVersion: 2, ArtifactName: args.at(-1), Metadata: { OS: { Family: 'debian', Name: '12' } },
       Results: [{ Class: 'os-pkgs', Type: 'debian',
         Vulnerabilities: [found('CVE-2026-0001', 'LOW'), ...(worse ? [found('CVE-2026-0002', 'CRITICAL')] : [])] }] }));`,
  );

describe('what a local rotation looks at', () => {
  it('scans where it is told to, or the policy is about findings, and nothing more elsewhere', async () => {
    const platforms = ['linux/amd64'];
    const old = registry.pushImage('base/app', '1', { seed: 'old', platforms, single: true }).top.digest;
    const fresh = registry.pushImage('base/app', '1', { seed: 'new', platforms, single: true }).top.digest;
    const env = { PINWHEEL_TRIVY: (await worseTrivy(fresh)).file, PATH: process.env['PATH'] };
    const now = '2026-11-20T12:00:00Z';

    const plain = await checkout(now, pin(old), env);
    registry.resetLog();
    expect(await rotation(plain)).toMatchObject({ verdict: 'rotate' });
    expect(registry.counts()).toMatchObject({ referrers: 0, tags: 0 });

    const blocked = { verdict: 'block', reasons: [{ code: 'introduced-vulnerability' }, {}] };
    expect(await rotation(plain, '--scan')).toMatchObject(blocked);
    const strict = await checkout(now, { ...pin(old), ...settings('policy: { stage: age }\n') }, env);
    expect(await rotation(strict)).toMatchObject(blocked);
    const { stdout } = await strict.run('rotate', ...hosts(strict));
    expect(stdout).toContain('🔴 −0 · +1 critical new');
  });

  it('remembers when it first saw a digest that has to wait', async () => {
    const old = registry.pushImage('base/app', '1', { seed: 'old', created: '2026-11-10T00:00:00Z' }).top
      .digest;
    registry.pushImage('base/app', '1', { seed: 'new' });
    const files = { ...pin(old), ...settings('policy: { age: { minimum: 3d, maximum: 90d } }\n') };
    const on = async (now: string) => rotation(await checkout(now, files));
    expect(await on('2026-11-20T12:00:00Z')).toMatchObject({ verdict: 'hold' });
    expect(await on('2026-11-23T11:00:00Z')).toMatchObject({ verdict: 'hold' });
    expect(await on('2026-11-23T12:00:00Z')).toMatchObject({ verdict: 'rotate' });
  });

  it('a pin past its maximum does not wait, whoever knows its age', async () => {
    const created = '2026-10-01T00:00:00Z';
    const old = registry.pushImage('base/app', '1', { seed: 'old', created }).top.digest;
    registry.pushImage('base/app', '1', { seed: 'new' });
    const files = { ...pin(old), ...settings('policy: { age: { minimum: 3d } }\n') };
    expect(await rotation(await checkout('2026-11-20T12:00:00Z', files))).toMatchObject({
      verdict: 'rotate',
      reasons: expect.arrayContaining([expect.objectContaining({ code: 'maximum-age' })]),
    });
  });

  it('is what an explanation looks at; a question about another day ages nothing', async () => {
    const old = registry.pushImage('base/app', '1', { seed: 'old', created: '2026-11-10T00:00:00Z' }).top
      .digest;
    registry.pushImage('base/app', '1', { seed: 'new' });
    const policy = 'policy: { stage: age, age: { minimum: 3d, maximum: 90d } }\n';
    const shell = await checkout('2026-11-20T12:00:00Z', { ...pin(old), ...settings(policy) });
    const explain = (...more: readonly string[]) =>
      shell.run('policy', 'explain', `${registry.host}/base/app`, shell.root, ...hosts(shell), ...more);
    expect((await explain('--as-of', '2026-01-01')).stdout).toContain('hold');
    const { stdout } = await explain();
    expect(stdout).toMatch(/vulnerabilities +unknown: no scanner/);
    expect(stdout).not.toContain('introduces');
    expect(await rotation(shell)).toMatchObject({ verdict: 'hold' });
  });
});

describe('asksForScans', () => {
  it.each([
    ['{}', false],
    ['policy: { stage: monitor, age: { maximum: 7d }, pinned: required }', false],
    ['policy: { stage: baseline }', true],
    ['policy: { stage: age, gates: { baseline: show } }', false],
    ['policy: { gates: { baseline: enforce } }', true],
    ['policy: { severity: { high: note } }', true],
    ['policy: { severity: { withoutScan: hold } }', true],
    ['policy: { exceptions: [{ id: CVE-2026-1, reason: r, by: a, expires: 2026-12-01 }] }', true],
    ['scan: { scanner: grype }', true],
    ['scan: true', false],
    ['{ scan: false, policy: { stage: age, severity: { high: note } } }', false],
  ])('%s: %s', (text, expected) => {
    const file = parseRepositoryConfig(text, 'pinwheel.yml');
    const config = file.ok ? mergeConfig(null, file.value) : file;
    expect(config.ok && asksForScans(config.value)).toBe(expected);
  });
});
