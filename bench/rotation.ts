/**
 * Whole-process rotation: 200 Dockerfiles with 400 references over 50 images of a loopback registry, the command line
 * included. `unchanged`: nothing moved; GETs are the dates of a first ledger. `changed`: every tag moved, all 400 references are edited.
 */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedRegistry } from '../test/support/registry/embedded-registry.ts';
import { type Run, runOnce, spread } from './measure.ts';
import { writeSampleRepository } from './sample-repository.ts';

const FILES = 200;
const REFERENCES = 400;
const IMAGES = 50;
const RUNS = 7;

const entry = fileURLToPath(new URL('../dist/pinwheel.js', import.meta.url));

/** Prints the figures of both cases. Needs a built `dist/`. */
export async function benchRotation(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-bench-'));
  const registry = await startEmbeddedRegistry();
  try {
    const old = Array.from(
      { length: IMAGES },
      (_, i) => registry.pushImage(`base/image-${i}`, `1.${i}-slim`, { seed: `old ${i}` }).top.digest,
    );
    const pristine = join(folder, 'pristine');
    writeSampleRepository(pristine, {
      files: FILES,
      references: REFERENCES,
      images: IMAGES,
      host: registry.host,
      digestOf: (image) => old[image] ?? '',
    });
    const settings = join(folder, 'registries.yaml');
    writeFileSync(
      settings,
      `registries:\n  - host: "${registry.host}"\n    plainHttp: true\n    allowPrivate: true\n`,
    );
    const runs = async (name: string): Promise<void> => {
      const finished: Run[] = [];
      for (let i = 0; i <= RUNS; i++) {
        const checkout = join(folder, 'checkout');
        cpSync(pristine, checkout, { recursive: true });
        registry.resetLog();
        const run = await runOnce([entry, 'rotate', checkout, '--write', '--json', '--registries', settings]);
        if (i > 0) finished.push(run);
        const { edits } = JSON.parse(run.stdout) as { edits: readonly unknown[] };
        const expected = name === 'changed' ? REFERENCES : 0;
        if (edits.length !== expected)
          throw new Error(`${name}: ${edits.length} edits, ${expected} expected`);
        rmSync(checkout, { recursive: true });
      }
      const { head, manifest, blob, tags, referrers, token } = registry.counts();
      console.log(
        `${name.padEnd(10)} wall ${spread(finished.map((run) => run.wallMs))} ms · cpu ${spread(finished.map((run) => run.cpuMs))} ms · ` +
          `peak ${spread(finished.map((run) => run.peakMegabytes))} MB · ` +
          `requests: ${head} HEAD, ${manifest} manifest, ${blob} blob, ${tags + referrers + token} other`,
      );
    };
    console.log(
      `rotation: ${FILES} files, ${REFERENCES} references, ${IMAGES} images, ${RUNS} runs, min / median / max`,
    );
    await runs('unchanged');
    for (let i = 0; i < IMAGES; i++)
      registry.pushImage(`base/image-${i}`, `1.${i}-slim`, { seed: `new ${i}` });
    await runs('changed');
  } finally {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await benchRotation();
