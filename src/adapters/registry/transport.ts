import { RegistryError, type RequestCounts } from '../../resolve/registry.ts';
import { Limiter } from '../limiter.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Endpoint, Endpoints, HostPolicy } from './endpoint.ts';
import { isWorthRetrying, redact, type Subject, statusError } from './errors.ts';
import { backoffMs, retryAfterMs } from './retry.ts';
import type { Wire, WireRequest, WireResponse } from './wire.ts';

export type RequestKind = keyof RequestCounts;

/** One request to a registry or a token server, through redirects and retries. */
export type TransportRequest = WireRequest & {
  readonly kind: RequestKind;
  readonly subject: Subject;
  /** The registry on whose behalf it is sent; says what may be done at the hosts it leads to. */
  readonly endpoint: Endpoint;
};

export type TransportResponse = WireResponse & {
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Whether a redirect left the origin that was asked: its challenges are not the registry's then. */
  readonly left: boolean;
};

type TransportOptions = {
  readonly wire: Wire;
  readonly endpoints: Endpoints;
  readonly concurrency: number;
  readonly attempts: number;
  readonly backoffMs: number;
  /** The longest wait before a retry; a registry that wants more makes the request fail. */
  readonly maxWaitMs: number;
  readonly clock: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

type HostState = {
  readonly limiter: Limiter;
  /** Nothing is sent before this time, in ms: the host asked for rest. */
  notBefore: number;
  /** Calls in a row that got no answer at all, and attempts in a row that ran out of time. */
  failures: number;
  /** When the last of these was counted. */
  failedAt: number;
  /** Until when no more is tried, and why. */
  downUntil: number;
  downError: RegistryError | null;
};

const MAX_REDIRECTS = 5;
const MAX_HOSTS = 256;
/**
 * After so many unanswered calls in a row a host is not asked again for a while: an outage must not cost hours. One
 * that swallows requests counts by the attempt, since each of them costs the whole time-out.
 */
const FAILURES_TO_REST = 3;
const REST_MS = 15_000;
const MAX_REST_MS = 3_600_000;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const RETRIED: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Concurrency per host, retries, rests and redirects: everything between a request and the wire. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #hosts = new BoundedMap<string, HostState>(MAX_HOSTS);
  readonly #closed = new AbortController();
  readonly #counts: Record<RequestKind, number> = {
    head: 0,
    manifest: 0,
    blob: 0,
    tags: 0,
    referrers: 0,
    token: 0,
    ping: 0,
  };

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  counts(): RequestCounts {
    return { ...this.#counts };
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#options.wire.close();
  }

  /**
   * The final answer: never a redirect, never one that is worth a retry unless all retries are used up.
   * Redirects are followed by GET and HEAD only, each hop checked like a first request; `authorization` is dropped
   * for good when one leaves the origin. Throws a {@link RegistryError} where there is no answer.
   */
  async send(request: TransportRequest): Promise<TransportResponse> {
    let { url, headers } = request;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#sendWithRetries({ ...request, url, headers });
      const location = REDIRECTS.has(response.status) ? headerText(response.headers['location']) : null;
      if (location === null || request.method === 'POST') {
        return { ...response, url, left: url.origin !== request.url.origin };
      }
      const next = URL.parse(location, url.href);
      if (next === null)
        throw invalid(request.subject, `a redirect from ${redact(url)} to an invalid address`);
      if (next.origin !== url.origin) headers = withoutCredentials(headers);
      url = next;
    }
    throw invalid(request.subject, `more than ${MAX_REDIRECTS} redirects`);
  }

  async #sendWithRetries(request: TransportRequest): Promise<WireResponse> {
    const { attempts } = this.#options;
    const policy = this.#options.endpoints.policyAt(request.url, request.endpoint);
    const host = this.#host(request.url, policy);
    for (let attempt = 0; ; attempt++) {
      const last = attempt >= attempts - 1;
      const outcome = await this.#attempt(request, policy, host);
      if (!(outcome instanceof RegistryError) && !RETRIED.has(outcome.status)) {
        host.failures = 0;
        return outcome;
      }
      const wait = this.#waitAfter(outcome, attempt, host, request.subject);
      if (outcome instanceof RegistryError) {
        if (!last && isWorthRetrying(outcome)) await this.#sleep(wait);
        else throw this.#unanswered(outcome, host);
      } else if (last) {
        host.failures = 0;
        return outcome;
      } else await this.#sleep(wait);
    }
  }

  async #attempt(
    request: TransportRequest,
    policy: HostPolicy,
    host: HostState,
  ): Promise<WireResponse | RegistryError> {
    const { wire, clock } = this.#options;
    return host.limiter.run(async () => {
      const rest = host.notBefore - clock();
      if (rest > 0 && rest <= this.#options.maxWaitMs) await this.#sleep(rest);
      if (host.downError !== null && clock() < host.downUntil) throw host.downError;
      this.#throwIfClosed();
      this.#counts[request.kind]++;
      const sentAt = clock();
      try {
        return await wire.send(request, policy, policy.concurrency ?? this.#options.concurrency);
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        // Those that were under way together ran out of time together: that is one time.
        if (error.code === 'timeout' && sentAt >= host.failedAt) this.#countFailure(error, host);
        return error;
      }
    });
  }

  /** How long to wait before the next attempt; throws where the host asks for more patience than there is. */
  #waitAfter(
    outcome: WireResponse | RegistryError,
    attempt: number,
    host: HostState,
    subject: Subject,
  ): number {
    const { clock, random, maxWaitMs } = this.#options;
    const own = backoffMs(attempt, this.#options.backoffMs, maxWaitMs, random);
    if (outcome instanceof RegistryError) return own;
    const asked = retryAfterMs(outcome.headers['retry-after'], clock());
    if (asked === null) return own;
    if (asked > maxWaitMs) {
      const seconds = Math.ceil(asked / 1000);
      const error = statusError(outcome.status, outcome.body, subject, `it asks to wait ${seconds} s`);
      this.#rest(host, error, Math.min(asked, MAX_REST_MS));
      throw error;
    }
    host.notBefore = Math.max(host.notBefore, clock() + asked);
    return asked + own * random();
  }

  #unanswered(error: RegistryError, host: HostState): RegistryError {
    if (error.code === 'unreachable') this.#countFailure(error, host);
    return error;
  }

  #countFailure(error: RegistryError, host: HostState): void {
    host.failures++;
    host.failedAt = this.#options.clock();
    if (host.failures >= FAILURES_TO_REST) this.#rest(host, error, REST_MS);
  }

  #rest(host: HostState, error: RegistryError, ms: number): void {
    host.downUntil = this.#options.clock() + ms;
    host.downError = new RegistryError({
      code: error.code,
      message: `not asked again yet, because it failed before: ${error.message}`,
      temporary: true,
      cause: error,
    });
  }

  #host(url: URL, policy: HostPolicy): HostState {
    return this.#hosts.getOrAdd(url.origin, () => ({
      limiter: new Limiter(policy.concurrency ?? this.#options.concurrency),
      notBefore: 0,
      failures: 0,
      failedAt: 0,
      downUntil: 0,
      downError: null,
    }));
  }

  async #sleep(ms: number): Promise<void> {
    try {
      await this.#options.sleep(ms, this.#closed.signal);
    } finally {
      this.#throwIfClosed();
    }
  }

  #throwIfClosed(): void {
    if (!this.#closed.signal.aborted) return;
    throw new RegistryError({
      code: 'unavailable',
      message: 'the registry client is closed',
      temporary: true,
    });
  }
}

/** The first value of a header, or null. */
export function headerText(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}

/** All values of a header. */
export function headerTexts(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

function withoutCredentials(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization'));
}

function invalid(subject: Subject, what: string): RegistryError {
  return new RegistryError({
    code: 'invalid-response',
    message: `${subject.registry}: ${what}, for ${subject.what}`,
  });
}
