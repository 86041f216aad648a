import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify, type ToStringOptions } from 'yaml';
import { withoutIdleBlocks } from '../../../src/extract/readers/idle-blocks.ts';
import type { ConfigNode } from '../../../src/extract/readers/node.ts';
import { readYaml } from '../../../src/extract/readers/yaml.ts';

const WANTED = /image|@sha256:/i;

/** Every value under a key that says image, with its path and place. */
function images(node: ConfigNode, path = ''): string[] {
  if (node.kind === 'list') return node.items.flatMap((item, i) => images(item, `${path}[${i}]`));
  if (node.kind !== 'map') return [];
  return node.entries.flatMap(({ key, value }) => {
    const here = `${path}.${key.text.value}`;
    const own = value.kind === 'text' && WANTED.test(`${key.text.value} ${value.text.value}`);
    return own ? [`${here}=${value.text.value}@${value.start}`] : images(value, here);
  });
}

const imagesIn = (text: string): string[] => readYaml(text).documents.flatMap((document) => images(document));

describe('withoutIdleBlocks', () => {
  it.each([
    ['drops a block', 'a:\n  b: c\n  d: e\nimage: f\n', 'a:\n  ###########\nimage: f\n'],
    ['drops a list at the same column', 'a:\n- b\n- c\nimage: d\n', 'a:\n#######\nimage: d\n'],
    ['keeps a block with an image', 'a:\n  b: c\n  image: d\n', null],
    ['keeps what an image key holds', 'images:\n  - name: a\n    newTag: b\n', null],
    ['drops inside lists', '- image: a\n  b:\n    c: d\n  e: f\n', '- image: a\n  b:\n    ####\n  e: f\n'],
    ['keeps leaves', 'a: b\nimage: c\n', null],
    ['keeps anchors', 'a:\n  b: &c d\nimage: *c\n', null],
    ['keeps open brackets', 'x: [\n  a:\n    b]\nimage: c\n', null],
    ['keeps line ends', 'a:\r\n  b: c\r\nimage: d\r\n', 'a:\r\n  ####\r\nimage: d\r\n'],
    ['needs no final newline', 'image: a\nb:\n  c: d', 'image: a\nb:\n  ####'],
  ])('%s', (_name, text, expected) => {
    const masked = withoutIdleBlocks(text, WANTED);
    expect(masked).toBe(expected ?? text);
    expect(masked).toHaveLength(text.length);
  });

  it('finds the same images in generated documents', () => {
    const key = fc.constantFrom('a', 'b', 'image', 'initImage', 'env', 'images', 'name');
    const scalar = fc.constantFrom(
      'x',
      'a b',
      "it's",
      '"q"',
      '[',
      '{}',
      'a: b',
      'nginx:1',
      'a/b@sha256:0',
      '- x',
      '#',
      'k:',
      'x\n  image: y\nz:\n  w\n',
      '',
      '&a',
      '*a',
    );
    const { value } = fc.letrec<{ value: unknown; map: unknown; list: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, scalar, tie('map'), tie('map'), tie('list')),
      map: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
      list: fc.array(tie('value'), { maxLength: 4 }),
    }));
    const style = fc.record({
      defaultStringType: fc.constantFrom(
        'PLAIN',
        'QUOTE_SINGLE',
        'QUOTE_DOUBLE',
        'BLOCK_LITERAL',
        'BLOCK_FOLDED',
      ),
      indentSeq: fc.boolean(),
      collectionStyle: fc.constantFrom('any', 'block', 'flow'),
      lineWidth: fc.constantFrom(0, 10, 80),
    });
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1 }), style, (data, options) => {
        const text = stringify(data, options as ToStringOptions);
        const masked = withoutIdleBlocks(text, WANTED);
        expect(masked).toHaveLength(text.length);
        // Inside a block scalar other text may be left; what names an image is there.
        const names = (all: string[]): string[] => all.map((line) => line.replace(/#+/g, '#'));
        if (options.defaultStringType.startsWith('QUOTE')) expect(imagesIn(masked)).toEqual(imagesIn(text));
        else expect(names(imagesIn(masked)).length).toBe(imagesIn(text).length);
      }),
      { numRuns: 500 },
    );
  });

  it('finds the same images in every fixture', () => {
    const root = join(import.meta.dirname, '..', '..', 'fixtures', 'extract');
    const files = readdirSync(root, { recursive: true })
      .map((path) => join(root, String(path)))
      .filter((path) => /\.ya?ml$/.test(path) && !path.includes('refused') && statSync(path).isFile());
    expect(files.length).toBeGreaterThan(20);
    for (const path of files) {
      const text = readFileSync(path, 'utf8');
      expect(imagesIn(withoutIdleBlocks(text, WANTED)), path).toEqual(imagesIn(text));
    }
  });
});
