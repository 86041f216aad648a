import type { PolicySettings } from '../config/schema/policy.ts';
import type { Tree } from '../discover/tree.ts';
import type { ImagePattern } from '../domain/image-glob.ts';
import type { Gates } from '../policy/rules.ts';

/** What one pass is asked for, over what the configuration says. */
export type PassRequest = {
  /** The moment the question is asked for. */
  readonly asOf: Date;
  /**
   * What is looked up. `moves`: what a rotation needs; a pin that does not move costs its tag's HEAD and nothing more.
   * `pins`: how every pin stands as well: its age, and, where the policy asks for them, its signatures and findings.
   */
  readonly look: 'moves' | 'pins';
  /**
   * When ledger rows that are missing are looked up, for their dates: `always`, or only `with-moves`, in a pass that
   * rotates something and so writes the ledger anyway.
   */
  readonly ledger: 'always' | 'with-moves';
  /** Also pin references without a digest; null: as configured. */
  readonly pin: boolean | null;
  /** Only these images; empty: all. */
  readonly only: readonly ImagePattern[];
  /** The organisation's own policy, whose enforced settings a repository cannot weaken. */
  readonly organisation: PolicySettings | null;
  /** Gates that are closed where no configuration names a stage. */
  readonly gates: Partial<Gates>;
  /**
   * What the change under judgement is laid on; null: there is no change, and every pin counts as touched. Of a pin that a
   * change brings, the ledger's word on when it was published is not taken: the change may have written it.
   */
  readonly base: Tree | null;
  /** Tags looked up so far, for a progress line. */
  readonly onProgress: (done: number, total: number) => void;
};

/** A whole pass over what is configured, as of a moment. */
export function passRequest(asOf: Date, more: Partial<Omit<PassRequest, 'asOf'>> = {}): PassRequest {
  return {
    asOf,
    look: 'moves',
    ledger: 'with-moves',
    pin: null,
    only: [],
    organisation: null,
    gates: {},
    base: null,
    onProgress: () => {},
    ...more,
  };
}
