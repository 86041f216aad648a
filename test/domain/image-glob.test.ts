import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  matchesImage,
  type NamedImage,
  parseImagePattern,
  toImagePattern,
} from '../../src/domain/image-glob.ts';
import { canonicalName, familiarName } from '../../src/domain/image-reference.ts';
import { toImageReference } from '../support/image-reference.ts';

describe('matchesImage', () => {
  it.each([
    ['python', 'python', true],
    ['python', 'docker.io/library/python:3.11', true],
    ['docker.io/library/python', 'python', true],
    ['docker.io/python', 'python', true],
    ['index.docker.io/library/python', 'python', true],
    ['library/python', 'python', true],
    ['library/*', 'python', true],
    ['library/*', 'bitnami/redis', false],
    ['docker.io/library/*', 'python', true],
    ['index.docker.io/library/py*', 'python', true],
    ['docker.io/**', 'python', true],
    ['docker.io/**', 'quay.io/a/b', false],
    ['bitnami/*', 'bitnami/redis', true],
    ['*', 'ghcr.io/a/b/c', true],
    ['**', 'ghcr.io/a/b/c', true],
    ['*:latest', 'ghcr.io/a/b/c:latest', true],
    ['*:latest', 'ghcr.io/a/b/c:1', false],
    ['**/base', 'ghcr.io/a/b/base:1', true],
    ['**/base', 'base:1', true],
    ['**/base', 'ghcr.io/a/database:1', false],
    ['ghcr.io/*/base', 'ghcr.io/acme/base', true],
    ['ghcr.io/*/base', 'ghcr.io/a/b/base', false],
    ['ghcr.io/**/base', 'ghcr.io/a/b/base', true],
    ['ghcr.io/**/base', 'ghcr.io/base', true],
    ['ghcr.io/acme**', 'ghcr.io/acme-x/y', true],
    ['ghcr.io/acme*', 'ghcr.io/acme-x/y', false],
    ['ghcr.io/a/*', 'ghcr.io/a/b/c', false],
    ['ghcr.io/a/**', 'ghcr.io/a/b/c', true],
    ['pyth', 'python', false],
    ['pyth?n', 'python', true],
    ['pyth??n', 'python', false],
    ['[n-q]ython', 'python', true],
    ['[!n-q]ython', 'python', false],
    ['{node,python}', 'python', true],
    ['{node,python}:{3,20}*', 'python:3.11', true],
    ['{node,python}:{20,22}*', 'python:3.11', false],
    ['{node:20,python:3}*', 'python:3.11', true],
    ['{*,x}', 'ghcr.io/a/b', true],
    ['python:3.11*', 'python:3.11-slim', true],
    ['python:3.11*', 'python:3.12-slim', false],
    ['python:3.11*', 'python', false],
    ['python:*', 'python', false],
    ['python:*', 'python:3', true],
    ['python:3.1[12]-*', 'python:3.12-slim', true],
    ['python:3.1[12]-*', 'python:3.13-slim', false],
    ['python:*-slim', 'python:3.11-slim', true],
    ['python:Alpine', 'python:Alpine', true],
    ['python:Alpine', 'python:alpine', false],
    ['ghcr.io/acme/base:3.11', 'ghcr.io/acme/base:3.11', true],
    ['ghcr.io/acme/base:3.11', 'ghcr.io/acme/base:3.12', false],
    ['localhost:5000/a', 'localhost:5000/a:1', true],
    ['localhost:5000/a:2', 'localhost:5000/a:1', false],
    ['localhost:5000/*:1', 'localhost:5000/a:1', true],
    ['localhost:*/a', 'localhost:5000/a', true],
    ['localhost/a', 'localhost:5000/a', false],
    ['localhost/**', 'localhost/a/b', true],
    ['ghcr.io:443/acme/x', 'ghcr.io/acme/x', true],
    ['ghcr.io:443/acme/*', 'ghcr.io/acme/x', true],
    ['ghcr.io/acme/*', 'ghcr.io:443/acme/x', true],
    ['ghcr.io/acme/x', 'ghcr.io:443/acme/x', true],
    ['ghcr.io/acme/x', 'GHCR.io/acme/x', true],
    ['*.azurecr.io/**', 'acme.azurecr.io/x', true],
    ['[::1]:5000/a', '[::1]:5000/a:1', true],
    ['[::1]:5000/*', '[::1]:5000/a:1', true],
    ['[::1]:5000/*:2', '[::1]:5000/a:1', false],
    ['[::1]/**', '[::1]:5000/a:1', false],
  ])('%s on %s: %s', (pattern, image, expected) => {
    expect(matchesImage(toImagePattern(pattern), toImageReference(image))).toBe(expected);
  });
});

const REFUSED: readonly (readonly [pattern: string, code: string, remedy: string])[] = [
  ['', 'empty', '"**"'],
  ['{,python}', 'empty', 'remove it'],
  ['{}', 'empty', 'remove it'],
  ['x'.repeat(1025), 'too-long', 'several patterns'],
  ['x'.repeat(600), 'too-long', 'shorten'],
  [`${'x'.repeat(300)}`, 'invalid-part', '255'],
  ['{1,2,3,4,5,6,7}'.repeat(3), 'too-many-alternatives', 'several patterns'],
  ['{a,b', 'unclosed-braces', 'close it'],
  ['a{b,{c}', 'unclosed-braces', 'close it'],
  ['python:{3,4', 'unclosed-braces', 'close it'],
  ['[ab', 'unclosed-class', 'close it'],
  ['python:3.1[12', 'unclosed-class', 'close it'],
  ['[z-a]x', 'reversed-range', '[a-z]'],
  ['python\u0000', 'control-character', 'remove it'],
  ['python\nnode', 'blank', 'list'],
  [' python', 'surrounding-blank', '"python"'],
  ['python ', 'surrounding-blank', '"python"'],
  ['python node', 'blank', 'list'],
  ['https://ghcr.io/acme/x', 'scheme', '"ghcr.io/acme/x"'],
  ['docker://python', 'scheme', '"python"'],
  [`python@sha256:${'a'.repeat(64)}`, 'digest', '"python"'],
  ['python:3.11@sha256:*', 'digest', '"python:3.11"'],
  ['@sha256', 'digest', 'write a name'],
  ['Python', 'upper-case', '"python"'],
  ['ghcr.io/Acme/x', 'upper-case', '"ghcr.io/acme/x"'],
  ['GHCR.io/acme/*', 'upper-case', '"ghcr.io/acme/*"'],
  ['{python,Node}', 'upper-case', 'lower case'],
  ['[A-Z]ython', 'impossible-class', 'lower case'],
  ['python:[+]', 'impossible-class', 'tag'],
  ['python,node', 'invalid-character', 'a list'],
  ['^python$', 'invalid-character', 'globs'],
  ['(python|node)', 'invalid-character', 'globs'],
  ['python\\*', 'invalid-character', 'remove it'],
  ['!python', 'invalid-character', 'globs'],
  ['acme\\x', 'invalid-character', 'remove it'],
  ['/python', 'empty-part', 'remove one "/"'],
  ['ghcr.io//x', 'empty-part', 'remove one "/"'],
  ['ghcr.io/acme/', 'empty-part', '"ghcr.io/acme/**"'],
  ['ghcr.io/', 'empty-part', '"ghcr.io/**"'],
  ['ghcr.io/acme:1/x', 'misplaced-tag', 'at the end'],
  ['*/a:1/x', 'misplaced-tag', 'at the end'],
  ['-python', 'invalid-part', 'begin and end'],
  ['ghcr.io/acme/.x*', 'invalid-part', 'begin and end'],
  ['a..b*', 'invalid-part', 'single separators'],
  ['a___b*', 'invalid-part', 'single separators'],
  ['*-', 'invalid-part', 'begin and end'],
  ['f'.repeat(64), 'invalid-part', 'image ID'],
  ['ghcr..io/x', 'invalid-registry', '"ghcr.io"'],
  ['my_host.io/x', 'invalid-registry', '"ghcr.io"'],
  ['ghcr.io:port/x', 'invalid-registry', '"localhost:5000"'],
  ['-ghcr.io/x', 'invalid-registry', '"ghcr.io"'],
  ['*.io:x*/y', 'invalid-registry', '"ghcr.io"'],
  ['ghcr.io', 'registry-alone', '"ghcr.io/**"'],
  ['*.azurecr.io', 'registry-alone', '"*.azurecr.io/**"'],
  ['localhost:5000', 'registry-alone', '"localhost:5000/**"'],
  ['docker.io', 'registry-alone', '"docker.io/**"'],
  ['127.0.0.1:5000', 'registry-alone', '"127.0.0.1:5000/**"'],
  ['[::1]:5000', 'registry-alone', '"[::1]:5000/**"'],
  ['[2001:DB8::1]:5000/a', 'upper-case', '"[2001:db8::1]:5000/a"'],
  ['[::1]:*/a', 'invalid-registry', 'each port'],
  ['docker.io/py*:3', 'hub-depth', '"docker.io/library/py*:3"'],
  ['{docker.io,ghcr.io}/*', 'hub-depth', 'has the alternative "docker.io/*"'],
  ['docker.io/*', 'hub-depth', '"docker.io/library/*"'],
  ['index.docker.io/py*', 'hub-depth', '"docker.io/**"'],
  ['python:', 'empty-tag', '"python"'],
  ['*:', 'empty-tag', '"*"'],
  ['python:{3,}', 'empty-tag', 'leave out'],
  ['python:3:4', 'invalid-tag', 'letters, digits'],
  ['python:3.11+x', 'invalid-tag', 'letters, digits'],
  ['python:-slim', 'invalid-tag', 'write "*"'],
  ['python:.*', 'invalid-tag', 'write "*"'],
  [`python:${'1'.repeat(129)}`, 'invalid-tag', 'shorten'],
];

describe('parseImagePattern', () => {
  it.each(REFUSED)('refuses %j: %s', (pattern, code, remedy) => {
    const parsed = parseImagePattern(pattern);
    expect(parsed).toMatchObject({ ok: false, fault: { code } });
    if (!parsed.ok) expect(parsed.fault.message).toContain(remedy);
  });

  it('offers only remedies that are patterns', () => {
    const offered = REFUSED.flatMap(([pattern]) => {
      const parsed = parseImagePattern(pattern);
      return parsed.ok
        ? []
        : [...parsed.fault.message.matchAll(/write "([^"]+)"/g)].map(([, text]) => text ?? '');
    }).filter((text) => text !== '*' && !text.includes('…'));
    expect(offered.length).toBeGreaterThan(15);
    for (const text of offered) expect(parseImagePattern(text), text).toMatchObject({ ok: true });
  });
});

const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    '1',
    '.',
    '-',
    '_',
    '/',
    ':',
    '*',
    '**',
    '?',
    '[',
    ']',
    '!',
    '{',
    '}',
    ',',
    '\\',
    '@',
    ' ',
    'A',
  ],
  ...['ghcr.io', 'localhost', 'docker.io', 'library', '[::1]', ':443', '5000', 'python'],
);
const written = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''));
const name = fc.constantFrom(
  'python',
  'a',
  'b/a',
  'ghcr.io/a/b',
  'localhost:5000/a',
  'ghcr.io:443/a/b',
  '[::1]:1/a',
);
const image = fc
  .tuple(name, fc.constantFrom('', ':1', ':a-1', ':1.A'))
  .map(([text, tag]): NamedImage => toImageReference(text + tag));

describe('properties', () => {
  it('never throws, and what is refused quotes a remedy', () => {
    fc.assert(
      fc.property(fc.oneof(written, fc.string({ unit: 'binary', maxLength: 60 })), image, (text, one) => {
        const parsed = parseImagePattern(text);
        if (parsed.ok) expect(typeof matchesImage(parsed.value, one)).toBe('boolean');
        else expect(parsed.fault.message).toMatch(/[;:] .*[a-z]/);
      }),
      { numRuns: 1500 },
    );
  });

  it('an image is matched by its own name, canonical and familiar, and by its tag', () => {
    fc.assert(
      fc.property(image, (one) => {
        const tag = one.tag === null ? '' : `:${one.tag}`;
        for (const own of [canonicalName(one), familiarName(one)]) {
          expect(matchesImage(toImagePattern(own), one)).toBe(true);
          expect(matchesImage(toImagePattern(`${own}${tag}`), one)).toBe(true);
        }
      }),
    );
  });

  it('braces match as their alternatives, one by one, do', () => {
    const word = fc.stringMatching(/^[ab]{1,2}[*?]?$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), word, image, (words, tail, one) => {
        const whole = matchesImage(toImagePattern(`{${words.join(',')}}${tail}`), one);
        expect(whole).toBe(words.some((each) => matchesImage(toImagePattern(`${each}${tail}`), one)));
      }),
    );
  });

  it('a pattern with wildcards that is taken can match: some image of its shape does', () => {
    const part = fc.stringMatching(/^[a-c]{0,2}[*?]?[a-c]{0,2}$/).filter((text) => text !== '');
    const host = fc.constantFrom('', 'ghcr.io/', 'localhost:5000/', 'docker.io/x/');
    const shape = fc.tuple(
      host,
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.constantFrom('', ':*', ':1?'),
    );
    fc.assert(
      fc.property(shape, ([registry, parts, tag]) => {
        const pattern = parseImagePattern(`${registry}${parts.join('/')}${tag}`);
        if (!pattern.ok) return;
        const text = `${registry}${parts.join('/')}${tag === '' ? '' : ':1z'}`.replace(/[*?]/g, 'z');
        expect(matchesImage(pattern.value, toImageReference(text)), pattern.value.text).toBe(true);
      }),
    );
  });
});
