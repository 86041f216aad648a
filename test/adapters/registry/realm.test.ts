import { expect, it } from 'vitest';
import { Endpoints } from '../../../src/adapters/registry/endpoint.ts';
import { mayReceiveCredentials } from '../../../src/adapters/registry/realm.ts';
import { registryEntry } from '../../support/registry-entry.ts';

const local = registryEntry('localhost:5000', { plainHttp: true, allowPrivate: true });
const endpoints = new Endpoints({ registries: [local, registryEntry('token.listed.test')] });

const cases: readonly (readonly [registry: string, realm: string, allowed: boolean])[] = [
  ['docker.io', 'https://auth.docker.io/token', true],
  ['ghcr.io', 'https://ghcr.io/token', true],
  ['ghcr.io', 'http://ghcr.io/token', false],
  ['ghcr.io', 'https://ghcr.io.evil.test/token', false],
  ['ghcr.io', 'https://evil-ghcr.io/token', false],
  ['quay.io', 'https://auth.quay.io/token', true],
  ['registry.gitlab.com', 'https://gitlab.com/jwt/auth', true],
  ['registry.gitlab.com', 'https://gitlab.evil.com/jwt/auth', false],
  ['registry.example.co.uk', 'https://auth.example.co.uk/', true],
  ['example.co.uk', 'https://evil.co.uk/', false],
  ['registry.digitalocean.com', 'https://api.digitalocean.com/v2/registry/auth', true],
  ['registry.cn-hangzhou.aliyuncs.com', 'https://dockerauth.cn-hangzhou.aliyuncs.com/auth', true],
  ['mine.azurecr.io', 'https://mine.azurecr.io/oauth2/token', true],
  ['mine.azurecr.io', 'https://yours.azurecr.io/oauth2/token', false],
  ['1.dkr.ecr.eu-west-1.amazonaws.com', 'https://2.dkr.ecr.eu-west-1.amazonaws.com/', false],
  ['rg.fr-par.scw.cloud', 'https://api.scaleway.com/registry-internal/', true],
  ['example.com', 'https://evil.com/', false],
  ['10.1.2.3:5000', 'https://9.1.2.3/', false],
  ['ghcr.io', 'https://token.listed.test/', true],
  ['localhost:5000', 'http://localhost:5001/auth', true],
  ['localhost:5000', 'http://127.0.0.1:5001/auth', true],
  ['localhost:5000', 'http://evil.test/auth', false],
];

it.each(cases)('%s at %s: %s', (registry, realm, allowed) => {
  expect(mayReceiveCredentials(new URL(realm), endpoints.of(registry), endpoints)).toBe(allowed);
});
