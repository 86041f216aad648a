/**
 * How long it takes to compare two real Debian images in a real registry: by what is attached to them against by pulling
 * and analysing them. `node bench/scan.ts [RUNS]` prints a Markdown table; the first run builds the images.
 */

import { tmpdir } from 'node:os';
import { createRegistry } from '../src/adapters/registry/registry.ts';
import { imageAccess } from '../src/adapters/scanner/image-access.ts';
import { prepareScanner } from '../src/adapters/scanner/select-scanner.ts';
import { assessMove } from '../src/assess/assess.ts';
import { loadRegistrySettings } from '../src/config/registries.ts';
import { toDigest } from '../src/domain/digest.ts';
import { type Digests, type ScanLab, startScanLab } from '../test/integration/support/scan-lab.ts';
import { memoryScanCache } from '../test/support/memory-cache.ts';

type Measured = { readonly milliseconds: number; readonly source: string; readonly blobs: number };

const signal = new AbortController().signal;

async function compare(lab: ScanLab, repository: string, digests: Digests): Promise<Measured> {
  const settings = await loadRegistrySettings({ file: lab.registriesFile, env: lab.env });
  const registry = createRegistry({ settings, env: lab.env });
  try {
    const scanner = await prepareScanner(
      {
        choice: 'trivy',
        env: lab.env,
        cwd: process.cwd(),
        access: imageAccess(settings, lab.env),
        cacheFolder: tmpdir(),
        timeoutMs: 300_000,
        now: () => new Date(),
      },
      signal,
    );
    const before = lab.registry.requests().length;
    const start = performance.now();
    const fact = await assessMove(
      { registry, scanner, cache: memoryScanCache(), now: () => new Date(), signal },
      {
        repository: { registry: lab.registry.host, repository },
        tag: null,
        from: toDigest(digests.old),
        to: toDigest(digests.updated),
        platforms: [],
      },
    );
    const milliseconds = performance.now() - start;
    const blobs = lab.registry
      .requests()
      .slice(before)
      .filter((line) => line.includes('/blobs/')).length;
    const [platform] = fact.platforms;
    if (platform?.findings === null || platform === undefined)
      throw new Error(platform?.unavailable ?? 'not compared');
    return {
      milliseconds,
      source: platform.after.status === 'scanned' ? platform.after.source : 'none',
      blobs,
    };
  } finally {
    await registry.close();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const runs = Number(process.argv[2] ?? 7);
const lab = await startScanLab();
try {
  const routes = [
    ['image, pulled and analysed', 'base', lab.plain],
    ['attached SPDX (BuildKit attestation)', 'attested', lab.attested],
    ['attached CycloneDX (OCI referrer)', 'referred', lab.referred],
  ] as const;
  const rows: string[] = [];
  let slow = Number.NaN;
  for (const [name, repository, digests] of routes) {
    await compare(lab, repository, digests);
    const measured: Measured[] = [];
    for (let i = 0; i < runs; i++) measured.push(await compare(lab, repository, digests));
    const time = median(measured.map((one) => one.milliseconds));
    if (Number.isNaN(slow)) slow = time;
    const [first] = measured;
    rows.push(
      `| ${name} | ${first?.source ?? ''} | ${time.toFixed(0)} ms | ${(slow / time).toFixed(1)}× | ${first?.blobs ?? 0} |`,
    );
  }
  const packed = lab.unpacked ? '' : ' (packed with UPX: 2 s of every start are unpacking)';
  process.stdout.write(
    [
      `Median of ${runs} comparisons of two Debian 12 images, Trivy 0.68.2${packed}, registry on the same machine.`,
      '',
      '| route | source | time | faster | blob requests |',
      '|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n'),
  );
} finally {
  await lab.stop();
}
