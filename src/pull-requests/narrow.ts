import { canonicalName } from '../domain/image-reference.ts';
import type { JudgedPin } from '../pass/judge-pin.ts';
import type { Survey } from '../pass/survey.ts';
import type { RotationReport } from '../plan/body/report.ts';
import { buildPlan } from '../plan/build-plan.ts';
import { planChanges } from '../plan/changes.ts';
import type { PinDecision } from '../plan/decision.ts';
import { type Pin, pinKey } from '../plan/pins.ts';
import type { Plan, Rotation } from '../plan/plan.ts';
import type { PlannedPass } from './planned-pass.ts';

/** The part of `pipeline.ts`'s `Pass` that a plan can be made again from. */
export type Replannable = {
  readonly survey: Survey;
  readonly plan: Plan;
  readonly decisions: readonly PinDecision[];
  readonly kept: readonly Pin[];
  readonly judged: ReadonlyMap<Pin, JudgedPin>;
};

/**
 * A pass in the form that publishing needs: any part of its rotations as files, proved by extraction as the whole was.
 * Rotations that a person asked for by name (`release`) are moved although time stands against them; a block stays.
 * `byParts`: several pull requests share the ledger, so each writes the rows of its own pins alone. Pure.
 */
export function toPlannedPass(
  pass: Replannable,
  options: {
    readonly reportOf: (rotation: Rotation) => RotationReport;
    readonly release: (rotation: Rotation) => boolean;
    readonly byParts: boolean;
  },
): PlannedPass {
  const freed = new Set(
    pass.plan.rotations.filter((one) => mayBeReleased(one) && options.release(one)).map(pinKey),
  );
  const decisions = pass.decisions.map(
    (decision): PinDecision =>
      freed.has(pinKey(decision.pin)) ? { ...decision, verdict: 'rotate' } : decision,
  );
  const rotations = pass.plan.rotations.map(
    (one): Rotation => (freed.has(pinKey(one)) ? { ...one, verdict: 'rotate' } : one),
  );
  const { survey } = pass;
  return {
    plan: { ...pass.plan, rotations },
    reportOf: options.reportOf,
    unresolved: new Set(
      decisions.flatMap(({ pin, resolution }) =>
        resolution.status === 'failed' ? [canonicalName(pin.image)] : [],
      ),
    ),
    changesFor: (chosen, day) => {
      if (survey.ledgerIsDamaged) return [];
      const parts = divide(decisions, chosen, options.byParts);
      const plan = buildPlan({
        decisions: parts.decisions,
        kept: [...pass.kept, ...parts.kept],
        files: survey.texts,
        extractions: survey.extractions,
        extract: survey.extract,
        ledger: survey.ledger,
        today: day,
      });
      return planChanges(plan, survey.sources);
    },
  };
}

/** Held by time, with a digest to move to. What the settings hold or ignore is for the settings to release. */
export function mayBeReleased(rotation: Rotation): boolean {
  if (rotation.verdict !== 'hold' || rotation.resolution.status !== 'moved') return false;
  return rotation.reasons.every(
    ({ code }) => code !== 'held-by-configuration' && code !== 'ignored-by-configuration',
  );
}

function divide(
  decisions: readonly PinDecision[],
  chosen: readonly Rotation[],
  byParts: boolean,
): { readonly decisions: readonly PinDecision[]; readonly kept: readonly Pin[] } {
  const byKey = new Map(chosen.map((rotation) => [pinKey(rotation), rotation]));
  const moving: PinDecision[] = [];
  const kept: Pin[] = [];
  for (const decision of decisions) {
    const { pin } = decision;
    const rotation = byKey.get(pinKey(pin));
    if (rotation === undefined) {
      if (decision.verdict === 'rotate' || byParts) kept.push(pin);
      else moving.push(decision);
      continue;
    }
    const taken = new Set(rotation.sites.map((site) => `${site.file} ${site.start}`));
    const isTaken = (site: Pin['sites'][number]): boolean => taken.has(`${site.file} ${site.start}`);
    const sites = withSites(pin, pin.sites.filter(isTaken));
    const rest = withSites(
      pin,
      pin.sites.filter((site) => !isTaken(site)),
    );
    if (sites !== null) moving.push({ ...decision, pin: sites });
    if (rest !== null) kept.push(rest);
  }
  return { decisions: moving, kept };
}

function withSites(pin: Pin, sites: readonly Pin['sites'][number][]): Pin | null {
  const [first, ...others] = sites;
  return first === undefined ? null : { ...pin, sites: [first, ...others] };
}
