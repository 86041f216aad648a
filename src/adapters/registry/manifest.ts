import { type Digest, isDigest } from '../../domain/digest.ts';
import type { Platform } from '../../domain/platform.ts';
import {
  type Descriptor,
  type Index,
  type IndexEntry,
  type IndexOrManifest,
  type Manifest,
  RegistryError,
} from '../../resolve/registry.ts';

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** What is accepted as a manifest. Without the index types some registries answer 404, or convert to schema 1. */
export const MANIFEST_ACCEPT = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');

const KNOWN: ReadonlySet<string> = new Set([OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST]);
const INDEXES: ReadonlySet<string> = new Set([OCI_INDEX, DOCKER_LIST]);
const SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1+';
const MAX_ENTRIES = 4096;

/** `application/json; charset=utf-8` → `application/json`. */
export function mediaTypeOf(contentType: string | null): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Whether a media type says by itself what the content is. */
export function isManifestType(mediaType: string): boolean {
  return KNOWN.has(mediaType);
}

/** Whether a media type is that of Docker's schema 1, which is not supported. */
export function isSchema1(mediaType: string): boolean {
  return mediaType.startsWith(SCHEMA_1);
}

/**
 * Reads an index or manifest (image-spec 1.1, Docker schema 2). Strict in what matters: digests, media types, and
 * that a document is either an index or a manifest, never both (GHSA-qq97-vm5h-rrhg). Tolerant in the rest: unknown
 * fields, unknown media types of layers, absent annotations.
 *
 * `contentType` is the answer's; the document's own `mediaType` goes before it, since the digest covers it.
 * Throws a {@link RegistryError} `unsupported` for schema 1 and `invalid-response` for anything malformed.
 */
export function parseManifest(
  body: Buffer,
  digest: Digest,
  contentType: string | null,
  where: string,
): IndexOrManifest {
  const read = new Reader(where);
  const document = read.object(parseJson(body, where), 'the manifest');
  const header = mediaTypeOf(contentType);
  if (document['schemaVersion'] === 1 || isSchema1(header)) throw schema1Error(where);

  const hasEntries = 'manifests' in document;
  const hasImage = 'config' in document || 'layers' in document || 'fsLayers' in document;
  if (hasEntries === hasImage) {
    throw read.fault(hasEntries ? 'is both an index and a manifest' : 'is neither an index nor a manifest');
  }
  const own = read.optionalText(document, 'mediaType') ?? '';
  const shaped = hasEntries ? OCI_INDEX : OCI_MANIFEST;
  const mediaType = [own, header].find((type) => KNOWN.has(type)) ?? shaped;
  if (INDEXES.has(mediaType) !== hasEntries) {
    throw read.fault(`is ${hasEntries ? 'an index' : 'a manifest'} but claims to be ${mediaType}`);
  }
  const descriptor: Descriptor = { digest, mediaType, size: body.length };
  return hasEntries ? readIndex(read, document, descriptor) : readManifest(read, document, descriptor);
}

/** The entries of an answer of the referrers API, which is an index. */
export function parseReferrers(body: Buffer, where: string): readonly IndexEntry[] {
  const read = new Reader(where);
  const document = read.object(parseJson(body, where), 'the list of referrers');
  return readEntries(read, document);
}

export function schema1Error(where: string): RegistryError {
  return new RegistryError({
    code: 'unsupported',
    message: `${where}: is a Docker schema 1 manifest, which is not supported; push the image again with a current client`,
  });
}

type Fields = Readonly<Record<string, unknown>>;

function readIndex(read: Reader, document: Fields, descriptor: Descriptor): Index {
  return {
    kind: 'index',
    descriptor,
    entries: readEntries(read, document),
    annotations: read.annotations(document),
  };
}

function readEntries(read: Reader, document: Fields): IndexEntry[] {
  // Go writes an empty slice as null.
  return read.list(document['manifests'] ?? [], 'manifests').map((item, i) => {
    const entry = read.object(item, `manifests[${i}]`);
    return {
      ...read.descriptor(entry, `manifests[${i}]`),
      platform: read.platform(entry['platform']),
      artifactType: read.optionalText(entry, 'artifactType'),
      annotations: read.annotations(entry),
    };
  });
}

function readManifest(read: Reader, document: Fields, descriptor: Descriptor): Manifest {
  const subject = document['subject'] ?? null;
  return {
    kind: 'manifest',
    descriptor,
    config: read.descriptor(read.object(document['config'], 'config'), 'config'),
    layers: read.list(document['layers'] ?? [], 'layers').map((item, i) => {
      const layer = read.object(item, `layers[${i}]`);
      return { ...read.descriptor(layer, `layers[${i}]`), annotations: read.annotations(layer) };
    }),
    artifactType: read.optionalText(document, 'artifactType'),
    subject: subject === null ? null : read.descriptor(read.object(subject, 'subject'), 'subject'),
    annotations: read.annotations(document),
  };
}

/** Reads fields of untrusted JSON; each fault says where. */
class Reader {
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  fault(what: string): RegistryError {
    return invalid(this.#where, what);
  }

  object(value: unknown, path: string): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
    throw this.fault(`${path} is not an object`);
  }

  list(value: unknown, path: string): readonly unknown[] {
    if (!Array.isArray(value)) throw this.fault(`${path} is not a list`);
    if (value.length > MAX_ENTRIES) throw this.fault(`${path} has more than ${MAX_ENTRIES} entries`);
    return value;
  }

  descriptor(fields: Fields, path: string): Descriptor {
    const { digest, mediaType, size } = fields;
    if (typeof digest !== 'string' || !isDigest(digest)) {
      throw this.fault(`${path} has no sha256 or sha512 digest`);
    }
    if (typeof mediaType !== 'string' || mediaType === '') throw this.fault(`${path} has no mediaType`);
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw this.fault(`${path} has no size`);
    }
    return { digest, mediaType, size };
  }

  /** Null where there is none, or not enough of one to run anything. */
  platform(value: unknown): Platform | null {
    if (typeof value !== 'object' || value === null) return null;
    const { os, architecture, variant } = value as Fields;
    if (typeof os !== 'string' || typeof architecture !== 'string') return null;
    if (os === '' || architecture === '') return null;
    return { os, architecture, variant: typeof variant === 'string' && variant !== '' ? variant : null };
  }

  annotations(fields: Fields): Readonly<Record<string, string>> {
    const value = fields['annotations'];
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    const texts = Object.entries(value).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    return Object.fromEntries(texts);
  }

  optionalText(fields: Fields, name: string): string | null {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : null;
  }
}

function parseJson(body: Buffer, where: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw invalid(where, 'is not JSON', cause);
  }
}

function invalid(where: string, what: string, cause?: unknown): RegistryError {
  return new RegistryError({ code: 'invalid-response', message: `${where}: ${what}`, cause });
}
