import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { candidatesFor, DEFAULT_RULES } from '../src/discover/candidates.ts';
import { decodeSource } from '../src/extract/decode.ts';
import type { FileExtraction } from '../src/extract/format.ts';
import { formats } from '../src/extract/formats/list.ts';
import { linkExtractions } from '../src/extract/link.ts';

/**
 * How long the extraction of all formats takes over a repository of 5,000 files, from bytes to linked sites, no disk:
 * the first pass of the process (what a run costs) and the best of some more. Run: `node bench/formats.ts`.
 */
type RepositoryFile = { readonly path: string; readonly bytes: Uint8Array };

const FIXTURES = join(import.meta.dirname, '..', 'test', 'fixtures', 'extract');
const FILES = 5000;

/** The fixtures of all formats, by format, without the hostile ones. */
function samples(): readonly { readonly format: string; readonly name: string; readonly text: string }[] {
  return readdirSync(FIXTURES).flatMap((format) =>
    readdirSync(join(FIXTURES, format), { recursive: true })
      .map(String)
      .filter((path) => statSync(join(FIXTURES, format, path)).isFile() && !path.endsWith('expected.json'))
      .filter((path) => !path.includes('refused/') && !path.includes('bomb/'))
      .map((path) => ({
        format,
        name: path.slice(path.indexOf('/') + 1),
        text: readFileSync(join(FIXTURES, format, path), 'utf8'),
      })),
  );
}

/** A monorepo of services: two in three files are source code, the others hold images in every format. */
function monorepo(): RepositoryFile[] {
  const cases = samples();
  return Array.from({ length: FILES }, (_, i) => {
    const sample = cases[i % cases.length];
    if (i % 3 === 0 && sample !== undefined) return file(`services/${i}/${sample.name}`, sample.text, i);
    const kind = i % 3 === 1 ? 'ts' : ['go', 'md', 'json', 'yaml'][i % 4];
    const text =
      kind === 'yaml'
        ? 'openapi: 3.1.0\ninfo: {title: x}\npaths:\n  /a: {get: {}}\n'.repeat(20)
        : 'const x = 1;\n'.repeat(150);
    return file(`services/${i}/src/file${i}.${kind}`, text, i);
  });
}

/** A GitOps repository: nearly every file is a manifest with an image, half of them of two kilobytes. */
function gitops(): RepositoryFile[] {
  const manifest = (i: number): string => {
    const containers = Array.from(
      { length: i % 2 === 0 ? 1 : 4 },
      (_, n) =>
        `        - name: app-${n}\n          image: ghcr.io/acme/app-${i}:1.${n}.${i % 9}@sha256:${i.toString(16).padStart(64, '0')}\n          ports: [{containerPort: 80}]\n          env:\n            - name: LOG_LEVEL\n              value: "info" # comment\n            - name: TOKEN\n              valueFrom: {secretKeyRef: {name: a, key: b}}\n          resources:\n            limits:\n              cpu: 100m\n              memory: 128Mi\n`,
    ).join('');
    return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-${i}\n  labels:\n    app: app-${i}\nspec:\n  replicas: 2\n  selector:\n    matchLabels:\n      app: app-${i}\n  template:\n    metadata:\n      labels:\n        app: app-${i}\n    spec:\n      containers:\n${containers}---\napiVersion: v1\nkind: Service\nmetadata:\n  name: app-${i}\nspec:\n  ports:\n    - port: 80\n      targetPort: 8080\n  selector:\n    app: app-${i}\n`;
  };
  return Array.from({ length: FILES }, (_, i) =>
    i % 10 === 0
      ? file(`docs/${i}.md`, '# x\n'.repeat(100), i)
      : file(`apps/${i}/deployment.yaml`, manifest(i), i),
  );
}

function file(path: string, text: string, index: number): RepositoryFile {
  // Different content each, as in life: no cache may help.
  return {
    path,
    bytes: Buffer.from(`${text}${text.startsWith('{') || text.startsWith('//') ? ' ' : `# ${index}\n`}`),
  };
}

/** One pass: choose, decode, extract, link. */
export function pass(files: readonly RepositoryFile[]): { readonly sites: number; readonly parsed: number } {
  const candidates = candidatesFor(formats, DEFAULT_RULES);
  const extractions: FileExtraction[] = [];
  for (const { path, bytes } of files) {
    const chosen = candidates.formatsOf(path);
    if (chosen.length === 0) continue;
    const decoded = decodeSource(path, bytes);
    if (!decoded.ok) continue;
    for (const format of chosen) {
      if (format.mayHold === undefined || format.mayHold(decoded.value.text))
        extractions.push(format.extract(decoded.value));
    }
  }
  const linked = linkExtractions(extractions);
  return {
    sites: linked.extractions.reduce((sum, one) => sum + one.sites.length, 0),
    parsed: extractions.length,
  };
}

function main(): void {
  for (const [name, files] of [
    ['monorepo', monorepo()],
    ['GitOps', gitops()],
  ] as const) {
    const times: number[] = [];
    let result = { sites: 0, parsed: 0 };
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      result = pass(files);
      times.push(performance.now() - start);
    }
    const megabytes = files.reduce((sum, one) => sum + one.bytes.length, 0) / 1e6;
    process.stdout.write(
      `${name}: ${files.length} files, ${megabytes.toFixed(1)} MB, ${result.parsed} parsed, ${result.sites} sites: ` +
        `first pass ${Math.round(times[0] ?? 0)} ms, best ${Math.round(Math.min(...times))} ms\n`,
    );
  }
}

if (import.meta.main) main();
