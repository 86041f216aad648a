import type { Gates } from '../policy/rules.ts';

/** What a local check enforces where no configuration names a stage: the maximum age. The same for all that explains it. */
export const DEFAULT_GATES: Partial<Gates> = { age: 'enforce' };
