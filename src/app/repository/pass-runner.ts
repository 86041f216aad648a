import { repositoryKey } from '../../domain/repository-name.ts';
import { CodeScanning } from '../../forge/code-scanning.ts';
import type { PassRunner } from '../../queue/request.ts';
import { OrganisationSettings } from './organisation-settings.ts';
import type { PassRunnerOptions } from './pass-options.ts';
import type { Known } from './quick-pass.ts';
import { runRepositoryPass } from './repository-pass.ts';

const KNOWN_LIMIT = 10_000;

/**
 * The passes of the queue: reads a repository, plans, publishes and answers the comments that asked. Holds caches only;
 * every decision is made from git and the forge. Idempotent: a request that runs twice ends in the same state.
 */
export function createPassRunner(given: PassRunnerOptions): PassRunner {
  const known = new Map<string, Known>();
  const scanning = new CodeScanning(given.log, given.clock);
  const organisations = new OrganisationSettings(given.clock);
  const options: PassRunnerOptions = {
    ...given,
    openForge: async (...of) => scanning.guard(await given.openForge(...of)),
  };
  return async (request, signal) => {
    const key = repositoryKey(request.repository);
    const forge = await options.openForge(request.repository, request.installationId);
    const before = known.get(key);
    known.delete(key);
    const context = {
      options,
      forge,
      request,
      signal,
      now: options.clock(),
      organisationFile: (of: typeof forge) => organisations.of(of),
    };
    const after = await runRepositoryPass(context, before ?? null);
    if (after !== null) known.set(key, after);
    for (const oldest of known.keys()) {
      if (known.size <= KNOWN_LIMIT) break;
      known.delete(oldest);
    }
  };
}
