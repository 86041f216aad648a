import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { formatSettingsFault, parseSettings, settingsOrThrow } from '../../src/config/settings-file.ts';

const schema = v.strictObject({
  mode: v.optional(v.picklist(['check', 'write']), 'check'),
  limits: v.optional(v.strictObject({ maxAge: v.number(), minAge: v.optional(v.number()) })),
  rules: v.optional(v.array(v.strictObject({ image: v.string(), labels: v.optional(v.array(v.string())) }))),
  named: v.optional(v.record(v.string(), v.strictObject({ level: v.number() }))),
  either: v.optional(v.union([v.boolean(), v.strictObject({ depth: v.number() })])),
  piped: v.optional(v.pipe(v.nullable(v.strictObject({ width: v.number() })), v.readonly())),
});
const read = (text: string) => parseSettings({ file: 'p.yaml', text, schema });
const say = (text: string): string => {
  const parsed = read(text);
  return parsed.ok ? 'fine' : parsed.fault.map(formatSettingsFault).join('\n');
};

const faults: readonly (readonly [text: string, expected: string])[] = [
  ['mdoe: write', 'p.yaml:1: mdoe: unknown key; did you mean "mode"?'],
  [
    '\n\nlimits:\n  maxage: 3\n',
    'p.yaml:3: limits.maxAge: required, but missing\np.yaml:4: limits.maxage: unknown key; did you mean "maxAge"?',
  ],
  [
    'limits:\n  zzzzzzzz: 3\n  maxAge: 1',
    'p.yaml:2: limits.zzzzzzzz: unknown key; the keys here are maxAge, minAge',
  ],
  ['mode: wrte', 'p.yaml:1: mode: expected ("check" | "write"), got "wrte"'],
  [
    'rules:\n  - image: a\n  - imgae: b',
    'p.yaml:3: rules[1].image: required, but missing\np.yaml:3: rules[1].imgae: unknown key; did you mean "image"?',
  ],
  [
    'rules:\n  - image: a\n    labels:\n      - x\n      - 1',
    'p.yaml:5: rules[0].labels[1]: expected string, got 1',
  ],
  ['named:\n  a:\n    levle: 1\n    level: 1', 'p.yaml:3: named.a.levle: unknown key; did you mean "level"?'],
  ['either:\n  deepth: 1\n  depth: 1', 'p.yaml:2: either.deepth: unknown key; did you mean "depth"?'],
  ['piped:\n  widht: 1\n  width: 1', 'p.yaml:2: piped.widht: unknown key; did you mean "width"?'],
  ['[]', 'p.yaml:1: expected keys and values'],
  ['mode: check\nmode: write', 'p.yaml:2: Map keys must be unique'],
  ['a: 1\n---\nb: 1', 'p.yaml:2: more than one YAML document'],
  ['rules: [', 'p.yaml:1: '],
  ['&a [*a]', 'p.yaml:1: '],
];

it.each(faults)('%j', (text, expected) => {
  expect(say(text)).toContain(expected);
});

it.each([
  '',
  '# nothing\n',
  '{}',
  '---\n',
  '\ufeffmode: write\n',
  '{"mode": "write"}',
  'x: &x 1\n'.replace('x: &x 1', 'mode: write'),
])('%j is fine', (text) => {
  expect(say(text)).toBe('fine');
});

it('gives what the schema makes of it', () => {
  expect(settingsOrThrow(read('limits: {maxAge: 3}'))).toEqual({ mode: 'check', limits: { maxAge: 3 } });
});

it('throws all faults as one error', () => {
  expect(() => settingsOrThrow(read('a: 1\nb: 2'))).toThrow(/^p\.yaml:1: a: .*\np\.yaml:2: b: /);
});

describe('bounds', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
  ];
  it.each([
    ['aliases that multiply', bomb.join('\n')],
    ['brackets without end', '['.repeat(3000)],
    ['lists in lists', '- '.repeat(3000)],
    ['maps in maps', Array.from({ length: 60 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['a file too long', '#'.repeat(300_000)],
  ])('%s are refused with a message', (_what, text) => {
    expect(say(text)).toMatch(/^p\.yaml:\d+: /);
  });

  it('never throws, whatever the text', () => {
    const unit = fc.constantFrom(...'ab:- \n\t[]{}&*!|>"\'#,?%@`\u0000é');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        const parsed = read(text);
        expect(parsed.ok || parsed.fault.length > 0).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
