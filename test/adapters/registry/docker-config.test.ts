import { describe, expect, it } from 'vitest';
import { authFor, helperFor, parseDockerConfig } from '../../../src/adapters/registry/docker-config.ts';

const basic = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const config = (value: object) => {
  const parsed = parseDockerConfig(JSON.stringify(value));
  if (parsed === null) throw new Error('not read');
  return parsed;
};

describe('the entry for a host', () => {
  const cases: readonly (readonly [key: string, host: string, repository: string, found: boolean])[] = [
    ['ghcr.io', 'ghcr.io', 'a/b', true],
    ['GHCR.io', 'ghcr.io', 'a/b', true],
    ['https://ghcr.io', 'ghcr.io', 'a/b', true],
    ['https://ghcr.io/v2/', 'ghcr.io', 'a/b', true],
    ['ghcr.io/v2/', 'ghcr.io', 'a/b', true],
    ['ghcr.io', 'ghcr.io.evil.test', 'a', false],
    ['ghcr.io', 'evil-ghcr.io', 'a', false],
    ['ghcr.io', 'ghcr.io:443', 'a', false],
    ['registry.example:5000', 'registry.example', 'a', false],
    ['https://index.docker.io/v1/', 'docker.io', 'library/python', true],
    ['docker.io', 'docker.io', 'library/python', true],
    ['registry-1.docker.io', 'docker.io', 'library/python', true],
    ['https://index.docker.io/v1/', 'docker.io.evil.test', 'a', false],
    // Podman and skopeo keep credentials for a part of a registry.
    ['quay.io/team', 'quay.io', 'team/app', true],
    ['quay.io/team', 'quay.io', 'team', true],
    ['quay.io/team', 'quay.io', 'teams/app', false],
    ['quay.io/team', 'quay.io', 'other/app', false],
  ];
  it.each(cases)('%s for %s/%s: %s', (key, host, repository, found) => {
    expect(authFor(config({ auths: { [key]: basic('u:p') } }), host, repository) !== null).toBe(found);
  });

  it('of the longest path is taken', () => {
    const auths = { 'quay.io': basic('a:1'), 'quay.io/team/app': basic('c:3'), 'quay.io/team': basic('b:2') };
    expect(authFor(config({ auths }), 'quay.io', 'team/app')?.username).toBe('c');
    expect(authFor(config({ auths }), 'quay.io', 'team/other')?.username).toBe('b');
    expect(authFor(config({ auths }), 'quay.io', 'x')?.username).toBe('a');
  });

  it.each([
    ['a password with colons', basic('u:p:q'), { username: 'u', password: 'p:q' }],
    ['old padding', basic('u:p\0\0'), { username: 'u', password: 'p' }],
    ['UTF-8', basic('ü:pä'), { username: 'ü', password: 'pä' }],
    ['plain fields', { username: 'u', password: 'p' }, { username: 'u', password: 'p' }],
    ['an identity token', { ...basic('u:'), identitytoken: 'i' }, { identityToken: 'i' }],
    ['a registry token', { registrytoken: 'r' }, { registryToken: 'r' }],
  ])('may hold %s', (_what, auth, expected) => {
    expect(authFor(config({ auths: { 'a.io': auth } }), 'a.io', 'x')).toMatchObject(expected);
  });

  it.each([
    ['nothing', {}],
    ['no user', basic(':p')],
    ['no base64', { auth: '%%%' }],
    ['no object', 'x'],
  ])('that holds %s is none', (_what, auth) => {
    expect(authFor(config({ auths: { 'a.io': auth } }), 'a.io', 'x')).toBeNull();
  });
});

describe('the helper for a host', () => {
  const both = config({
    credsStore: 'all',
    credHelpers: { 'a.io': 'one', 'https://index.docker.io/v1/': 'hub' },
  });
  it.each([
    ['a.io', { name: 'one', server: 'a.io', own: true }],
    ['b.io', { name: 'all', server: 'b.io', own: false }],
    ['docker.io', { name: 'hub', server: 'https://index.docker.io/v1/', own: true }],
  ])('%s', (host, expected) => {
    expect(helperFor(both, host)).toEqual(expected);
  });

  it('is none where none is named', () => {
    expect(helperFor(config({}), 'a.io')).toBeNull();
  });
});

it.each(['', '[]', '"x"', 'null', '{'])('%j is no configuration', (text) => {
  expect(parseDockerConfig(text)).toBeNull();
});
