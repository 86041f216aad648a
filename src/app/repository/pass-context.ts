import { repositoryKey } from '../../domain/repository-name.ts';
import type { Forge } from '../../forge/forge.ts';
import type { Commit } from '../../forge/types.ts';
import type { Pass } from '../../pass/pass.ts';
import type { SettingsText } from '../../pull-requests/settings-file.ts';
import type { RotationRequest } from '../../queue/request.ts';
import type { PassRunnerOptions, PassSettings } from './pass-options.ts';

/** What every step of one pass over one repository works with. */
export type PassContext = {
  readonly options: PassRunnerOptions;
  readonly forge: Forge;
  readonly request: RotationRequest;
  readonly signal: AbortSignal;
  /** When the pass began: one moment for all that it says. */
  readonly now: Date;
  /** The settings file of the repository's organisation; null where there is none. */
  readonly organisationFile: (forge: Forge) => Promise<SettingsText | null>;
};

/** Plans one commit. Throws where the pass is being stopped, and what planning throws. */
export function planCommit(
  { options, forge, request, signal, now }: PassContext,
  commit: Commit,
  { config, organisation }: PassSettings,
): Promise<Pass> {
  signal.throwIfAborted();
  return options.plan(forge.treeAt(commit), {
    config,
    organisation,
    now,
    repository: request.repository,
    commit: commit.sha,
    signal,
  });
}

/** Fields for the log: the repository, and these. */
export function about({ request }: PassContext, fields: object): object {
  return { repository: repositoryKey(request.repository), ...fields };
}

/** Logs why nothing is done; what a later pass may rely on is nothing. */
export function skip(context: PassContext, reason: string): null {
  context.options.log.info(about(context, { reason }), 'nothing done');
  return null;
}
