import { describe, expect, it } from 'vitest';
import { BRANCH_PREFIX, branchOf, groupOfBranch } from '../../../src/plan/body/branch.ts';
import { comparePage, registryPage } from '../../../src/plan/body/links.ts';

describe('registryPage', () => {
  it.each([
    ['docker.io', 'library/python', '3.11', 'https://hub.docker.com/_/python/tags?name=3.11'],
    ['docker.io', 'acme/library', '1', 'https://hub.docker.com/r/acme/library/tags?name=1'],
    ['ghcr.io', 'acme/base', '1', 'https://ghcr.io/acme/base'],
    ['quay.io', 'acme/base', '1', 'https://quay.io/repository/acme/base?tab=tags'],
    ['mcr.microsoft.com', 'dotnet/sdk', '8.0', 'https://mcr.microsoft.com/artifact/mar/dotnet/sdk/tag/8.0'],
    ['public.ecr.aws', 'acme/base', '1', 'https://gallery.ecr.aws/acme/base'],
    ['gcr.io', 'distroless/static', 'latest', 'https://gcr.io/distroless/static'],
    ['eu.gcr.io', 'acme/base', '1', 'https://eu.gcr.io/acme/base'],
    [
      'cgr.dev',
      'chainguard/python',
      'latest',
      'https://images.chainguard.dev/directory/image/python/versions',
    ],
    ['cgr.dev', 'acme/python', 'latest', null],
    ['registry.example', 'chainguard/python', '1', null],
    ['gcr.io.example', 'acme/base', '1', null],
  ])('%s/%s:%s', (registry, repository, tag, want) => {
    expect(registryPage({ registry, repository, tag })).toBe(want);
  });
});

describe('comparePage', () => {
  const [OLD, NEW] = ['1f2e3d4', '9a8b7c6'];
  it.each([
    ['https://github.com/acme/base', OLD, 'https://github.com/acme/base/compare/1f2e3d4...9a8b7c6'],
    ['git+https://github.com/acme/base.git', OLD, 'https://github.com/acme/base/compare/1f2e3d4...9a8b7c6'],
    [
      'https://github.com/acme/my.github.io',
      OLD,
      'https://github.com/acme/my.github.io/compare/1f2e3d4...9a8b7c6',
    ],
    ['https://github.com/acme/base/tree/main?a=b#c', null, 'https://github.com/acme/base/commit/9a8b7c6'],
    ['https://github.com/acme/base', NEW, 'https://github.com/acme/base/commit/9a8b7c6'],
    ['https://github.com/acme/base', 'main', 'https://github.com/acme/base/commit/9a8b7c6'],
    ['https://gitlab.com/a/b/c.git', OLD, 'https://gitlab.com/a/b/c/-/compare/1f2e3d4...9a8b7c6'],
    ['https://gitlab.com/a/b/c/?x=1#y', null, 'https://gitlab.com/a/b/c/-/commit/9a8b7c6'],
    ['https://git.example/acme/base', OLD, null],
    ['https://github.com/acme', OLD, null],
    ['https://github.com', OLD, null],
    ['javascript:alert(1)', OLD, null],
    ['no address', OLD, null],
  ])('%s from %s', (url, from, want) => {
    expect(comparePage({ url, from, to: NEW })).toBe(want);
  });

  it.each(['main', '9a8b7c', `x${NEW}`, `${NEW}/..`, `${NEW}${'0'.repeat(60)}`, ''])(
    '%j is no commit',
    (to) => {
      expect(comparePage({ url: 'https://github.com/acme/base', from: OLD, to })).toBeNull();
    },
  );
});

describe('branches', () => {
  it.each(['all', 'python-3.11-2f6c1a90', 'a/b'])('of the group %s give it back', (group) => {
    expect(branchOf(group)).toBe(`pinwheel/${group}`);
    expect(groupOfBranch(branchOf(group))).toBe(group);
  });

  it.each(['main', 'pinwheel', BRANCH_PREFIX, 'pinwheelx/all', 'my/pinwheel/', 'xpinwheel/all'])(
    '%s is of no group',
    (branch) => {
      expect(groupOfBranch(branch)).toBeNull();
    },
  );
});
