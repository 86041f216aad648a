import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * What test processes tell of mutants, one JSON value a line. `hit`: a test ran the code of these mutants. `killed` and
 * `endless`: it is decided. `red`: a test fails without any mutant. `done`: a test file has tried all that it can.
 */
export type Entry =
  | { readonly kind: 'hit'; readonly ids: readonly number[] }
  | { readonly kind: 'killed'; readonly id: number; readonly by: string }
  | { readonly kind: 'endless'; readonly id: number; readonly by: string }
  | { readonly kind: 'red'; readonly test: string; readonly message: string }
  | { readonly kind: 'slow'; readonly test: string; readonly ms: number }
  | { readonly kind: 'done'; readonly file: string };

/** A file that several processes append to and follow, so that none tries a mutant that another one has killed. */
export class Journal {
  readonly path: string;
  readonly decided = new Set<number>();
  readonly #descriptor: number;
  #read = 0;
  #rest = '';

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'a+');
  }

  append(entry: Entry): void {
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  /** What was appended, by any process, since the last call. */
  follow(): readonly Entry[] {
    const { size } = fstatSync(this.#descriptor);
    if (size === this.#read) return [];
    const buffer = Buffer.alloc(size - this.#read);
    this.#read += readSync(this.#descriptor, buffer, 0, buffer.length, this.#read);
    const lines = (this.#rest + buffer.toString('utf8')).split('\n');
    this.#rest = lines.pop() ?? '';
    const entries = lines.map((line): Entry => JSON.parse(line));
    for (const entry of entries) {
      if (entry.kind === 'killed' || entry.kind === 'endless') this.decided.add(entry.id);
    }
    return entries;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
