import type { ForgeWriter } from '../../forge/writer.ts';
import type { ForgeContext } from './reader.ts';
import { branchWriter } from './write-branches.ts';
import { checkWriter } from './write-checks.ts';
import { issueWriter } from './write-issues.ts';
import { pullRequestWriter } from './write-pulls.ts';

/** Writes to one repository through GitHub's API. See the port for what each method promises. */
export function createWriter(context: ForgeContext): ForgeWriter {
  return {
    ...branchWriter(context),
    ...pullRequestWriter(context),
    ...issueWriter(context),
    ...checkWriter(context),
  };
}
