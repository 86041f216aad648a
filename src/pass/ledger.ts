import type { RepositoryConfig } from '../config/repository.ts';
import type { FileChange, Tree } from '../discover/tree.ts';
import type { Failure } from '../domain/errors.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { type DigestFacts, NOT_LOOKED_AT } from '../plan/decision.ts';
import { groupPins, type Pin } from '../plan/pins.ts';
import type { LedgerChange } from '../plan/plan.ts';
import type { ImageRules } from '../policy/rules.ts';
import { ageOf, commentDate } from './clocks.ts';
import { rulesOf } from './lead.ts';
import { planSurvey } from './plan-survey.ts';
import { passRequest } from './request.ts';
import { allChanges } from './rotate.ts';
import { surveyTree } from './survey.ts';

export type LedgerView = {
  /** Null where none is kept, and where it is damaged. */
  readonly ledger: LedgerChange | null;
  readonly changes: readonly FileChange[];
  readonly failures: readonly Failure[];
};

/**
 * The ledger against the files alone: every pin keeps what the ledger knows of it, and one without a row gets what the files
 * tell. Asks no registry, writes nothing.
 */
export async function ledgerOf(tree: Tree, config: RepositoryConfig, now: Date): Promise<LedgerView> {
  const survey = await surveyTree(tree, config);
  const request = passRequest(now);
  const kept = groupPins(survey.sites).map((pin) => ({
    pin,
    before: factsInFiles(pin, rulesOf(pin.image, config, request), now),
  }));
  const plan = planSurvey(survey, { decisions: [], kept }, isoDate(now));
  return {
    ledger: plan.ledger,
    changes: allChanges({ survey, plan }),
    failures: [...survey.failures, ...plan.failures],
  };
}

/** What a comment beside a pin tells, and the age that a check would count from it if no registry answered. */
function factsInFiles(pin: Pin, { age }: ImageRules, now: Date): DigestFacts {
  const pinnedOn = commentDate(pin);
  if (pinnedOn === null) return NOT_LOOKED_AT;
  const clocks = { published: null, firstSeen: pinnedOn, pinnedOn };
  return { ...clocks, status: ageOf(clocks, null, age, now)?.status ?? null };
}
