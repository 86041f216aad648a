import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FormatExtractor } from '../../../src/extract/format.ts';
import { formats } from '../../../src/extract/formats/list.ts';

const FIXTURES = join(import.meta.dirname, '..', '..', 'fixtures', 'extract');
const others = formats.filter(({ format }) => format !== 'dockerfile');

/** Small for every format, and larger for those with the most to do. */
const SMALL = 1 << 10;
const LARGE = 1 << 15;
const bombs: readonly (readonly [string, string])[] = [
  ['image keys', 'image: a\n'],
  ['services', '  a: {image: b, build: {args: {X_IMAGE: "c:1"}}}\n'],
  ['one long line', 'image: x, '],
  ['variables', '${A:-'],
  ['dollars', '$A'],
  ['templates', '{{ '],
  ['closed templates', '{{a}}'],
  ['expressions', '${{ env.A }}'],
  ['flow', '[{'],
  ['dashes', '- '],
  ['anchors', '&a [*a, '],
  ['merges', '<<: *a\n'],
  ['documents', '---\napiVersion: v1\nkind: Pod\nimage: a\n'],
  ['quotes', '"\''],
  ['backslashes', '\\'],
  ['tables', '[[a]]\nimage = "b"\n'],
  ['NULs', '\0'],
  ['at signs', 'image: a@sha256:\n'],
];

const head = 'apiVersion: v1\nkind: Pod\nservices: &a\n  a: &b\n    image: c\n';

function survives(format: FormatExtractor, piece: string, size: number): void {
  for (const text of [piece.repeat(size / piece.length), head + piece.repeat(size / piece.length)]) {
    const found = format.extract({ path: `x/${format.format}`, text });
    expect(found.errors.filter((error) => error.code === 'internal')).toEqual([]);
  }
}

describe.each(others)('$format: hostile input', (format) => {
  it('of every kind', { timeout: 30_000 }, () => {
    for (const [, piece] of bombs) survives(format, piece, SMALL);
  });
});

describe.each(others.filter(({ format }) => ['github-actions', 'cross'].includes(format)))(
  '$format: large hostile input',
  (format) => {
    it.each(bombs)('%s', (_name, piece) => {
      survives(format, piece, LARGE);
    });
  },
);

describe('expressions that ask for themselves', () => {
  const many = (piece: string) => piece.repeat(40);
  it.each([
    [
      '.github/workflows/a.yml',
      `env: {A: "${many('${{ env.A }}')}"}\njobs: {a: {container: "\${{ env.A }}"}}\n`,
    ],
    [
      '.gitlab-ci.yml',
      `spec: {inputs: {a: {default: "${many('$[[ inputs.a ]]')}"}}}\n---\nx: {image: "$[[ inputs.a ]]"}\n`,
    ],
    [
      '.circleci/config.yml',
      `parameters: {a: {default: "${many('<< pipeline.parameters.a >>')}"}}\njobs: {a: {docker: [{image: << pipeline.parameters.a >>}]}}\n`,
    ],
    [
      'azure-pipelines.yml',
      `variables: {a: "${many('$(a)')}"}\nsteps: [{script: "docker build --build-arg A=$(a) ."}]\n`,
    ],
    // Each answer asks for the next one twice.
    [
      '.github/workflows/a.yml',
      `env:\n${Array.from({ length: 40 }, (_, i) => `  A${i}: "${`\${{ env.A${i + 1} }}`.repeat(2)}"\n`).join('')}jobs: {a: {container: "\${{ env.A0 }}"}}\n`,
    ],
  ])('%s', (path, text) => {
    for (const format of formats.filter((one) => one.matchesPath(path)))
      expect(format.extract({ path, text }).errors).toEqual([]);
  });
});

describe('all values in all places', () => {
  const count = 4000;
  it.each([
    [
      '.gitlab-ci.yml',
      `a:\n  parallel:\n    matrix:\n${'      - X: [a, b]\n'.repeat(count)}  services:\n${'    - $X\n'.repeat(count)}`,
    ],
    [
      '.github/workflows/a.yml',
      `jobs:\n  a:\n    strategy:\n      matrix:\n        include:\n${'          - {a: x, b: y}\n'.repeat(count)}    services:\n${Array.from({ length: count }, (_, i) => `      s${i}: \${{ matrix.a }}:\${{ matrix.b }}\n`).join('')}`,
    ],
    [
      '.circleci/config.yml',
      `jobs:\n  a:\n    docker:\n${'      - image: << parameters.x >>\n'.repeat(count)}workflows:\n  w:\n    jobs:\n${'      - a: {x: "b:1"}\n'.repeat(count)}`,
    ],
    [
      'azure-pipelines.yml',
      `jobs:\n${'- job: a\n  variables: {x: "b:1"}\n  container: $(x)\n'.repeat(count)}`,
    ],
  ])('%s: is given up, not waited for', (path, text) => {
    const read = formats.filter((one) => one.matchesPath(path)).map((one) => one.extract({ path, text }));
    expect(read.flatMap(({ errors }) => errors)).toMatchObject([{ code: 'too-large' }]);
  });
});

describe('mutated fixtures', () => {
  const files = others.flatMap((format) => {
    const root = join(FIXTURES, format.format);
    if (!readdirSync(FIXTURES).includes(format.format)) return [];
    return readdirSync(root, { recursive: true })
      .map(String)
      .filter((path) => statSync(join(root, path)).isFile() && !path.endsWith('expected.json'))
      .map((path) => ({ format, path, text: readFileSync(join(root, path), 'utf8') }));
  });
  const piece = fc.constantFrom(
    '',
    '\n',
    ' ',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '&a ',
    '*a',
    '|',
    '>',
    '#',
    '${',
    '{{',
    '}}',
    '@',
    '\t',
    '\0',
    '\r\n',
    '<<: ',
    '\\',
  );

  it('never throw, and every slot holds what it says', { timeout: 30_000 }, () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat({ max: 20 }),
      insert: piece,
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 5 }),
        ({ format, path, text }, changes) => {
          let mutated = text;
          for (const { at, cut, insert } of changes) {
            const from = Math.floor(at * mutated.length);
            mutated = mutated.slice(0, from) + insert + mutated.slice(from + cut);
          }
          const found = format.extract({ path, text: mutated });
          expect(found.errors.filter((error) => error.code === 'internal')).toEqual([]);
          for (const site of [...found.sites, ...(found.candidates ?? [])]) {
            for (const slot of site.slots) expect(mutated.slice(slot.start, slot.end)).toBe(slot.text);
            if (site.slots[0].holds === 'reference' && site.skip === null)
              expect(site.slots[0].text).toBe(site.image.text);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});
