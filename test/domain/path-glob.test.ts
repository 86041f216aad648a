import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  matchesBranch,
  matchesPath,
  parseBranchPattern,
  parsePathPattern,
  toBranchPattern,
  toPathPattern,
} from '../../src/domain/path-glob.ts';

describe('matchesPath', () => {
  it.each([
    ['*.txt', 'a.txt', true],
    ['*.txt', 'x/a.txt', true],
    ['/*.txt', 'x/a.txt', false],
    ['x/*.txt', 'x/a.txt', true],
    ['x/*.txt', 'x/y/a.txt', false],
    ['x/*.txt', 'w/x/a.txt', false],
    ['x/**', 'x/y/z', true],
    ['x/**', 'x', false],
    ['x/', 'x/y/z', true],
    ['x/', 'w/x/y', true],
    ['/x/', 'w/x/y', false],
    ['x/', 'x', false],
    ['**/x', 'x', true],
    ['**/x', 'a/b/x', true],
    ['**/x', 'ax', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/xb', false],
    ['**', 'a/b', true],
    ['*', 'a/b', true],
    ['a**b', 'axxb', true],
    ['a/a**b', 'a/ax/b', true],
    ['**.yml', 'a/b.yml', true],
    ['src/**.yml', 'src/a/b.yml', true],
    ['?.md', 'a.md', true],
    ['?.md', '/.md', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['a/[!b]c', 'a//c', false],
    ['{a,b}.sh', 'b.sh', true],
    ['{a,b}/**', 'b/x/y', true],
    ['{a,b/{c,d}}/x', 'b/d/x', true],
    ['{a,b}.sh', 'c.sh', false],
    ['Dockerfile{,.prod}', 'x/Dockerfile', true],
    ['Dockerfile{,.prod}', 'x/Dockerfile.prod', true],
    ['[aw]pi/**', 'wpi/Dockerfile', true],
    ['\\*.sh', '*.sh', true],
    ['\\*.sh', 'a.sh', false],
    ['\\{a,b}', '{a,b}', true],
    ['\\!x', '!x', true],
    ['./a/b', 'a/b', true],
    ['./a', 'x/a', false],
    ['Dockerfile', 'dockerfile', false],
    ['a b/c', 'a b/c', true],
    ['größe/*', 'größe/x', true],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matchesPath(toPathPattern(pattern), path)).toBe(expected);
  });
});

describe('parsePathPattern', () => {
  it.each([
    ['', 'empty', '"**"'],
    ['x'.repeat(1025), 'too-long', 'several'],
    ['{1,2,3,4,5,6,7,8,9}'.repeat(4), 'too-many-alternatives', 'several'],
    [
      `{${Array.from({ length: 200 }, (_, i) => `a${i}`).join(',')}}${'x'.repeat(60)}`,
      'too-many-alternatives',
      'several',
    ],
    ['[a', 'unclosed-class', 'close it'],
    ['{a', 'unclosed-braces', 'close it'],
    ['a{b,{c}', 'unclosed-braces', 'close it'],
    ['{,a}', 'empty', 'remove it'],
    ['[z-a]', 'reversed-range', '[a-z]'],
    ['a\\', 'dangling-escape', 'remove it'],
    ['a\tb', 'control-character', 'remove it'],
    [' a', 'surrounding-blank', '"a"'],
    ['https://example.com/x', 'scheme', '"docker/**"'],
    ['!docs/**', 'negation', 'files.exclude'],
    ['C:\\docker\\Dockerfile', 'absolute', '"docker/Dockerfile"'],
    ['c:/docker', 'absolute', '"docker"'],
    ['docker\\api\\*', 'backslash', '"docker/api/*"'],
    ['.\\docker', 'backslash', '"./docker"'],
    ['../x', 'outside', 'stay inside'],
    ['a/../b', 'outside', 'stay inside'],
    ['/..', 'outside', 'stay inside'],
    ['a/./b', 'dot-part', 'remove it'],
    ['//a', 'empty-part', 'write one'],
    ['a//b', 'empty-part', 'write one'],
    ['a//', 'empty-part', 'write one'],
    ['/', 'empty-part', '"**"'],
    ['./', 'empty-part', '"**"'],
    ['a[/]b', 'slash-class', 'without brackets'],
  ])('refuses %j: %s', (pattern, code, remedy) => {
    const parsed = parsePathPattern(pattern);
    expect(parsed).toMatchObject({ ok: false, fault: { code } });
    if (!parsed.ok) expect(parsed.fault.message).toContain(remedy);
  });

  it('never throws', () => {
    const piece = fc.constantFrom(
      'a',
      '/',
      '.',
      '..',
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
      ' ',
      ':',
    );
    const text = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary', maxLength: 60 })), (written) => {
        for (const parse of [parsePathPattern, parseBranchPattern]) {
          const parsed = parse(written);
          if (!parsed.ok) expect(parsed.fault.message).toMatch(/[;:] .*[a-z]/);
          else expect(typeof matchesPath(parsed.value, 'a/b')).toBe('boolean');
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('a path is matched by itself, by its folders and by its name', () => {
    const folder = fc.stringMatching(/^[a-z][a-z0-9 ._-]{0,4}[a-z]$/);
    fc.assert(
      fc.property(fc.array(folder, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = parts.join('/');
        const own = [
          path,
          `/${path}`,
          `./${path}`,
          `**/${parts.at(-1)}`,
          String(parts.at(-1)),
          `${parts.slice(0, -1).join('/')}/**`,
        ];
        for (const pattern of parts.length > 1 ? [...own, `${parts[0]}/`] : own.slice(0, 5)) {
          expect(matchesPath(toPathPattern(pattern), path), pattern).toBe(true);
        }
      }),
    );
  });
});

describe('branches', () => {
  it.each([
    ['main', 'main', true],
    ['main', 'feature/main', false],
    ['release/*', 'release/1', true],
    ['release/*', 'release/1/2', false],
    ['release/**', 'release/1/2', true],
    ['*', 'main', true],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['{main,v[0-9]*}', 'v2-x', true],
  ])('%s on %s: %s', (pattern, branch, expected) => {
    expect(matchesBranch(toBranchPattern(pattern), branch)).toBe(expected);
  });

  it.each([
    ['main', 'main'],
    ['release/*', null],
    ['{a,b}', null],
    ['a\\{b', 'a{b'],
  ])('%s names the one branch %s', (pattern, branch) => {
    expect(toBranchPattern(pattern).branch).toBe(branch);
  });

  it.each([
    ['refs/heads/main', '"main"'],
    ['feature branch', 'remove it'],
    ['a..b', 'correct it'],
    ['a//b', 'correct it'],
    ['/main', 'correct it'],
    ['main/', 'correct it'],
    ['x.lock', 'correct it'],
    ['release\\*', 'which no branch has'],
    ['a:b', 'remove it'],
    ['a~1', 'remove it'],
    ['-x', 'correct it'],
    ['.x', 'correct it'],
    ['', '"**"'],
    ['[x', 'close it'],
  ])('refuses %j', (pattern, remedy) => {
    const parsed = parseBranchPattern(pattern);
    expect(parsed.ok ? '' : parsed.fault.message).toContain(remedy);
  });
});
