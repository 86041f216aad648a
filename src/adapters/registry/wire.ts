import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import Pool from 'undici/lib/dispatcher/pool.js';
import { RegistryError } from '../../resolve/registry.ts';
import { BoundedMap } from './bounded-map.ts';
import { checkUrl, type HostPolicy, refusal } from './endpoint.ts';
import { mapConnectionError } from './errors.ts';
import { proxyFor } from './proxy.ts';

/** One HTTP request to one address; redirects and retries are the transport's. */
export type WireRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The most bytes of a 2xx body; longer is an error. */
  readonly maxBytes: number;
};

export type WireResponse = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
};

export type WireOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly lookup: LookupFunction | null;
  readonly connectTimeoutMs: number;
  /** From sending until the answer's headers are there. */
  readonly headersTimeoutMs: number;
  /** Between two pieces of a body. */
  readonly idleTimeoutMs: number;
  /** For the whole exchange. */
  readonly totalTimeoutMs: number;
};

/** Of an answer that is no success only the beginning is kept: it is read for its error codes. */
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_POOLS = 64;

/**
 * Sends single HTTP requests over kept-alive connections, one pool per origin and policy, through the proxy of the
 * environment where there is one. The address a name resolves to is checked in the very look-up the connection uses,
 * so that no second answer of the DNS can differ from the one checked.
 */
export class Wire {
  readonly #options: WireOptions;
  readonly #pools = new BoundedMap<string, Promise<Dispatcher>>(MAX_POOLS, (pool) => {
    pool.then((dispatcher) => dispatcher.close()).catch(() => {});
  });

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** Throws a {@link RegistryError} of what went wrong below HTTP; any status is an answer. */
  async send(request: WireRequest, policy: HostPolicy, connections: number): Promise<WireResponse> {
    const { url } = request;
    const proxy = proxyFor(url, this.#options.env);
    checkUrl(url, policy, proxy !== null);
    try {
      const dispatcher = await this.#dispatcher(url, policy, proxy, connections);
      return await exchange(dispatcher, request, this.#options);
    } catch (error) {
      throw mapConnectionError(error, url, proxy !== null);
    }
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.allSettled(pools.map(async (pool) => (await pool).destroy()));
  }

  #dispatcher(url: URL, policy: HostPolicy, proxy: string | null, connections: number): Promise<Dispatcher> {
    const key = [url.origin, policy.name, policy.allowPrivate, policy.ca ?? '', proxy ?? ''].join('\n');
    return this.#pools.getOrAdd(key, () => {
      const opened = this.#open(url, policy, proxy, connections);
      opened.catch(() => this.#pools.delete(key));
      return opened;
    });
  }

  async #open(url: URL, policy: HostPolicy, proxy: string | null, connections: number): Promise<Dispatcher> {
    const tls = policy.ca === null || url.protocol !== 'https:' ? {} : { ca: await trusted(policy.ca) };
    const timeout = this.#options.connectTimeoutMs;
    // The exchange keeps the time itself; undici's own timers count in seconds.
    const common = { connections, pipelining: 1, allowH2: false, headersTimeout: 0, bodyTimeout: 0 };
    if (proxy === null) {
      const lookup = guardedLookup(url.host, policy, this.#options.lookup ?? systemLookup);
      return new Pool(url.origin, { ...common, connect: { ...tls, timeout, lookup } });
    }
    // The whole of undici: its index is what gives dispatchers the CONNECT method that tunnels need.
    const { ProxyAgent } = await import('undici');
    return new ProxyAgent({
      ...common,
      uri: proxy,
      proxyTunnel: false,
      requestTls: { ...tls, timeout },
      proxyTls: { timeout },
    });
  }
}

/** The system's certificates and the operator's: a private CA adds trust for a host, it takes none away. */
async function trusted(ca: string): Promise<string[]> {
  const { getCACertificates } = await import('node:tls');
  return [...getCACertificates('default'), ca];
}

function guardedLookup(host: string, policy: HostPolicy, lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null && error !== undefined) return callback(error, []);
      const addresses = found as unknown as readonly LookupAddress[];
      const allowed = addresses.filter(({ address }) => refusal(host, address, policy) === null);
      const [first] = allowed;
      if (first === undefined) {
        const refused = addresses
          .map(({ address }) => refusal(host, address, policy))
          .find((e) => e !== null);
        const nothing = Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' });
        return callback(refused ?? nothing, []);
      }
      if (options.all === true) return callback(null, allowed);
      callback(null, first.address, first.family);
    });
  };
}

class DeadlinePassed extends Error {
  readonly code = 'PINWHEEL_DEADLINE';
}

/**
 * One request and its whole answer, by undici's handler interface (no stream in between). Long because one exchange is one
 * state (size, deadlines, settled or not) that every callback of the handler reads and changes.
 */
function exchange(dispatcher: Dispatcher, request: WireRequest, limits: WireOptions): Promise<WireResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let status = 0;
    let headers: WireResponse['headers'] = {};
    let controller: Dispatcher.DispatchController | null = null;
    let settled = false;

    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(phase);
      clearTimeout(whole);
      finish();
    };
    const fail = (error: Error): void => {
      settle(() => reject(error));
      controller?.abort(error);
    };
    const late = (what: string, ms: number) => () =>
      fail(new DeadlinePassed(`${what} took more than ${ms / 1000} s`));
    const answerIn = limits.connectTimeoutMs + limits.headersTimeoutMs;
    let phase = setTimeout(late('the answer', answerIn), answerIn);
    const whole = setTimeout(late('the exchange', limits.totalTimeoutMs), limits.totalTimeoutMs);
    const idle = late('the next piece of the body', limits.idleTimeoutMs);

    dispatcher.dispatch(
      {
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: { ...request.headers },
        ...(request.body === undefined ? {} : { body: request.body }),
      },
      {
        onRequestStart(started) {
          controller = started;
          if (settled) return started.abort(new DeadlinePassed('cancelled before it was sent'));
          // Connected and sent: what is left is the answer's own time.
          clearTimeout(phase);
          phase = setTimeout(late('the answer', limits.headersTimeoutMs), limits.headersTimeoutMs);
        },
        onResponseStart(_controller, code, received) {
          if (code < 200 || settled) return;
          status = code;
          headers = received;
          clearTimeout(phase);
          phase = setTimeout(idle, limits.idleTimeoutMs);
          const announced = Number(received['content-length'] ?? 0);
          const over = isSuccess(code) && request.method !== 'HEAD' && announced > request.maxBytes;
          if (over) fail(tooLarge(request));
        },
        onResponseData(piece, chunk) {
          if (settled) return;
          phase.refresh();
          size += chunk.length;
          if (isSuccess(status) && size > request.maxBytes) return fail(tooLarge(request));
          chunks.push(chunk);
          if (isSuccess(status) || size <= MAX_ERROR_BYTES) return;
          settle(() => resolve({ status, headers, body: Buffer.concat(chunks) }));
          piece.abort(new Error('the rest of an error page'));
        },
        onResponseEnd() {
          settle(() => resolve({ status, headers, body: Buffer.concat(chunks) }));
        },
        onResponseError(_controller, error) {
          settle(() => reject(error));
        },
      },
    );
  });
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function tooLarge(request: WireRequest): RegistryError {
  return new RegistryError({
    code: 'too-large',
    message: `${request.url.host}: the response for ${request.url.pathname} is larger than ${request.maxBytes} bytes`,
  });
}
