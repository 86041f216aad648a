import { describe, expect, it } from 'vitest';
import type { Pass } from '../../src/pass/pass.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { joined, planKey } from '../../src/pull-requests/plan-parts.ts';
import { digestOf, passOver } from '../support/fake-pass.ts';

const [OLD, NEW, NEWER] = [digestOf('a'), digestOf('b'), digestOf('c')];
const FILES = new Map([['Dockerfile', `FROM python:3.11@${OLD}\nFROM nginx:1@${OLD}\n`]]);
const of = async (to = NEW, unresolved: readonly string[] = []): Promise<Pass> =>
  passOver(FILES, [{ image: 'python:3.11', to }], undefined, unresolved);

describe('the plans of several base branches', () => {
  it('are one for reports: everything of all, the ledger of the first', async () => {
    const [one, two] = [(await of()).plan, (await of(NEWER, ['docker.io/library/nginx'])).plan];
    const all = joined([one, two]);
    expect(all.rotations).toEqual([...one.rotations, ...two.rotations]);
    expect(all.edits).toEqual([...one.edits, ...two.edits]);
    expect(all.failures).toEqual([...one.failures, ...two.failures]);
    expect(all.failures).toHaveLength(1);
    expect(all.ledger).toBe(one.ledger);
    expect(all.ledger).not.toBeNull();
    expect(joined([]).ledger).toBeNull();
  });

  it.each<[string, (plan: Plan) => Plan | Promise<Plan>, boolean]>([
    ['the same again', async () => (await of()).plan, true],
    [
      'the reasons in other words',
      (plan) => ({ ...plan, rotations: plan.rotations.map((one) => ({ ...one, reasons: [] })) }),
      true,
    ],
    ['another digest', async () => (await of(NEWER)).plan, false],
    [
      'another verdict',
      (plan) => ({ ...plan, rotations: plan.rotations.map((one) => ({ ...one, verdict: 'hold' })) }),
      false,
    ],
    [
      'another tag',
      (plan) => ({ ...plan, rotations: plan.rotations.map((one) => ({ ...one, toTag: '9' })) }),
      false,
    ],
    [
      'another pin',
      (plan) => ({ ...plan, rotations: plan.rotations.map((one) => ({ ...one, from: NEWER })) }),
      false,
    ],
    [
      'a failure',
      (plan) => ({ ...plan, failures: [{ subject: 's', code: 'c', message: 'm', temporary: false }] }),
      false,
    ],
  ])('have the same key where the same was decided of the same pins: %s', async (_, change, same) => {
    const { plan } = await of();
    expect(planKey([await change(plan)]) === planKey([plan])).toBe(same);
  });

  it('tell failures apart by subject and code, not by words', () => {
    const failing = (subject: string, code: string, message: string): string =>
      planKey([
        { rotations: [], edits: [], ledger: null, failures: [{ subject, code, message, temporary: true }] },
      ]);
    expect(failing('s', 'c', 'm')).toBe(failing('s', 'c', 'n'));
    expect(failing('s', 'c', 'm')).not.toBe(failing('t', 'c', 'm'));
    expect(failing('s', 'c', 'm')).not.toBe(failing('s', 'd', 'm'));
  });
});
