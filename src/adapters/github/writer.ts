import type { ForgeWriter } from '../../forge/writer.ts';
import type { ForgeContext } from './context.ts';
import { branchWriter } from './write-branches.ts';
import { checkWriter } from './write-checks.ts';
import { commitWriter } from './write-commits.ts';
import { issueWriter } from './write-issues.ts';
import { pullRequestWriter } from './write-pulls.ts';
import { reviewWriter } from './write-reviews.ts';

/** Writes to one repository through GitHub's API. See the port for what each method promises. */
export function createWriter(context: ForgeContext): ForgeWriter {
  return {
    ...commitWriter(context),
    ...branchWriter(context),
    ...pullRequestWriter(context),
    ...reviewWriter(context),
    ...issueWriter(context),
    ...checkWriter(context),
  };
}
