import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Binding, declareBinding } from '../../../src/extract/dockerfile/binding.ts';
import { expandWord, isFault } from '../../../src/extract/dockerfile/expand.ts';
import { LogicalLine } from '../../../src/extract/dockerfile/logical-line.ts';
import { MAX_VALUE } from '../../../src/extract/dockerfile/refusal.ts';
import { WorkBudget } from '../../../src/extract/work-budget.ts';

function bind(name: string, value: string): Binding {
  const binding = declareBinding(name, 'global', { start: 0, end: 0 });
  binding.state = 'set';
  binding.value = value;
  binding.pieces = value === '' ? [] : [{ text: value, at: -1, owner: binding }];
  return binding;
}

function expand(word: string, env: Readonly<Record<string, string>> = {}, escapeCode = 92) {
  const bindings = new Map(Object.entries(env).map(([name, value]) => [name, bind(name, value)]));
  return expandWord({
    line: new LogicalLine(word, 0, null),
    from: 0,
    to: word.length,
    escapeCode,
    owner: null,
    lookup: (name) => bindings.get(name),
    budget: new WorkBudget(4_000_000),
  });
}

function valueFor(word: string, env: Readonly<Record<string, string>> = {}, escapeCode = 92): string {
  const result = expand(word, env, escapeCode);
  return isFault(result) ? 'error' : result.value;
}

const SHELL = { PWD: '/home', SHELL: 'bash', KOREAN: '한국어', NULL: '' };

describe('words as the shell lexer reads them (BuildKit shell/envVarTest)', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['hello', 'hello'],
    ["he'll'o", 'hello'],
    ["he'llo", 'error'],
    ["he\\'llo", "he'llo"],
    ["he\\\\'llo", 'error'],
    ['abc\\tdef', 'abctdef'],
    ['"abc\\tdef"', 'abc\\tdef'],
    ["'abc\\tdef'", 'abc\\tdef'],
    ['hello\\', 'hello'],
    ['hello\\\\', 'hello\\'],
    ['"hello', 'error'],
    ['"hello\\"', 'error'],
    ['"hel\'lo"', "hel'lo"],
    ["'hello", 'error'],
    ["'hello\\'", 'hello\\'],
    ['"\'\'"', "''"],
    ['$.', '$.'],
    ['he$1x', 'hex'],
    ['he$.x', 'he$.x'],
    ['he$pwd.', 'he.'],
    ['he$PWD', 'he/home'],
    ['he\\$PWD', 'he$PWD'],
    ['he\\\\$PWD', 'he\\/home'],
    ['he\\${}', 'he${}'],
    ['he\\${}xx', 'he${}xx'],
    ['${}', 'error'],
    ['he${}xx', 'error'],
    ['he${hi}', 'he'],
    ['he${hi}xx', 'hexx'],
    ['he${PWD}', 'he/home'],
    ['he${.}', 'error'],
    ['he${XXX:-000}xx', 'he000xx'],
    ['he${PWD:-000}xx', 'he/homexx'],
    ['he${XXX:-$PWD}xx', 'he/homexx'],
    ['he${XXX:-${PWD:-yyy}}xx', 'he/homexx'],
    ['he${XXX:-${YYY:-yyy}}xx', 'heyyyxx'],
    ['he${XXX:YYY}', 'error'],
    ['he${XXX?}', 'error'],
    ['he${XXX:?}', 'error'],
    ['he${PWD?}', 'he/home'],
    ['he${NULL?}', 'he'],
    ['he${NULL:?}', 'error'],
    ['he${XXX:+${PWD}}xx', 'hexx'],
    ['he${PWD:+${XXX}}xx', 'hexx'],
    ['he${PWD:+${SHELL}}xx', 'hebashxx'],
    ['he${XXX:+000}xx', 'hexx'],
    ['he${PWD:+000}xx', 'he000xx'],
    ["'he${XX}'", 'he${XX}'],
    ['"he${PWD}"', 'he/home'],
    ['"he\'$PWD\'"', "he'/home'"],
    ['"$PWD"', '/home'],
    ["'$PWD'", '$PWD'],
    ["'\\$PWD'", '\\$PWD'],
    ['\'"hello"\'', '"hello"'],
    ['"he\\$PWD"', 'he$PWD'],
    ["'he\\$PWD'", 'he\\$PWD'],
    ['he${PWD', 'error'],
    ['he${PWD:=000}xx', 'error'],
    ['he${PWD=000}xx', 'error'],
    ['he${PWD:+${PWD}:}xx', 'he/home:xx'],
    ['he${XXX:-\\$PWD:}xx', 'he$PWD:xx'],
    ['he${XXX:-\\${PWD}z}xx', 'he${PWDz}xx'],
    ['he${XXX:-}xx', 'hexx'],
    ['${{aaa}', 'error'],
    ['${aaa', 'error'],
    ['${', 'error'],
    ['${:}', 'error'],
    ['안녕하세요', '안녕하세요'],
    ["안'녕'하세요", '안녕하세요'],
    ['안녕\\t하세요', '안녕t하세요'],
    ['안녕$KOREAN', '안녕한국어'],
    ['안녕${PWD:+${PWD}:}xx', '안녕/home:xx'],
    ['$$x', 'x'],
    ['$@', ''],
    ['${10}', ''],
    ['<<PWD', '<<PWD'],
  ];
  it.each(cases)('%s → %s', (word, expected) => {
    expect(valueFor(word, SHELL)).toBe(expected);
  });
});

describe('modifiers (BuildKit shell/lex_test.go TestProcessWithMatches)', () => {
  const X = { FOO: 'xxyy' };
  const set = { FOO: 'xxx', BAR: '' };
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['${FOO-aaa} ${BAR-bbb} ${BAZ-ccc}', set, 'xxx  ccc'],
    ['${FOO:-aaa} ${BAR:-bbb} ${BAZ:-ccc}', set, 'xxx bbb ccc'],
    ['${FOO:-}', set, 'xxx'],
    ['${FOO:-}', {}, ''],
    ['${FOO+aaa} ${BAR+bbb} ${BAZ+ccc}', set, 'aaa bbb '],
    ['${FOO:+aaa} ${BAR:+bbb} ${BAZ:+ccc}', set, 'aaa  '],
    ['${FOO?aaa}', set, 'xxx'],
    ['${BAR?bbb}', set, ''],
    ['${BAZ?ccc}', set, 'error'],
    ['${FOO:?aaa}', set, 'xxx'],
    ['${BAR:?bbb}', set, 'error'],
    ['${BAZ:?ccc}', set, 'error'],
    ['${FOO=aaa}', set, 'error'],
    ['${FOO=:aaa}', set, 'error'],
    ['${FOO=}', {}, 'error'],
    ['${FOO#()[]{\\}^$.\\*\\?|\\\\}', { FOO: '()[]{}^$.*?|\\x' }, 'x'],
    ['${FOO%%\\**}', { FOO: 'xx**' }, 'xx'],
    ['${FOO#*x*y}', X, 'y'],
    ['${FOO#*}', X, 'xxyy'],
    ['${FOO#$BAR}', { ...X, BAR: 'x' }, 'xyy'],
    ['${FOO#$BAR}', { ...X, BAR: '' }, 'xxyy'],
    ['${FOO#}', X, 'xxyy'],
    ['${FOO##*x}', X, 'yy'],
    ['${FOO##}', X, 'xxyy'],
    ['${FOO#?\\?}', { FOO: '???y' }, '?y'],
    ['${ABC:-.}${FOO%x}${ABC:-.}', X, '.xxyy.'],
    ['${FOO%%\\**\\*}', { FOO: 'a***yy*' }, 'a'],
    ['${FOO%}', X, 'xxyy'],
    ['${FOO%%$BAR}', { ...X, BAR: '' }, 'xxyy'],
    ['${FOO:#}', {}, 'error'],
    ['${FOO:##}', {}, 'error'],
    ['${FOO:%}', {}, 'error'],
    ['${FOO:%%}', {}, 'error'],
    ['${FOO#\\x}', X, 'error'],
    [
      '${FOO/$NEEDLE/.} - ${FOO//$NEEDLE/.}',
      { FOO: '/foo*/*/*.txt', NEEDLE: '\\*/' },
      '/foo.*/*.txt - /foo..*.txt',
    ],
    [
      '${FOO/$NEEDLE/} - ${FOO//$NEEDLE/}',
      { FOO: '/tmp/tmp/bar.txt', NEEDLE: '/tmp' },
      '/tmp/bar.txt - /bar.txt',
    ],
    [
      '${FOO/$NEEDLE/$REPLACEMENT} - ${FOO//$NEEDLE/$REPLACEMENT}',
      { FOO: '/a/foo/b/c.txt', NEEDLE: '/?/', REPLACEMENT: '/' },
      '/foo/b/c.txt - /foo/c.txt',
    ],
    [
      '${FOO/$NEEDLE/$REPLACEMENT}',
      { FOO: 'http://google.de', NEEDLE: 'http://', REPLACEMENT: 'https://' },
      'https://google.de',
    ],
    ['${FOO//\\//\\/}', { FOO: '/tmp/foo.txt' }, '\\/tmp\\/foo.txt'],
    ['${FOO/$BAR/ww}', { ...X, BAR: '' }, 'wwxxyy'],
    ['${FOO//ww}', X, 'error'],
    ['${FOO//}', X, 'error'],
    ['${FOO///}', X, 'xxyy'],
    [
      'v-${VERSION}.${OS}${VARIANT:+-${VARIANT}}.tar',
      { VERSION: 'v1.2.3', OS: 'linux', VARIANT: 'v7' },
      'v-v1.2.3.linux-v7.tar',
    ],
  ];
  it.each(cases)('%s with %o → %s', (word, env, expected) => {
    expect(valueFor(word, env)).toBe(expected);
  });

  it('takes a backtick for the escape character where the directive says so', () => {
    expect(valueFor('a`$X\\b', { X: '1' }, 96)).toBe('a$X\\b');
    expect(valueFor('C:\\$X', { X: 'windows' }, 96)).toBe('C:\\windows');
  });
});

describe('what the value is made of', () => {
  it.each([
    ['$A', null, 'A', false],
    ['"${A}"', null, 'A', false],
    ['${A:-x}', null, 'A', false],
    ['${NONE:-$A}', null, 'A', false],
    ['${A:-$NONE}', null, 'A', false],
    ['${NONE:-x}', null, undefined, false],
    ['$A$B', null, undefined, true],
    ['x$A', null, undefined, true],
    ['${A#v}', null, undefined, true],
    ['${NONE}', 'NONE', undefined, false],
    ['${NONE#x}', 'NONE', undefined, true],
    ['${A:+$NONE}', 'NONE', undefined, false],
    ['${NONE:+x}', null, undefined, false],
    ['$NONE_AT_ALL-x', 'NONE_AT_ALL', undefined, true],
  ])('%s', (word, unset, sole, composed) => {
    const result = expand(word, { A: 'value', B: 'other' });
    if (isFault(result)) throw new Error(result.message);
    expect([result.unset, result.sole?.name, result.composed]).toEqual([unset, sole, composed]);
  });
});

describe('bounds', () => {
  it('refuses deep nesting with its reason', () => {
    const deep = `${'${A:-'.repeat(5000)}x${'}'.repeat(5000)}`;
    const result = expand(deep);
    expect(isFault(result) && result.message).toContain('nested deeper');
  });

  it('caps the value', () => {
    const result = expand('$A$A', { A: 'x'.repeat(MAX_VALUE - 1) });
    expect(isFault(result) && result.message).toContain('8192');
  });

  it('refuses patterns that take too much work', () => {
    const word = '${A//*a*b*c*d*e*f*g/x}'.repeat(40);
    const result = expand(word, { A: 'abcdef'.repeat(1000) });
    expect(isFault(result)).toBe(true);
  });
});

describe('against an independent model', () => {
  type Node = { readonly source: string; readonly value: string | null };
  const env: Readonly<Record<string, string>> = { A: 'alpha', B: '', LONG: 'registry.example/x' };
  const names = ['A', 'B', 'LONG', 'NONE', 'N2'] as const;
  const text = fc.stringMatching(/^[a-z0-9.:/@-]{0,8}$/);
  const { node } = fc.letrec<{ node: Node; item: Node }>((tie) => ({
    node: fc.array(tie('item'), { maxLength: 3 }).map(concat),
    item: fc.oneof(
      { depthSize: 'small' },
      text.map((t): Node => ({ source: t, value: t })),
      text.map((t): Node => ({ source: `'${t}'`, value: t })),
      fc.constantFrom(...names).map((n): Node => ({ source: `\${${n}}`, value: env[n] ?? '' })),
      tie('node').map(
        (n): Node => ({ source: `"${n.source.replaceAll("'", '').replaceAll('"', '')}"`, value: null }),
      ),
      fc
        .tuple(fc.constantFrom(...names), fc.constantFrom('-', ':-', '+', ':+'), tie('node'))
        .map(([n, modifier, word]): Node => {
          const value = env[n];
          const isSet = value !== undefined && !(modifier.startsWith(':') && value === '');
          const chosen = modifier.endsWith('-')
            ? isSet
              ? (value ?? '')
              : word.value
            : isSet
              ? word.value
              : '';
          return { source: `\${${n}${modifier}${word.source}}`, value: chosen };
        }),
    ),
  }));

  function concat(parts: readonly Node[]): Node {
    const value = parts.some((part) => part.value === null) ? null : parts.map((part) => part.value).join('');
    return { source: parts.map((part) => part.source).join(''), value };
  }

  it('agrees on defaults, alternatives, quotes and nesting', () => {
    fc.assert(
      fc.property(node, (n) => {
        const got = valueFor(n.source, env);
        if (n.value !== null) expect(got).toBe(n.value);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with a naive matcher on prefixes and suffixes', () => {
    const value = fc.stringMatching(/^[ab.]{0,8}$/);
    const pattern = fc
      .stringMatching(/^[ab.*?]{1,5}$/)
      .filter((p) => !p.startsWith('#') && !p.startsWith('%'));
    fc.assert(
      fc.property(value, pattern, fc.constantFrom('#', '##', '%', '%%'), (v, p, operator) => {
        expect(valueFor(`\${V${operator}${p}}`, { V: v })).toBe(naiveTrim(v, p, operator));
      }),
      { numRuns: 1000 },
    );
  });

  function naiveTrim(value: string, pattern: string, operator: string): string {
    const lengths = Array.from({ length: value.length + 1 }, (_, i) => i);
    if (operator.length === 2) lengths.reverse();
    const isPrefix = operator.startsWith('#');
    for (const length of lengths) {
      const part = isPrefix ? value.slice(0, length) : value.slice(value.length - length);
      if (!naiveMatch(pattern, part)) continue;
      return isPrefix ? value.slice(length) : value.slice(0, value.length - length);
    }
    return value;
  }

  function naiveMatch(pattern: string, value: string): boolean {
    if (pattern === '') return value === '';
    if (pattern.startsWith('*')) {
      return naiveMatch(pattern.slice(1), value) || (value !== '' && naiveMatch(pattern, value.slice(1)));
    }
    if (value === '') return false;
    return (pattern[0] === '?' || pattern[0] === value[0]) && naiveMatch(pattern.slice(1), value.slice(1));
  }
});
