import type { OsvCache } from '../../src/adapters/scanner/osv.ts';
import type { ScanCache, ScannerReport } from '../../src/assess/scanner.ts';

/** A cache in memory with at most `limit` entries; the oldest goes first. For reports (`ScanCache`) and for OSV's texts. */
export class MemoryCache<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async get(key: string): Promise<Value | null> {
    return this.#entries.get(key) ?? null;
  }

  async set(key: string, value: Value): Promise<void> {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#limit && oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** Reports of the images of one pass. */
export function memoryScanCache(): ScanCache {
  return new MemoryCache<ScannerReport>(64);
}

/** OSV's vulnerability texts. */
export function memoryOsvCache(): OsvCache {
  return new MemoryCache<string>(10_000);
}
