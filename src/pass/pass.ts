import type { ScanDiffFact } from '../assess/diff/scan-diff.ts';
import type { Finding } from '../assess/scan.ts';
import type { ImageTrust } from '../assess/signature.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Failure } from '../domain/errors.ts';
import type { LedgerEntry } from '../domain/ledger-entry.ts';
import type { PinDecision, UndecidedPin } from '../plan/decision.ts';
import type { Pin } from '../plan/pins.ts';
import type { Plan } from '../plan/plan.ts';
import type { AgeAssessment, PinClocks } from '../policy/age.ts';
import type { Baseline } from '../policy/baseline.ts';
import type { Judgement, PinFacts } from '../policy/judge.ts';
import type { ImageRules } from '../policy/rules.ts';
import type { Reason, Verdict } from '../policy/verdict.ts';
import type { Resolution } from '../resolve/resolution.ts';
import type { PassRequest } from './request.ts';
import type { Survey } from './survey.ts';

/** What was found out about one pin, and what policy makes of it by itself. */
export type JudgedPin = {
  readonly pin: Pin;
  readonly rules: ImageRules;
  /** The tag it follows: its own, unless a newer one is to be written. */
  readonly toTag: string;
  /** Against `toTag`; null where no digest was asked for of a reference that has none. */
  readonly resolution: Resolution | null;
  /** Of the digest in the files; null where it was not looked up, or there is none. */
  readonly clocks: PinClocks | null;
  readonly age: AgeAssessment | null;
  /** Null where no registry answered, or none was asked. */
  readonly judged: {
    readonly facts: PinFacts;
    /** Those of the tag it follows. */
    readonly rules: ImageRules;
    readonly judgement: Judgement;
  } | null;
  /** What the move does to the image; null where nothing moves, or without a scan. */
  readonly scan: ScanDiffFact | null;
  /** One line on a variant of the image with far fewer findings; null where there is none, or it was not looked up. */
  readonly suggestion: string | null;
  /** Of the digest in the files; null where it was not looked up. */
  readonly trust: ImageTrust | null;
  readonly findings: readonly Finding[] | null;
  /** Whether the change under judgement brings or moves it; true where there is no change. */
  readonly touched: boolean;
};

/** One pin and the answer that every view gives: what becomes of it, and why. */
export type PinAnswer = JudgedPin & {
  /** What a rotation does with it, the pins it moves with considered; null where no registry answered. */
  readonly verdict: Verdict | null;
  /** The deciding reason first; empty where no registry answered. */
  readonly reasons: readonly Reason[];
};

/**
 * All that one pass found out about a tree and decided of it. The views (`rotate`, `check`, `explain`, `ledger`) are pure
 * functions of it, so that one question has one answer.
 */
export type Pass = {
  readonly request: PassRequest;
  readonly config: RepositoryConfig;
  readonly survey: Survey;
  /** Of every pin that was asked for, in the order of image, tag and digest. */
  readonly answers: readonly PinAnswer[];
  /** What the plan was built from: to plan a part of it again. */
  readonly decisions: readonly PinDecision[];
  /** Pins that were not asked about. */
  readonly kept: readonly UndecidedPin[];
  readonly plan: Plan;
  /** The ledger's rows, those of hand-written tables too. */
  readonly rows: readonly LedgerEntry[];
  /** Accepted CRITICALs; null where there is no such file, or it was not needed. */
  readonly baseline: Baseline | null;
  /** What could not be looked at beside the plan's failures: the baseline file, scans that the baseline needs. */
  readonly gaps: readonly Failure[];
  /** Sentences for a person: tags that cannot move, and why. */
  readonly notes: readonly string[];
  /** Why the history does not say since when some pins are there: told where an age depends on it. */
  readonly historyNotes: readonly string[];
};

/** What failed beside the files themselves: images that could not be looked up, edits that were refused. Pure. */
export function imageFailures({ plan, survey }: Pick<Pass, 'plan' | 'survey'>): readonly Failure[] {
  const ofFiles = new Set(survey.failures);
  return plan.failures.filter((failure) => !ofFiles.has(failure));
}
