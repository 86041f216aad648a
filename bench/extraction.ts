import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSource } from '../src/extract/decode.ts';
import { dockerfile } from '../src/extract/dockerfile/extract.ts';
import type { SourceFile } from '../src/extract/format.ts';

/**
 * How many Dockerfiles a second one process reads: on the checked-in corpus, and on generated files of a few lines.
 * Run: `node bench/extraction.ts`. Text only, no disk in the measured part.
 */
export type ExtractionFigures = {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly filesPerSecond: number;
  readonly megabytesPerSecond: number;
};

const CORPUS = join(import.meta.dirname, 'corpus');
const SECONDS = 2;

/** The checked-in Dockerfiles. */
export function readCorpus(): readonly SourceFile[] {
  return readdirSync(CORPUS)
    .filter((name) => statSync(join(CORPUS, name)).isFile())
    .sort()
    .map((name) => {
      const decoded = decodeSource(name, readFileSync(join(CORPUS, name)));
      if (!decoded.ok) throw new Error(decoded.fault.message);
      return decoded.value;
    });
}

/** `count` different small Dockerfiles of the common kind: two stages, one of them pinned. */
export function generateFiles(count: number): readonly SourceFile[] {
  return Array.from({ length: count }, (_, index) => {
    const hex = index.toString(16).padStart(64, '0');
    const text = [
      `FROM golang:1.${index % 24}-alpine@sha256:${hex} AS build`,
      'WORKDIR /src',
      'COPY . .',
      `RUN go build -o /out/service-${index} ./cmd/service`,
      '',
      `FROM alpine:3.${index % 21}`,
      `COPY --from=build /out/service-${index} /usr/local/bin/service`,
      'USER 65532',
      'ENTRYPOINT ["service"]',
      '',
    ].join('\n');
    return { path: `services/${index}/Dockerfile`, text };
  });
}

/** Reads the files again and again for about `seconds`, after a warm-up. */
export function measure(name: string, files: readonly SourceFile[], seconds: number): ExtractionFigures {
  const bytes = files.reduce((sum, file) => sum + Buffer.byteLength(file.text), 0);
  pass(files);
  const warm = performance.now() + 300;
  while (performance.now() < warm) pass(files);
  const start = performance.now();
  let rounds = 0;
  let elapsed = 0;
  do {
    pass(files);
    rounds++;
    elapsed = (performance.now() - start) / 1000;
  } while (elapsed < seconds);
  return {
    name,
    files: files.length,
    bytes,
    filesPerSecond: (rounds * files.length) / elapsed,
    megabytesPerSecond: (rounds * bytes) / elapsed / 1e6,
  };
}

function pass(files: readonly SourceFile[]): number {
  let sites = 0;
  for (const file of files) sites += dockerfile.extract(file).sites.length;
  return sites;
}

function main(): void {
  for (const [name, files] of [
    ['generated, small', generateFiles(1000)],
    ['checked-in corpus', readCorpus()],
  ] as const) {
    const figures = measure(name, files, SECONDS);
    const mean = Math.round(figures.bytes / figures.files);
    process.stdout.write(
      `${name}: ${figures.files} files of ${mean} bytes on average: ` +
        `${Math.round(figures.filesPerSecond).toLocaleString('en')} files/s, ${figures.megabytesPerSecond.toFixed(1)} MB/s\n`,
    );
  }
}

if (import.meta.main) main();
