import { type CheckPorts, type CheckResult, checkPass } from './check-pass.ts';
import type { RepositoryConfig } from './config/repository.ts';
import type { PolicySettings } from './config/schema/policy.ts';
import type { Tree } from './discover/tree.ts';
import { groupPins, pinKey } from './plan/pins.ts';
import type { Commit, Forge, PullRequest } from './publish/forge.ts';
import { mergedTree } from './publish/merged-tree.ts';
import { putPinCheck } from './publish/pin-check.ts';
import { surveyTree } from './survey.ts';

/** What a commit's pins are judged with. `ports` composes registry, history and signatures for one tree. */
export type JudgeOptions = {
  readonly ports: (trees: JudgedTrees, config: RepositoryConfig, forge: Forge) => Promise<CheckPorts>;
  readonly now: () => Date;
};

export type JudgedTrees = {
  readonly tree: Tree;
  /** The base branch: public keys are read there, or a pull request could bring the key that its pins are signed with. */
  readonly trusted: Tree;
};

/** The settings that count: the base branch's, never those a pull request brings along. */
export type JudgeSettings = {
  readonly config: RepositoryConfig;
  readonly organisation: PolicySettings | null;
};

/**
 * Judges the pins a pull request would leave behind, and writes the check on its head. Pins that the base has as well
 * only warn, unless the policy is strict. A pull request whose base is gone is left alone.
 */
export async function judgePullRequest(
  options: JudgeOptions,
  forge: Forge,
  pull: PullRequest,
  settings: JudgeSettings,
): Promise<void> {
  const [base, head, changed] = await Promise.all([
    forge.commit(`heads/${pull.base.branch}`),
    forge.commit(pull.head.sha),
    forge.filesChangedBy(pull.number),
  ]);
  if (base === null || head === null) return;
  const baseTree = forge.treeAt(base);
  const known = new Set(groupPins((await surveyTree(baseTree, settings.config)).sites).map(pinKey));
  const tree = mergedTree(
    baseTree,
    forge.treeAt(head),
    changed.map((file) => file.path),
  );
  const trees = { tree, trusted: baseTree };
  const result = await judgeTrees(options, forge, trees, settings, (key) => !known.has(key));
  await putPinCheck(forge, pull.head.sha, result);
}

/** Judges the pins of a branch's head and writes the check on it. */
export async function judgeHead(
  options: JudgeOptions,
  forge: Forge,
  commit: Commit,
  settings: JudgeSettings,
): Promise<CheckResult> {
  const tree = forge.treeAt(commit);
  const result = await judgeTrees(options, forge, { tree, trusted: tree }, settings, null);
  await putPinCheck(forge, commit.sha, result);
  return result;
}

async function judgeTrees(
  options: JudgeOptions,
  forge: Forge,
  trees: JudgedTrees,
  { config, organisation }: JudgeSettings,
  isTouched: ((key: string) => boolean) | null,
): Promise<CheckResult> {
  return checkPass(await options.ports(trees, config, forge), config, {
    asOf: options.now(),
    ledger: false,
    organisation,
    ...(isTouched === null ? {} : { touched: (pin) => isTouched(pinKey(pin)) }),
  });
}
