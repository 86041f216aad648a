import { messageOf } from '../../domain/errors.ts';
import type { Repository } from '../../domain/image-reference.ts';
import { RegistryError, type RegistryErrorCode } from '../../resolve/registry.ts';

/** What else is to be said about a refusal: a sentence, or the problem that kept configured credentials from being used. */
export type Hint = string | RegistryError | null;

/** What a request is about, for messages. */
export type Subject = {
  /** The registry as people know it. */
  readonly registry: string;
  /** `library/python:3.11`, `library/python@sha256:…`, or a repository. */
  readonly what: string;
};

/** `suffix` is `:tag`, `@digest` or nothing. */
export function subjectOf(repository: Repository, suffix: string): Subject {
  return { registry: repository.registry, what: `${repository.repository}${suffix}` };
}

/** `docker.io: library/python:3.11`. */
export function sayWhere(subject: Subject): string {
  return `${subject.registry}: ${subject.what}`;
}

/** The error for an answer that makes no sense. */
export function answeredWith(subject: Subject, what: string): RegistryError {
  return new RegistryError({
    code: 'invalid-response',
    message: `${subject.registry}: answered with ${what}, for ${subject.what}`,
  });
}

/** The text of a URL for messages: without its query, fragment and user information, which may hold secrets. */
export function redact(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  'PINWHEEL_DEADLINE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);
const NAME_CODES: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']);
const TLS_PREFIXES = [
  'ERR_TLS',
  'ERR_SSL',
  'ERR_OSSL',
  'CERT_',
  'UNABLE_TO_',
  'SELF_SIGNED',
  'DEPTH_ZERO',
  'EPROTO',
  'HOSTNAME_MISMATCH',
];
const PLAIN_HTTP_CODES: ReadonlySet<string> = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
]);

/** What went wrong below HTTP, as a {@link RegistryError} with a remedy. */
export function mapConnectionError(error: unknown, url: URL, viaProxy: boolean): RegistryError {
  for (let inner: unknown = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof RegistryError) return inner;
  }
  const code = errorCode(error);
  const where = viaProxy ? `${url.host} (through the proxy)` : url.host;
  const fail = (kind: RegistryErrorCode, message: string, temporary: boolean): RegistryError =>
    new RegistryError({ code: kind, message: `${where}: ${message}`, temporary, cause: error });

  if (TIMEOUT_CODES.has(code)) {
    return fail('timeout', `did not answer in time (${shortMessage(error)}); try again later`, true);
  }
  if (NAME_CODES.has(code)) {
    return fail(
      'unreachable',
      `the name could not be resolved (${code}); check the spelling and the DNS`,
      true,
    );
  }
  if (TLS_PREFIXES.some((prefix) => code.startsWith(prefix))) {
    const remedy = PLAIN_HTTP_CODES.has(code)
      ? 'if it speaks plain http, list it in the registries file with "plainHttp: true"'
      : 'if its certificate is from a private CA, set "ca" in the registries file';
    return fail('tls', `no secure connection (${code}); ${remedy}`, false);
  }
  const isNoHttp = error instanceof Error && error.name === 'HTTPParserError';
  if (isNoHttp || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return fail(
      'invalid-response',
      `the response is not valid HTTP (${code === '' ? 'malformed' : code})`,
      false,
    );
  }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
    return fail('invalid-response', 'the response ended before its announced length', true);
  }
  return fail(
    'unreachable',
    `the connection failed (${[code, shortMessage(error)].filter((part) => part !== '').join(': ')})`,
    true,
  );
}

/** Whether asking again at once can help: not for a name the DNS says does not exist. */
export function isWorthRetrying(error: RegistryError): boolean {
  return error.temporary && errorCode(error.cause) !== 'ENOTFOUND';
}

/**
 * The error for an answer that is no success. `401` is `unauthorized`, `403` `denied`, `404` `not-found`,
 * `429` `rate-limited`, `408` and `5xx` `unavailable`, a redirect and the rest `invalid-response`.
 * Where credentials were configured and could not be used, that is the error: `credentials`.
 * What the registry says itself (its `errors` list) is quoted, cut short and without control characters.
 */
export function statusError(
  status: number,
  body: Buffer,
  subject: Subject,
  hint: Hint = null,
): RegistryError {
  const said = sayings(body);
  const refused = status === 401 || status === 403;
  const problem = refused && hint instanceof RegistryError ? hint : null;
  const code = problem?.code ?? codeOf(status, said.codes);
  const quoted = said.text === '' ? '' : ` (${said.text})`;
  const sentence = hint instanceof RegistryError ? null : hint;
  const remedy = problem?.message ?? sentence ?? REMEDIES[code] ?? '';
  return new RegistryError({
    code,
    message: `${subject.registry}: answered ${status}${quoted} for ${subject.what}${remedy === '' ? '' : `; ${remedy}`}`,
    temporary: problem?.temporary ?? (code === 'rate-limited' || code === 'unavailable'),
  });
}

const REMEDIES: Partial<Record<RegistryErrorCode, string>> = {
  'not-found': 'check the name and the tag; it may have been removed',
  unauthorized: 'it does not exist, or it is private and needs credentials',
  denied: 'pulling it is not allowed with these credentials, or without any',
  'rate-limited': 'try again later, or configure credentials for a higher limit',
  unavailable: 'the registry failed; try again later',
};

function codeOf(status: number, said: readonly string[]): RegistryErrorCode {
  if (status === 429 || said.includes('TOOMANYREQUESTS')) return 'rate-limited';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'denied';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 408 || status >= 500) return 'unavailable';
  return 'invalid-response';
}

/** The codes and the first message of a distribution-spec error body. */
function sayings(body: Buffer): { readonly codes: readonly string[]; readonly text: string } {
  const nothing = { codes: [], text: '' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    return nothing;
  }
  if (typeof parsed !== 'object' || parsed === null) return nothing;
  const { errors } = parsed as { errors?: unknown };
  if (!Array.isArray(errors)) return nothing;
  const list = errors.slice(0, 8).filter((item): item is object => typeof item === 'object' && item !== null);
  const field = (item: object, name: 'code' | 'message'): string => {
    const value = (item as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : '';
  };
  const [first] = list;
  if (first === undefined) return nothing;
  const text = [field(first, 'code'), field(first, 'message')].filter((part) => part !== '').join(': ');
  return {
    codes: list.map((item) => field(item, 'code')),
    text: withoutControlCharacters(text).slice(0, 200),
  };
}

/** The text without control characters, which could fake lines of a log or colours of a terminal. */
export function withoutControlCharacters(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError) {
    const inner: unknown = error.errors[0];
    if (inner instanceof Error && 'code' in inner) return String(inner.code);
  }
  const own = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Undici's wrappers around what went wrong on the way to, or behind, a proxy.
  if (own.startsWith('UND_ERR_PRX') && error.cause !== undefined) return errorCode(error.cause) || own;
  if (own !== '') return own;
  return error.cause === undefined ? '' : errorCode(error.cause);
}

function shortMessage(error: unknown): string {
  return withoutControlCharacters(messageOf(error)).slice(0, 200);
}
