import type { Entry } from './journal.ts';
import type { Outcome } from './report.ts';

/** What the journal has told so far, and the line that says so. */
export class Progress {
  readonly #passed = new Set<number>();
  readonly #killed = new Set<number>();
  readonly #endless = new Set<number>();
  readonly #startedAt = Date.now();
  #slow = 0;
  #done = 0;
  #shownAt = 0;
  readonly #mutants: number;
  readonly #tests: number;

  constructor(mutants: number, tests: number) {
    this.#mutants = mutants;
    this.#tests = tests;
  }

  take(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'hit') for (const id of entry.ids) this.#passed.add(id);
      if (entry.kind === 'killed') this.#killed.add(entry.id);
      if (entry.kind === 'endless') this.#endless.add(entry.id);
      if (entry.kind === 'slow') this.#slow += 1;
      if (entry.kind === 'done') this.#done += 1;
    }
    const everyMs = process.stderr.isTTY ? 500 : 15_000;
    if (Date.now() - this.#shownAt >= everyMs) this.#show(process.stderr.isTTY ? '\r' : '\n');
  }

  end(): void {
    this.#show('\n');
    if (this.#slow > 0) console.error(`${this.#slow} tests are slower than --slow and were left out`);
  }

  #show(end: string): void {
    this.#shownAt = Date.now();
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000);
    const caught = this.#killed.size + this.#endless.size;
    const tests = `${this.#done} of ${this.#tests} test files`;
    process.stderr.write(`${seconds} s: ${tests}, ${caught} of ${this.#mutants} mutants caught${end}`);
  }

  outcomeOf(id: number): Outcome {
    if (this.#killed.has(id)) return 'killed';
    if (this.#endless.has(id)) return 'endless';
    return this.#passed.has(id) ? 'survived' : 'uncovered';
  }
}
