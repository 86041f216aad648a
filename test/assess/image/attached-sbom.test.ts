import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findAttached } from '../../../src/assess/image/attached-sbom.ts';
import { loadDigest, loadImage } from '../../../src/assess/image/load-image.ts';
import type { Digest } from '../../../src/domain/digest.ts';
import { RegistryError } from '../../../src/resolve/registry.ts';
import { MemoryRegistry } from '../../support/memory-registry.ts';

const repository = { registry: 'registry.example', repository: 'base' };

function spdx(name: string): Readonly<Record<string, unknown>> {
  return {
    spdxVersion: 'SPDX-2.3',
    name: 'sbom',
    packages: [
      {
        name,
        versionInfo: '1',
        externalRefs: [{ referenceType: 'purl', referenceLocator: `pkg:npm/${name}@1` }],
      },
    ],
  };
}

function statement(image: Digest, predicate: unknown): string {
  const subject = [{ name: 'x', digest: { sha256: image.slice('sha256:'.length) } }];
  return JSON.stringify({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://spdx.dev/Document',
    subject,
    predicate,
  });
}

function envelope(text: string): string {
  return JSON.stringify({
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(text).toString('base64'),
    signatures: [],
  });
}

const IN_TOTO = 'application/vnd.in-toto+json';
const SPDX_TYPE = { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' };
const SLSA_TYPE = { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' };

async function found(registry: MemoryRegistry, digest: Digest) {
  const loaded = await loadDigest(registry, repository, digest);
  const [variant] = loaded.variants;
  if (variant === undefined) throw new Error('no image');
  const image = await loadImage(registry, repository, variant);
  const attached = await findAttached(registry, repository, image);
  return { ...attached, names: attached.sbom?.sbom.packages.map((item) => item.name) ?? null };
}

describe('findAttached', () => {
  it('reads BuildKit’s attestation manifest, provenance and layers left alone', async () => {
    const registry = new MemoryRegistry();
    const image = registry.putImage({});
    const attestation = registry.putArtifact([
      {
        text: '{"predicateType":"https://slsa.dev/provenance/v1"}',
        mediaType: IN_TOTO,
        annotations: SLSA_TYPE,
      },
      {
        text: statement(image, { ...spdx('stage'), name: 'sbom-build' }),
        mediaType: IN_TOTO,
        annotations: SPDX_TYPE,
      },
      { text: statement(image, spdx('own')), mediaType: IN_TOTO, annotations: SPDX_TYPE },
    ]);
    const index = registry.putIndex({ 'linux/amd64': image }, [{ of: image, digest: attestation }]);
    const attached = await found(registry, index);
    expect(attached).toMatchObject({ sbom: { from: 'attestation' }, names: ['own'], warnings: [] });
    expect(registry.asked.filter((what) => what.startsWith('blob'))).toHaveLength(3);
  });

  it('takes only the attestation of the platform’s own manifest', async () => {
    const registry = new MemoryRegistry();
    const [amd64, arm64] = [registry.putImage({}), registry.putImage({ architecture: 'arm64' })];
    const attestation = registry.putArtifact([
      { text: statement(arm64, spdx('arm')), mediaType: IN_TOTO, annotations: SPDX_TYPE },
    ]);
    const index = registry.putIndex({ 'linux/amd64': amd64, 'linux/arm64': arm64 }, [
      { of: arm64, digest: attestation },
    ]);
    expect((await found(registry, index)).sbom).toBeNull();
  });

  it('leaves out a statement describes another digest', async () => {
    const registry = new MemoryRegistry();
    const [image, other] = [registry.putImage({}), registry.putImage({ created: '2026-01-01T00:00:00Z' })];
    const attestation = registry.putArtifact([
      { text: statement(other, spdx('other')), mediaType: IN_TOTO, annotations: SPDX_TYPE },
    ]);
    const attached = await found(
      registry,
      registry.putIndex({ 'linux/amd64': image }, [{ of: image, digest: attestation }]),
    );
    expect(attached.sbom).toBeNull();
    expect(attached.warnings[0]).toContain('describes another digest');
  });

  it.each([
    ['plain', (text: string) => text],
    ['base64', (text: string) => Buffer.from(text).toString('base64')],
    ['gzip in base64', (text: string) => gzipSync(text).toString('base64')],
  ])('reads a label: %s', async (_, encode) => {
    const registry = new MemoryRegistry();
    const Labels = {
      'org.example.sbom': encode(JSON.stringify(spdx('labelled'))),
      other: 'x'.repeat(50),
      json: `{"a":"${'b'.repeat(50)}"}`,
    };
    const attached = await found(registry, registry.putImage({ config: { Labels } }));
    expect(attached).toMatchObject({ sbom: { from: 'label' }, names: ['labelled'], warnings: [] });
  });

  it.each<[string, string | null, string, (image: Digest) => string]>([
    [
      'an SPDX document',
      'application/spdx+json',
      'application/spdx+json',
      () => JSON.stringify(spdx('referred')),
    ],
    [
      'a DSSE envelope',
      'application/vnd.dsse.envelope.v1+json',
      'application/vnd.dsse.envelope.v1+json',
      (image) => envelope(statement(image, spdx('referred'))),
    ],
    [
      'a Sigstore bundle under the type cosign 3 writes',
      'application/vnd.oci.empty.v1+json',
      'application/vnd.dev.sigstore.bundle.v0.3+json',
      (image) =>
        JSON.stringify({
          mediaType: 'x',
          dsseEnvelope: JSON.parse(envelope(statement(image, spdx('referred')))),
        }),
    ],
  ])('reads a referrer: %s', async (_, artifactType, mediaType, text) => {
    const registry = new MemoryRegistry();
    const image = registry.putImage({});
    registry.refer(image, registry.putArtifact([{ text: text(image), mediaType }], image), artifactType);
    expect(await found(registry, image)).toMatchObject({ sbom: { from: 'referrer' }, names: ['referred'] });
  });

  it.each(['att', 'sbom'])('reads cosign’s tag .%s', async (suffix) => {
    const registry = new MemoryRegistry();
    const image = registry.putImage({});
    const text =
      suffix === 'att' ? envelope(statement(image, spdx('tagged'))) : JSON.stringify(spdx('tagged'));
    const mediaType = suffix === 'att' ? 'application/vnd.dsse.envelope.v1+json' : 'text/spdx+json';
    registry.tag(`${image.replace(':', '-')}.${suffix}`, registry.putArtifact([{ text, mediaType }]));
    expect(await found(registry, image)).toMatchObject({ sbom: { from: 'cosign-tag' }, names: ['tagged'] });
  });

  it('reads what is attached to an index of one image, and not to one of several', async () => {
    for (const alone of [true, false]) {
      const registry = new MemoryRegistry();
      const image = registry.putImage({});
      const others = alone ? {} : { 'linux/arm64': registry.putImage({ architecture: 'arm64' }) };
      const index = registry.putIndex({ 'linux/amd64': image, ...others });
      const text = envelope(statement(index, spdx('indexed')));
      const mediaType = 'application/vnd.dsse.envelope.v1+json';
      registry.tag(`${index.replace(':', '-')}.att`, registry.putArtifact([{ text, mediaType }]));
      expect((await found(registry, index)).names).toEqual(alone ? ['indexed'] : null);
    }
  });

  it('gathers VEX beside an SBOM', async () => {
    const registry = new MemoryRegistry();
    const image = registry.putImage({ config: { Labels: { sbom: JSON.stringify(spdx('own')) } } });
    const vex = JSON.stringify({ '@context': 'https://openvex.dev/ns/v0.2.0', statements: [] });
    registry.refer(
      image,
      registry.putArtifact([{ text: vex, mediaType: 'application/vnd.openvex+json' }], image),
      null,
    );
    expect(await found(registry, image)).toMatchObject({ names: ['own'], vex: [{ statements: [] }] });
  });

  it('a registry that fails here costs a warning only', async () => {
    const registry = new MemoryRegistry();
    const image = registry.putImage({});
    registry.referrersFault = new RegistryError({
      code: 'unavailable',
      message: 'registry.example answered 503',
      temporary: true,
    });
    registry.tag(
      `${image.replace(':', '-')}.sbom`,
      registry.putArtifact([{ text: JSON.stringify(spdx('tagged')), mediaType: 'text/spdx+json' }]),
    );
    const attached = await found(registry, image);
    expect(attached.names).toEqual(['tagged']);
    expect(attached.warnings[0]).toContain('answered 503');
  });

  it('malformed documents are told, not thrown', async () => {
    const registry = new MemoryRegistry();
    const image = registry.putImage({});
    registry.refer(
      image,
      registry.putArtifact([{ text: 'not json', mediaType: 'application/spdx+json' }], image),
      null,
    );
    const attached = await found(registry, image);
    expect(attached.sbom).toBeNull();
    expect(attached.warnings[0]).toContain('not JSON');
  });
});
