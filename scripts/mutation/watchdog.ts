import { Worker } from 'node:worker_threads';

/**
 * Ends this process when a mutant keeps it busy for longer than `limitMs`, which code outside of instrumented loops can
 * do (a regular expression, a library). The mutant is noted in the journal first; whoever started the process goes on with
 * the others.
 */
export class Watchdog {
  readonly #state = new BigInt64Array(new SharedArrayBuffer(16));

  constructor(journal: string, limitMs: number) {
    const worker = new Worker(WATCH, { eval: true, workerData: { state: this.#state, journal, limitMs } });
    worker.unref();
  }

  watch(id: number): void {
    Atomics.store(this.#state, 1, BigInt(Date.now()));
    Atomics.store(this.#state, 0, BigInt(id));
  }

  rest(): void {
    Atomics.store(this.#state, 0, 0n);
  }
}

const WATCH = `
const { appendFileSync } = require('node:fs');
const { workerData: { state, journal, limitMs } } = require('node:worker_threads');
setInterval(() => {
  const id = Number(Atomics.load(state, 0));
  if (id === 0 || Date.now() - Number(Atomics.load(state, 1)) < limitMs) return;
  appendFileSync(journal, JSON.stringify({ kind: 'endless', id, by: 'watchdog' }) + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 250);
`;
