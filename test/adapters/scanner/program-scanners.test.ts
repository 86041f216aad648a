import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { GrypeScanner } from '../../../src/adapters/scanner/grype.ts';
import { prepareScanner, selectScanner } from '../../../src/adapters/scanner/select-scanner.ts';
import { TrivyScanner } from '../../../src/adapters/scanner/trivy.ts';
import type { Scanner } from '../../../src/assess/scanner.ts';
import { digestOf } from '../../support/findings.ts';
import {
  type Answer,
  access,
  fails,
  fake,
  GRYPE,
  grype,
  MATCH,
  options,
  print,
  REPORT,
  sbom,
  signal,
  subject,
  trivy,
  VERSION,
} from '../../support/scanner-programs.ts';
import { stubProgram } from '../../support/stub-program.ts';

describe('Trivy', () => {
  it('reports findings, packages and the distribution, and says version and database', async () => {
    const stub = trivy(print(REPORT));
    const scanner = new TrivyScanner(options(stub));
    expect(await scanner.prepare(signal)).toEqual({
      name: 'trivy',
      version: '0.68.2',
      database: '2026-11-01T06:00:00Z',
    });
    const report = await scanner.scanSbom(sbom, subject, signal);
    expect(report.findings).toEqual([
      {
        id: 'CVE-2026-0001',
        aliases: ['DSA-1-1'],
        package: 'libssl3',
        purl: 'pkg:deb/debian/libssl3',
        location: null,
        installed: '3.0.11-1',
        fixedIn: '3.0.13-1',
        severity: 'low',
        severitySource: 'debian',
        title: 'openssl: a flaw',
        url: 'https://example.org/CVE-2026-0001',
      },
      expect.objectContaining({
        id: 'CVE-2026-0002',
        location: 'app/lodash/package.json',
        fixedIn: null,
        severity: 'high',
        title: '',
      }),
    ]);
    expect(report.packages?.map(({ name, type }) => [name, type])).toEqual([
      ['libssl3', 'deb'],
      ['lodash', 'npm'],
    ]);
    expect(report.os).toEqual({ id: 'debian', version: '12.5' });
  });

  it('gets private credentials, plain http, its own variables, and nothing else of ours', async () => {
    const stub = await stubProgram(
      'trivy',
      `if (args[0] === 'version') { console.log(${JSON.stringify(JSON.stringify(VERSION))}); process.exit(0); }
      const stat = fs.statSync(env.DOCKER_CONFIG + '/config.json');
      fs.writeFileSync(folder + '/seen', JSON.stringify({
        config: JSON.parse(fs.readFileSync(env.DOCKER_CONFIG + '/config.json', 'utf8')),
        mode: (stat.mode & 0o777).toString(8), cwd: process.cwd(), env,
      }));
      console.log(${JSON.stringify(JSON.stringify(REPORT))})`,
    );
    const scanner = new TrivyScanner(
      options(stub, { TRIVY_CACHE_DIR: '/cache', AWS_SECRET_ACCESS_KEY: 'never' }),
    );
    await scanner.scanImage(subject, signal);
    const { readFile } = await import('node:fs/promises');
    const seen = JSON.parse(await readFile(`${stub.folder}/seen`, 'utf8'));
    const auth = Buffer.from('me:s3cret').toString('base64');
    expect(seen.config).toEqual({ auths: { 'registry.example': { auth } } });
    expect(seen.mode).toBe('600');
    expect(seen.env).toMatchObject({ TRIVY_CACHE_DIR: '/cache', TMPDIR: seen.cwd });
    expect(Object.keys(seen.env)).not.toContain('GITHUB_TOKEN');
    expect(Object.keys(seen.env)).not.toContain('AWS_SECRET_ACCESS_KEY');
    const call = (await stub.calls()).find(([command]) => command === 'image') ?? [];
    expect(call).toContain('--insecure');
    expect(call.slice(-2)).toEqual(['--', access.reference]);
    expect(call.join(' ')).not.toContain('s3cret');
    expect((await readdir(tmpdir())).filter((name) => name === seen.cwd.split('/').at(-1))).toEqual([]);
  });

  it.each<[string, Answer, string, string]>([
    ['nothing', () => '', 'malformed-output', 'printed nothing'],
    ['half a report', () => '{"SchemaVersion":2,', 'malformed-output', 'did not print JSON'],
    ['another schema', print({ ...REPORT, SchemaVersion: 3 }), 'malformed-output', 'SchemaVersion'],
    ['no artefact', print({ SchemaVersion: 2, Results: [] }), 'malformed-output', 'ArtifactName'],
    [
      'a finding without its package',
      print({ ...REPORT, Results: [{ Vulnerabilities: [{ VulnerabilityID: 'CVE-1' }] }] }),
      'malformed-output',
      'PkgName',
    ],
    ['no packages', print({ ...REPORT, Results: [] }), 'nothing-recognised', 'recognised no packages'],
    ['null results', print({ ...REPORT, Results: null }), 'nothing-recognised', 'recognised no packages'],
    [
      'no distribution',
      print({ ...REPORT, Metadata: { ImageID: digestOf('c') } }),
      'nothing-recognised',
      'distribution',
    ],
    [
      'another image',
      print({ ...REPORT, Metadata: { ...REPORT.Metadata, ImageID: digestOf('d') } }),
      'wrong-subject',
      'reported on',
    ],
    [
      'another reference',
      print({ ...REPORT, ArtifactName: `x@${digestOf('e')}`, Metadata: { OS: REPORT.Metadata.OS } }),
      'wrong-subject',
      digestOf('e'),
    ],
    ['a failure', () => fails('FATAL broken'), 'failed', 'FATAL broken'],
  ])('an image scan that gives %s is no answer', async (_, body, code, message) => {
    const scanner = new TrivyScanner(options(trivy(body)));
    await expect(scanner.scanImage(subject, signal)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('nothing found in a release that it does not know means nothing; what it found counts', async () => {
    const clean = { ...REPORT, Results: [{ ...REPORT.Results[0], Vulnerabilities: [] }] };
    const saying = (document: unknown) => {
      const program = options(trivy(print(document)));
      const stderr = 'WARN This OS version is not on the EOL list family="debian" version="99"';
      return new TrivyScanner({ ...program, run: async (one) => ({ ...(await program.run(one)), stderr }) });
    };
    await expect(saying(clean).scanImage(subject, signal)).rejects.toMatchObject({
      code: 'nothing-recognised',
    });
    expect((await saying(REPORT).scanImage(subject, signal)).findings).toHaveLength(2);
    expect(
      (await new TrivyScanner(options(trivy(print(clean)))).scanImage(subject, signal)).findings,
    ).toEqual([]);
  });

  it('an SBOM of which it recognised less than is in it is no answer', async () => {
    const scanner = new TrivyScanner(options(trivy(print(REPORT))));
    const [first] = sbom.packages;
    const more = {
      ...sbom,
      packages: [...sbom.packages, ...(first === undefined ? [] : [{ ...first, name: 'tar' }])],
    };
    await expect(scanner.scanSbom(more, subject, signal)).rejects.toMatchObject({
      code: 'nothing-recognised',
    });
  });

  it.each<[string, unknown, Readonly<Record<string, string>>, boolean]>([
    ['is fresh', VERSION, {}, false],
    [
      'is outdated',
      {
        ...VERSION,
        VulnerabilityDB: { UpdatedAt: '2026-01-01T00:00:00Z', NextUpdate: '2026-01-02T00:00:00Z' },
      },
      {},
      true,
    ],
    [
      'was never dated',
      {
        Version: '0.68.2',
        VulnerabilityDB: { UpdatedAt: '0001-01-01T00:00:00Z', NextUpdate: '0001-01-01T00:00:00Z' },
      },
      {},
      true,
    ],
    ['is missing', { Version: '0.68.2' }, {}, true],
    ['is missing, and must not be fetched', { Version: '0.68.2' }, { TRIVY_SKIP_DB_UPDATE: 'true' }, false],
    ['is missing, offline', { Version: '0.68.2' }, { TRIVY_OFFLINE_SCAN: '1' }, false],
  ])('a database that %s', async (_, version, env, updates) => {
    const stub = trivy(() => '', version);
    await new TrivyScanner(options(stub, env)).prepare(signal);
    expect(stub.calls.some((call) => call.includes('--download-db-only'))).toBe(updates);
    expect(stub.calls.every((call) => call[0] === 'version' || call.includes('--download-db-only'))).toBe(
      true,
    );
  });

  it('a database that is missing and cannot be fetched is an error; an outdated one is used', async () => {
    const failing = (version: unknown) => trivy(() => fails('FATAL no route to host'), version);
    await expect(
      new TrivyScanner(options(failing({ Version: '0.68.2' }))).prepare(signal),
    ).rejects.toMatchObject({
      code: 'no-database',
      message: expect.stringMatching(
        /could not download one: it failed with exit code 1: FATAL no route to host$/,
      ),
    });
    const database = { UpdatedAt: '2026-01-01T00:00:00Z', NextUpdate: '2026-01-02T00:00:00Z' };
    const old = failing({ Version: '0.68.2', VulnerabilityDB: database });
    expect(await new TrivyScanner(options(old)).prepare(signal)).toMatchObject({
      database: '2026-01-01T00:00:00Z',
    });
  });

  it.each<[string, Answer, string]>([
    ['no version', () => '{}', 'unknown'],
    ['a report', print(REPORT), 'unknown'],
    ['words', () => 'Version: 0.50.1\nVulnerability DB:\n  Version: 2\n', '0.50.1'],
    ['garbage', () => 'what?', 'unknown'],
    ['a failure', () => fails('unknown command'), 'unknown'],
  ])('that answers "version" with %s may scan all the same', async (_, answer, version) => {
    const plain = { ...REPORT, Results: [{ ...REPORT.Results[0], Packages: undefined }] };
    const stub = fake((args, env) => {
      if (args[0] === 'version') return answer(args, env);
      return args.includes('--download-db-only') ? fails('offline') : JSON.stringify(plain);
    });
    const scanner = new TrivyScanner(options(stub));
    expect(await scanner.prepare(signal)).toEqual({ name: 'trivy', version, database: null });
    const report = await scanner.scanImage(subject, signal);
    expect([report.findings.length, report.packages]).toEqual([1, null]);
  });

  it.each([
    ['its name', { ArtifactName: access.reference, Metadata: { OS: REPORT.Metadata.OS } }],
    ['its digests', { Metadata: { ...REPORT.Metadata, ImageID: '', RepoDigests: [access.reference] } }],
    ['nothing', { ArtifactName: 'x', Metadata: { OS: REPORT.Metadata.OS } }],
  ])('a report that tells by %s which image it is about is believed', async (_, members) => {
    const scanner = new TrivyScanner(options(trivy(print({ ...REPORT, ...members }))));
    expect((await scanner.scanImage(subject, signal)).findings).toHaveLength(2);
  });

  it('variables that would make another report of it do not reach it', async () => {
    let seen: Readonly<Record<string, string>> = {};
    const stub = trivy((_, env) => {
      seen = env;
      return JSON.stringify(REPORT);
    });
    const env = {
      TRIVY_OUTPUT: '/x',
      TRIVY_INPUT: '/y',
      TRIVY_PLATFORM: 'linux/arm64',
      TRIVY_CACHE_DIR: '/c',
    };
    await new TrivyScanner(options(stub, env)).scanImage(subject, signal);
    const names = Object.keys(seen).filter((name) => name in env);
    expect(names).toEqual(['TRIVY_CACHE_DIR']);
  });
});

describe('Grype', () => {
  it('reports findings, rated by the distribution first', async () => {
    const stub = grype(print(GRYPE));
    const scanner = new GrypeScanner(options(stub, { GRYPE_DB_CACHE_DIR: '/cache' }));
    expect(await scanner.prepare(signal)).toEqual({
      name: 'grype',
      version: '0.92.0',
      database: '2026-11-01T01:00:00Z',
    });
    const report = await scanner.scanSbom(sbom, subject, signal);
    expect(report.scanner).toEqual({ name: 'grype', version: '0.92.0', database: '2026-11-01T01:00:00Z' });
    expect(report.findings).toMatchObject([
      {
        id: 'GHSA-aaaa-bbbb-cccc',
        aliases: ['CVE-2026-0002'],
        location: '/app/lodash',
        fixedIn: '4.17.21',
        severity: 'high',
        severitySource: 'github',
      },
      {
        id: 'CVE-2026-0001',
        aliases: [],
        location: null,
        fixedIn: null,
        severity: 'negligible',
        severitySource: 'debian',
        url: 'https://x.example',
      },
    ]);
    const scan = stub.calls.at(-1) ?? [];
    expect(scan.slice(0, -1)).toEqual(['--output', 'json', '--']);
    expect(scan.at(-1)).toMatch(/^sbom:\//);
  });

  it('reads images of the registry, and the database date of older versions', async () => {
    const old = {
      ...GRYPE,
      descriptor: { ...GRYPE.descriptor, db: { built: '2026-10-01T00:00:00Z', schemaVersion: 5 } },
    };
    let seen: Readonly<Record<string, string>> = {};
    const stub = grype((_, env) => {
      seen = env;
      return JSON.stringify(old);
    });
    const report = await new GrypeScanner(options(stub)).scanImage(subject, signal);
    expect(report).toMatchObject({
      scanner: { database: '2026-10-01T00:00:00Z' },
      packages: null,
      os: { id: 'debian', version: '12' },
    });
    expect(stub.calls.at(-1)?.at(-1)).toBe(`registry:${access.reference}`);
    expect(seen).toMatchObject({
      GRYPE_REGISTRY_INSECURE_USE_HTTP: 'true',
      GRYPE_DB_AUTO_UPDATE: 'false',
    });
  });

  it.each<[string, Answer, string]>([
    ['nothing', () => '', 'malformed-output'],
    ['no matches member', print({ ...GRYPE, matches: undefined }), 'malformed-output'],
    [
      'a match without an id',
      print({ ...GRYPE, matches: [{ ...MATCH, vulnerability: {} }] }),
      'malformed-output',
    ],
    [
      'another program’s report',
      print({ ...GRYPE, descriptor: { name: 'syft', version: '1' } }),
      'malformed-output',
    ],
    [
      'another image',
      print({ ...GRYPE, source: { target: { manifestDigest: digestOf('e'), imageID: digestOf('f') } } }),
      'wrong-subject',
    ],
    [
      'another reference',
      print({ ...GRYPE, source: { target: { userInput: `x@${digestOf('e')}` } } }),
      'wrong-subject',
    ],
    [
      'nothing found in an unknown distribution',
      print({ ...GRYPE, matches: [], distro: null }),
      'nothing-recognised',
    ],
    ['a failure', () => fails('no db'), 'failed'],
  ])('an image scan that gives %s is no answer', async (_, body, code) => {
    const scanner = new GrypeScanner(options(grype(body)));
    await expect(scanner.scanImage(subject, signal)).rejects.toMatchObject({ code });
  });

  it('knows the image by the user’s words where a report has no digests', async () => {
    const worded = { ...GRYPE, source: { type: 'image', target: { userInput: access.reference } } };
    expect(
      (await new GrypeScanner(options(grype(print(worded)))).scanImage(subject, signal)).findings,
    ).toHaveLength(2);
  });

  it.each<[string, unknown, boolean]>([
    ['fedora with nothing', { ...GRYPE, matches: [MATCH], distro: { name: 'fedora', version: '40' } }, false],
    ['fedora with something', { ...GRYPE, distro: { name: 'fedora', version: '40' } }, true],
    ['debian with nothing', { ...GRYPE, matches: [] }, true],
  ])('%s', async (_, document, believed) => {
    const scan = new GrypeScanner(options(grype(print(document)))).scanSbom(sbom, subject, signal);
    if (believed) await expect(scan).resolves.toBeDefined();
    else await expect(scan).rejects.toMatchObject({ code: 'nothing-recognised' });
  });

  it('an SBOM of a distribution it did not recognise is no answer', async () => {
    const scanner = new GrypeScanner(options(grype(print({ ...GRYPE, distro: { name: '' } }))));
    await expect(scanner.scanSbom(sbom, subject, signal)).rejects.toMatchObject({
      code: 'nothing-recognised',
    });
  });

  it('updates the database once, unless told not to, and goes on without', async () => {
    const stub = grype(() => '');
    await new GrypeScanner(options(stub, { GRYPE_FAIL_UPDATE: '1' })).prepare(signal);
    expect(stub.calls.filter((call) => call[1] === 'update')).toHaveLength(1);
    const offline = grype(() => '');
    await new GrypeScanner(options(offline, { GRYPE_DB_AUTO_UPDATE: 'false' })).prepare(signal);
    expect(offline.calls.filter((call) => call[1] === 'update')).toEqual([]);
  });
});

describe('selectScanner', () => {
  const select = (
    choice: 'auto' | 'trivy' | 'grype' | 'osv' | 'none',
    env: Readonly<Record<string, string>>,
  ) => ({
    choice,
    env,
    cwd: tmpdir(),
    access: async () => access,
    cacheFolder: tmpdir(),
    timeoutMs: 1000,
    now: () => new Date(),
  });
  const nameOf = (scanner: Scanner | null): string | null => scanner?.name ?? null;

  it('takes what is named, then what is on PATH, Trivy first', async () => {
    const [one, other] = [await stubProgram('trivy', ''), await stubProgram('grype', '')];
    const both = { PATH: `${other.folder}:${one.folder}` };
    expect(nameOf(await selectScanner(select('auto', both)))).toBe('trivy');
    expect(nameOf(await selectScanner(select('auto', { PATH: other.folder })))).toBe('grype');
    expect(nameOf(await selectScanner(select('auto', { ...both, PINWHEEL_GRYPE: other.file })))).toBe(
      'grype',
    );
    expect(nameOf(await selectScanner(select('auto', { PATH: '', PINWHEEL_TRIVY: one.file })))).toBe('trivy');
    expect(nameOf(await selectScanner(select('grype', both)))).toBe('grype');
    expect(nameOf(await selectScanner(select('osv', both)))).toBe('osv');
    expect(nameOf(await selectScanner(select('none', both)))).toBeNull();
    expect(nameOf(await selectScanner(select('auto', { PATH: '.:relative' })))).toBeNull();
  });

  it.each<['auto' | 'trivy' | 'none', Readonly<Record<string, string>>, string]>([
    ['auto', { PATH: '' }, 'no scanner is available'],
    ['trivy', { PATH: '' }, 'trivy is not installed'],
    ['auto', { PATH: '', PINWHEEL_TRIVY: '/no/such/trivy' }, 'PINWHEEL_TRIVY names /no/such/trivy'],
    ['none', { PATH: '' }, 'turned off'],
  ])('%s with %j is unavailable: %s', async (choice, env, reason) => {
    expect(await prepareScanner(select(choice, env), signal)).toMatchObject({
      status: 'unavailable',
      reason: expect.stringContaining(reason),
    });
  });
});
