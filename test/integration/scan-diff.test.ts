import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/cli/diff.ts';
import type { Io } from '../../src/cli/io.ts';
import type { DiffDocument } from '../../src/plan/scan-diff/diff-document.ts';
import { type Digests, type ScanLab, startScanLab } from './support/scan-lab.ts';
import { startDockerRegistry } from './support/scan-programs.ts';

let lab: ScanLab;

beforeAll(async () => {
  lab = await startScanLab();
}, 600_000);

afterAll(() => lab?.stop());

type Outcome = { readonly code: number; readonly out: string; readonly err: string };

function diff(
  repository: string,
  digests: Digests,
  from: keyof Digests,
  to: keyof Digests,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const image = `${lab.registry.host}/${repository}`;
  const images = [`${image}:${from}@${digests[from]}`, `${image}@${digests[to]}`];
  return command([...images, '--registries', lab.registriesFile, ...args], env);
}

async function command(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  let [out, err] = ['', ''];
  const collect = (add: (text: string) => void): Writable =>
    new Writable({
      write: (chunk, _encoding, done) => {
        add(String(chunk));
        done();
      },
    });
  const io: Io = {
    stdout: collect((text) => {
      out += text;
    }),
    stderr: collect((text) => {
      err += text;
    }),
    env: { ...lab.env, ...env },
    cwd: tmpdir(),
    color: false,
    progress: false,
    columns: 100,
    now: () => new Date('2026-11-20T00:00:00Z'),
    signal: new AbortController().signal,
  };
  const code = await run(argv, io);
  return { code, out, err };
}

async function diffJson(
  repository: string,
  digests: Digests,
  from: keyof Digests,
  to: keyof Digests,
  env: Readonly<Record<string, string>> = {},
): Promise<DiffDocument> {
  const { code, out, err } = await diff(repository, digests, from, to, ['--json'], env);
  expect(err).toBe('');
  expect(code).toBe(0);
  return JSON.parse(out);
}

function listed(document: DiffDocument, list: 'fixed' | 'introduced' | 'unchanged'): readonly string[] {
  return (document.vulnerabilities?.[list] ?? []).map(
    (item) => `${item.severity} ${item.id} ${item.package}`,
  );
}

function expectedFixed(): readonly string[] {
  const [first, second] = lab.raised;
  return [
    ...(first?.packages ?? []).map((name) => `critical CVE-2026-1001 ${name}`),
    ...(second?.packages ?? []).map((name) => `high CVE-2026-1002 ${name}`),
  ];
}

const KEPT = ['medium CVE-2026-1004 zlib1g', 'low CVE-2026-1003 libc-bin', 'low CVE-2026-1003 libc6'];
const KINDS = ['plain', 'attested', 'referred'] as const;
const REPOSITORIES = { plain: 'base', attested: 'attested', referred: 'referred' } as const;

describe('real Trivy on real images in a real registry', () => {
  it.each(KINDS)('%s: exactly the planted vulnerabilities are fixed and kept', async (kind) => {
    const document = await diffJson(REPOSITORIES[kind], lab[kind], 'old', 'updated');
    expect(listed(document, 'fixed')).toEqual(expectedFixed());
    expect(listed(document, 'introduced')).toEqual([]);
    expect(listed(document, 'unchanged')).toEqual(KEPT);
    expect(document.source).toBe(kind === 'plain' ? 'image' : 'sbom');
    expect(document.platform).toBe('linux/amd64');
    expect(document.scanner).toEqual({ name: 'trivy', version: 'dev', database: '2026-11-01T06:00:00Z' });
  });

  it.each(KINDS)('%s: exactly the planted vulnerability is introduced', async (kind) => {
    const document = await diffJson(REPOSITORIES[kind], lab[kind], 'updated', 'extended');
    expect(listed(document, 'fixed')).toEqual([]);
    expect(listed(document, 'introduced')).toEqual(['high CVE-2026-1005 less']);
    expect(listed(document, 'unchanged')).toEqual(KEPT);
    expect(document.packages?.added.map((item) => item.name)).toEqual(['less']);
  });

  it('all routes agree on packages and configuration', async () => {
    const documents = await Promise.all(
      KINDS.map((kind) => diffJson(REPOSITORIES[kind], lab[kind], 'old', 'updated')),
    );
    const [first] = documents;
    const names = first?.packages?.changed.map((item) => item.name);
    expect(names).toEqual(lab.raised.flatMap((item) => item.packages).sort());
    for (const document of documents) {
      expect(document.packages).toEqual(first?.packages);
      expect(document.config.map(({ field, from, to }) => [field, from, to])).toEqual(
        expect.arrayContaining([
          ['user', 'app', null],
          ['ports.8080/tcp', null, '8080/tcp'],
        ]),
      );
    }
  });

  it('an attached SBOM is enough: no layer is requested', async () => {
    const before = lab.registry.requests().length;
    await diffJson('attested', lab.attested, 'old', 'extended', {
      XDG_CACHE_HOME: join(tmpdir(), 'pinwheel-none'),
    });
    const asked = lab.registry.requests().slice(before);
    const layers = await layerDigests('attested', ['old', 'extended']);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((line) => layers.some((layer) => line.includes(layer)))).toEqual([]);
    await rm(join(tmpdir(), 'pinwheel-none'), { recursive: true, force: true });
  });

  it('Markdown, SARIF and SBOM of the same comparison', async () => {
    const markdown = await diff('attested', lab.attested, 'updated', 'extended', ['--markdown']);
    expect(markdown.out).toContain('### Introduced (1)');
    expect(markdown.out).not.toContain('<img');
    expect(markdown.out).not.toMatch(/@octocat|#1\b/);
    const sarif = JSON.parse((await diff('attested', lab.attested, 'updated', 'extended', ['--sarif'])).out);
    expect(sarif.runs[0].results.map((result: { baselineState: string }) => result.baselineState)).toEqual([
      'new',
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    const sbom = JSON.parse(
      (await diff('base', lab.plain, 'updated', 'extended', ['--sbom', 'cyclonedx'])).out,
    );
    expect(sbom.components.map((item: { name: string }) => item.name)).toContain('less');
    const text = (await diff('attested', lab.attested, 'old', 'updated', [])).out;
    expect(text).toContain('🟢');
  });

  it('leaves no temporary folder behind', async () => {
    await diffJson('attested', lab.attested, 'old', 'updated');
    expect(
      (await readdir(tmpdir())).filter((name) => name.startsWith('pinwheel-scan-') && !name.includes('lab')),
    ).toEqual([]);
  });

  it('a .trivyignore and a platform that is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinwheel-ignore-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, '.trivyignore'), 'CVE-2026-1005\n');
    const args = ['--json', '--ignore', join(folder, '.trivyignore')];
    const { out } = await diff('attested', lab.attested, 'updated', 'extended', args);
    expect(listed(JSON.parse(out), 'introduced')).toEqual([]);
    await expect(
      diff('attested', lab.attested, 'old', 'updated', ['--platform', 'linux/arm64']),
    ).rejects.toThrow('linux/arm64');
  });
});

describe('a registry with a password', () => {
  it('is read by the scanner with the credentials of the registries file, and not without', async () => {
    const login = { username: 'robot', password: 's3cret:with colon' };
    const locked = await startDockerRegistry(lab.folder, login);
    onTestFinished(() => locked.stop());
    const entry = `registries:\n  - host: "${locked.host}"\n    plainHttp: true\n    allowPrivate: true\n`;
    const [open, known] = [join(lab.folder, 'open.yml'), join(lab.folder, 'known.yml')];
    await writeFile(open, entry);
    await writeFile(known, `${entry}    username: robot\n    passwordEnv: ROBOT_PASSWORD\n`);
    const images = [`${locked.host}/base@${lab.plain.old}`, `${locked.host}/base@${lab.plain.updated}`];
    const env = { ROBOT_PASSWORD: login.password, XDG_CACHE_HOME: join(lab.folder, 'locked') };
    const read = await command([...images, '--registries', known, '--json'], env);
    expect(read.err).toBe('');
    expect(listed(JSON.parse(read.out), 'fixed')).toEqual(expectedFixed());
    const refused = await command([...images, '--registries', open, '--json']);
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('UNAUTHORIZED'),
    });
  });
});

async function layerDigests(repository: string, tags: readonly string[]): Promise<readonly string[]> {
  const layers: string[] = [];
  for (const tag of tags) {
    const response = await fetch(`http://${lab.registry.host}/v2/${repository}/manifests/${tag}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const manifest = (await response.json()) as { readonly layers: readonly { readonly digest: string }[] };
    layers.push(...manifest.layers.map((layer) => layer.digest));
  }
  return layers;
}

describe('a scanner that does not work', () => {
  const bodies: readonly (readonly [string, string])[] = [
    ['prints nonsense', 'echo nonsense'],
    ['prints half of its report', `printf '{"SchemaVersion":2,"ArtifactName":'`],
    ['prints without end', 'exec yes'],
    ['crashes', 'kill -SEGV $$'],
    ['hangs', 'sleep 600'],
    ['fails', 'echo "FATAL no database" >&2; exit 1'],
    [
      'says that there is nothing',
      `echo '{"SchemaVersion":2,"ArtifactName":"x","ArtifactType":"container_image","Results":[]}'`,
    ],
    [
      'reports on another image',
      `echo '{"SchemaVersion":2,"ArtifactName":"x","ArtifactType":"container_image","Metadata":{"OS":{"Family":"debian","Name":"12"},"ImageID":"sha256:0"},"Results":[{"Class":"os-pkgs","Packages":[{"Name":"a","Version":"1"}]}]}'`,
    ],
  ];

  it.each(bodies)('and %s ends in scan-unavailable, never in "no vulnerabilities"', async (_, body) => {
    const folder = await mkdtemp(join(tmpdir(), 'pinwheel-liar-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const stub = join(folder, 'trivy');
    const version = `{"Version":"0.68.2","VulnerabilityDB":{"UpdatedAt":"2026-11-01T06:00:00Z","NextUpdate":"2099-01-01T00:00:00Z"}}`;
    await writeFile(stub, `#!/bin/sh\nif [ "$1" = version ]; then echo '${version}'; exit 0; fi\n${body}\n`);
    await chmod(stub, 0o755);
    const env = { PINWHEEL_TRIVY: stub, XDG_CACHE_HOME: folder };
    for (const kind of ['plain', 'attested'] as const) {
      const { code, out, err } = await diff(
        REPOSITORIES[kind],
        lab[kind],
        'old',
        'updated',
        ['--json', '--timeout', '2'],
        env,
      );
      expect(code).toBe(1);
      expect(err).toContain('scan-unavailable');
      expect(JSON.parse(out)).toMatchObject({
        status: 'scan-unavailable',
        vulnerabilities: null,
        scanner: null,
      });
    }
  });

  it('without a scanner packages and configuration are still compared', async () => {
    const env = { PINWHEEL_TRIVY: '', PATH: '/nonexistent' };
    const { code, out } = await diff('attested', lab.attested, 'old', 'updated', ['--json'], env);
    const document: DiffDocument = JSON.parse(out);
    expect(code).toBe(1);
    expect(document.reason).toContain('no scanner is available');
    expect(document.packages?.changed.length).toBeGreaterThan(1);
    expect(document.config.length).toBeGreaterThan(0);
  });
});
