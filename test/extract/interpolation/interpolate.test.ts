import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AZURE,
  BAKE,
  CIRCLECI,
  type Dialect,
  GITHUB,
  GITLAB_INPUTS,
  MAVEN,
  SHELL,
  TEKTON,
  TERRAFORM,
} from '../../../src/extract/interpolation/dialects.ts';
import {
  affordable,
  expandVariables,
  follow,
  isReference,
  namesIn,
  readings,
  readingsInEach,
  soleReading,
  type ValuesScope,
} from '../../../src/extract/interpolation/interpolate.ts';
import { type MappedText, unmapped, verbatim } from '../../../src/extract/readers/mapped-text.ts';
import { WorkBudget } from '../../../src/extract/work-budget.ts';

/** The values of names, each standing in a file of its own at 1,000 × its number. */
function scopeOf(values: Readonly<Record<string, string | readonly string[]>>): ValuesScope {
  return (name) => {
    const value = values[name];
    return value === undefined ? undefined : [value].flat().map((one, i) => verbatim(one, 1000 * (i + 1)));
  };
}

const one =
  (scope: ValuesScope) =>
  (name: string): MappedText | undefined =>
    scope(name)?.[0];

describe('the shell dialect', () => {
  const values = {
    TAG: '3.11',
    IMAGE: 'python:$TAG',
    EMPTY: '',
    PAD: ' a ',
    SELF: '$SELF',
    A: '${B}',
    B: '${A}',
  };
  it.each([
    ['python:$TAG', 'python:3.11'],
    ['python:${TAG}-slim', 'python:3.11-slim'],
    ['$IMAGE', 'python:3.11'],
    ['${NONE:-debian:12}', 'debian:12'],
    ['${NONE-${IMAGE}}', 'python:3.11'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY-x}', ''],
    ['${TAG:+with}', 'with'],
    ['${TAG:?is needed}', '3.11'],
    ['${NONE:=x}', 'x'],
    ['a$$b', 'a$b'],
    ['${PAD}b', 'ab'],
  ])('%s is %s', (text, expected) => {
    const expanded = expandVariables(verbatim(text, 0), one(scopeOf(values)), new WorkBudget());
    expect(expanded).toMatchObject({ ok: true, text: { value: expected } });
  });

  it.each([
    ['$NONE', 'NONE'],
    ['python:$NONE-slim', 'NONE'],
    ['python:$NONE:-slim', 'NONE'],
    ['${NONE:?is needed}', 'NONE'],
    ['${NONE:+x}', 'NONE'],
    ['$SELF', 'SELF'],
    ['$A', 'A'],
    ['${TAG/a/b}', '${TAG/a/b}'],
    ['${TAG', '${TAG'],
    ['$(date)', '$(date)'],
  ])('%s cannot be read: %s is missing', (text, missing) => {
    const expanded = expandVariables(verbatim(text, 0), one(scopeOf(values)), new WorkBudget());
    expect(expanded).toEqual({ ok: false, missing });
  });

  it('names the variable that a text is, and the one that holds the value', () => {
    const scope = one(scopeOf({ OUTER: '$INNER', INNER: 'a:1' }));
    expect(expandVariables(verbatim('$OUTER', 0), scope, new WorkBudget())).toMatchObject({
      variable: 'OUTER',
      holder: 'INNER',
    });
    expect(expandVariables(verbatim('x$OUTER', 0), scope, new WorkBudget())).toMatchObject({
      variable: null,
      holder: null,
    });
  });
});

describe('the dialects whose references stay', () => {
  it.each<[string, Dialect, string, Record<string, string | string[]>, string[]]>([
    [
      'GitHub',
      GITHUB,
      '${{ env.A }}:${{ matrix.b }}',
      { 'env.A': 'x', 'matrix.b': ['1', '2'] },
      ['x:1', 'x:2'],
    ],
    ['GitHub, unanswered', GITHUB, 'x:${{ env.B }}', {}, ['x:${{ env.B }}']],
    ['GitHub, without an end', GITHUB, 'x:${{ env.A', { 'env.A': 'x' }, ['x:${{ env.A']],
    ['CircleCI', CIRCLECI, '<< parameters.v >>', { 'parameters.v': 'x:1' }, ['x:1']],
    ['GitLab inputs', GITLAB_INPUTS, '$[[ inputs.v | expand_vars ]]', { 'inputs.v': 'x' }, ['x']],
    ['Azure macros', AZURE, 'a $(x) $(date)', { x: '1' }, ['a 1 $(date)']],
    ['Azure expressions', AZURE, "${{ variables.x }}$[ variables['y'] ]", { x: '1', y: '2' }, ['12']],
    ['Tekton', TEKTON, '$(params.x)-$(inputs.params.x)', { x: '1' }, ['1-1']],
    ['Terraform', TERRAFORM, '${var.a}:${local.b}', { 'var.a': 'x', 'local.b': '${var.a}' }, ['x:x']],
    ['Terraform, escaped', TERRAFORM, '$${var.a}', { 'var.a': 'x' }, ['$${var.a}']],
    ['Bake', BAKE, '${item.tag} $${RUN}', { 'item.tag': '1', RUN: 'no' }, ['1 $${RUN}']],
    ['Maven', MAVEN, '${java.image}', { 'java.image': 'x:1' }, ['x:1']],
    ['an answer that asks for itself', GITHUB, '${{ a }}', { a: 'b${{ a }}' }, ['b${{ a }}']],
  ])('%s', (_name, dialect, text, values, expected) => {
    const found = readings(verbatim(text, 0), dialect, scopeOf(values), new WorkBudget());
    expect(found.map(({ value }) => value)).toEqual(expected);
  });

  it('reads a text once for each row of a matrix', () => {
    const rows = [scopeOf({ a: '1', b: 'x' }), scopeOf({ a: '2', b: 'y' })];
    const found = readingsInEach(verbatim('${{ a }}${{ b }}', 0), GITHUB, rows, new WorkBudget());
    expect(found.map(({ value }) => value)).toEqual(['1x', '2y']);
  });

  it('leaves a script alone that has several readings', () => {
    for (const script of ['run $(x)', '$(x)']) {
      const text = verbatim(script, 0);
      expect(soleReading(text, AZURE, scopeOf({ x: ['1', '2'] }), new WorkBudget())).toEqual(text);
    }
  });
});

describe('following', () => {
  it.each<
    [string, Dialect, string, Record<string, string | string[]>, [string, string | null, string | null][]]
  >([
    [
      'to the last',
      TERRAFORM,
      ' ${local.a} ',
      { 'local.a': '${var.b}', 'var.b': 'x:1' },
      [['x:1', 'local.a', 'var.b']],
    ],
    [
      'as far as it goes',
      TERRAFORM,
      '${local.a}',
      { 'local.a': '${var.b}' },
      [['${var.b}', 'local.a', 'local.a']],
    ],
    ['only whole texts', TERRAFORM, '${local.a}:1', { 'local.a': 'x' }, [['${local.a}:1', null, null]]],
    [
      'to all values',
      AZURE,
      '$(x)',
      { x: ['a:1', 'b:1'] },
      [
        ['a:1', 'x', 'x'],
        ['b:1', 'x', 'x'],
      ],
    ],
    ['nobody in a circle', MAVEN, '${a}', { a: '${b}', b: '${a}' }, [['${a}', 'a', 'b']]],
  ])('%s', (_name, dialect, text, values, expected) => {
    const found = follow(verbatim(text, 0), dialect, scopeOf(values), new WorkBudget());
    expect(found.map((one) => [one.text.value, one.variable, one.holder])).toEqual(expected);
  });

  it.each([
    ['$(a.b)', true],
    [' $[ variables.x ] ', true],
    ['x$(a)', false],
    ['$(a)$(b)', false],
    ['$(docker ps)', false],
  ])('%s is a reference: %s', (text, expected) => {
    expect(isReference(unmapped(text), AZURE)).toBe(expected);
  });

  it('tells the names a text asks for', () => {
    expect([...namesIn('$A/${B:-$C}:$A', SHELL)]).toEqual(['A', 'B']);
  });
});

describe('the caps', () => {
  const long = 'x'.repeat(5000);
  it.each<[string, Dialect, string, Record<string, string | string[]>, string]>([
    ['an answer longer than any reference', GITHUB, '${{ a }}', { a: long }, '${{ a }}'],
    [
      'answers that grow past it',
      GITHUB,
      '${{ a }}',
      { a: '${{ b }}${{ b }}', b: 'x'.repeat(3000) },
      '${{ a }}',
    ],
    [
      'more readings than a matrix has',
      GITHUB,
      '${{ a }}${{ a }}',
      { a: Array.from('123456789') },
      '${{ a }}${{ a }}',
    ],
  ])('%s stays as it is', (_name, dialect, text, values, expected) => {
    const found = readings(verbatim(text, 0), dialect, scopeOf(values), new WorkBudget());
    expect(found.map(({ value }) => value)).toEqual([expected]);
  });

  it('bounds what doubling costs', () => {
    const values = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`a${i}`, `\${{ a${i + 1} }}`.repeat(2)]),
    );
    const budget = new WorkBudget();
    readings(verbatim('${{ a0 }}', 0), GITHUB, scopeOf(values), budget);
    expect(budget.spent).toBeLessThan(200_000);
  });

  it('charges each of several alternatives, and gives none that cannot be paid', () => {
    const budget = new WorkBudget(250);
    expect(affordable(['a'], budget)).toEqual(['a']);
    expect(budget.spent).toBe(0);
    expect(affordable(['a', 'b'], budget)).toEqual(['a', 'b']);
    expect(affordable(['a', 'b'], budget)).toEqual([]);
    expect(budget.isOverdrawn).toBe(true);
  });
});

describe('places', () => {
  it('of every character are those of the text or of the value it comes from', () => {
    const file = 'A=one B=$A-two ${A:-three} $B/$A ${{ A }} << B >> $(A) $$ ${NONE:-${B}}';
    const piece = fc
      .integer({ min: 0, max: file.length })
      .chain((from) =>
        fc.integer({ min: from, max: file.length }).map((to) => verbatim(file.slice(from, to), from)),
      );
    const dialects = fc.constantFrom(SHELL, GITHUB, CIRCLECI, AZURE, TERRAFORM, BAKE, MAVEN);
    fc.assert(
      fc.property(piece, piece, piece, dialects, (text, a, b, dialect) => {
        const scope: ValuesScope = (name) => (name === 'A' ? [a] : name === 'B' ? [b] : undefined);
        const read = [
          ...readings(text, dialect, scope, new WorkBudget()),
          ...follow(text, dialect, scope, new WorkBudget()).map((reading) => reading.text),
        ];
        for (const { value, segments } of read) {
          for (const { at, start, length } of segments)
            expect(value.slice(at, at + length)).toBe(file.slice(start, start + length));
        }
      }),
    );
  });
});
