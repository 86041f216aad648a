import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, compileTextGlob, globMatches } from '../../src/domain/glob.ts';
import { expandBraces } from '../../src/domain/glob-braces.ts';

function matches(pattern: string, text: string): boolean {
  const alternatives = expandBraces(pattern);
  if (!alternatives.ok) throw new Error(alternatives.fault.message);
  return alternatives.value.some((one) => {
    const glob = compileGlob(one);
    return glob.ok && globMatches(glob.value, text);
  });
}

describe('expandBraces', () => {
  it.each([
    ['a', ['a']],
    ['{a,b}', ['a', 'b']],
    ['x{a,b}y', ['xay', 'xby']],
    ['{a,b{c,d}}', ['a', 'bc', 'bd']],
    ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
    ['x{,y}', ['x', 'xy']],
    ['{a}', ['a']],
    ['{a,a}', ['a']],
    ['\\{a,b}', ['\\{a,b}']],
    ['{a\\,b,c}', ['a\\,b', 'c']],
    ['[{,}]', ['[{,}]']],
    ['{[a,b],c}', ['[a,b]', 'c']],
    ['a}b,c', ['a}b,c']],
  ])('%s: %j', (pattern, alternatives) => {
    expect(expandBraces(pattern)).toEqual({ ok: true, value: alternatives });
  });

  it('is capped in time and size, however deep', () => {
    for (const text of ['{'.repeat(1000), `${'{a,'.repeat(300)}b${'}'.repeat(300)}`, '{a,b}'.repeat(200)])
      expect(expandBraces(text).ok).toBe(false);
  });
});

it.each([
  ['[]]x', ']x', true],
  ['[!]]x', ']x', false],
  ['[a-]x', '-x', true],
  ['[\\]]x', ']x', true],
  ['[a\\-c]x', 'bx', false],
  ['[a-c]x', 'bx', true],
  ['[^a-c]x', 'dx', true],
  ['[!b]', '/', false],
  ['[.-0]', '/', false],
  ['?', '/', false],
  ['?', '😀', true],
  ['[😀]', '😀', true],
  ['a*c', 'a/c', false],
  ['a**c', 'a/b/c', true],
  ['a/**/c', 'a/c', true],
  ['a/**/c', 'a/xc', false],
  ['a/**', 'a', false],
  ['a/***', 'a/b/c', true],
  ['\\*', '*', true],
  ['\\*', 'x', false],
])('%s on %s: %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

it.each([
  ['https://github.com/acme/*', 'https://github.com/acme/x/y@refs/heads/main', true],
  ['*@acme.example', 'ann@acme.example', true],
  ['*@acme.example', 'ann@acme.example.evil', false],
  ['[a]?{b}', '[a]?{b}', true],
  ['a.c', 'abc', false],
])('in a text, only the star is special: %s on %s: %s', (pattern, text, expected) => {
  expect(globMatches(compileTextGlob(pattern), text)).toBe(expected);
});

/** By the definition, with backtracking: `*`, `?`, `**` and a whole `**` + slash. */
function naive(glob: string, text: string, atSegment = true): boolean {
  if (glob === '') return text === '';
  if (glob.startsWith('**')) {
    const rest = glob.replace(/^\*+/, '');
    if (atSegment && rest.startsWith('/')) {
      if (naive(rest.slice(1), text)) return true;
      return [...text].some((c, i) => c === '/' && naive(rest.slice(1), text.slice(i + 1)));
    }
    return Array.from({ length: text.length + 1 }).some((_, i) =>
      naive(rest, text.slice(i), i > 0 && text[i - 1] === '/'),
    );
  }
  if (glob.startsWith('*')) {
    for (let i = 0; i <= text.length; i++) {
      if (naive(glob.slice(1), text.slice(i), false)) return true;
      if (text[i] === '/') return false;
    }
    return false;
  }
  const [head, ...rest] = glob;
  if (text === '' || (head === '?' ? text[0] === '/' : head !== text[0])) return false;
  return naive(rest.join(''), text.slice(1), head === '/');
}

/** The shell's rule, spelled out: the first innermost braces are replaced by each of their parts. */
function naiveBraces(text: string): readonly string[] {
  const group = /\{([^{}]*)\}/.exec(text);
  if (group === null) return [text];
  const [whole, inside = ''] = group;
  const [before, after] = [text.slice(0, group.index), text.slice(group.index + whole.length)];
  return inside.split(',').flatMap((part) => naiveBraces(before + part + after));
}

describe('properties', () => {
  const braces = fc.letrec<{ text: string; group: string }>((tie) => ({
    text: fc
      .array(
        fc.oneof({ weight: 3, arbitrary: fc.constantFrom('a', 'b', '/', '*', '?', '**') }, tie('group')),
        {
          maxLength: 4,
        },
      )
      .map((parts) => parts.join('')),
    group: fc.array(tie('text'), { minLength: 1, maxLength: 3 }).map((parts) => `{${parts.join(',')}}`),
  })).text;

  it('braces and wildcards agree with the naive matcher', () => {
    fc.assert(
      fc.property(braces, fc.stringMatching(/^[ab/]{0,7}$/), (pattern, text) => {
        const expanded = naiveBraces(pattern);
        fc.pre(pattern !== '' && !expanded.includes('') && expanded.length <= 16);
        const stars = expanded.map((one) => one.replace(/\*{3,}/g, '**'));
        expect(matches(pattern, text), pattern).toBe(stars.some((one) => naive(one, text)));
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(fc.constantFrom('{', '}', ',', '[', ']', '\\', '*', '!', '-', 'a', '/'), { maxLength: 40 })
        .map((all) => all.join('')),
    );
    fc.assert(
      fc.property(hostile, hostile, (pattern, text) => {
        const expanded = expandBraces(pattern);
        if (!expanded.ok) return;
        for (const one of expanded.value) {
          const glob = compileGlob(one);
          if (glob.ok) expect(typeof globMatches(glob.value, text)).toBe('boolean');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['*a', '**a', 'a*', '?*', '**/', '[a-z]*', 'a**/'])(
    '%s again and again does not backtrack',
    (unit) => {
      const glob = compileGlob(`${unit.repeat(Math.floor(1000 / unit.length))}b`);
      if (!glob.ok) throw new Error(glob.fault.message);
      const cost = (length: number): number => {
        const text = 'a'.repeat(length);
        const started = performance.now();
        globMatches(glob.value, text);
        return performance.now() - started;
      };
      cost(1000);
      // 1000 steps × 8000 characters, with room for a busy machine; backtracking would take longer than the universe.
      expect(cost(8000)).toBeLessThan(5000);
    },
  );
});
