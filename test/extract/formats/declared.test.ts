import { describe, expect, it } from 'vitest';
import {
  type DeclaredFormat,
  type DeclaredSection,
  declared,
  EVERY_MAP,
} from '../../../src/extract/formats/common/declared.ts';

type Rules = Partial<DeclaredFormat<'ko'>>;

const BASE: DeclaredFormat<'ko'> = {
  format: 'ko',
  docs: { files: '', finds: '' },
  files: /\.yaml$/,
  reader: 'yaml',
  sections: [],
};

function extract(text: string, rules: Rules, path = 'a/x.yaml') {
  return declared({ ...BASE, ...rules }).extract({ path, text });
}

function images(text: string, section: DeclaredSection, path?: string): string[] {
  const { sites } = extract(text, { sections: [section] }, path);
  return sites.map((site) => `${site.kind} ${site.image.text}`);
}

type BuildRule = NonNullable<DeclaredSection['builds']>[number];

const BUILD: BuildRule = {
  given: 'b',
  dockerfile: 'b.file',
  context: 'b.context',
  args: 'b.args',
  from: 'file',
};

describe('a declared format', () => {
  it.each<[string, string, DeclaredSection, string[]]>([
    ['a key', 'i: a:1\n', { images: [{ at: 'i' }] }, ['image a:1']],
    [
      'several paths',
      'i: a:1\nj: {k: "b:1"}\n',
      { images: [{ at: ['i', 'j.k'] }] },
      ['image a:1', 'image b:1'],
    ],
    [
      'all entries, merged ones too',
      'x: &x {a: "a:1"}\ni: {<<: *x, b: "b:1"}\n',
      { images: [{ at: 'i.*' }] },
      ['image a:1', 'image b:1'],
    ],
    ['a kind of its own', 'i: a:1\n', { images: [{ at: 'i', kind: 'builder' }] }, ['builder a:1']],
    ['maps and lists there', 'i: [{k: "a:1"}]\n', { images: [{ at: 'i' }] }, []],
    ['a transport', 'i: docker://a:1\n', { images: [{ at: 'i', transport: /^docker:\/\// }] }, ['image a:1']],
    [
      'no transport, where there must be one',
      'i: a:1\n',
      { images: [{ at: 'i', transport: /^docker:\/\//, only: 'transport' }] },
      [],
    ],
    [
      'a tag instead of a transport',
      'i: a:1\nj: a/b\n',
      { images: [{ at: ['i', 'j'], only: 'transport-or-tag' }] },
      ['image a:1'],
    ],
    [
      'owners',
      'o: [{i: "a:1"}, {i: "b:1"}]\n',
      { at: 'o[*]', images: [{ at: 'i' }] },
      ['image a:1', 'image b:1'],
    ],
    [
      'owners that have a key',
      'o: [{i: "a:1", k: x}, {i: "b:1"}]\n',
      { at: 'o[*]', given: 'k', images: [{ at: 'i' }] },
      ['image a:1'],
    ],
    [
      'every map but those passed',
      'o: {i: "a:1", p: {i: "b:1"}}\n',
      { at: EVERY_MAP, passed: new Set(['p']), images: [{ at: 'i' }] },
      ['image a:1'],
    ],
    ['values of charts', 'v: {image: {repository: a, tag: "1"}}\n', { values: 'v' }, ['image a:1']],
    [
      'scripts',
      `s: [docker run a:1@sha256:${'ab'.repeat(32)}]\n`,
      { scripts: 's' },
      [`image a:1@sha256:${'ab'.repeat(32)}`],
    ],
    ['sections of other files', 'i: a:1\n', { files: /b\.yaml$/, images: [{ at: 'i' }] }, []],
    ['sections of other texts', 'i: a:1\n', { mayHold: /nothing/, images: [{ at: 'i' }] }, []],
    [
      'what code says',
      'i: a:1\n',
      {
        also: (collector, owner) => {
          const node = owner.text('i');
          if (node !== undefined) collector.image(node.text, { kind: 'variable' });
        },
      },
      ['variable a:1'],
    ],
  ])('%s', (_name, text, section, expected) => {
    expect(images(text, section)).toEqual(expected);
  });

  it.each<[string, string, Partial<BuildRule>, unknown]>([
    [
      'beside the file',
      'b: {file: D, args: {X: y}}\n',
      {},
      { dockerfile: 'a/D', context: 'a', args: [{ name: 'X' }] },
    ],
    [
      'in the context',
      'b: {file: D, context: c}\n',
      { dockerfileInContext: true },
      { dockerfile: 'a/c/D', context: 'a/c' },
    ],
    ['from the root', 'b: {file: D}\n', { from: 'root' }, { dockerfile: 'D', context: '' }],
    ['without a Dockerfile', 'b: {context: c}\n', {}, { dockerfile: null, context: 'a/c' }],
    [
      'with one that cannot be followed',
      'b: {file: /D, context: c}\n',
      {},
      { dockerfile: null, context: null },
    ],
  ])('a build %s', (_name, text, rule, expected) => {
    expect(extract(text, { sections: [{ builds: [{ ...BUILD, ...rule }] }] }).builds).toMatchObject([
      expected,
    ]);
  });

  it.each<[string, string, Partial<BuildRule>]>([
    ['that is not there', 'c: {}\n', {}],
    ['that something else stands for', 'b: {file: D}\nu: x\n', { unless: 'u' }],
    ['that must name its Dockerfile', 'b: {args: {X: y}}\n', { onlyNamed: true }],
  ])('no build %s', (_name, text, rule) => {
    expect(extract(text, { sections: [{ builds: [{ ...BUILD, ...rule }] }] }).builds).toEqual([]);
  });

  it('passes over documents of another sort', () => {
    const sections = [{ images: [{ at: 'i' }] }];
    const found = extract('v: x/1\ni: a:1\n---\nv: y/1\ni: b:1\n', {
      sections,
      documents: { key: 'v', like: /^x\// },
    });
    expect(found.sites.map((site) => site.image.text)).toEqual(['a:1']);
  });

  it('looks for pinned references that no section speaks for, where told', () => {
    const text = `some_image: a:1@sha256:${'ab'.repeat(32)}\n`;
    expect(extract(text, { sections: [{}] }).candidates ?? []).toEqual([]);
    expect(extract(text, { sections: [{}], pinned: {} }).candidates).toHaveLength(1);
  });

  it('refuses a path that is not well-formed, when it is made', () => {
    expect(() => declared({ ...BASE, sections: [{ images: [{ at: 'a..' }] }] })).toThrow(
      new RangeError('"a..": the path has no key at character 4'),
    );
  });
});
