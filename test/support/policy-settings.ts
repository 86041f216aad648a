import type * as v from 'valibot';
import type { policySchema } from '../../src/config/schema/policy.ts';

/** The key `policy` as people write it. */
export type PolicySettingsInput = v.InferInput<typeof policySchema>;
