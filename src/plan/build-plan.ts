import { type Failure, toFailure } from '../domain/errors.ts';
import { tagKey } from '../domain/image-reference.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import type { Format } from '../domain/site.ts';
import { compareText } from '../domain/text.ts';
import type { FileExtraction, SourceFile } from '../extract/format.ts';
import { type Agreed, type AnsweredDecision, agree, type Unit } from './agree.ts';
import { changeLedger } from './change-ledger.ts';
import { NOT_LOOKED_AT, type PinDecision, type UndecidedPin } from './decision.ts';
import { siteEdits } from './edits.ts';
import type { LedgerDocument } from './ledger/document.ts';
import { pinKey } from './pins.ts';
import { type Edit, type Plan, PlanError, type Rotation } from './plan.ts';
import { proveFile } from './prove-file.ts';
import type { IntendedMove } from './verify-edits.ts';

export type PlanInput = {
  /** One for each pin that was resolved, failed ones too. */
  readonly decisions: readonly PinDecision[];
  readonly kept: readonly UndecidedPin[];
  /** The decoded text of every file that holds a site, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** What extraction made of those files, before anything was linked. */
  readonly extractions: readonly FileExtraction[];
  /** Extraction itself, to prove the edits with. */
  readonly extract: (file: SourceFile, format: Format) => FileExtraction;
  /** The ledger as it stands; null where none is kept. */
  readonly ledger: LedgerDocument | null;
  readonly today: IsoDate;
};

/**
 * Turns decisions into a plan: rotations in the order of image, tag and digest, the edits that carry them out, and the
 * ledger's new text. Every file's edits are proved by extracting the edited text; where a proof or an edit fails, the
 * pins concerned are held, with the pins they move with, and the failure is told. Everything else goes on.
 * Pure. Throws nothing of its own.
 */
export function buildPlan(input: PlanInput): Plan {
  const failures: Failure[] = [];
  const answered: AnsweredDecision[] = [];
  for (const decision of input.decisions) {
    const { resolution } = decision;
    if (resolution.status === 'failed') failures.push(resolution.failure);
    else answered.push({ ...decision, resolution });
  }
  const drafted = agree(answered).map((unit) => draft(unit, input.today, failures));
  const proved = prove(drafted, input, failures);
  const rotations = proved.flatMap((unit) => unit.rotations).sort(byPin);
  const edits = uniqueEdits(proved.flatMap((unit) => unit.edits));
  const decided = rotations.map(({ rotation, agreed }) => ({ rotation, decision: agreed.decision }));
  const ledger =
    input.ledger === null ? null : changeLedger(input.ledger, decided, undecided(input), input.today);
  return { rotations: rotations.map((one) => one.rotation), edits, ledger, failures };
}

/** Pins without an answer, which get a row in any case, and those that are kept. */
function undecided({ decisions, kept }: PlanInput): readonly UndecidedPin[] {
  const failed = decisions.filter(({ resolution }) => resolution.status === 'failed');
  return [...failed.map(({ pin, before }) => ({ pin, before: before ?? NOT_LOOKED_AT })), ...kept];
}

type Drafted = { readonly rotation: Rotation; readonly agreed: Agreed };

type DraftedUnit = { readonly rotations: readonly Drafted[]; readonly edits: readonly Edit[] };

function draft(unit: Unit, today: IsoDate, failures: Failure[]): DraftedUnit {
  const rotations = unit.map((agreed) => ({ agreed, rotation: toRotation(agreed) }));
  try {
    const edits = rotations
      .filter(({ rotation }) => rotation.verdict === 'rotate')
      .flatMap(({ rotation }) =>
        rotation.sites.flatMap((site) => siteEdits(site, rotation.to, rotation.toTag, today)),
      );
    return { rotations, edits };
  } catch (error) {
    return hold({ rotations, edits: [] }, error, failures);
  }
}

function toRotation({ decision, to, verdict, reasons }: Agreed): Rotation {
  const { pin, resolution } = decision;
  return {
    image: pin.image,
    toTag: decision.toTag ?? pin.image.tag,
    from: pin.from,
    to,
    verdict,
    reasons,
    sites: pin.sites,
    resolution,
  };
}

/** Proves all files; a unit with a file that fails is held, and the files of the others are proved again without it. */
function prove(units: readonly DraftedUnit[], input: PlanInput, failures: Failure[]): readonly DraftedUnit[] {
  const extractions = Map.groupBy(input.extractions, (extraction) => extraction.file);
  const proved = new Set<string>();
  let standing = units;
  for (;;) {
    const moving = standing.filter((unit) => unit.edits.length > 0);
    const edits = Map.groupBy(uniqueEdits(moving.flatMap((unit) => unit.edits)), (edit) => edit.path);
    const intended = Map.groupBy(moving.flatMap(intendedMoves), (move) => move.site.file);
    const failing = new Map<string, unknown>();
    for (const [path, fileEdits] of edits) {
      if (proved.has(path)) continue;
      const known = extractions.get(path) ?? [];
      const error = proofFault(path, fileEdits, intended.get(path) ?? [], known, input);
      if (error === null) proved.add(path);
      else failing.set(path, error);
    }
    if (failing.size === 0) return standing;
    standing = standing.map((unit) => {
      const path = unit.edits.find((edit) => failing.has(edit.path))?.path;
      if (path === undefined) return unit;
      // Its other files were proved with edits that now do not happen.
      for (const edit of unit.edits) proved.delete(edit.path);
      return hold(unit, failing.get(path), failures);
    });
  }
}

function intendedMoves(unit: DraftedUnit): readonly IntendedMove[] {
  return unit.rotations
    .filter(({ rotation }) => rotation.verdict === 'rotate')
    .flatMap(({ rotation: { sites, to, toTag } }) => sites.map((site) => ({ site, to, toTag })));
}

function proofFault(
  path: string,
  edits: readonly Edit[],
  intended: readonly IntendedMove[],
  extractions: readonly FileExtraction[],
  input: PlanInput,
): unknown {
  try {
    const text = input.files.get(path);
    if (text === undefined) {
      throw new PlanError({ code: 'expected-differs', message: `${path}: its text is missing` });
    }
    proveFile({ path, text, edits, intended, extractions, extract: input.extract });
    return null;
  } catch (error) {
    return error ?? new Error('the proof failed');
  }
}

function hold(unit: DraftedUnit, error: unknown, failures: Failure[]): DraftedUnit {
  const rotations = unit.rotations.map((one): Drafted => {
    if (one.rotation.verdict !== 'rotate') return one;
    const failure = toFailure(tagKey(one.rotation.image), error);
    failures.push(failure);
    const reasons = [{ code: 'edit-refused' as const, message: failure.message }, ...one.rotation.reasons];
    return { ...one, rotation: { ...one.rotation, verdict: 'hold', reasons } };
  });
  return { rotations, edits: [] };
}

/** Edits by path and offset, equal ones once: two pins may share a comment's date. */
function uniqueEdits(edits: readonly Edit[]): readonly Edit[] {
  const byText = new Map(edits.map((edit) => [JSON.stringify(Object.values(edit)), edit]));
  return [...byText.values()].sort(
    (a, b) => compareText(a.path, b.path) || a.start - b.start || a.end - b.end,
  );
}

function byPin(a: Drafted, b: Drafted): number {
  return compareText(pinKey(a.rotation), pinKey(b.rotation));
}
