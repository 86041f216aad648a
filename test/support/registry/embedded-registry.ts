import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Digest } from '../../../src/domain/digest.ts';
import type { RequestCounts } from '../../../src/resolve/registry.ts';
import {
  type Answer,
  answerRequest,
  createAccess,
  type EmbeddedAuth,
  type StoredRepository,
} from './embedded-answers.ts';
import {
  type BuiltImage,
  buildImage,
  type Content,
  content,
  type ImageSpec,
  sha256,
  sha512,
} from './image-builder.ts';

export type EmbeddedRegistryOptions = {
  readonly auth?: EmbeddedAuth;
  /** Whether the referrers API is there; default true. Without it clients look up `sha256-<hex>` tags. */
  readonly referrersApi?: boolean;
  /** The most tags a page; default 100. */
  readonly tagsPerPage?: number;
  /** The registry's clock for token life, in ms. */
  readonly clock?: () => number;
  /** Default: a free one. */
  readonly port?: number;
};

export type RequestKind = keyof RequestCounts;

export type LoggedRequest = {
  readonly method: string;
  readonly path: string;
  readonly kind: RequestKind;
  readonly authorization: 'none' | 'basic' | 'bearer';
  /** 0 where the connection was cut or never answered. */
  readonly status: number;
};

/** What to do instead of answering: cut the connection, never answer, or an answer of its own. */
export type Fault = 'reset' | 'hang' | Partial<Answer>;
export type FaultRule = (request: IncomingMessage, kind: RequestKind) => Fault | null;

/** A registry in this process. Repositories come into being with their first content. */
export type EmbeddedRegistry = {
  /** `127.0.0.1:43211`, for image references and settings. */
  readonly host: string;
  putBlob(repository: string, bytes: Buffer): Digest;
  /** Stores a manifest or index as it is (a document is written as JSON), and points a tag to it. */
  putManifest(repository: string, document: Buffer | object, mediaType: string, tag?: string): Digest;
  /** Builds an image, stores it and points the tag to it. */
  pushImage(repository: string, tag: string, spec?: ImageSpec): BuiltImage;
  /** Stores a built image and points the tag to it. */
  store(repository: string, tag: string, image: BuiltImage): void;
  /** A stored manifest or index. Throws where there is none. */
  read(repository: string, digest: Digest): Content;
  moveTag(repository: string, tag: string, digest: Digest): void;
  /** Removes a tag, or a digest with the tags that point to it. */
  remove(repository: string, reference: string): void;
  /** Every request so far, oldest first. */
  readonly log: readonly LoggedRequest[];
  counts(): RequestCounts;
  resetLog(): void;
  /** Called for each request before it is answered; null answers as usual. */
  setFault(rule: FaultRule | null): void;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
};

/** Starts a registry on the loopback: quick, small, and honest about what the OCI distribution-spec says. */
export async function startEmbeddedRegistry(
  options: EmbeddedRegistryOptions = {},
): Promise<EmbeddedRegistry> {
  const repositories = new Map<string, StoredRepository>();
  const log: LoggedRequest[] = [];
  const access = createAccess(options.auth ?? { scheme: 'none' }, options.clock ?? Date.now);
  const offered = { referrersApi: options.referrersApi ?? true, tagsPerPage: options.tagsPerPage ?? 100 };
  let rule: FaultRule | null = null;

  const server = createServer((request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    const kind = kindOf(method, path);
    const fault = rule?.(request, kind) ?? null;
    const note = (status: number): void => {
      log.push({ method, path, kind, authorization: schemeOf(request), status });
    };
    if (fault === 'reset' || fault === 'hang') {
      note(0);
      if (fault === 'reset') request.socket.destroy();
      return;
    }
    const answer = fault ?? usualAnswer(request, kind);
    note(answer.status ?? 200);
    send(response, answer);
  });
  const usualAnswer = (request: IncomingMessage, kind: RequestKind): Answer => {
    if (kind === 'token') return access.token(request);
    const name = repositoryName(request.url ?? '/');
    const stored = name === null ? null : (repositories.get(name) ?? null);
    return access.challenge(request, name) ?? answerRequest(request, stored, offered);
  };
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const repositoryOf = (name: string): StoredRepository => {
    const known = repositories.get(name);
    if (known !== undefined) return known;
    const made: StoredRepository = { manifests: new Map(), tags: new Map(), blobs: new Map() };
    repositories.set(name, made);
    return made;
  };
  const put = (repository: string, manifest: Content): void => {
    const { manifests } = repositoryOf(repository);
    manifests.set(manifest.digest, manifest);
    manifests.set(sha512(manifest.bytes), manifest);
  };
  const store = (repository: string, tag: string, image: BuiltImage): void => {
    const { blobs: stored, tags } = repositoryOf(repository);
    put(repository, image.top);
    for (const { manifest, blobs } of image.manifests) {
      put(repository, manifest);
      for (const blob of blobs) stored.set(blob.digest, blob.bytes);
    }
    tags.set(tag, image.top.digest);
  };
  return {
    host: `127.0.0.1:${port}`,
    putBlob(repository, bytes) {
      const digest = sha256(bytes);
      repositoryOf(repository).blobs.set(digest, bytes);
      return digest;
    },
    putManifest(repository, document, mediaType, tag) {
      const manifest = content(document, mediaType);
      put(repository, manifest);
      if (tag !== undefined) repositoryOf(repository).tags.set(tag, manifest.digest);
      return manifest.digest;
    },
    pushImage(repository, tag, spec) {
      const image = buildImage(spec);
      store(repository, tag, image);
      return image;
    },
    store,
    read(repository, digest) {
      const found = repositoryOf(repository).manifests.get(digest);
      if (found === undefined) throw new Error(`${repository} holds no ${digest}`);
      return found;
    },
    moveTag(repository, tag, digest) {
      repositoryOf(repository).tags.set(tag, digest);
    },
    remove(repository, reference) {
      const { manifests, tags } = repositoryOf(repository);
      tags.delete(reference);
      const removed = manifests.get(reference);
      for (const [key, manifest] of manifests) if (manifest === removed) manifests.delete(key);
      for (const [tag, digest] of tags) if (digest === reference) tags.delete(tag);
    },
    log,
    counts: () => countKinds(log),
    resetLog() {
      log.length = 0;
    },
    setFault(next) {
      rule = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Partial<Answer>): void {
  const body = answer.body ?? '';
  response.writeHead(answer.status ?? 200, { 'content-length': Buffer.byteLength(body), ...answer.headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function repositoryName(path: string): string | null {
  return /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(path)?.[1] ?? null;
}

function kindOf(method: string, path: string): RequestKind {
  if (path.startsWith('/token')) return 'token';
  if (path.includes('/blobs/')) return 'blob';
  if (path.includes('/tags/')) return 'tags';
  if (path.includes('/referrers/')) return 'referrers';
  if (path.includes('/manifests/')) return method === 'HEAD' ? 'head' : 'manifest';
  return 'ping';
}

function schemeOf(request: IncomingMessage): LoggedRequest['authorization'] {
  const scheme = request.headers.authorization?.split(' ', 1)[0]?.toLowerCase();
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'none';
}

function countKinds(log: readonly LoggedRequest[]): RequestCounts {
  const counts = { head: 0, manifest: 0, blob: 0, tags: 0, referrers: 0, token: 0, ping: 0 };
  for (const { kind } of log) counts[kind]++;
  return counts;
}
