import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileScanCache } from '../../../src/adapters/scanner/file-cache.ts';
import { type ScanCache, type ScannerReport, scanCacheKey } from '../../../src/assess/scanner.ts';
import { debian, digestOf, finding } from '../../support/findings.ts';
import { memoryScanCache } from '../../support/memory-cache.ts';

const report: ScannerReport = {
  scanner: { name: 'trivy', version: '0.68.2', database: '2026-11-01' },
  findings: [finding('CVE-2026-0001')],
  packages: [debian('tar', '1')],
  os: { id: 'debian', version: '12' },
};

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pinwheel-cache-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const kinds: readonly [string, () => Promise<ScanCache>][] = [
  ['in memory', async () => memoryScanCache()],
  ['in files', async () => fileScanCache(join(await folder(), 'made', 'on', 'use'))],
];

describe.each(kinds)('a cache %s', (_, make) => {
  it('gives back what was put, by its key alone', async () => {
    const cache = await make();
    expect(await cache.get('a')).toBeNull();
    await cache.set('a', report);
    expect(await cache.get('a')).toEqual(report);
    expect(await cache.get('b')).toBeNull();
    await cache.set('a', { ...report, findings: [] });
    expect((await cache.get('a'))?.findings).toEqual([]);
  });
});

describe('a cache in files', () => {
  it('survives the process, is private, and treats damage as missing', async () => {
    const path = await folder();
    await fileScanCache(path).set('a', report);
    const [name = ''] = await readdir(path);
    expect((await stat(join(path, name))).mode & 0o777).toBe(0o600);
    expect(await fileScanCache(path).get('a')).toEqual(report);
    for (const damage of [
      '',
      '{',
      '{"key":"b","text":"{}"}',
      '{"key":"a","text":"{\\"findings\\":[]}"}',
      '{"key":"a","text":"["}',
    ]) {
      await writeFile(join(path, name), damage);
      expect(await fileScanCache(path).get('a')).toBeNull();
    }
  });

  it('that cannot be written is none', async () => {
    const path = join(await folder(), 'file');
    await writeFile(path, '');
    const cache = fileScanCache(path);
    await cache.set('a', report);
    expect(await cache.get('a')).toBeNull();
  });
});

describe('scanCacheKey', () => {
  const subject = {
    registry: 'r',
    repository: 'b',
    digest: digestOf('a'),
    platform: null,
    configDigest: digestOf('c'),
  };

  it('differs by everything a report depends on, and is none without a database date', () => {
    const keys = [
      scanCacheKey(subject, 'sbom', report.scanner),
      scanCacheKey(subject, 'image', report.scanner),
      scanCacheKey({ ...subject, digest: digestOf('b') }, 'sbom', report.scanner),
      scanCacheKey(subject, 'sbom', { ...report.scanner, version: '0.69.0' }),
      scanCacheKey(subject, 'sbom', { ...report.scanner, database: '2026-11-02' }),
      scanCacheKey(subject, 'sbom', { ...report.scanner, name: 'grype' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(scanCacheKey(subject, 'sbom', { ...report.scanner, database: null })).toBeNull();
  });
});
