import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_INDEX,
  OCI_MANIFEST,
  parseManifest,
} from '../../../src/adapters/registry/manifest.ts';
import { type IndexOrManifest, RegistryError } from '../../../src/resolve/registry.ts';
import { sha256 } from '../../support/registry/image-builder.ts';

const DIGEST = sha256(Buffer.from('x'));
const part = { mediaType: OCI_MANIFEST, digest: DIGEST, size: 3 };
const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [part] };
const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: part, layers: [part] };

const parse = (document: unknown, contentType: string | null = null): IndexOrManifest => {
  const body = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  return parseManifest(body, DIGEST, contentType, 'registry.example: app:1');
};

describe('the media type', () => {
  it.each([
    ['of the document goes first', { ...index, mediaType: DOCKER_LIST }, OCI_INDEX, DOCKER_LIST],
    [
      'of the answer counts where the document has none',
      { ...index, mediaType: undefined },
      `${DOCKER_LIST}; charset=utf-8`,
      DOCKER_LIST,
    ],
    ['follows from the shape of an index', { ...index, mediaType: undefined }, 'text/plain', OCI_INDEX],
    ['follows from the shape of a manifest', { ...manifest, mediaType: undefined }, null, OCI_MANIFEST],
    ["may be Docker's", { ...manifest, mediaType: DOCKER_MANIFEST }, null, DOCKER_MANIFEST],
  ])('%s', (_what, document, contentType, expected) => {
    expect(parse(document, contentType).descriptor.mediaType).toBe(expected);
  });
});

describe('tolerates', () => {
  it.each([
    ['entries without platform', { ...index, manifests: [part] }],
    ['half a platform', { ...index, manifests: [{ ...part, platform: { os: 'linux' } }] }],
    ['no entries, as null', { ...index, manifests: null }],
    ['no layers', { ...manifest, layers: undefined }],
    ['unknown fields', { ...manifest, more: { deep: [1] } }],
    ['annotations of another kind', { ...manifest, annotations: { a: 'b', c: 1 } }],
    ['a null subject', { ...manifest, subject: null }],
  ])('%s', (_what, document) => {
    expect(parse(document).descriptor.digest).toBe(DIGEST);
  });

  it('and keeps what is good', () => {
    const entry = {
      ...part,
      platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1' },
      artifactType: 'a/b',
    };
    const parsed = parse({ ...index, manifests: [{ ...entry, annotations: { a: 'b', c: 1 } }] });
    if (parsed.kind !== 'index') throw new Error('no index');
    expect(parsed.entries).toEqual([
      {
        ...part,
        platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
        artifactType: 'a/b',
        annotations: { a: 'b' },
      },
    ]);
  });
});

it.each([
  ['not JSON', '<html>'],
  ['no object', '[]'],
  ['null', 'null'],
  ['neither shape', { schemaVersion: 2 }],
  ['both shapes', { ...index, ...manifest }],
  ['an index that says it is a manifest', { ...index, mediaType: OCI_MANIFEST }],
  ['a manifest that says it is an index', { ...manifest, mediaType: OCI_INDEX }],
  ['entries that are no list', { ...index, manifests: {} }],
  ['an entry without digest', { ...index, manifests: [{ ...part, digest: 'sha256:1' }] }],
  ['an entry without media type', { ...index, manifests: [{ ...part, mediaType: '' }] }],
  ['an entry of negative size', { ...index, manifests: [{ ...part, size: -1 }] }],
  ['an entry that is null', { ...index, manifests: [null] }],
  ['a config that is a text', { ...manifest, config: 'x' }],
  ['more entries than can be meant', { ...index, manifests: Array.from({ length: 5000 }, () => part) }],
])('refuses %s', (_what, document) => {
  expect(() => parse(document)).toThrow(
    expect.objectContaining({ code: 'invalid-response', temporary: false }),
  );
});

it('calls schema 1 unsupported, by its type or its version', () => {
  const one = { schemaVersion: 1, name: 'x', fsLayers: [] };
  expect(() => parse(one)).toThrow(expect.objectContaining({ code: 'unsupported' }));
});

it('never throws anything but a RegistryError', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.constantFrom('manifests', 'config', 'layers', 'subject'),
      (json, key) => {
        for (const text of [json, `{"schemaVersion":2,"${key}":${json}}`, `{"manifests":[${json}]}`]) {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(RegistryError);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
