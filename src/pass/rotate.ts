import type { FileChange } from '../discover/tree.ts';
import { canonicalName } from '../domain/image-reference.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import { planChanges } from '../plan/changes.ts';
import type { PinDecision, UndecidedPin } from '../plan/decision.ts';
import { type Pin, pinKey } from '../plan/pins.ts';
import type { Rotation } from '../plan/plan.ts';
import type { Pass, PinAnswer } from './pass.ts';
import { type DecidedPins, planSurvey } from './plan-survey.ts';

/** The files that a whole pass writes; none where nothing changes, and where the ledger could not be kept true. Pure. */
export function allChanges({ survey, plan }: Pick<Pass, 'survey' | 'plan'>): readonly FileChange[] {
  return survey.ledgerIsDamaged ? [] : planChanges(plan, survey.sources);
}

/** Which part of a pass is written. */
export type Part = {
  /** Rotations of the pass, perhaps with fewer sites. */
  readonly rotations: readonly Rotation[];
  /** The day to write into dates: the same day gives the same bytes. */
  readonly day: IsoDate;
  /** Several pull requests share the ledger, so each writes the rows of its own pins alone. */
  readonly byParts: boolean;
};

/** The files of some rotations alone, the ledger's included where it changes, proved by extraction as the whole was. Pure. */
export function changesOf(pass: Pass, part: Part): readonly FileChange[] {
  const { survey } = pass;
  if (survey.ledgerIsDamaged) return [];
  const { decisions, kept } = divide(pass.decisions, part);
  const plan = planSurvey(survey, { decisions, kept: [...pass.kept, ...kept] }, part.day);
  return planChanges(plan, survey.sources);
}

/**
 * The pass with the rotations that a person asked for by name (`names`) moved although time stands against them. A block
 * stays, and so does what the settings hold or ignore. Pure.
 */
export function released(pass: Pass, names: (rotation: Rotation) => boolean): Pass {
  const freed = new Set(pass.plan.rotations.filter((one) => mayBeReleased(one) && names(one)).map(pinKey));
  if (freed.size === 0) return pass;
  const isFreed = (pin: Pick<Pin, 'image' | 'from'>): boolean => freed.has(pinKey(pin));
  return {
    ...pass,
    decisions: pass.decisions.map((one) => (isFreed(one.pin) ? { ...one, verdict: 'rotate' } : one)),
    answers: pass.answers.map((one) => (isFreed(one.pin) ? { ...one, verdict: 'rotate' } : one)),
    plan: {
      ...pass.plan,
      rotations: pass.plan.rotations.map((one) => (isFreed(one) ? { ...one, verdict: 'rotate' } : one)),
    },
  };
}

/** What a person may not release by name: the settings decide, or the edit itself was refused. */
const FIRM: ReadonlySet<string> = new Set([
  'held-by-configuration',
  'ignored-by-configuration',
  'edit-refused',
]);

/** Whether only time holds a rotation back, with a digest to move to. */
export function mayBeReleased({ verdict, resolution, reasons }: Rotation): boolean {
  return verdict === 'hold' && resolution.status === 'moved' && !reasons.some(({ code }) => FIRM.has(code));
}

/** The answer behind a rotation; null where the pass has none. */
export function answerOf({ answers }: Pass, rotation: Pick<Rotation, 'image' | 'from'>): PinAnswer | null {
  const key = pinKey(rotation);
  return answers.find(({ pin }) => pinKey(pin) === key) ?? null;
}

/** Canonical names of images that could not be looked up: nothing is known of them, so nothing about them changes. */
export function unresolvedImages({ decisions }: Pass): ReadonlySet<string> {
  return new Set(
    decisions.flatMap(({ pin, resolution }) =>
      resolution.status === 'failed' ? [canonicalName(pin.image)] : [],
    ),
  );
}

function divide(decisions: readonly PinDecision[], { rotations, byParts }: Part): DecidedPins {
  const byKey = new Map(rotations.map((rotation) => [pinKey(rotation), rotation]));
  const moving: PinDecision[] = [];
  const kept: UndecidedPin[] = [];
  for (const decision of decisions) {
    const { pin } = decision;
    const rotation = byKey.get(pinKey(pin));
    if (rotation === undefined) {
      if (decision.verdict === 'rotate' || byParts) kept.push(leftOut(decision));
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
    if (rest !== null) kept.push(leftOut({ ...decision, pin: rest }));
  }
  return { decisions: moving, kept };
}

/** A decision that a part does not carry out: what is known of its pin stays known. Without an answer nothing is decided. */
function leftOut({ pin, before, verdict, resolution }: PinDecision): UndecidedPin {
  return {
    pin,
    ...(before === undefined ? {} : { before }),
    ...(resolution.status === 'failed' ? {} : { verdict }),
  };
}

function withSites(pin: Pin, sites: readonly Pin['sites'][number][]): Pin | null {
  const [first, ...others] = sites;
  return first === undefined ? null : { ...pin, sites: [first, ...others] };
}
