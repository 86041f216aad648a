import type { RepositoryConfig } from '../config/repository.ts';
import type { FileChange, Tree } from '../discover/tree.ts';
import type { Failure } from '../domain/errors.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { groupPins } from '../plan/pins.ts';
import type { LedgerChange } from '../plan/plan.ts';
import { planSurvey } from './plan-survey.ts';
import { allChanges } from './rotate.ts';
import { surveyTree } from './survey.ts';

export type LedgerView = {
  /** Null where none is kept, and where it is damaged. */
  readonly ledger: LedgerChange | null;
  readonly changes: readonly FileChange[];
  readonly failures: readonly Failure[];
};

/** The ledger against the files alone: every pin keeps what the ledger knows of it. Asks no registry, writes nothing. */
export async function ledgerOf(tree: Tree, config: RepositoryConfig, now: Date): Promise<LedgerView> {
  const survey = await surveyTree(tree, config);
  const plan = planSurvey(survey, { decisions: [], kept: groupPins(survey.sites) }, isoDate(now));
  return {
    ledger: plan.ledger,
    changes: allChanges({ survey, plan }),
    failures: [...survey.failures, ...plan.failures],
  };
}
