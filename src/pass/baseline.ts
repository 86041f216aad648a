import type { RepositoryConfig } from '../config/repository.ts';
import { readIfThere, type Tree } from '../discover/tree.ts';
import { type Failure, messageOf } from '../domain/errors.ts';
import { type Baseline, parseBaseline } from '../policy/baseline.ts';

export type BaselineFile = {
  /** Null where there is no file, or it cannot be used. */
  readonly value: Baseline | null;
  readonly failures: readonly Failure[];
};

export const NO_BASELINE: BaselineFile = { value: null, failures: [] };

/** Reads the file of accepted CRITICALs. One that cannot be used is a failure; then none is accepted. Never throws. */
export async function readBaseline(tree: Tree, { policy }: RepositoryConfig): Promise<BaselineFile> {
  const path = policy.baseline;
  const failed = (code: string, message: string): BaselineFile => ({
    value: null,
    failures: [{ subject: path, code, message, temporary: false }],
  });
  try {
    const bytes = await readIfThere(tree, path);
    if (bytes === null) return NO_BASELINE;
    const parsed = parseBaseline(new TextDecoder().decode(bytes));
    if (parsed.ok) return { value: parsed.value, failures: [] };
    return failed('invalid-baseline', `${path} cannot be used: ${parsed.fault}`);
  } catch (error) {
    return failed('unreadable', messageOf(error));
  }
}
