import { messageOf } from '../../domain/errors.ts';
import { Limiter } from '../limiter.ts';
import { errorOfStatus, GitHubError } from './errors.ts';
import { ByteLimitedCache, type CachedAnswer } from './http-cache.ts';
import { Bucket, sleep as realSleep, type Sleep } from './pace.ts';

/** Requests sent, by kind. `notModified` counts the reads that GitHub answered with 304. */
export type GitHubRequestCounts = {
  readonly read: number;
  readonly notModified: number;
  readonly graphql: number;
  readonly write: number;
  readonly auth: number;
  readonly retried: number;
};

export type TransportOptions = {
  /** The API's root: only requests to its origin are sent. */
  readonly baseUrl: string;
  /** The fetch to use; the platform's own where absent. */
  readonly fetch?: typeof globalThis.fetch;
  readonly sleep?: Sleep;
  readonly now?: () => number;
  /** A number in [0, 1) for jitter. */
  readonly random?: () => number;
  /** Milliseconds for one request, body included. */
  readonly timeout?: number;
  /** The longest wait in milliseconds that is sat out here; longer ones become `rate-limited` with `retryAt`. */
  readonly longestWait?: number;
  /** Bytes of one answer. */
  readonly maxBytes?: number;
  /** Content-creating requests a minute, after a burst of `burst`. */
  readonly writesPerMinute?: number;
  readonly burst?: number;
  /** Remembered answers for conditional requests; may be shared, as GitHub confirms each use to the asker. */
  readonly cache?: ByteLimitedCache<CachedAnswer>;
  readonly concurrency?: number;
};

const MEBIBYTE = 1024 * 1024;
const ATTEMPTS = 4;
// These may be sent twice: git objects are named by content, queries change nothing, a spare token just expires.
const REPEATABLE_POST = /\/(?:git\/(?:blobs|trees|commits)|graphql|access_tokens)$/;
const AUTH_PATH = /\/(?:access_tokens|app|installation|installations)(?:\?|$)/;

/**
 * The way out to GitHub: a `fetch` with a time limit, a size cap, conditional requests (ETag), bounded retries with
 * jitter that obey `retry-after` and the rate-limit headers, a concurrency limit and a pace for writes.
 *
 * Answers below 500 come back as answers, except that rate limits become a {@link GitHubError}; network failures,
 * time-outs and lasting 5xx become one too. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export class GitHubTransport {
  readonly #options: TransportOptions;
  readonly #origin: string;
  readonly #sleep: Sleep;
  readonly #now: () => number;
  readonly #gate: Limiter;
  readonly #writes: Limiter;
  readonly #pace: Bucket;
  readonly #cache: ByteLimitedCache<CachedAnswer>;
  readonly #counts = { read: 0, notModified: 0, graphql: 0, write: 0, auth: 0, retried: 0 };

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#origin = new URL(options.baseUrl).origin;
    this.#sleep = options.sleep ?? realSleep;
    this.#now = options.now ?? Date.now;
    this.#gate = new Limiter(options.concurrency ?? 10);
    this.#writes = new Limiter(1);
    this.#pace = new Bucket({
      burst: options.burst ?? 30,
      perMinute: options.writesPerMinute ?? 50,
      now: this.#now,
      sleep: this.#sleep,
    });
    this.#cache = options.cache ?? answerCache(16 * MEBIBYTE);
  }

  requests(): GitHubRequestCounts {
    return { ...this.#counts };
  }

  /** A `fetch` for Octokit. */
  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
    if (url.origin !== this.#origin) {
      throw new GitHubError({
        code: 'unreachable',
        message: `refusing to send GitHub credentials to ${url.origin}: the API is at ${this.#origin}`,
      });
    }
    const method = (init?.method ?? 'GET').toUpperCase();
    if (method === 'GET' || method === 'HEAD' || url.pathname.endsWith('/graphql')) {
      return this.#gate.run(() => this.#send(url, method, init));
    }
    if (AUTH_PATH.test(url.pathname)) return this.#send(url, method, init);
    return this.#writes.run(async () => {
      await this.#pace.take(init?.signal);
      return this.#send(url, method, init);
    });
  };

  async #send(url: URL, method: string, init: RequestInit | undefined): Promise<Response> {
    const what = `${method} ${url.pathname}`;
    const repeatable = method !== 'POST' || REPEATABLE_POST.test(url.pathname);
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= ATTEMPTS;
      if (attempt > 1) this.#counts.retried++;
      let wait: number;
      try {
        const answer = await this.#once(url, method, init);
        const limited = await this.#limitWait(answer);
        if (limited === null && answer.status < 500) return answer;
        if (limited !== null) {
          wait = limited ?? this.#backOff(attempt, 1000);
          if (last || wait > this.#longestWait()) throw this.#limitError(what, answer.status, wait);
        } else {
          if (last || !repeatable) throw errorOfStatus(answer.status, what, await wordsOf(answer));
          wait = this.#backOff(attempt, 250);
        }
      } catch (thrown) {
        if (init?.signal?.aborted) throw init.signal.reason;
        if (thrown instanceof GitHubError && thrown.code !== 'unreachable' && thrown.code !== 'timeout') {
          throw thrown;
        }
        const error = thrown instanceof GitHubError ? thrown : networkError(what, thrown);
        if (last || !repeatable) throw error;
        wait = this.#backOff(attempt, 250);
      }
      await this.#sleep(wait, init?.signal);
    }
  }

  async #once(url: URL, method: string, init: RequestInit | undefined): Promise<Response> {
    const headers = new Headers(init?.headers);
    const key = method === 'GET' ? cacheKey(url, headers) : null;
    const known = key === null ? undefined : this.#cache.get(key);
    if (known !== undefined && !headers.has('if-none-match')) headers.set('if-none-match', known.etag);
    this.#count(url, method);

    const timeout = AbortSignal.timeout(this.#options.timeout ?? 30_000);
    const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
    const send = this.#options.fetch ?? globalThis.fetch;
    const answer = await send(url, { ...init, method, headers, signal });
    const body = await this.#bodyOf(answer, `${method} ${url.pathname}`);

    if (answer.status === 304) {
      this.#counts.notModified++;
      if (known !== undefined) {
        return new Response(known.body, {
          status: known.status,
          headers: [...known.headers.map(([n, v]): [string, string] => [n, v]), ['x-from-cache', '1']],
        });
      }
    }
    const kept: [string, string][] = [...answer.headers].filter(
      ([name]) => name !== 'content-encoding' && name !== 'content-length',
    );
    const etag = answer.headers.get('etag');
    if (key !== null && etag !== null && answer.status === 200) {
      this.#cache.set(key, { etag, status: 200, headers: kept, body });
    }
    const bare = answer.status === 204 || answer.status === 205 || answer.status === 304;
    return new Response(bare ? null : body, { status: answer.status, headers: kept });
  }

  async #bodyOf(answer: Response, what: string): Promise<Uint8Array<ArrayBuffer>> {
    const limit = this.#options.maxBytes ?? 64 * MEBIBYTE;
    if (answer.body === null) return new Uint8Array();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of answer.body) {
      size += chunk.length;
      if (size > limit) {
        throw new GitHubError({
          code: 'too-large',
          message: `GitHub's response to ${what} is larger than ${limit} bytes`,
          status: answer.status,
        });
      }
      chunks.push(chunk);
    }
    const whole = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  /** Milliseconds to wait where `answer` is a rate limit (undefined: GitHub did not say), null where it is none. */
  async #limitWait(answer: Response): Promise<number | undefined | null> {
    if (answer.status !== 429 && answer.status !== 403) return null;
    const after = answer.headers.get('retry-after');
    const seconds = after === null || after.trim() === '' ? Number.NaN : Number(after);
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
    if (answer.headers.get('x-ratelimit-remaining') === '0') {
      const reset = Number(answer.headers.get('x-ratelimit-reset'));
      // One second more, as clocks differ.
      if (Number.isFinite(reset) && reset > 0) return Math.max(0, reset * 1000 - this.#now() + 1000);
    }
    if (answer.status === 429) return undefined;
    // "wait for at least one minute": rate-limits-for-the-rest-api, exceeding the rate limit.
    return /secondary rate limit|abuse detection/i.test(await wordsOf(answer.clone())) ? 60_000 : null;
  }

  #limitError(what: string, status: number, wait: number): GitHubError {
    const retryAt = new Date(this.#now() + wait);
    return new GitHubError({
      code: 'rate-limited',
      message: `GitHub's rate limit is reached (${status} to ${what}); it resets at ${retryAt.toISOString()}`,
      status,
      temporary: true,
      retryAt,
    });
  }

  #longestWait(): number {
    return this.#options.longestWait ?? 65_000;
  }

  #backOff(attempt: number, base: number): number {
    const random = this.#options.random ?? Math.random;
    return base * 2 ** (attempt - 1) * (0.5 + random());
  }

  #count(url: URL, method: string): void {
    if (url.pathname.endsWith('/graphql')) this.#counts.graphql++;
    else if (AUTH_PATH.test(url.pathname)) this.#counts.auth++;
    else if (method === 'GET' || method === 'HEAD') this.#counts.read++;
    else this.#counts.write++;
  }
}

/** A cache of answers for conditional requests, bounded in bytes. */
export function answerCache(bytes: number): ByteLimitedCache<CachedAnswer> {
  return new ByteLimitedCache(bytes, (answer) => answer.body.length + 1024);
}

function cacheKey(url: URL, headers: Headers): string {
  return `${url.href} ${headers.get('accept') ?? ''}`;
}

async function wordsOf(answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // Not JSON: a proxy's page. The status says enough.
  }
  return '';
}

function networkError(what: string, thrown: unknown): GitHubError {
  const name = thrown instanceof Error ? thrown.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') {
    return new GitHubError({
      code: 'timeout',
      message: `GitHub did not respond to ${what} in time`,
      temporary: true,
      cause: thrown,
    });
  }
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : '';
  const words = cause !== '' ? cause : messageOf(thrown);
  return new GitHubError({
    code: 'unreachable',
    message: `GitHub could not be reached for ${what}: ${words}`,
    temporary: true,
    cause: thrown,
  });
}
