import { type Digest, isDigest } from '../../domain/digest.ts';
import type { Repository, TaggedImage } from '../../domain/image-reference.ts';
import {
  type Descriptor,
  type IndexEntry,
  type IndexOrManifest,
  type Registry,
  RegistryError,
  type RequestCounts,
} from '../../resolve/registry.ts';
import type { Authenticator } from './authenticator.ts';
import { BoundedMap } from './bounded-map.ts';
import { readTags, verify, verifyBody } from './content.ts';
import { type Endpoint, type Endpoints, remoteName } from './endpoint.ts';
import { answeredWith, type Hint, type Subject, sayWhere, statusError, subjectOf } from './errors.ts';
import { Flights } from './flights.ts';
import { nextPage } from './link.ts';
import {
  isManifestType,
  isSchema1,
  MANIFEST_ACCEPT,
  mediaTypeOf,
  OCI_INDEX,
  parseManifest,
  parseReferrers,
  schema1Error,
} from './manifest.ts';
import {
  headerText,
  headerTexts,
  type RequestKind,
  type Transport,
  type TransportResponse,
} from './transport.ts';

const MAX_PAGES = 1000;
const MAX_TAGS = 200_000;
const TAGS_PER_PAGE = 1000;
const MAX_TAGS_BYTES = 8 * 1024 * 1024;
const MAX_KEPT_MANIFESTS = 1024;
const USER_AGENT = 'pinwheel';
const UNSUPPORTED: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

type Ask = {
  readonly kind: RequestKind;
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
  readonly accept: string;
  readonly maxBytes: number;
};

/** The port's methods, in terms of authenticated requests. */
export class HttpRegistry implements Registry {
  readonly #transport: Transport;
  readonly #authenticator: Authenticator;
  readonly #endpoints: Endpoints;
  readonly #maxManifestBytes: number;
  readonly #flights = new Flights();
  /** Content under a digest never changes, so it may be kept. Tags are never kept. */
  readonly #manifests = new BoundedMap<string, IndexOrManifest>(MAX_KEPT_MANIFESTS);
  /** Origins without the referrers API. */
  readonly #withoutReferrers = new Set<string>();

  constructor(parts: {
    readonly transport: Transport;
    readonly authenticator: Authenticator;
    readonly endpoints: Endpoints;
    readonly maxManifestBytes: number;
  }) {
    this.#transport = parts.transport;
    this.#authenticator = parts.authenticator;
    this.#endpoints = parts.endpoints;
    this.#maxManifestBytes = parts.maxManifestBytes;
  }

  resolveTag(image: TaggedImage): Promise<Descriptor> {
    const key = `tag ${image.registry}/${image.repository}:${image.tag}`;
    return this.#flights.share(key, () => this.#resolveTag(image));
  }

  manifest(repository: Repository, digest: Digest): Promise<IndexOrManifest> {
    const key = `manifest ${repository.registry}/${repository.repository}@${digest}`;
    const kept = this.#manifests.get(key);
    if (kept !== undefined) return Promise.resolve(kept);
    return this.#flights.share(key, async () => {
      const { manifest } = await this.#getManifest(repository, digest, digest, 'manifest');
      this.#manifests.set(key, manifest);
      return manifest;
    });
  }

  blob(repository: Repository, digest: Digest, maxBytes: number): Promise<Uint8Array> {
    const key = `blob ${maxBytes} ${repository.registry}/${repository.repository}@${digest}`;
    return this.#flights.share(key, () => this.#blob(repository, digest, maxBytes));
  }

  tags(repository: Repository): Promise<readonly string[]> {
    const key = `tags ${repository.registry}/${repository.repository}`;
    return this.#flights.share(key, () => this.#tags(repository));
  }

  referrers(repository: Repository, digest: Digest): Promise<readonly IndexEntry[]> {
    const key = `referrers ${repository.registry}/${repository.repository}@${digest}`;
    return this.#flights.share(key, () => this.#referrers(repository, digest));
  }

  requests(): RequestCounts {
    return this.#transport.counts();
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #resolveTag(image: TaggedImage): Promise<Descriptor> {
    const subject = subjectOf(image, `:${image.tag}`);
    const path = `manifests/${encodeURIComponent(image.tag)}`;
    const { response, hint } = await this.#ask(image, subject, {
      kind: 'head',
      method: 'HEAD',
      path,
      accept: MANIFEST_ACCEPT,
      maxBytes: 0,
    });
    // Some registries and proxies in front of them know no HEAD.
    const knowsHead = response.status !== 405 && response.status !== 501;
    if (knowsHead && response.status !== 200) {
      throw statusError(response.status, response.body, subject, hint);
    }
    const mediaType = mediaTypeOf(headerText(response.headers['content-type']));
    const digest = headerText(response.headers['docker-content-digest']);
    if (isSchema1(mediaType)) throw schema1Error(sayWhere(subject));
    if (knowsHead && digest !== null && isDigest(digest) && isManifestType(mediaType)) {
      return { digest, mediaType, size: sizeOf(response) };
    }
    const got = await this.#getManifest(image, image.tag, null, 'manifest');
    return got.manifest.descriptor;
  }

  /** By tag the digest is that of the body; by digest the body must have it. */
  async #getManifest(
    repository: Repository,
    reference: string,
    digest: Digest | null,
    kind: RequestKind,
  ): Promise<{ readonly manifest: IndexOrManifest }> {
    const subject = subjectOf(repository, digest === null ? `:${reference}` : `@${digest}`);
    const { response, hint } = await this.#ask(repository, subject, {
      kind,
      method: 'GET',
      // A digest keeps its colon: not every registry undoes the encoding.
      path: `manifests/${digest ?? encodeURIComponent(reference)}`,
      accept: MANIFEST_ACCEPT,
      maxBytes: this.#maxManifestBytes,
    });
    if (response.status !== 200) throw statusError(response.status, response.body, subject, hint);
    const contentType = headerText(response.headers['content-type']);
    // Schema 1 is digested without its signatures: said first, since its digest cannot match.
    if (isSchema1(mediaTypeOf(contentType))) throw schema1Error(sayWhere(subject));
    const actual = await verify(response, digest, subject);
    return { manifest: parseManifest(response.body, actual, contentType, sayWhere(subject)) };
  }

  async #blob(repository: Repository, digest: Digest, maxBytes: number): Promise<Uint8Array> {
    const subject = subjectOf(repository, `@${digest}`);
    const { response, hint } = await this.#ask(repository, subject, {
      kind: 'blob',
      method: 'GET',
      path: `blobs/${digest}`,
      accept: '*/*',
      maxBytes,
    });
    if (response.status !== 200) throw statusError(response.status, response.body, subject, hint);
    await verifyBody(response.body, digest, subject);
    return response.body;
  }

  async #tags(repository: Repository): Promise<readonly string[]> {
    const subject = subjectOf(repository, '');
    const tags: string[] = [];
    await this.#pages(
      repository,
      subject,
      {
        kind: 'tags',
        method: 'GET',
        path: `tags/list?n=${TAGS_PER_PAGE}`,
        accept: 'application/json',
        maxBytes: MAX_TAGS_BYTES,
      },
      (page, hint) => {
        if (page.status !== 200) throw statusError(page.status, page.body, subject, hint);
        tags.push(...readTags(page.body, subject));
        if (tags.length > MAX_TAGS) throw answeredWith(subject, `more than ${MAX_TAGS} tags`);
        return true;
      },
    );
    return tags;
  }

  async #referrers(repository: Repository, digest: Digest): Promise<readonly IndexEntry[]> {
    const { origin } = this.#endpoints.of(repository.registry);
    const subject = subjectOf(repository, `@${digest}`);
    const entries: IndexEntry[] = [];
    let supported = !this.#withoutReferrers.has(origin);
    const ask: Ask = {
      kind: 'referrers',
      method: 'GET',
      path: `referrers/${digest}`,
      accept: OCI_INDEX,
      maxBytes: this.#maxManifestBytes,
    };
    if (supported) {
      await this.#pages(repository, subject, ask, (page, hint) => {
        const isIndex = mediaTypeOf(headerText(page.headers['content-type'])) === OCI_INDEX;
        supported = page.status === 200 ? isIndex : !UNSUPPORTED.has(page.status);
        if (!supported) return false;
        if (page.status !== 200) throw statusError(page.status, page.body, subject, hint);
        entries.push(...parseReferrers(page.body, sayWhere(subject)));
        return true;
      });
    }
    if (supported) return entries;
    this.#withoutReferrers.add(origin);
    return this.#referrersByTag(repository, digest);
  }

  /** The referrers tag schema of the distribution-spec: an index under the tag `sha256-<hex>`. */
  async #referrersByTag(repository: Repository, digest: Digest): Promise<readonly IndexEntry[]> {
    const [algorithm = '', hex = ''] = digest.split(':');
    const tag = `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
    try {
      const { manifest } = await this.#getManifest(repository, tag, null, 'referrers');
      return manifest.kind === 'index' ? manifest.entries : [];
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'not-found') return [];
      throw error;
    }
  }

  /** Asks for all pages; `take` says whether to go on. A `Link` to another host, or in a circle, is an error. */
  async #pages(
    repository: Repository,
    subject: Subject,
    first: Ask,
    take: (page: TransportResponse, hint: Hint) => boolean,
  ): Promise<void> {
    const seen = new Set<string>();
    let path: string | null = null;
    for (let count = 0; count < MAX_PAGES; count++) {
      const { response, hint } = await this.#ask(repository, subject, first, path);
      if (!take(response, hint)) return;
      const next = nextPage(headerTexts(response.headers['link']), response.url);
      if (next === null) return;
      if (next === 'foreign') throw answeredWith(subject, 'a link to another host, which is not followed');
      path = `${next.pathname}${next.search}`;
      if (seen.has(path)) throw answeredWith(subject, 'a list of pages that loops');
      seen.add(path);
    }
    throw answeredWith(subject, `more than ${MAX_PAGES} pages`);
  }

  #ask(
    repository: Repository,
    subject: Subject,
    ask: Ask,
    page: string | null = null,
  ): Promise<{ readonly response: TransportResponse; readonly hint: Hint }> {
    const endpoint = this.#endpoints.of(repository.registry);
    const name = remoteName(endpoint, repository);
    return this.#authenticator.send(
      {
        kind: ask.kind,
        method: ask.method,
        url: urlOf(endpoint, page ?? `/v2/${name}/${ask.path}`),
        headers: { accept: ask.accept, 'user-agent': USER_AGENT },
        maxBytes: ask.maxBytes,
        subject,
        endpoint,
      },
      name,
    );
  }
}

function urlOf(endpoint: Endpoint, path: string): URL {
  const url = URL.parse(`${endpoint.origin}${path}`);
  if (url !== null) return url;
  throw new RegistryError({
    code: 'unreachable',
    message: `${endpoint.policy.name}: is not a valid registry host; check its spelling and port`,
  });
}

/** The announced size in bytes; 0 where the registry sends none on HEAD, which is not worth a pull. */
function sizeOf(response: TransportResponse): number {
  const size = Number(headerText(response.headers['content-length']) ?? 0);
  return Number.isSafeInteger(size) && size > 0 ? size : 0;
}
