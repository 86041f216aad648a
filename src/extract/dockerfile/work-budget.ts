/**
 * A bound on the work one file may cause: expanding variables is the one place where a small text can ask for much
 * (each ARG doubling the one before). Counts steps, so the bound is the same on every machine.
 */
export class WorkBudget {
  #left: number;
  #spent = 0;

  constructor(limit: number) {
    this.#left = limit;
  }

  /** Takes `steps` off; false once more was asked for than there is. */
  spend(steps: number): boolean {
    this.#left -= steps;
    this.#spent += steps;
    return this.#left >= 0;
  }

  get spent(): number {
    return this.#spent;
  }
}
