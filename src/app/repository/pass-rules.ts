import type { CommandSession } from '../../comments/session.ts';
import type { RepositoryConfig } from '../../config/repository.ts';
import { matchesBranch } from '../../domain/path-glob.ts';
import type { ForgeReader } from '../../forge/reader.ts';
import type { Commit, PullRequest, RepositoryFacts } from '../../forge/types.ts';
import { groupOfBranch } from '../../plan/body/branch.ts';
import type { LoadedSettings } from '../../pull-requests/settings-file.ts';
import type { RotationRequest } from '../../queue/request.ts';
import type { PassRunnerOptions } from './pass-options.ts';

export type Ready = LoadedSettings & { readonly status: 'ready' };

/** A branch that pull requests go to, and its head. */
export type Base = { readonly branch: string; readonly commit: Commit };

/** Whether there is more to do than to answer: comments of people without write access start nothing. */
export function wantsPass(
  request: RotationRequest,
  sessions: readonly CommandSession[],
  pulls: readonly PullRequest[],
): boolean {
  const { scope, visit, commands } = request;
  const scoped = scope.everything || scope.dashboard || scope.files.length > 0;
  if (scoped || visit !== null || pulls.some(isOnOwnBranch)) return true;
  if (commands.length + scope.pullRequests.length + scope.mergeGroups.length === 0) return true;
  return sessions.some(({ effects }) => effects.length > 0);
}

/**
 * Why nothing is done in a repository although it can be read; null where something is. The rules: the settings switch
 * Pinwheel off; it is a fork whose own file does not ask for it.
 */
export function idleBecause(loaded: Ready, facts: RepositoryFacts): string | null {
  if (!loaded.config.enabled) return 'the settings turn Pinwheel off';
  if (facts.fork && !loaded.ownFileTakesForks) {
    return 'the repository is a fork; set `forks: true` in its own settings to enable Pinwheel';
  }
  return null;
}

/** Whether only the schedule asks, and the repository's own schedule makes nothing due. */
export function isIdleVisit(
  request: RotationRequest,
  config: RepositoryConfig,
  isDue: PassRunnerOptions['isDue'],
): boolean {
  const { visit, causes, commands, scope } = request;
  const onlyVisit =
    visit !== null && commands.length === 0 && !scope.dashboard && causes.every((cause) => cause === 'cron');
  return onlyVisit && !isDue(config, visit, request.repository);
}

/** The default branch, or the branches that the settings name. The forge is asked for all of its branches only where a pattern has wildcards. */
export async function basesOf(
  forge: ForgeReader,
  config: RepositoryConfig,
  home: Base,
): Promise<readonly Base[]> {
  if (config.branches.length === 0) return [home];
  const patterns = config.branches.filter(({ branch }) => branch === null);
  const all = patterns.length === 0 ? [] : await forge.branches();
  const names = new Set([
    ...config.branches.flatMap(({ branch }) => branch ?? []),
    ...all.filter((name) => patterns.some((pattern) => matchesBranch(pattern, name))),
  ]);
  const bases: Base[] = [];
  for (const branch of names) {
    const commit = branch === home.branch ? home.commit : await forge.commit(`heads/${branch}`);
    if (commit !== null) bases.push({ branch, commit });
  }
  return bases;
}

/** By its branch: the author is asked where it matters. */
export function isOnOwnBranch(pull: PullRequest): boolean {
  return !pull.fromFork && groupOfBranch(pull.head.branch) !== null;
}

/** The pull requests that something happened to. */
export async function pullsInScope(
  forge: ForgeReader,
  { scope }: RotationRequest,
): Promise<readonly PullRequest[]> {
  const pulls: PullRequest[] = [];
  for (const number of scope.pullRequests) {
    const pull = await forge.pullRequest(number);
    if (pull !== null) pulls.push(pull);
  }
  return pulls;
}
