import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BoltBucket, boltFile } from './bolt-file.ts';

export type PlantedSeverity = 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** One vulnerability to plant: in a source package of a distribution, by `debian 12` and the like. */
export type Planted = {
  readonly id: string;
  readonly bucket: string;
  readonly sourcePackage: string;
  /** Absent: there is no fix. */
  readonly fixedVersion?: string;
  /** By whom it is rated how; the first is the general rating too. */
  readonly severity: PlantedSeverity;
  readonly vendorSeverity?: Readonly<Record<string, 1 | 2 | 3 | 4>>;
  readonly title?: string;
};

/** Writes a Trivy cache folder with a vulnerability database (schema 2) that needs no update for years. */
export async function writeTrivyDatabase(cacheDir: string, planted: readonly Planted[]): Promise<void> {
  const advisories = new Map<string, Map<string, Map<string, string>>>();
  const vulnerabilities = new Map<string, string>();
  const sources = new Map<string, string>();
  for (const item of planted) {
    const distribution = getOrAdd(advisories, item.bucket);
    getOrAdd(distribution, item.sourcePackage).set(
      item.id,
      JSON.stringify(item.fixedVersion === undefined ? {} : { FixedVersion: item.fixedVersion }),
    );
    vulnerabilities.set(
      item.id,
      JSON.stringify({
        Title: item.title ?? `${item.sourcePackage}: planted`,
        Description: 'A planted vulnerability.',
        Severity: item.severity,
        VendorSeverity: item.vendorSeverity ?? { nvd: 4 },
        References: [`https://example.org/${item.id}`],
      }),
    );
    const family = item.bucket.split(' ')[0] ?? item.bucket;
    sources.set(
      item.bucket,
      JSON.stringify({ ID: family, Name: `${family} tracker`, URL: 'https://example.org' }),
    );
  }
  const root: Map<string, BoltBucket> = new Map(advisories);
  root.set('vulnerability', vulnerabilities);
  root.set('data-source', sources);
  await mkdir(join(cacheDir, 'db'), { recursive: true });
  await writeFile(join(cacheDir, 'db', 'trivy.db'), boltFile(root));
  await writeFile(
    join(cacheDir, 'db', 'metadata.json'),
    JSON.stringify({
      Version: 2,
      NextUpdate: '2099-01-01T00:00:00Z',
      UpdatedAt: '2026-11-01T06:00:00Z',
      DownloadedAt: '2026-11-01T07:00:00Z',
    }),
  );
}

function getOrAdd<Key, InnerKey, Value>(map: Map<Key, Map<InnerKey, Value>>, key: Key): Map<InnerKey, Value> {
  const existing = map.get(key);
  if (existing !== undefined) return existing;
  const made = new Map<InnerKey, Value>();
  map.set(key, made);
  return made;
}
