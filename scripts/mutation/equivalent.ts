/** A mutant that no test can tell from the code, found again by the line it is in. */
export type Equivalent = {
  readonly file: string;
  /** The whole line, without indentation; of a change over several lines the first one. */
  readonly line: string;
  /** The line, or what is left of it, with the mutant. */
  readonly becomes: string;
  readonly reason: string;
};

/** Few: where a mutant shows that code does nothing, the code goes instead. */
export const EQUIVALENT: readonly Equivalent[] = [];
