import type { RepositoryName } from '../domain/repository-name.ts';
import type { CommandRequest } from '../domain/rotate-command.ts';
import type { Visit } from '../schedule/due.ts';

/** Who asked for a pass. */
export type Cause = 'webhook' | 'cron' | 'command' | 'manual';

/** What goes first. `command`: a person waits. */
export type Priority = 'command' | 'event' | 'background';

/** What a pass is to look at. The parts add up; `everything` is a whole pass over the base branches. */
export type Scope = {
  readonly everything: boolean;
  /** Files that changed, relative paths. */
  readonly files: readonly string[];
  /** Pull requests to look at: to judge them, or because ours were edited, closed or merged. */
  readonly pullRequests: readonly number[];
  /** Branches of a merge queue to judge. */
  readonly mergeGroups: readonly string[];
  /** The dashboard issue was edited: read its checkboxes. */
  readonly dashboard: boolean;
};

/** One pass asked for. Plain JSON; the same whoever asked. Several for one repository merge into one. */
export type RotationRequest = {
  readonly repository: RepositoryName;
  /** The App's installation; null where a token is used. */
  readonly installationId: number | null;
  readonly causes: readonly Cause[];
  readonly priority: Priority;
  readonly scope: Scope;
  readonly visit: Visit | null;
  readonly commands: readonly CommandRequest[];
};

/** Does one pass. Throws to be called again later; resolves when all that was asked for is done or answered. */
export type PassRunner = (request: RotationRequest, signal: AbortSignal) => Promise<void>;

export const NOTHING: Scope = {
  everything: false,
  files: [],
  pullRequests: [],
  mergeGroups: [],
  dashboard: false,
};
export const EVERYTHING: Scope = { ...NOTHING, everything: true };

const ORDER: readonly Priority[] = ['background', 'event', 'command'];

/** Higher goes first: 0 for `background` to 2 for `command`. */
export function priorityRank(priority: Priority): number {
  return ORDER.indexOf(priority);
}

/**
 * One request that asks for all that both ask for: scopes and commands united (a comment once, the first to come stays),
 * the higher priority, the wider visit. Nothing asked for is ever lost. `later` is the newer one: its installation and spelling win.
 */
export function mergeRequests(earlier: RotationRequest, later: RotationRequest): RotationRequest {
  const known = new Set(earlier.commands.map((command) => command.commentId));
  return {
    repository: later.repository,
    installationId: later.installationId ?? earlier.installationId,
    causes: union(earlier.causes, later.causes),
    priority:
      priorityRank(later.priority) > priorityRank(earlier.priority) ? later.priority : earlier.priority,
    scope: mergeScopes(earlier.scope, later.scope),
    visit: mergeVisits(earlier.visit, later.visit),
    commands: [...earlier.commands, ...later.commands.filter((command) => !known.has(command.commentId))],
  };
}

function mergeScopes(a: Scope, b: Scope): Scope {
  return {
    everything: a.everything || b.everything,
    files: union(a.files, b.files),
    pullRequests: union(a.pullRequests, b.pullRequests),
    mergeGroups: union(a.mergeGroups, b.mergeGroups),
    dashboard: a.dashboard || b.dashboard,
  };
}

function mergeVisits(a: Visit | null, b: Visit | null): Visit | null {
  if (a === null || b === null) return a ?? b;
  const since = a.since === null || b.since === null ? null : a.since < b.since ? a.since : b.since;
  return { since, until: a.until > b.until ? a.until : b.until };
}

function union<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  return [...new Set([...a, ...b])];
}
