import { expect, it } from 'vitest';
import { matchesRegistry, parseRegistryPattern, toRegistryPattern } from '../../src/domain/registry-glob.ts';

it.each([
  ['ghcr.io', 'ghcr.io', true],
  ['ghcr.io', 'xghcr.io', false],
  ['index.docker.io', 'docker.io', true],
  ['*.azurecr.io', 'acme.azurecr.io', true],
  ['*.azurecr.io', 'azurecr.io', false],
  ['{ghcr,quay}.io', 'quay.io', true],
  ['localhost:5000', 'localhost:5000', true],
  ['localhost', 'localhost:5000', false],
  ['localhost:*', 'localhost:5000', true],
  ['ghcr.io:443', 'ghcr.io', true],
  ['ghcr.io', 'ghcr.io:443', true],
  ['[::1]:5000', '[::1]:5000', true],
  ['[::1]', '[::1]:443', true],
  ['*', 'ghcr.io', true],
])('%s on %s: %s', (pattern, host, expected) => {
  expect(matchesRegistry(toRegistryPattern(pattern), host)).toBe(expected);
});

it.each([
  ['', 'empty', '"**"'],
  ['ghcr.io/acme', 'invalid-registry', 'write "ghcr.io"'],
  ['https://ghcr.io', 'scheme', '"ghcr.io"'],
  ['GHCR.io', 'upper-case', '"ghcr.io"'],
  ['[2001:DB8::1]', 'upper-case', '"[2001:db8::1]"'],
  ['[::1]:*', 'invalid-registry', 'each port'],
  ['ghcr', 'invalid-registry', 'the whole host'],
  ['hub', 'invalid-registry', '"docker.io"'],
  ['ghcr..io', 'invalid-registry', '"ghcr.io"'],
  ['ghcr.io:x', 'invalid-registry', '"ghcr.io"'],
  ['ghcr.io, quay.io', 'blank', 'a list'],
  ['{ghcr.io', 'unclosed-braces', 'close it'],
  ['[A].io', 'impossible-class', 'lower case'],
])('refuses %j: %s', (pattern, code, remedy) => {
  const parsed = parseRegistryPattern(pattern);
  expect(parsed).toMatchObject({ ok: false, fault: { code } });
  if (!parsed.ok) expect(parsed.fault.message).toContain(remedy);
});
