import { createHash } from 'node:crypto';
import { pinKey } from '../plan/pins.ts';
import type { Plan } from '../plan/plan.ts';

/** The plans of several base branches as one, for reports. */
export function joined(plans: readonly Plan[]): Plan {
  return {
    rotations: plans.flatMap((plan) => plan.rotations),
    edits: plans.flatMap((plan) => plan.edits),
    ledger: plans[0]?.ledger ?? null,
    failures: plans.flatMap((plan) => plan.failures),
  };
}

/** Equal where the same was decided of the same pins. */
export function planKey(plans: readonly Plan[]): string {
  const parts = plans.map((plan) => [
    plan.rotations.map((one) => [pinKey(one), one.toTag, one.to, one.verdict]),
    plan.failures.map((failure) => [failure.subject, failure.code]),
  ]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
