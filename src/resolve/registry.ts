import type { Digest } from '../domain/digest.ts';
import { PinwheelError } from '../domain/errors.ts';
import type { Repository, TaggedImage } from '../domain/image-reference.ts';
import type { Platform } from '../domain/platform.ts';

/** An OCI content descriptor (image-spec, descriptor.md). `size` is in bytes. */
export type Descriptor = {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
};

/** One manifest listed in an index. */
export type IndexEntry = Descriptor & {
  readonly platform: Platform | null;
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
};

/** An image index (or Docker manifest list). */
export type Index = {
  readonly kind: 'index';
  readonly descriptor: Descriptor;
  readonly entries: readonly IndexEntry[];
  readonly annotations: Readonly<Record<string, string>>;
};

/** An image manifest, or an artefact in the shape of one. */
export type Manifest = {
  readonly kind: 'manifest';
  readonly descriptor: Descriptor;
  readonly config: Descriptor;
  readonly layers: readonly (Descriptor & { readonly annotations: Readonly<Record<string, string>> })[];
  readonly artifactType: string | null;
  readonly subject: Descriptor | null;
  readonly annotations: Readonly<Record<string, string>>;
};

export type IndexOrManifest = Index | Manifest;

export type RegistryErrorCode =
  | 'not-found'
  | 'unauthorized'
  | 'denied'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'unreachable'
  | 'address-refused'
  | 'tls'
  | 'digest-mismatch'
  | 'too-large'
  | 'invalid-response'
  | 'unsupported'
  | 'credentials';

/** What a registry refused or failed to do. An outage is one of these and never reads as "no update". */
export class RegistryError extends PinwheelError<RegistryErrorCode> {}

/** A registry's answer; null where it says that it has no such thing. Any other fault is thrown. */
export async function unlessGone<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'not-found') return null;
    throw error;
  }
}

/**
 * The pull-only port to container registries (OCI distribution-spec 1.1, Docker Registry v2).
 * Every method throws {@link RegistryError}. Every body is verified against its digest before it is returned.
 * Equal requests in flight are one request.
 */
export interface Registry {
  /** What a tag points to now. One HEAD (a GET only where the registry sends no digest on HEAD). */
  resolveTag(image: TaggedImage): Promise<Descriptor>;
  /** The index or manifest of this digest. */
  manifest(repository: Repository, digest: Digest): Promise<IndexOrManifest>;
  /** A blob, whole and verified; refuses more than `maxBytes`. */
  blob(repository: Repository, digest: Digest, maxBytes: number): Promise<Uint8Array>;
  /** All tags, in the registry's order, over all pages. */
  tags(repository: Repository): Promise<readonly string[]>;
  /** What refers to `digest`: by the referrers API, else by the fallback tag `sha256-<hex>`. Empty where nothing does. */
  referrers(repository: Repository, digest: Digest): Promise<readonly IndexEntry[]>;
  /** The number of requests sent so far, by kind: for reports and the benchmark. */
  requests(): RequestCounts;
  /** Closes idle connections; pending requests fail. */
  close(): Promise<void>;
}

export type RequestCounts = Readonly<
  Record<'head' | 'manifest' | 'blob' | 'tags' | 'referrers' | 'token' | 'ping', number>
>;
