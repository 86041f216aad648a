import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRegistry } from '../../src/adapters/registry/registry.ts';
import { SigstoreVerifier } from '../../src/adapters/signature/sigstore-verifier.ts';
import type { ImageTrust, VerificationKey } from '../../src/assess/signature.ts';
import type { Digest } from '../../src/domain/digest.ts';
import type { Registry } from '../../src/resolve/registry.ts';
import { buildImage } from '../support/registry/image-builder.ts';
import { registryEntry } from '../support/registry-entry.ts';
import { cosignFrom, runCosign } from './support/cosign.ts';
import { type DockerRegistry, startDockerRegistry } from './support/docker-registry.ts';
import { type SigstoreServices, startSigstoreServices } from './support/sigstore-services.ts';

const PROGRAMS = { 'cosign 2 (trixie)': cosignFrom('trixie'), 'cosign 3 (sid)': cosignFrom('sid') } as const;
const SUBJECT = 'https://github.com/acme/images/.github/workflows/release.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';
const PREDICATE = {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: {
      workflow: { repository: 'https://github.com/acme/images', ref: 'refs/heads/main', path: 'r.yml' },
    },
    internalParameters: {},
    resolvedDependencies: [],
  },
  runDetails: { builder: { id: 'https://github.com/actions/runner/github-hosted' }, metadata: {} },
};

let docker: DockerRegistry;
let registry: Registry;
let services: SigstoreServices;
let folder: string;
let digest: Digest;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pinwheel-signing-'));
  docker = await startDockerRegistry();
  services = await startSigstoreServices();
  registry = createRegistry({
    settings: { registries: [registryEntry(docker.host, { plainHttp: true, allowPrivate: true })] },
    env: {},
  });
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
  file('root.json', JSON.stringify(TrustedRoot.toJSON(services.root)));
  file('log.pub', services.logKey);
  file('ca.pem', services.authority);
  file('predicate.json', JSON.stringify(PREDICATE));
  const service = [
    { url: services.url, majorApiVersion: 1, validFor: { start: '2024-01-01T00:00:00Z' }, operator: 'test' },
  ];
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    rekorTlogConfig: {},
    tsaConfig: {},
  };
  file('unlogged.json', JSON.stringify(config));
  file(
    'keyless.json',
    JSON.stringify({
      ...config,
      caUrls: service,
      oidcUrls: service,
      rekorTlogUrls: service,
      rekorTlogConfig: { selector: 'ANY' },
    }),
  );
});

beforeEach(async () => {
  const image = buildImage({ seed: `${count++}` });
  digest = image.top.digest;
  await docker.push('acme/app', 'latest', image);
});

afterAll(async () => {
  await registry?.close();
  await services?.close();
  await docker?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function assess(keys: readonly VerificationKey[] = []): Promise<ImageTrust> {
  const verifier = new SigstoreVerifier({
    registry,
    roots: async () => ({ roots: [services.root], publicFrom: null, notes: [] }),
  });
  return verifier.assess({ registry: docker.host, repository: 'acme/app' }, digest, keys);
}

describe.each(Object.entries(PROGRAMS))('%s', (name, program) => {
  const isOld = name.startsWith('cosign 2');
  const image = () => `${docker.host}/acme/app@${digest}`;
  const path = (file: string) => join(folder, file);
  const common = ['--allow-http-registry', '-y'];

  /** By a new key, without a log. */
  async function signWithKey(
    command: 'sign' | 'attest',
    ...more: readonly string[]
  ): Promise<VerificationKey> {
    if (program === null) throw new Error('no cosign');
    const prefix = path(`key-${count}-${isOld ? 2 : 3}`);
    await runCosign(program, ['generate-key-pair', '--output-key-prefix', prefix]);
    const unlogged = isOld ? ['--tlog-upload=false'] : ['--signing-config', path('unlogged.json')];
    await runCosign(program, [command, '--key', `${prefix}.key`, ...unlogged, ...common, ...more, image()]);
    return { name: 'acme', pem: readFileSync(`${prefix}.pub`, 'utf8') };
  }

  async function signKeyless(command: 'sign' | 'attest', ...more: readonly string[]): Promise<void> {
    if (program === null) throw new Error('no cosign');
    const where = isOld
      ? ['--fulcio-url', services.url, '--rekor-url', services.url, '--insecure-skip-verify']
      : ['--signing-config', path('keyless.json'), '--trusted-root', path('root.json')];
    await runCosign(
      program,
      [command, ...where, '--identity-token', services.token(SUBJECT, ISSUER), ...common, ...more, image()],
      { SIGSTORE_REKOR_PUBLIC_KEY: path('log.pub'), SIGSTORE_ROOT_FILE: path('ca.pem') },
    );
  }

  test.skipIf(program === null)('signs with a key', async () => {
    const key = await signWithKey('sign');
    const trust = await assess([key]);
    expect(trust.gaps).toEqual([]);
    expect(trust.signatures).toMatchObject([
      {
        source: isOld ? 'tag' : 'referrer',
        fact: { status: 'verified', method: 'key', identity: 'acme', logged: false },
      },
    ]);
    expect((await assess()).signatures).toMatchObject([{ fact: { status: 'invalid', code: 'unknown-key' } }]);
  });

  test.skipIf(program === null)('attests provenance with a key', async () => {
    const key = await signWithKey(
      'attest',
      '--type',
      'slsaprovenance1',
      '--predicate',
      path('predicate.json'),
    );
    expect((await assess([key])).attestations).toMatchObject([
      {
        kind: 'provenance',
        predicateType: 'https://slsa.dev/provenance/v1',
        fact: { status: 'verified' },
        provenance: { source: 'https://github.com/acme/images', ref: 'refs/heads/main' },
      },
    ]);
  });

  test.skipIf(program === null)('signs keyless, logged', async () => {
    await signKeyless('sign');
    expect((await assess()).signatures).toMatchObject([
      { fact: { status: 'verified', method: 'keyless', identity: SUBJECT, issuer: ISSUER, logged: true } },
    ]);
  });

  test.skipIf(program === null)('attests keyless', async () => {
    await signKeyless('attest', '--type', 'slsaprovenance1', '--predicate', path('predicate.json'));
    expect((await assess()).attestations).toMatchObject([
      { kind: 'provenance', fact: { status: 'verified', identity: SUBJECT } },
    ]);
  });

  test.skipIf(program === null)('signs another image under this name', async () => {
    await signKeyless('sign');
    const other = buildImage({ seed: `other ${count}` });
    await docker.push('acme/app', 'other', other);
    const signed = digest;
    const manifest = await registry
      .resolveTag({
        registry: docker.host,
        repository: 'acme/app',
        tag: `${signed.replace(':', '-')}${isOld ? '.sig' : ''}`,
      })
      .then(({ digest: found }) =>
        registry.manifest({ registry: docker.host, repository: 'acme/app' }, found),
      );
    expect(manifest.kind).toBe(isOld ? 'manifest' : 'index');
    const raw = await fetch(`http://${docker.host}/v2/acme/app/manifests/${manifest.descriptor.digest}`, {
      headers: { accept: manifest.descriptor.mediaType },
    });
    await docker.pushManifest('acme/app', `${other.top.digest.replace(':', '-')}${isOld ? '.sig' : ''}`, {
      bytes: Buffer.from(await raw.arrayBuffer()),
      digest: manifest.descriptor.digest,
      mediaType: manifest.descriptor.mediaType,
    });
    digest = other.top.digest;
    // A bundle names its subject, so a borrowed one is not even taken for a signature of this image.
    expect((await assess()).signatures).toMatchObject(
      isOld ? [{ fact: { status: 'invalid', code: 'wrong-digest' } }] : [],
    );
  });
});

test('a suite without cosign would prove nothing', () => {
  const missing = Object.entries(PROGRAMS).flatMap(([name, program]) => (program === null ? [name] : []));
  if (missing.length > 0) console.warn(`not obtainable here, skipped: ${missing.join(', ')}`);
  expect(Object.keys(PROGRAMS)).toHaveLength(2);
});
