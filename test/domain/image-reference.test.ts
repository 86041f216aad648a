import { describe, expect, it } from 'vitest';
import { toDigest } from '../../src/domain/digest.ts';
import {
  canonicalName,
  familiarName,
  parseImageReference,
  spellReference,
} from '../../src/domain/image-reference.ts';
import { toImageReference } from '../support/image-reference.ts';

const HEX = 'c41d88e0'.repeat(8);
const SHA = `sha256:${HEX}`;
const SHA512 = `sha512:${HEX}${HEX}`;

describe('parseImageReference', () => {
  it.each([
    ['python', 'docker.io', 'library/python', null, null],
    ['python:3.11', 'docker.io', 'library/python', '3.11', null],
    [`python:3.11@${SHA}`, 'docker.io', 'library/python', '3.11', SHA],
    [`python@${SHA}`, 'docker.io', 'library/python', null, SHA],
    [`python@${SHA512}`, 'docker.io', 'library/python', null, SHA512],
    ['bitnami/redis', 'docker.io', 'bitnami/redis', null, null],
    ['docker.io/python', 'docker.io', 'library/python', null, null],
    ['index.docker.io/library/python:3', 'docker.io', 'library/python', '3', null],
    ['registry.hub.docker.com/library/a', 'docker.io', 'library/a', null, null],
    ['registry-1.docker.io/a/b', 'docker.io', 'a/b', null, null],
    ['localhost/a', 'localhost', 'a', null, null],
    ['localhost:5000/a/b:t', 'localhost:5000', 'a/b', 't', null],
    ['127.0.0.1:5000/a', '127.0.0.1:5000', 'a', null, null],
    ['[::1]:5000/a/b:t', '[::1]:5000', 'a/b', 't', null],
    ['[2001:db8::1]/a', '[2001:db8::1]', 'a', null, null],
    ['GHCR.io/a/b', 'ghcr.io', 'a/b', null, null],
    ['Uppercase/lowercase:t', 'uppercase', 'lowercase', 't', null],
    ['ghcr.io/a/b/c_d/e__f/g-h/i---j.k', 'ghcr.io', 'a/b/c_d/e__f/g-h/i---j.k', null, null],
    ['cgr.dev/chainguard/python:latest-dev', 'cgr.dev', 'chainguard/python', 'latest-dev', null],
    ['test:5000/repo', 'test:5000', 'repo', null, null],
    ['python:5000', 'docker.io', 'library/python', '5000', null],
    [`ghcr.io/${HEX}`, 'ghcr.io', HEX, null, null],
  ])('%s', (text, registry, repository, tag, digest) => {
    expect(parseImageReference(text)).toMatchObject({
      ok: true,
      value: { text, registry, repository, tag, digest },
    });
  });

  it.each([
    ['', 'empty'],
    [':tag', 'empty'],
    [`@${SHA}`, 'empty'],
    ['Python', 'uppercase-path'],
    ['a/B/c', 'uppercase-path'],
    ['a//b', 'invalid-path'],
    ['/a', 'invalid-path'],
    ['a/', 'invalid-path'],
    ['a___b', 'invalid-path'],
    ['-a', 'invalid-path'],
    ['a..b', 'invalid-path'],
    ['a b', 'invalid-path'],
    ['a:', 'invalid-tag'],
    ['a:-b', 'invalid-tag'],
    [`a:${'x'.repeat(129)}`, 'invalid-tag'],
    ['a:b:c', 'invalid-tag'],
    ['a@sha256:abc', 'invalid-digest'],
    [`a@sha256:${HEX.toUpperCase()}`, 'invalid-digest'],
    [`a@md5:${HEX.slice(0, 32)}`, 'invalid-digest'],
    [`a@${SHA}@${SHA}`, 'invalid-digest'],
    [HEX, 'ambiguous-hex'],
    ['[fe80::1%eth0]:5000/a', 'invalid-domain'],
    ['[::1/a', 'invalid-domain'],
    ['a..b.com/c', 'invalid-domain'],
    ['-a.com/c', 'invalid-domain'],
    ['a.com:port/c', 'invalid-domain'],
    [`a/${'b'.repeat(254)}`, 'too-long'],
    ['a'.repeat(5000), 'too-long'],
    ['$' + '{X}', 'invalid-path'],
  ])('refuses %j as %s', (text, code) => {
    const parsed = parseImageReference(text);
    expect(parsed).toMatchObject({ ok: false, fault: { code } });
  });
});

it('keeps the spelling when writing', () => {
  const digest = toDigest(SHA);
  expect(spellReference(toImageReference('docker.io/library/python:3.11'), digest)).toBe(
    `docker.io/library/python:3.11@${SHA}`,
  );
  expect(spellReference(toImageReference(`python@${SHA}`), digest)).toBe(`python@${SHA}`);
  expect(spellReference(toImageReference('[::1]:5000/a:1'), digest, '2')).toBe(`[::1]:5000/a:2@${SHA}`);
});

it('names images canonically and familiarly', () => {
  expect(canonicalName(toImageReference('python'))).toBe('docker.io/library/python');
  expect(familiarName(toImageReference('docker.io/library/python'))).toBe('python');
  expect(familiarName(toImageReference('docker.io/bitnami/redis'))).toBe('bitnami/redis');
  expect(familiarName(toImageReference('ghcr.io/a/b'))).toBe('ghcr.io/a/b');
});
