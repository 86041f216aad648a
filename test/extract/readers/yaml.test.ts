import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify, type ToStringOptions } from 'yaml';
import type { ConfigNode } from '../../../src/extract/readers/node.ts';
import { readYaml } from '../../../src/extract/readers/yaml.ts';
import { misplaced, plainValue, replaced, scalars } from './plain-value.ts';

/** What the `yaml` package makes of a text when every scalar is a string. */
function reference(text: string): unknown[] {
  const documents = parseAllDocuments(text, { schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  return Array.isArray(documents) ? documents.map((document) => emptied(document.toJS())) : [];
}

/** The failsafe schema reads an absent value as '' or null; both are empty here. */
function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied);
  if (typeof value !== 'object' || value === null) return value === '' ? null : value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, emptied(inner)]));
}

function read(text: string): unknown[] {
  return readYaml(text).documents.map((document) => emptied(plainValue(document)));
}

describe('readYaml', () => {
  it.each([
    ['block map', 'a: 1\nb:\n  c: d\n'],
    ['sequence at the same indentation', 'a:\n- b\n- c: d\n  e: f\n-\n  - g\n'],
    ['flow', 'a: [b, {c: d, "e": f}, \'g\', [h]]\n'],
    ['flow over lines', 'a: {\n  b: c,\n  d: [\n    e,\n    f\n  ]\n}\n'],
    ['literal', 'a: |\n  one\n   two\n\n  three\n'],
    ['literal stripped', 'a: |-\n  one\n  two\n\n'],
    ['literal kept', 'a: |+\n  one\n\n\nb: c\n'],
    ['literal with indicator', 'a: |2\n   one\n  two\n'],
    ['folded', 'a: >\n  one\n  two\n\n  three\n   four\n  five\n'],
    ['folded stripped', 'a: >-\n  one\n  two\n'],
    ['double quotes', 'a: "b\\tc \\"d\\" \\x41 \\u0042 \\U00000043"\n'],
    ['double quotes over lines', 'a: "b \\\n  c\n\n  d"\n'],
    ['single quotes', "a: 'it''s'\nb: 'x\n  y\n\n  z'\n"],
    ['plain over lines', 'a: b\n  c\n\n  d # e\nf: g\n'],
    ['comments', '# a\na: b # c\n# d\n'],
    ['anchors', 'a: &x {b: c}\nd: *x\ne: &y f\ng: *y\n'],
    ['anchor on a key', '&a b: c\n'],
    ['tags', 'a: !!str 1\nb: !custom {c: d}\n'],
    ['documents', 'a: b\n---\nc: d\n...\n---\n- e\n'],
    ['directive', '%YAML 1.2\n---\na: b\n'],
    ['CRLF', 'a: b\r\nc: |\r\n  d\r\n  e\r\nf: "g"\r\n'],
    ['tabs after values', 'a: b\t\nc:\td\n'],
    ['explicit keys', '? a\n: b\n? c\n: - d\n'],
    ['no final newline', 'a:\n  - b'],
    ['colons in plain text', 'a: b:c\nd: http://e:80/f\n'],
    ['digest', 'image: a/b:1@sha256:00\n'],
    ['empty values', 'a:\nb: ""\nc: \'\'\n'],
  ])('%s: as the yaml package reads it', (_name, text) => {
    expect(read(text)).toEqual(reference(text));
    for (const document of readYaml(text).documents) expect(misplaced(text, document)).toEqual([]);
  });

  it('counts a BOM and an offset', () => {
    const [document] = readYaml('\ufeffa: bc\n', undefined, 100).documents;
    expect(document && scalars(document).map(({ start, end }) => [start, end])).toEqual([
      [101, 102],
      [104, 106],
    ]);
  });

  it.each([
    ['<<: *base', 'x: &base {image: a, k: v}\ns: {<<: *base, k: w}\n', 'a', ['image', 'k']],
    [
      'a list of merges',
      'x: &b {image: a}\ny: &c {image: z, l: m}\ns: {<<: [*b, *c]}\n',
      'a',
      ['image', 'l'],
    ],
    ['own key wins', 'x: &base {image: a}\ns: {image: own, <<: *base}\n', 'own', ['image']],
    ['nothing to merge', 's: {<<: *gone}\n', undefined, []],
    ['quoted is a key', 's: {"<<": {image: a}}\n', undefined, ['<<']],
  ])('merge keys: %s', (_name, text, image, keys) => {
    const [document] = readYaml(text).documents;
    const map = document?.kind === 'map' ? document.map('s') : undefined;
    expect(map?.value('image')).toBe(image);
    expect([...(map?.merged() ?? [])].map(({ key }) => key.text.value).sort()).toEqual(
      [...new Set(keys)].sort(),
    );
  });

  it('reads generated documents as they were meant, each character in its place', () => {
    const scalar = fc.oneof(
      fc.stringMatching(/^[a-z][a-z0-9:./@ #'"-]{0,24}$/),
      fc.string({ maxLength: 12 }),
      fc.constantFrom(
        'a\nb',
        'a\n\nb\n',
        ' a',
        'a ',
        'x: y',
        '- z',
        '',
        'é\u{1f600}',
        '\ta\n b\n',
        'true',
        '1.10',
      ),
    );
    const { value } = fc.letrec<{ value: unknown; map: unknown; list: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, scalar, tie('map'), tie('list')),
      map: fc.dictionary(fc.stringMatching(/^[a-z_]{1,6}$/), tie('value'), { maxKeys: 4 }),
      list: fc.array(tie('value'), { maxLength: 4 }),
    }));
    const options = fc.record({
      defaultStringType: fc.constantFrom(
        'PLAIN',
        'QUOTE_SINGLE',
        'QUOTE_DOUBLE',
        'BLOCK_LITERAL',
        'BLOCK_FOLDED',
      ),
      lineWidth: fc.constantFrom(0, 20, 80),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value, { minKeys: 1, maxKeys: 4 }),
        options,
        (data, style) => {
          const text = stringify(data, style as ToStringOptions);
          expect(read(text)).toEqual(reference(text));
          for (const document of readYaml(text).documents) expect(misplaced(text, document)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('changes one value and nothing else', () => {
    const item = fc.stringMatching(/^[a-z]{2,8}:[0-9]\.[0-9]$/);
    const style = fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED');
    const fresh = `new/image:2@sha256:${'0'.repeat(64)}`;
    fc.assert(
      fc.property(
        fc.uniqueArray(item, { minLength: 1, maxLength: 6 }),
        style,
        fc.nat(),
        (images, defaultStringType, pick) => {
          const data = { images: images.map((image) => ({ image, note: 'kept: as it is' })) };
          const text = stringify(data, { defaultStringType } as ToStringOptions);
          const [document] = readYaml(text).documents;
          const wanted = images[pick % images.length];
          const node =
            document === undefined
              ? undefined
              : scalars(document).find((one) => one.text.value.trim() === wanted);
          const edited = node === undefined ? null : replaced(text, node, fresh);
          expect(edited).not.toBeNull();
          const expected = {
            images: images.map((image) => ({
              image: image === wanted ? fresh : image,
              note: 'kept: as it is',
            })),
          };
          expect(read(edited ?? '')).toEqual(
            reference(stringify(expected, { defaultStringType } as ToStringOptions)),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['flow sequences', '['.repeat(20_000), 'too-deep'],
    ['block sequences', '- '.repeat(5_000), 'too-deep'],
    ['keys', '? '.repeat(5_000), 'too-deep'],
    ['an open quote', `a: "${'x'.repeat(1000)}`, null],
    ['an unknown alias', 'a: *b\n', null],
    ['an alias to itself', 'a: &a [*a]\n', null],
    ['NUL', 'a: \0\n', null],
    ['a lone brace', 'a: {\nb: c\n', null],
    ['a tab for indentation', 'a:\n\tb: c\n', null],
  ])('survives %s', (_name, text, code) => {
    const { faults } = readYaml(text);
    if (code !== null) expect(faults.map((fault) => fault.code)).toContain(code);
  });

  it('does not expand a bomb', () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let i = 1; i < 60; i++) text += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]\n`;
    const [document] = readYaml(text).documents;
    expect(document && scalars(document).length).toBeLessThan(200);
  });

  it('reads any text without throwing, every character in its place', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '"',
      "'",
      '|\n',
      '>\n',
      '{',
      '}',
      '[',
      ']',
      ',',
      '#',
      '&x',
      '*x',
      '?',
      '!t',
      '<<',
      '\t',
      '\r\n',
      '---\n',
      '\\',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join('');
        const { documents } = readYaml(text);
        for (const document of documents as ConfigNode[]) expect(misplaced(text, document)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
