/** All branches of Pinwheel start with this. */
export const BRANCH_PREFIX = 'pinwheel/';

/** The branch of a pull request group: `pinwheel/all`, `pinwheel/python-3.11-2f6c1a90`. Group names are branch-safe. */
export function branchOf(group: string): string {
  return `${BRANCH_PREFIX}${group}`;
}

/** The group whose branch this is; null for any other branch. */
export function groupOfBranch(branch: string): string | null {
  return branch.startsWith(BRANCH_PREFIX) && branch.length > BRANCH_PREFIX.length
    ? branch.slice(BRANCH_PREFIX.length)
    : null;
}
