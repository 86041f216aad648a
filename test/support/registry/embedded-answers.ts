import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Digest } from '../../../src/domain/digest.ts';
import { type Content, descriptor, OCI_INDEX } from './image-builder.ts';

/** What the embedded registry answers: headers and body as sent on GET; HEAD leaves the body out. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

export type StoredRepository = {
  readonly manifests: Map<string, Content>;
  readonly tags: Map<string, Digest>;
  readonly blobs: Map<string, Buffer>;
};

/** How the registry wants to be asked. Bearer tokens come from its own `/token`. */
export type EmbeddedAuth =
  | { readonly scheme: 'none' }
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | {
      readonly scheme: 'bearer';
      /** Without credentials only anonymous tokens are given. */
      readonly username?: string;
      readonly password?: string;
      /** Whether anonymous tokens may pull; default true. */
      readonly anonymous?: boolean;
      /** Seconds a token lives; default 300. */
      readonly expiresIn?: number;
    };

const JSON_TYPE = { 'content-type': 'application/json' };

export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify({ errors: [{ code, message }] }),
  };
}

/** The answer to a request that may be answered. `repository` is null where no such repository is known. */
export function answerRequest(
  request: IncomingMessage,
  repository: StoredRepository | null,
  options: { readonly referrersApi: boolean; readonly tagsPerPage: number },
): Answer {
  const url = new URL(request.url ?? '/', 'http://registry');
  if (url.pathname === '/v2/') return { status: 200, headers: JSON_TYPE, body: '{}' };
  if (repository === null) return refusal(404, 'NAME_UNKNOWN', 'repository name not known to registry');
  const parts = /^\/v2\/.+\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(url.pathname) ?? [];
  const [, kind = '', reference = ''] = parts;
  if (kind === 'manifests') return manifestAnswer(request, repository, reference);
  if (kind === 'tags') return tagsAnswer(repository, url, options.tagsPerPage);
  if (kind === 'referrers' && options.referrersApi) return referrersAnswer(repository, reference);
  if (kind === 'blobs') {
    const blob = repository.blobs.get(reference);
    if (blob === undefined) return refusal(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: blob };
  }
  return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' };
}

function manifestAnswer(
  request: IncomingMessage,
  { manifests, tags }: StoredRepository,
  reference: string,
): Answer {
  const manifest = manifests.get(tags.get(reference) ?? reference);
  const accept = request.headers.accept ?? '*/*';
  if (manifest === undefined) return refusal(404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  if (!accept.includes(manifest.mediaType) && !accept.includes('*/*')) {
    return refusal(404, 'MANIFEST_UNKNOWN', 'found, but the accept header does not support its type');
  }
  const digest = reference.startsWith('sha512:') ? reference : manifest.digest;
  const headers = { 'content-type': manifest.mediaType, 'docker-content-digest': digest };
  return { status: 200, headers, body: manifest.bytes };
}

function tagsAnswer({ tags }: StoredRepository, url: URL, perPage: number): Answer {
  const all = [...tags.keys()].sort();
  const last = url.searchParams.get('last');
  const wanted = Number(url.searchParams.get('n') ?? perPage);
  const from = last === null ? 0 : all.filter((tag) => tag <= last).length;
  const page = all.slice(from, from + Math.min(perPage, wanted));
  const next = `${url.pathname}?last=${encodeURIComponent(page.at(-1) ?? '')}&n=${wanted}`;
  const more = from + page.length < all.length;
  return {
    status: 200,
    headers: more ? { ...JSON_TYPE, link: `<${next}>; rel="next"` } : JSON_TYPE,
    body: JSON.stringify({ name: url.pathname.slice('/v2/'.length, -'/tags/list'.length), tags: page }),
  };
}

function referrersAnswer({ manifests }: StoredRepository, subject: string): Answer {
  const found = [...new Set(manifests.values())].flatMap((manifest) => {
    const document = JSON.parse(manifest.bytes.toString('utf8')) as {
      subject?: { digest?: string };
      artifactType?: string;
      config?: { mediaType?: string };
      annotations?: Record<string, string>;
    };
    if (document.subject?.digest !== subject) return [];
    const artifactType = document.artifactType ?? document.config?.mediaType;
    return [{ ...descriptor(manifest), artifactType, annotations: document.annotations }];
  });
  const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: found };
  return { status: 200, headers: { 'content-type': OCI_INDEX }, body: JSON.stringify(index) };
}

/** Who may do what. */
export type Access = {
  /** Null where the request may be answered; else the challenge. */
  challenge(request: IncomingMessage, repository: string | null): Answer | null;
  token(request: IncomingMessage): Answer;
};

export function createAccess(auth: EmbeddedAuth, clock: () => number): Access {
  const tokens = new Map<string, { readonly scope: string; readonly until: number }>();
  const isUser = (request: IncomingMessage): boolean => {
    if (auth.scheme === 'none' || auth.username === undefined) return false;
    const packed = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
    return request.headers.authorization === `Basic ${packed}`;
  };
  return {
    challenge(request, repository) {
      if (auth.scheme === 'none') return null;
      const unauthorized = (challenge: string): Answer =>
        refusal(401, 'UNAUTHORIZED', 'authentication required', { 'www-authenticate': challenge });
      if (auth.scheme === 'basic') return isUser(request) ? null : unauthorized('Basic realm="embedded"');
      const scope = `repository:${repository ?? ''}:pull`;
      const token = tokens.get(request.headers.authorization?.slice('Bearer '.length) ?? '');
      const good = token !== undefined && clock() < token.until;
      if (good && (repository === null || token.scope === scope)) return null;
      const realm = `Bearer realm="http://${request.headers.host}/token",service="embedded"`;
      return unauthorized(repository === null ? realm : `${realm},scope="${scope}"`);
    },
    token(request) {
      const anonymous = auth.scheme === 'bearer' && auth.anonymous !== false;
      const silent = request.headers.authorization === undefined;
      if (!isUser(request) && !(silent && anonymous)) return refusal(401, 'UNAUTHORIZED', 'not known');
      const url = new URL(request.url ?? '/', 'http://registry');
      const life = auth.scheme === 'bearer' ? (auth.expiresIn ?? 300) : 300;
      const token = randomBytes(24).toString('base64url');
      tokens.set(token, { scope: url.searchParams.get('scope') ?? '', until: clock() + life * 1000 });
      return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ token, expires_in: life }) };
    },
  };
}
