/** Waits; rejects with the signal's reason when it is aborted. */
export type Sleep = (milliseconds: number, signal?: AbortSignal | null) => Promise<void>;

/** Waits on the real clock. */
export const sleep: Sleep = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });

/**
 * A leaky bucket for content-creating requests: a burst at once, then an even flow.
 * GitHub allows 80 a minute and 500 an hour (secondary limits); the defaults stay under the first and the caller
 * obeys `retry-after` for the second.
 */
export class Bucket {
  readonly #burst: number;
  readonly #perMillisecond: number;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  #level = 0;
  #at: number;

  constructor(init: {
    readonly burst: number;
    readonly perMinute: number;
    readonly now: () => number;
    readonly sleep: Sleep;
  }) {
    this.#burst = init.burst;
    this.#perMillisecond = init.perMinute / 60_000;
    this.#now = init.now;
    this.#sleep = init.sleep;
    this.#at = init.now();
  }

  /** Takes one place, waiting where the bucket is full. */
  async take(signal?: AbortSignal | null): Promise<void> {
    const now = this.#now();
    this.#level = Math.max(0, this.#level - (now - this.#at) * this.#perMillisecond) + 1;
    this.#at = now;
    const over = this.#level - this.#burst;
    if (over > 0) await this.#sleep(Math.ceil(over / this.#perMillisecond), signal);
  }
}
