import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/registry.ts';
import { formatPlatform } from '../../src/domain/platform.ts';
import type { Registry } from '../../src/resolve/registry.ts';
import { sha256 } from '../support/registry/image-builder.ts';
import { registryEntry } from '../support/registry-entry.ts';
import { type DockerRegistry, PASSWORD, startDockerRegistry, USERNAME } from './support/docker-registry.ts';

// Images by other people's tools: what umoci makes, skopeo copies and buildah lists is what the client must read.
let docker: DockerRegistry;
let registry: Registry;
let folder: string;
const CREDENTIALS = `${USERNAME}:${PASSWORD}`;

const run = (program: string, ...args: string[]): Buffer =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: folder } });
const raw = (image: string): Buffer =>
  run(
    'skopeo',
    'inspect',
    '--raw',
    '--tls-verify=false',
    '--creds',
    CREDENTIALS,
    `docker://${docker.host}/${image}`,
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-tools-'));
  docker = await startDockerRegistry('basic');
  const auths = { [docker.host]: { auth: Buffer.from(CREDENTIALS).toString('base64') } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
  registry = createRegistry({
    settings: { registries: [registryEntry(docker.host, { plainHttp: true, allowPrivate: true })] },
    env: { DOCKER_CONFIG: folder },
  });

  const layout = join(folder, 'layout');
  run('umoci', 'init', '--layout', layout);
  for (const architecture of ['amd64', 'arm64']) {
    const image = `${layout}:${architecture}`;
    run('umoci', 'new', '--image', image);
    run(
      'umoci',
      'config',
      '--image',
      image,
      '--os',
      'linux',
      '--architecture',
      architecture,
      '--config.label',
      'a=b',
    );
    const source = `oci:${image}`;
    const copy = (target: string, ...more: string[]): Buffer =>
      run(
        'skopeo',
        'copy',
        '-q',
        '--dest-tls-verify=false',
        '--dest-creds',
        CREDENTIALS,
        ...more,
        source,
        target,
      );
    copy(`docker://${docker.host}/tools/oci:${architecture}`);
    copy(`docker://${docker.host}/tools/docker:${architecture}`, '--format', 'v2s2');
  }
  const storage = [
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--storage-driver',
    'vfs',
  ];
  run('buildah', ...storage, 'manifest', 'create', 'multi');
  for (const architecture of ['amd64', 'arm64']) {
    const source = `docker://${docker.host}/tools/oci:${architecture}`;
    run(
      'buildah',
      ...storage,
      'manifest',
      'add',
      '--tls-verify=false',
      '--creds',
      CREDENTIALS,
      'multi',
      source,
    );
  }
  for (const format of ['oci', 'v2s2']) {
    const target = `docker://${docker.host}/tools/multi:${format}`;
    const options = ['--all', '--tls-verify=false', '--creds', CREDENTIALS, '--format', format];
    run('buildah', ...storage, 'manifest', 'push', ...options, 'multi', target);
  }
});
afterAll(async () => {
  await registry.close();
  await docker.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['oci', 'application/vnd.oci.image.manifest.v1+json'],
  ['docker', 'application/vnd.docker.distribution.manifest.v2+json'],
])('reads a single image in the %s format', async (format, mediaType) => {
  const repository = { registry: docker.host, repository: `tools/${format}` };
  const descriptor = await registry.resolveTag({ ...repository, tag: 'arm64' });
  const bytes = raw(`tools/${format}:arm64`);
  expect(descriptor).toEqual({ digest: sha256(bytes), mediaType, size: bytes.length });
  const manifest = await registry.manifest(repository, descriptor.digest);
  if (manifest.kind !== 'manifest') throw new Error(`got a ${manifest.kind}`);
  const config = await registry.blob(repository, manifest.config.digest, 1_000_000);
  expect(JSON.parse(Buffer.from(config).toString('utf8'))).toMatchObject({
    architecture: 'arm64',
    config: { Labels: { a: 'b' } },
  });
});

it.each([
  ['oci', 'application/vnd.oci.image.index.v1+json'],
  ['v2s2', 'application/vnd.docker.distribution.manifest.list.v2+json'],
])('reads a multi-platform index in the %s format', async (format, mediaType) => {
  const repository = { registry: docker.host, repository: 'tools/multi' };
  const descriptor = await registry.resolveTag({ ...repository, tag: format });
  const bytes = raw(`tools/multi:${format}`);
  expect(descriptor).toEqual({ digest: sha256(bytes), mediaType, size: bytes.length });
  const index = await registry.manifest(repository, descriptor.digest);
  if (index.kind !== 'index') throw new Error(`got a ${index.kind}`);
  const platforms = index.entries.map(({ platform }) => platform && formatPlatform(platform));
  expect(platforms.map((platform) => platform?.split('/').slice(0, 2).join('/'))).toEqual([
    'linux/amd64',
    'linux/arm64',
  ]);
  for (const entry of index.entries) {
    expect((await registry.manifest(repository, entry.digest)).kind).toBe('manifest');
  }
});
