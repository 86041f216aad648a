/**
 * The work one file may cause: four times what the largest file holds if it is all scripts. A limit of steps, not of time,
 * so that it is the same on every machine.
 */
const FILE_WORK = 4_000_000;

/** What looking at one value of a list or map costs. */
const VALUE_COST = 20;
/** How often the values of one list or map are handed out for nothing. No reader walks a document more often than this. */
const FREE_READS = 8;

/**
 * A bound on the work one file may cause. Reading a file is linear in its size; what is not is what a small text asks to
 * have done again: aliases that repeat a large list, variables that double, a matrix whose every value is asked for
 * everywhere. The readers count that, so that whoever writes a format need not: nodes hand out their values for nothing a
 * few times and then charge for them, scripts and embedded texts charge their length, and the interpolator what it adds.
 * What can no longer be paid for comes out empty.
 */
export class WorkBudget {
  #left: number;
  #spent = 0;

  constructor(limit: number = FILE_WORK) {
    this.#left = limit;
  }

  /** Takes `steps` off; false once more was asked for than there is. */
  spend(steps: number): boolean {
    this.#left -= steps;
    this.#spent += steps;
    return this.#left >= 0;
  }

  /** Takes off what it costs to hand out `values` values of one node for the `time`-th time; false as {@link spend}. */
  spendOnRead(time: number, values: number): boolean {
    return time <= FREE_READS || this.spend(VALUE_COST * values);
  }

  get spent(): number {
    return this.#spent;
  }

  /** Whether something was left out because it could not be paid for. */
  get isOverdrawn(): boolean {
    return this.#left < 0;
  }
}
