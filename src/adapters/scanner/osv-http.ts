import { setTimeout as sleep } from 'node:timers/promises';
import { ScannerError } from '../../assess/scanner.ts';
import type { HttpRequest } from './osv.ts';

export type OsvHttpOptions = {
  /** The fetch to use; the platform's own where absent. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds for one request, body included. */
  readonly timeoutMs?: number;
  /** The first wait before a retry, milliseconds; doubled each time, with jitter. */
  readonly backoffMs?: number;
};

const ATTEMPTS = 4;
const LONGEST_WAIT_MS = 30_000;

/**
 * A client for OSV.dev's API: a time limit, a size cap, no redirects, and bounded retries with jitter that obey
 * `retry-after`, for 429, 5xx and broken connections. Both kinds of request change nothing, so both may be sent again.
 */
export function osvHttp(options: OsvHttpOptions = {}): HttpRequest {
  const fetch = options.fetch ?? globalThis.fetch;
  const timeoutMs = options.timeoutMs ?? 60_000;
  const backoffMs = options.backoffMs ?? 500;
  return async ({ method, url, body, maxBytes, signal }) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= ATTEMPTS;
      let wait = backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
      try {
        const response = await fetch(url, {
          method,
          body,
          redirect: 'error',
          headers: {
            accept: 'application/json',
            ...(body === null ? {} : { 'content-type': 'application/json' }),
          },
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        const text = await readCapped(response, maxBytes);
        if (last || (response.status !== 429 && response.status < 500))
          return { status: response.status, text };
        wait = Math.max(wait, retryAfter(response.headers.get('retry-after')));
      } catch (error) {
        if (signal.aborted) {
          throw new ScannerError({
            code: 'aborted',
            message: 'the request to OSV.dev was cancelled',
            temporary: true,
          });
        }
        if (last || error instanceof ScannerError) throw error;
      }
      if (wait > LONGEST_WAIT_MS) {
        const message = `OSV.dev asks to wait ${Math.round(wait / 1000)} seconds`;
        throw new ScannerError({ code: 'unavailable', message, temporary: true });
      }
      await sleep(wait, undefined, { signal });
    }
  };
}

async function readCapped(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > maxBytes) {
      const message = `OSV.dev answered more than ${Math.round(maxBytes / 1024 / 1024)} MiB`;
      throw new ScannerError({ code: 'too-much-output', message });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Milliseconds of a `retry-after` in seconds or as a date; 0 where there is none. */
function retryAfter(header: string | null): number {
  if (header === null) return 0;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}
