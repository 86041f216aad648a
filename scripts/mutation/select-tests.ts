import { globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A test file, the least number of imports between it and a mutated file, and whether it is in the folder of that file's stage. */
export type NearTest = { readonly file: string; readonly hops: number; readonly own: boolean };

/**
 * The unit tests that may notice a fault in `sources`, nearest first: those in the folder of tests of a source's stage
 * (`src/policy/…` → `test/policy/`), and those elsewhere with at most `reach` imports between. Paths from `root`.
 */
export function selectTests(root: string, sources: readonly string[], reach: number): readonly NearTest[] {
  const imports = importsOf(root);
  const stages = new Set(sources.map((source) => source.split('/')[1] ?? ''));
  const targets = new Set(sources);
  const tests = [...imports.keys()].filter(isUnitTest).flatMap((file) => {
    const hops = distance(imports, file, targets);
    const own = stages.has(file.split('/')[1] ?? '');
    return hops !== null && (own || hops <= reach) ? [{ file, hops, own }] : [];
  });
  tests.sort((a, b) => Number(b.own) - Number(a.own) || a.hops - b.hops || (a.file < b.file ? -1 : 1));
  return tests;
}

function isUnitTest(file: string): boolean {
  return file.endsWith('.test.ts') && file.startsWith('test/') && !file.startsWith('test/integration/');
}

function importsOf(root: string): ReadonlyMap<string, readonly string[]> {
  const files = globSync('{src,test}/**/*.ts', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      const found = text.matchAll(
        /\bfrom\s+'(\.[^']+)'|\bimport\(\s*'(\.[^']+)'\s*\)|^import\s+'(\.[^']+)'/gm,
      );
      const paths = [...found].map(([, a, b, c]) => posix.join(posix.dirname(file), a ?? b ?? c ?? ''));
      return [file, paths];
    }),
  );
}

function distance(
  imports: ReadonlyMap<string, readonly string[]>,
  from: string,
  targets: ReadonlySet<string>,
): number | null {
  const seen = new Set([from]);
  let front = [from];
  for (let hops = 0; front.length > 0; hops += 1) {
    if (front.some((file) => targets.has(file))) return hops;
    front = front
      .flatMap((file) => imports.get(file) ?? [])
      .filter((file) => !seen.has(file) && seen.add(file));
  }
  return null;
}
