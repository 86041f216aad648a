import { describe, expect, it } from 'vitest';
import { toImagePattern } from '../../src/domain/image-glob.ts';
import { toPathPattern } from '../../src/domain/path-glob.ts';
import { baseSuffix, groupRotations } from '../../src/pull-requests/groups.ts';
import type { PublishSettings } from '../../src/pull-requests/settings.ts';
import { digestOf, rotationsOver } from '../support/fake-pass.ts';

const EVERY_IMAGE = [toImagePattern('**')];
const EVERY_FILE = [toPathPattern('**')];
const OLD = digestOf('a');
const rotations = rotationsOver(
  new Map([
    ['Dockerfile', `FROM python:3.11@${OLD}\nFROM ghcr.io/acme/base:1@${OLD}\n`],
    ['deploy/api/Dockerfile', `FROM python:3.11@${OLD}\n`],
    ['deploy/web/Dockerfile', `FROM nginx:1@${OLD}\n`],
  ]),
  ['python:3.11', 'ghcr.io/acme/base:1', 'nginx:1'].map((image) => ({ image, to: digestOf('b') })),
);

type Settings = Pick<PublishSettings, 'groups' | 'images'>;

function summary(settings: Settings): Record<string, readonly string[]> {
  return Object.fromEntries(
    groupRotations(rotations, settings).map((group) => [
      group.name,
      group.rotations.flatMap((one) => one.sites.map((site) => `${one.image.repository} ${site.file}`)),
    ]),
  );
}

describe('groupRotations', () => {
  it('all: one group', () => {
    expect(Object.keys(summary({ groups: { by: 'all', named: [] }, images: [] }))).toEqual(['all']);
  });

  it('image: one group an image and tag, with names that cannot collide', () => {
    const names = Object.keys(summary({ groups: { by: 'image', named: [] }, images: [] }));
    expect(names.map((name) => name.replace(/[0-9a-f]{8}$/, 'HASH'))).toEqual([
      'ghcr.io-acme-base-1-HASH',
      'nginx-1-HASH',
      'python-3.11-HASH',
    ]);
  });

  it('directory: a rotation is divided by the folders of its sites', () => {
    const groups = summary({ groups: { by: 'directory', named: [] }, images: [] });
    const byPrefix = Object.fromEntries(
      Object.entries(groups).map(([name, sites]) => [name.replace(/-[0-9a-f]{8}$/, ''), sites]),
    );
    expect(byPrefix).toEqual({
      root: ['library/python Dockerfile', 'acme/base Dockerfile'],
      'deploy-api': ['library/python deploy/api/Dockerfile'],
      'deploy-web': ['library/nginx deploy/web/Dockerfile'],
    });
  });

  it('named groups take what matches image and file; the rest goes by the rule', () => {
    const groups = summary({
      groups: {
        by: 'all',
        named: [
          { name: 'ours', images: [toImagePattern('ghcr.io/acme/**')], files: EVERY_FILE },
          { name: 'web', images: EVERY_IMAGE, files: [toPathPattern('deploy/web/**')] },
        ],
      },
      images: [],
    });
    expect(Object.keys(groups)).toEqual(['all', 'ours', 'web']);
  });

  it.each([
    ['deploy/{api,web}/**', ['all', 'x']],
    ['web/', ['all', 'x']],
    ['[uvw]eb/**', ['all']],
    ['deploy/[uvw]eb/**', ['all', 'x']],
    ['**/web/*', ['all', 'x']],
    ['**/Dockerfile', ['x']],
    ['Dockerfile', ['x']],
    ['/Dockerfile', ['all', 'x']],
    ['dep*/**', ['all', 'x']],
  ])('a named group takes files by the dialect of files: %s', (pattern, names) => {
    const named = [{ name: 'x', images: EVERY_IMAGE, files: [toPathPattern(pattern)] }];
    expect(Object.keys(summary({ groups: { by: 'all', named }, images: [] }))).toEqual(names);
  });

  it("an image rule's group goes before all", () => {
    const groups = summary({
      groups: { by: 'image', named: [] },
      images: [{ match: [toImagePattern('python'), toImagePattern('nginx')], group: 'runtimes' }],
    });
    expect(groups['runtimes']).toHaveLength(3);
  });

  it('sites that move together stay together', () => {
    const linked = rotations.map((rotation) => ({
      ...rotation,
      sites: rotation.sites.map((site) =>
        rotation.image.repository === 'library/python' ? { ...site, pin: 'arg' } : site,
      ),
    }));
    const groups = groupRotations(linked, { groups: { by: 'directory', named: [] }, images: [] });
    const python = groups.filter((group) =>
      group.rotations.some((one) => one.image.repository === 'library/python'),
    );
    expect(python.map((group) => group.name)).toEqual(['root']);
  });

  it.each([
    ['a..b', 'a.b'],
    ['x.lock', 'x-lock'],
    ['-.-', 'group'],
  ])('the group %s has the branch-safe name %s', (name, safe) => {
    const groups = groupRotations(rotations, {
      groups: { by: 'all', named: [{ name, images: EVERY_IMAGE, files: EVERY_FILE }] },
      images: [],
    });
    expect(groups.map((group) => group.name)).toEqual([safe]);
  });

  it.each<[PublishSettings['groups']['by'], readonly string[]]>([
    ['all', ['all', 'tags']],
    ['image', ['ghcr.io-acme-base-1', 'nginx-1', 'python-3.11']],
    ['directory', ['deploy-api', 'deploy-web', 'root']],
  ])('moves to newer tags are a group of their own by %s, or by the rule', (by, names) => {
    const moved = rotations.map((one) =>
      one.image.repository === 'library/python' ? { ...one, toTag: '3.12' } : one,
    );
    const groups = groupRotations(moved, { groups: { by, named: [] }, images: [] });
    expect(groups.map(({ name }) => name.replace(/-[0-9a-f]{8}$/, ''))).toEqual(names);
  });

  it('a named group takes what any of its patterns matches', () => {
    const named = [
      {
        name: 'x',
        images: [toImagePattern('nginx'), toImagePattern('redis')],
        files: [toPathPattern('nowhere/**'), toPathPattern('deploy/**')],
      },
    ];
    expect(summary({ groups: { by: 'all', named }, images: [] })['x']).toEqual([
      'library/nginx deploy/web/Dockerfile',
    ]);
  });

  it('a long folder has a name that fits into a branch, and is still its own', () => {
    const long = rotations.map((one, index) => ({
      ...one,
      sites: one.sites.map((site) => ({ ...site, file: `${'folder/'.repeat(30)}${index}/Dockerfile` })),
    }));
    const names = groupRotations(long, { groups: { by: 'directory', named: [] }, images: [] });
    expect(names).toHaveLength(rotations.length);
    for (const { name } of names) expect(name.length).toBeLessThan(70);
  });

  it('a rotation whose sites stay together is the same one', () => {
    const [group] = groupRotations(rotations, { groups: { by: 'all', named: [] }, images: [] });
    expect(group?.rotations.every((one) => rotations.includes(one))).toBe(true);
  });
});

describe('baseSuffix', () => {
  it.each([
    ['release-1.2', '@release-1.2'],
    ['Release/1.2', '@release-1.2'],
    ['a.lock.b', '@a.lock.b'],
  ])('%s: %s', (branch, suffix) => {
    expect(baseSuffix(branch)).toBe(suffix);
  });
});
