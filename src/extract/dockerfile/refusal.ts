/** The length an expanded value may have: twice what any image reference has. */
export const MAX_VALUE = 8192;

/**
 * Thrown inside the expansion of one word, and caught there. No Error: it needs no stack, which is most of what an Error
 * costs, and a hostile file can ask for a hundred thousand.
 */
export class Refusal {
  /** `variable`: a value cannot be known. `syntax`: BuildKit refuses the word. */
  readonly kind: 'variable' | 'syntax';
  readonly message: string;

  constructor(kind: 'variable' | 'syntax', message: string) {
    this.kind = kind;
    this.message = message;
  }
}

/** Gives up a value that grows past the cap, or past the work one file may cause. */
export function refuseTooLong(): never {
  throw new Refusal('variable', `it expands to more than ${MAX_VALUE} characters, or takes too much work`);
}
