import type { ReadyScanner } from '../../assess/scan-side.ts';

const KEPT_MS = 60_000;

/**
 * Scanners made ready a moment ago, for the life of a server: passes that follow each other shortly (a pull request and
 * the comment on it) share one, so that its version is asked and its database looked at once. Only what is ready is
 * kept: a scanner that could not work is tried again by the next pass.
 */
export class ReadyScanners {
  readonly #kept = new Map<string, { readonly until: number; readonly ready: Promise<ReadyScanner> }>();

  /** The scanner kept under `key`, or a new one. Equal keys must mean equal settings. Throws what `prepare` throws. */
  get(key: string, now: Date, prepare: () => Promise<ReadyScanner>): Promise<ReadyScanner> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && now.getTime() < kept.until) return kept.ready;
    const ready = prepare();
    const entry = { until: now.getTime() + KEPT_MS, ready };
    this.#kept.set(key, entry);
    const forget = (): void => {
      if (this.#kept.get(key) === entry) this.#kept.delete(key);
    };
    ready.then((scanner) => {
      if (scanner.status !== 'ready') forget();
    }, forget);
    return ready;
  }
}
