import { describe, expect, it } from 'vitest';
import { type CandidateRules, candidatesFor, DEFAULT_RULES } from '../../src/discover/candidates.ts';
import { toPathPattern } from '../../src/domain/path-glob.ts';
import type { Format } from '../../src/domain/site.ts';
import { dockerfile } from '../../src/extract/dockerfile/extract.ts';
import type { FormatExtractor } from '../../src/extract/format.ts';

const shell: FormatExtractor = {
  ...dockerfile,
  format: 'shell',
  matchesPath: (path) => path.endsWith('.sh'),
};
const formats = [dockerfile, shell];

function formatsOf(path: string, rules: Partial<CandidateRules> = {}): readonly Format[] {
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
    [
      'docker/build.txt',
      { include: [{ pattern: toPathPattern('docker/*.txt'), format: null }] },
      ['dockerfile'],
    ],
    [
      'x/images.conf',
      { include: [{ pattern: toPathPattern('*.conf'), format: 'shell' as const }] },
      ['shell'],
    ],
    ['run.sh', { include: [{ pattern: toPathPattern('*.sh'), format: null }] }, ['shell']],
    [
      'run.sh',
      { include: [{ pattern: toPathPattern('run.sh'), format: 'dockerfile' as const }] },
      ['dockerfile', 'shell'],
    ],
    ['old/Dockerfile', { exclude: [toPathPattern('old/')] }, []],
    ['a/old/Dockerfile', { exclude: [toPathPattern('old/')] }, []],
    ['old/Dockerfile', { exclude: [toPathPattern('old')] }, []],
    ['old/x/Dockerfile', { exclude: [toPathPattern('old/**')] }, []],
    ['a/Dockerfile', { exclude: [toPathPattern('/Dockerfile')] }, ['dockerfile']],
    ['Dockerfile', { exclude: [toPathPattern('/Dockerfile')] }, []],
    [
      'docker/x',
      {
        include: [{ pattern: toPathPattern('docker/*'), format: null }],
        exclude: [toPathPattern('docker/x')],
      },
      [],
    ],
    ['test/fixtures/Dockerfile', {}, ['dockerfile']],
    ['test/fixtures/Dockerfile', { skipTestData: true }, []],
    ['pkg/testdata/Dockerfile', { skipTestData: true }, []],
  ])('%s with %o', (path, rules, expected) => {
    expect(formatsOf(path, rules)).toEqual(expected);
  });

  it('tells which folders not to walk', () => {
    const { skipFolder } = candidatesFor(formats, {
      ...DEFAULT_RULES,
      exclude: [toPathPattern('build/'), toPathPattern('a/b')],
    });
    const names = ['node_modules', 'x/vendor', '.git', 'build', 'x/build', 'a/b', 'a/b2', 'src', '.github'];
    expect(names.filter((name) => skipFolder(name))).toEqual(names.slice(0, 6));
  });
});
