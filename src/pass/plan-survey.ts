import type { IsoDate } from '../domain/ledger-entry.ts';
import { buildPlan } from '../plan/build-plan.ts';
import type { PinDecision, UndecidedPin } from '../plan/decision.ts';
import type { Plan } from '../plan/plan.ts';
import type { Survey } from './survey.ts';

/** What is to become of the pins of a survey. */
export type DecidedPins = {
  readonly decisions: readonly PinDecision[];
  readonly kept: readonly UndecidedPin[];
};

/** The plan for a survey, its edits proved against the survey's own files; `day` is written into dates. Pure. */
export function planSurvey(survey: Survey, { decisions, kept }: DecidedPins, day: IsoDate): Plan {
  return buildPlan({
    decisions,
    kept,
    files: survey.texts,
    extractions: survey.extractions,
    extract: survey.extract,
    ledger: survey.ledger,
    today: day,
  });
}
