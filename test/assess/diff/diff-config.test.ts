import { describe, expect, it } from 'vitest';
import { compareUrl, revisionOf } from '../../../src/assess/diff/compare-link.ts';
import { type ConfigSide, diffConfig } from '../../../src/assess/diff/diff-config.ts';
import { endOfLife } from '../../../src/assess/diff/os-lifecycle.ts';
import { type ImageConfig, parseImageConfig } from '../../../src/assess/image/image-config.ts';
import { debian } from '../../support/findings.ts';

function config(inner: Readonly<Record<string, unknown>>): ImageConfig {
  const parsed = parseImageConfig(JSON.stringify({ os: 'linux', architecture: 'amd64', config: inner }));
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.value;
}

function side(inner: Readonly<Record<string, unknown>>, over: Partial<ConfigSide> = {}): ConfigSide {
  return { config: config(inner), size: 1000, layers: 1, packages: null, os: null, ...over };
}

const TODAY = '2026-11-20';

describe('diffConfig', () => {
  it.each<[string, ConfigSide, ConfigSide, string, string | null, string | null, boolean]>([
    ['root in place of a user', side({ User: 'app' }), side({}), 'user', 'app', null, true],
    ['a user in place of root', side({ User: '0:0' }), side({ User: 'app' }), 'user', '0:0', 'app', false],
    [
      'a new port',
      side({}),
      side({ ExposedPorts: { '8080/tcp': {} } }),
      'ports.8080/tcp',
      null,
      '8080/tcp',
      true,
    ],
    [
      'a port that went',
      side({ ExposedPorts: { '8080/tcp': {} } }),
      side({}),
      'ports.8080/tcp',
      '8080/tcp',
      null,
      false,
    ],
    [
      'entrypoint',
      side({ Entrypoint: ['/a'] }),
      side({ Entrypoint: ['/b', 'c'] }),
      'entrypoint',
      '["/a"]',
      '["/b","c"]',
      true,
    ],
    [
      'cmd in its oldest form',
      side({ Cmd: 'sh' }),
      side({ Cmd: ['bash'] }),
      'cmd',
      '["sh"]',
      '["bash"]',
      true,
    ],
    ['workdir', side({ WorkingDir: '/a' }), side({ WorkingDir: '/b' }), 'workdir', '/a', '/b', true],
    ['a variable', side({ Env: ['V=1=2'] }), side({ Env: ['V=2'] }), 'env.V', '1=2', '2', false],
    [
      'the path',
      side({ Env: ['PATH=/bin'] }),
      side({ Env: ['PATH=/tmp:/bin'] }),
      'env.PATH',
      '/bin',
      '/tmp:/bin',
      true,
    ],
    ['a volume', side({}), side({ Volumes: { '/data': {} } }), 'volumes./data', null, '/data', true],
    ['a label', side({ Labels: { a: '1' } }), side({ Labels: { a: '2' } }), 'labels.a', '1', '2', false],
    ['size, a little', side({}), side({}, { size: 1001 }), 'size', '1000', '1001', false],
    [
      'size, much',
      side({}, { size: 20_000_000 }),
      side({}, { size: 60_000_000 }),
      'size',
      '20000000',
      '60000000',
      true,
    ],
    ['layers', side({}), side({}, { layers: 2 }), 'layers', '1', '2', false],
    [
      'a shell that came',
      side({}, { packages: [] }),
      side({}, { packages: [debian('bash', '5')] }),
      'shell-present',
      null,
      'bash',
      true,
    ],
    [
      'a package manager that went',
      side({}, { packages: [debian('apt', '2')] }),
      side({}, { packages: [] }),
      'package-manager',
      'apt',
      null,
      false,
    ],
  ])('%s', (_, before, after, field, from, to, matters) => {
    expect(diffConfig(before, after, TODAY)).toMatchObject([{ field, from, to, matters }]);
    expect(diffConfig(before, before, TODAY)).toEqual([]);
    expect(diffConfig(after, before, TODAY)).toMatchObject([{ field, from: to, to: from }]);
  });

  it('a new release of the distribution, and one past its end', () => {
    const at = (version: string) => side({}, { os: { id: 'debian', version } });
    expect(diffConfig(at('11.9'), at('12.5'), TODAY)).toMatchObject([
      { field: 'os-release', from: 'debian 11.9', to: 'debian 12.5', matters: true },
      { field: 'os-end-of-life', from: '2026-08-31', to: '2028-06-30', matters: false },
    ]);
    expect(diffConfig(at('12.5'), at('11.9'), TODAY).at(-1)).toMatchObject({
      field: 'os-end-of-life',
      matters: true,
    });
    expect(diffConfig(at('12.4'), at('12.5'), TODAY)).toMatchObject([
      { field: 'os-release', matters: false },
    ]);
  });

  it('packages that are not known on one side say nothing', () => {
    expect(diffConfig(side({}), side({}, { packages: [debian('bash', '5')] }), TODAY)).toEqual([]);
  });
});

describe('parseImageConfig', () => {
  it.each(['', '[]', '{"config":{"Env":"PATH=/"}}', '{"os":1}'])('%j is refused', (json) => {
    expect(parseImageConfig(json).ok).toBe(false);
  });

  it('tolerates what is missing, null or unknown', () => {
    expect(
      parseImageConfig('{"config":{"Env":null,"User":null,"Labels":{"a":null}},"rootfs":{}}'),
    ).toMatchObject({
      ok: true,
      value: { user: '', created: null },
    });
  });
});

describe('endOfLife', () => {
  it.each([
    [{ id: 'debian', version: '12.5' }, '2028-06-30'],
    [{ id: 'ubuntu', version: '22.04' }, '2027-04-30'],
    [{ id: 'alpine', version: '3.18.4' }, '2025-05-09'],
    [{ id: 'redhat', version: '9.3' }, '2032-05-31'],
    [{ id: 'amazon', version: '2023' }, '2029-06-30'],
    [{ id: 'wolfi', version: '20230201' }, null],
  ])('%j ends on %s', (os, day) => {
    expect(endOfLife(os)).toBe(day);
  });
});

describe('compareUrl', () => {
  const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
  const labels = (source: string, revision: string) =>
    new Map([
      ['org.opencontainers.image.source', source],
      ['org.opencontainers.image.revision', revision],
    ]);

  it.each<[string, string, string, string | null]>([
    ['https://github.com/acme/base', a, b, `https://github.com/acme/base/compare/${a}...${b}`],
    [
      `https://github.com/docker-library/python.git#${a}:3.11`,
      a,
      b,
      `https://github.com/docker-library/python/compare/${a}...${b}`,
    ],
    [
      'https://github.com/acme/base/tree/main/images',
      a,
      b,
      `https://github.com/acme/base/compare/${a}...${b}`,
    ],
    ['https://gitlab.com/group/sub/base', a, b, `https://gitlab.com/group/sub/base/-/compare/${a}...${b}`],
    ['https://github.com/acme/base', a, a, null],
    ['https://github.com/acme/base', a, 'v1.0', null],
    ['https://github.com/acme', a, b, null],
    ['https://github.com.evil.example/acme/base', a, b, null],
    ['https://evil.example/acme/base', a, b, null],
    ['javascript:alert(1)//github.com/a/b', a, b, null],
    ['https://github.com/acme/ba)se](x', a, b, null],
  ])('%s', (source, from, to, url) => {
    expect(compareUrl(labels(source, from), labels(source, to))).toBe(url);
  });

  it('wants the same repository on both sides', () => {
    expect(compareUrl(labels('https://github.com/a/b', a), labels('https://github.com/a/c', b))).toBeNull();
    expect(revisionOf(labels('', a.toUpperCase()))).toBe(a);
  });
});
