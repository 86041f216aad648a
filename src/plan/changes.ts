import type { FileChange } from '../discover/tree.ts';
import { applyEdits } from './edits.ts';
import { decodeText, encodeText } from './encoding.ts';
import { type Plan, PlanError } from './plan.ts';

/**
 * The files a plan changes, whole, in the bytes to write. The ledger comes first: if the writer is killed before the
 * other files, the next pass does the rest and the ledger is true again; the other way round it would not know when the
 * pins moved. `sources` holds what was read of every edited file. Throws PlanError.
 */
export function planChanges(plan: Plan, sources: ReadonlyMap<string, Uint8Array>): readonly FileChange[] {
  const changes: FileChange[] = [];
  if (plan.ledger?.changed === true) {
    const { path, before, after } = plan.ledger;
    changes.push({ path, bytes: encodeText(after), before: before === null ? null : encodeText(before) });
  }
  for (const [path, edits] of Map.groupBy(plan.edits, (edit) => edit.path)) {
    const before = sources.get(path);
    if (before === undefined) {
      throw new PlanError({ code: 'expected-differs', message: `${path}: its bytes are missing` });
    }
    changes.push({ path, bytes: encodeText(applyEdits(decodeText(path, before), edits)), before });
  }
  return changes;
}
