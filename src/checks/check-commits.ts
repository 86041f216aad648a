import type { RepositoryConfig } from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import type { Tree } from '../discover/tree.ts';
import type { Forge } from '../forge/forge.ts';
import { mergedTree } from '../forge/merged-tree.ts';
import type { Commit, PullRequest } from '../forge/types.ts';
import { type CheckResult, checkView, findLiveTags } from '../pass/check.ts';
import { gather } from '../pass/gather.ts';
import type { PassPorts } from '../pass/ports.ts';
import { passRequest } from '../pass/request.ts';
import { putPinCheck } from './pin-check.ts';

/** What a commit's pins are checked with. `ports` composes registry, history and signatures for one tree. */
export type PinCheckOptions = {
  readonly ports: (trees: CheckedTrees, config: RepositoryConfig, forge: Forge) => Promise<PassPorts>;
  readonly now: () => Date;
};

export type CheckedTrees = {
  readonly tree: Tree;
  /**
   * The base branch: public keys and ignore files are read there, or a pull request could bring the key that its pins are
   * signed with.
   */
  readonly trusted: Tree;
  /** The base branch's name: its history says since when a digest is pinned. */
  readonly branch: string;
};

/** The settings that count: the base branch's, never those a pull request brings along. */
export type PinCheckSettings = {
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
  /** Write the check though it says the same: someone asked for a re-run. */
  readonly again?: boolean;
};

/**
 * Checks the pins a pull request would leave behind, and writes the check on its head. Pins that it does not bring to
 * any new place only warn, unless the policy is strict. Nothing is checked for an identity that may not write checks. A
 * pull request whose base is gone is left alone. False where an outage left something open. Throws what the forge throws.
 */
export async function checkPullRequest(
  options: PinCheckOptions,
  forge: Forge,
  pull: PullRequest,
  settings: PinCheckSettings,
): Promise<boolean> {
  if (!(await forge.identity()).writesChecks) return true;
  const [base, head, changed] = await Promise.all([
    forge.commit(`heads/${pull.base.branch}`),
    forge.commit(pull.head.sha),
    forge.pathsChangedBy(pull.number),
  ]);
  if (base === null || head === null) return true;
  const trusted = forge.treeAt(base);
  const tree = mergedTree(trusted, forge.treeAt(head), changed);
  return checkChange(options, forge, pull.head.sha, { tree, trusted, branch: pull.base.branch }, settings);
}

/**
 * Checks what a merge queue is about to merge, and writes the check on its commit, as {@link checkPullRequest} does. A branch
 * that is gone, or is no merge queue's, is left alone.
 */
export async function checkMergeGroup(
  options: PinCheckOptions,
  forge: Forge,
  branch: string,
  settings: PinCheckSettings,
): Promise<boolean> {
  const name = forge.mergeQueueBase(branch);
  if (name === null || !(await forge.identity()).writesChecks) return true;
  const [base, head] = await Promise.all([forge.commit(`heads/${name}`), forge.commit(`heads/${branch}`)]);
  if (base === null || head === null) return true;
  const trees = { tree: forge.treeAt(head), trusted: forge.treeAt(base), branch: name };
  return checkChange(options, forge, head.sha, trees, settings);
}

/** Checks one tree as the change of another, and writes the check on a commit. */
async function checkChange(
  options: PinCheckOptions,
  forge: Forge,
  sha: string,
  trees: CheckedTrees,
  settings: PinCheckSettings,
): Promise<boolean> {
  const result = await checkTrees(options, forge, trees, settings, trees.trusted);
  await putPinCheck(forge, sha, result, settings.again);
  return isSettled(result);
}

/**
 * Checks the pins of a branch's head and writes the check on it. Nothing is checked for an identity that may not write
 * checks. False where an outage left something open. Throws what the forge throws.
 */
export async function checkHead(
  options: PinCheckOptions,
  forge: Forge,
  base: { readonly branch: string; readonly commit: Commit },
  settings: PinCheckSettings,
): Promise<boolean> {
  if (!(await forge.identity()).writesChecks) return true;
  const tree = forge.treeAt(base.commit);
  const trees = { tree, trusted: tree, branch: base.branch };
  const result = await checkTrees(options, forge, trees, settings, null);
  await putPinCheck(forge, base.commit.sha, result, settings.again);
  return isSettled(result);
}

/** `base`: what the tree is a change of; null where it is checked as it stands. */
async function checkTrees(
  options: PinCheckOptions,
  forge: Forge,
  trees: CheckedTrees,
  { config, organisation }: PinCheckSettings,
  base: Tree | null,
): Promise<CheckResult> {
  const ports = await options.ports(trees, config, forge);
  const request = passRequest(options.now(), { look: 'pins', organisation, base });
  const pass = await gather(ports, config, request);
  return checkView(pass, { ledger: false, alive: await findLiveTags(pass, ports.registry) });
}

/** Whether the day's check is done: no registry was out of reach. Scans take minutes; tomorrow is soon enough. */
function isSettled({ failures }: CheckResult): boolean {
  return !failures.some(({ temporary, code }) => temporary && code !== 'scan-unavailable');
}
