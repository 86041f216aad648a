import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRegistrySettings } from '../../src/config/registries.ts';
import { parseRegistriesFile } from '../../src/config/registries-file.ts';
import { formatSettingsFault } from '../../src/config/settings-file.ts';
import { registryEntry } from '../support/registry-entry.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinwheel-registries-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';

describe('the registries file', () => {
  it('is not needed', async () => {
    expect(await loadRegistrySettings({ file: null, env: {} })).toEqual({ registries: [] });
    expect(await loadRegistrySettings({ file: null, env: { PINWHEEL_REGISTRIES: '' } })).toEqual({
      registries: [],
    });
  });

  it('is read with all its keys, the CA beside it, and defaults', async () => {
    await write('ca.pem', PEM);
    const file = await write(
      'registries.yaml',
      `registries:
  - host: Registry.Example:5000
    plainHttp: true
    allowPrivate: true
    username: me
    passwordEnv: REGISTRY_PASSWORD
    ca: ca.pem
    concurrency: 4
  - host: index.docker.io
    mirror: mirror.example:5000/hub/cache
  - host: ghcr.io
    tokenEnv: GHCR_TOKEN
`,
    );
    const { registries } = await loadRegistrySettings({ file: null, env: { PINWHEEL_REGISTRIES: file } });
    expect(registries).toEqual([
      registryEntry('registry.example:5000', {
        plainHttp: true,
        allowPrivate: true,
        username: 'me',
        passwordEnv: 'REGISTRY_PASSWORD',
        ca: PEM,
        concurrency: 4,
      }),
      registryEntry('docker.io', { mirror: { host: 'mirror.example:5000', prefix: 'hub/cache' } }),
      registryEntry('ghcr.io', { tokenEnv: 'GHCR_TOKEN' }),
    ]);
  });

  it('named by the option goes before that of the environment', async () => {
    const file = await write('a.yaml', 'registries: [{host: "a.example"}]');
    const env = { PINWHEEL_REGISTRIES: join(folder, 'missing.yaml') };
    expect((await loadRegistrySettings({ file, env })).registries).toHaveLength(1);
  });

  it('that cannot be read is an error that names it', async () => {
    const file = join(folder, 'missing.yaml');
    await expect(loadRegistrySettings({ file, env: {} })).rejects.toMatchObject({
      code: 'unreadable-settings',
      message: `${file}: cannot be read (ENOENT); name another file with --registries or PINWHEEL_REGISTRIES`,
    });
  });

  it('with a CA that is none is an error that names both', async () => {
    await write('ca.pem', 'hello');
    const file = await write('r.yaml', 'registries: [{host: a.example, ca: ca.pem}]');
    await expect(loadRegistrySettings({ file, env: {} })).rejects.toThrow(
      /ca\.pem: contains no PEM certificate.*r\.yaml/,
    );
    const missing = await write('m.yaml', 'registries: [{host: a.example, ca: none.pem}]');
    await expect(loadRegistrySettings({ file: missing, env: {} })).rejects.toThrow(
      /none\.pem: cannot be read/,
    );
  });
});

const faults: readonly (readonly [text: string, fault: string])[] = [
  ['registry: []', 'f:1: registry: unknown key; did you mean "registries"?'],
  [
    'registries:\n  - host: a.io\n    plainHtpp: true',
    'f:3: registries[0].plainHtpp: unknown key; did you mean "plainHttp"?',
  ],
  ['registries:\n  - plainHttp: true', 'f:2: registries[0].host: required, but missing'],
  [
    'registries:\n  - host: a.io\n    plainHttp: yes',
    'f:3: registries[0].plainHttp: expected boolean, got "yes"',
  ],
  ['registries: {host: a.io}', 'f:1: registries: expected Array, got Object'],
  ['registries:\n  - host: https://a.io', 'f:2: registries[0].host: expected a registry host'],
  ['registries:\n  - host: a.io/team', 'f:2: registries[0].host: expected a registry host'],
  ['registries:\n  - host: python', 'f:2: registries[0].host: expected a registry host'],
  [
    'registries:\n  - host: a.io\n    mirror: b.io/x:tag',
    'f:3: registries[0].mirror: expected a host with an optional path',
  ],
  [
    'registries:\n  - host: a.io\n    mirror: team/x',
    'f:3: registries[0].mirror: expected a host with an optional path',
  ],
  [
    'registries:\n  - host: a.io\n    concurrency: 0',
    'f:3: registries[0].concurrency: expected a whole number from 1 to 256',
  ],
  [
    'registries:\n  - host: a.io\n    passwordEnv: "pa ss"\n    username: u',
    'f:3: registries[0].passwordEnv: expected the name',
  ],
  [
    'registries:\n  - host: a.io\n    username: me',
    'f:3: registries[0].username: a username needs a passwordEnv',
  ],
  [
    'registries:\n  - host: a.io\n    passwordEnv: P',
    'f:3: registries[0].passwordEnv: a passwordEnv needs a username',
  ],
  [
    'registries:\n  - host: docker.io\n  - host: index.docker.io',
    'f:3: registries[1].host: docker.io is listed twice',
  ],
  ['registries:\n  - host: a.io\n  - host: [', 'f:3: '],
];

it.each(faults)('%j is refused', (text, expected) => {
  const parsed = parseRegistriesFile('f', text);
  if (parsed.ok) throw new Error('was accepted');
  expect(parsed.fault.map(formatSettingsFault).join('\n')).toContain(expected);
});

it('does not repeat a secret that was written in place of a name', () => {
  const parsed = parseRegistriesFile('f', 'registries: [{host: a.io, tokenEnv: "gh p_secret"}]');
  if (parsed.ok) throw new Error('was accepted');
  expect(JSON.stringify(parsed.fault)).not.toContain('p_secret');
});
