import { describe, expect, it } from 'vitest';
import { formats } from '../../../src/extract/formats/list.ts';

const COUNT = 600;
const many = (line: (i: number) => string): string =>
  Array.from({ length: COUNT }, (_, i) => line(i)).join('');

/**
 * One large thing, and many aliases of it: what a reader that follows each of them would do COUNT × COUNT times. Each
 * must end with what was found before it was too much, and say so.
 */
const cases: readonly (readonly [string, string, string])[] = [
  [
    'arguments of builds',
    'compose.yaml',
    `x-a: &a\n${many((i) => `  A${i}_IMAGE: a/b:${i}\n`)}services:\n${many((i) => `  s${i}: {image: c:1, build: {args: *a}}\n`)}`,
  ],
  [
    'merges of merges',
    'compose.yaml',
    `x0: &x0 {a: b}\n${many((i) => `x${i + 1}: &x${i + 1} {<<: [${`*x${i}, `.repeat(8)}]}\n`)}services: {a: {<<: *x${COUNT}, image: "c:1"}}\n`,
  ],
  [
    'environments',
    '.github/workflows/a.yml',
    `env: &e\n${many((i) => `  A${i}: a/b:${i}\n`)}jobs:\n${many((i) => `  j${i}: {container: "c:1", env: *e, steps: [{run: "a", env: *e}]}\n`)}`,
  ],
  [
    'scripts',
    '.gitlab-ci.yml',
    `.s: &s\n${many((i) => `  - docker run a@${i}\n`)}${many((i) => `j${i}: {image: "c:1", script: *s}\n`)}`,
  ],
  [
    'texts of a manifest',
    'a.yaml',
    `apiVersion: v1\nkind: ConfigMap\nx: &t |\n${many((i) => `  image: a/b:${i}\n`)}data:\n${many((i) => `  d${i}: {image: "c@sha256:${'ab'.repeat(32)}", t: *t}\n`)}`,
  ],
  [
    'parameters',
    'a.yaml',
    `apiVersion: tekton.dev/v1\nkind: Task\nparams: &p\n${many((i) => `  - {name: a${i}, value: "a/b:${i}"}\n`)}steps:\n${many(() => '  - {image: "c:1", params: *p}\n')}`,
  ],
  [
    'Dockerfiles',
    'compose.yaml',
    `x-d: &d |\n${many((i) => `  FROM a/b:${i}\n`)}services:\n${many((i) => `  s${i}: {image: c:1, build: {dockerfile_inline: *d}}\n`)}  t: {image: c:1}\n`,
  ],
  [
    'values of charts',
    'a.yaml',
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nx: &v\n${many((i) => `  a${i}: {image: a/b:${i}}\n`)}spec:\n${many((i) => `  s${i}: {valuesObject: *v}\n`)}---\napiVersion: v1\nkind: Pod\nimage: c:1\n`,
  ],
];

const READ_ONCE: ReadonlySet<string> = new Set(['merges of merges', 'texts of a manifest']);

describe('aliases that multiply', () => {
  // A busy machine must not be taken for a slow reader.
  it.each(cases)('%s', { timeout: 60_000 }, (name, path, text) => {
    const found = formats
      .filter((format) => format.matchesPath(path) && (format.mayHold?.(text) ?? true))
      .map((format) => format.extract({ path, text }));
    const sites = found.flatMap((extraction) => extraction.sites);
    expect(sites.some((site) => site.image.repository === 'library/c')).toBe(true);
    const codes = found.flatMap(({ errors }) => errors.map((error) => error.code));
    // What is shared and read once costs nothing; what is read anew each time is cut off, and that is told.
    expect(codes).toEqual(READ_ONCE.has(name) ? [] : ['too-large']);
  });
});
