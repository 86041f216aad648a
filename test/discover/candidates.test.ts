import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidatesFor, compileGlob, DEFAULT_RULES } from '../../src/discover/candidates.ts';
import type { Format } from '../../src/domain/site.ts';
import { dockerfile } from '../../src/extract/dockerfile/extract.ts';
import type { FormatExtractor } from '../../src/extract/format.ts';

const shell: FormatExtractor = {
  ...dockerfile,
  format: 'shell',
  matchesPath: (path) => path.endsWith('.sh'),
};
const formats = [dockerfile, shell];

function formatsOf(path: string, rules: Partial<typeof DEFAULT_RULES> = {}): readonly Format[] {
  return candidatesFor(formats, { ...DEFAULT_RULES, ...rules })
    .formatsOf(path)
    .map((format) => format.format);
}

describe('Dockerfile paths', () => {
  it.each([
    'Dockerfile',
    'dockerfile',
    'DOCKERFILE',
    'a/b/Dockerfile',
    'Dockerfile.prod',
    'Dockerfile.py',
    'dockerfile.prod',
    'Dockerfile.alpine.tmpl',
    'api.Dockerfile',
    'x/api.dockerfile',
    '.Dockerfile',
    'Containerfile',
    'Containerfile.dev',
    'web.Containerfile',
    'Dockerfile-alpine',
    'Dockerfile_dev',
    'containerfile-ci',
    'a b/Dockerfile',
  ])('%s is read', (path) => {
    expect(formatsOf(path)).toEqual(['dockerfile']);
  });

  it.each([
    'Dockerfile.dockerignore',
    'api.Dockerfile.dockerignore',
    'Containerfile.containerignore',
    '.dockerignore',
    'Dockerfile.md',
    'Dockerfile.yml',
    'Dockerfile.orig',
    'Dockerfile~',
    'pkg/dockerfile.go',
    'containerfile_test.go',
    'MyDockerfile',
    'dockerfile-lint.toml',
    'Dockerfile-notes.txt',
    'Dockerfile-notes.md',
    'Dockerfiles/readme',
    'docker',
    'node_modules/x/Dockerfile',
    'a/node_modules/x/Dockerfile',
    'vendor/Dockerfile',
    'a/vendor/b/Dockerfile',
    '.git/Dockerfile',
  ])('%s is not', (path) => {
    expect(formatsOf(path)).toEqual([]);
  });
});

describe('rules', () => {
  it.each([
    ['docker/build.txt', { include: [{ glob: 'docker/*.txt', format: null }] }, ['dockerfile']],
    ['x/images.conf', { include: [{ glob: '*.conf', format: 'shell' as const }] }, ['shell']],
    ['run.sh', { include: [{ glob: '*.sh', format: null }] }, ['shell']],
    ['run.sh', { include: [{ glob: 'run.sh', format: 'dockerfile' as const }] }, ['dockerfile', 'shell']],
    ['old/Dockerfile', { exclude: ['old/'] }, []],
    ['a/old/Dockerfile', { exclude: ['old/'] }, []],
    ['old/Dockerfile', { exclude: ['old'] }, []],
    ['old/x/Dockerfile', { exclude: ['old/**'] }, []],
    ['a/Dockerfile', { exclude: ['/Dockerfile'] }, ['dockerfile']],
    ['Dockerfile', { exclude: ['/Dockerfile'] }, []],
    ['docker/x', { include: [{ glob: 'docker/*', format: null }], exclude: ['docker/x'] }, []],
    ['test/fixtures/Dockerfile', {}, ['dockerfile']],
    ['test/fixtures/Dockerfile', { skipTestData: true }, []],
    ['pkg/testdata/Dockerfile', { skipTestData: true }, []],
  ])('%s with %o', (path, rules, expected) => {
    expect(formatsOf(path, rules)).toEqual(expected);
  });

  it('tells which folders not to walk', () => {
    const { skipFolder } = candidatesFor(formats, { ...DEFAULT_RULES, exclude: ['build/', 'a/b'] });
    const names = ['node_modules', 'x/vendor', '.git', 'build', 'x/build', 'a/b', 'a/b2', 'src', '.github'];
    expect(names.filter((name) => skipFolder(name))).toEqual(names.slice(0, 6));
  });
});

describe('globs', () => {
  it.each([
    ['*.txt', 'a.txt', true],
    ['*.txt', 'x/a.txt', true],
    ['/*.txt', 'x/a.txt', false],
    ['x/*.txt', 'x/a.txt', true],
    ['x/*.txt', 'x/y/a.txt', false],
    ['x/*.txt', 'w/x/a.txt', false],
    ['x/**', 'x/y/z', true],
    ['x/**', 'x', false],
    ['**/x', 'x', true],
    ['**/x', 'a/b/x', true],
    ['**/x', 'ax', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'a/xb', false],
    ['**', 'a/b', true],
    ['a**b', 'axxb', true],
    ['a/a**b', 'a/ax/b', false],
    ['?.md', 'a.md', true],
    ['?.md', '/.md', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]]x', ']x', true],
    ['[a-]x', '-x', true],
    ['a/[!b]c', 'a//c', false],
    ['{a,b}.sh', 'b.sh', true],
    ['{a,b/{c,d}}/x', 'b/d/x', true],
    ['{a,b}.sh', 'c.sh', false],
    ['\\*.sh', '*.sh', true],
    ['\\*.sh', 'a.sh', false],
    ['\\{a,b}', '{a,b}', true],
    ['./a/b', 'a/b', true],
    ['Dockerfile', 'dockerfile', false],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(compileGlob(glob)(path)).toBe(expected);
  });

  it.each(['', '[a', '{a', 'a{b,{c}', '{1,2,3,4,5,6,7,8,9}'.repeat(4), 'x'.repeat(2000)])(
    'refuses %s',
    (glob) => {
      expect(() => compileGlob(glob)).toThrow(RangeError);
    },
  );

  it('does not backtrack', () => {
    const matches = compileGlob(`${'*a'.repeat(100)}b`);
    expect(matches('a'.repeat(4000))).toBe(false);
  });

  it('agrees with a naive matcher', () => {
    const path = fc.stringMatching(/^[ab/]{0,8}$/);
    const glob = fc
      .stringMatching(/^\/[ab/*?]{1,6}$/)
      .filter((text) => !text.includes('**') && !text.endsWith('/'));
    fc.assert(
      fc.property(glob, path, (pattern, text) => {
        expect(compileGlob(pattern)(text)).toBe(naive(pattern.slice(1), text));
      }),
      { numRuns: 1000 },
    );
  });

  function naive(glob: string, text: string): boolean {
    if (glob === '') return text === '';
    const [head, rest] = [glob[0], glob.slice(1)];
    if (head === '*')
      return naive(rest, text) || (text !== '' && text[0] !== '/' && naive(glob, text.slice(1)));
    if (text === '') return false;
    return (head === text[0] || (head === '?' && text[0] !== '/')) && naive(rest, text.slice(1));
  }
});
