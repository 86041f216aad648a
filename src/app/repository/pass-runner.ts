import { repositoryKey } from '../../domain/repository-name.ts';
import { CodeScanning } from '../../forge/code-scanning.ts';
import type { PassRunner } from '../queue/request.ts';
import { OrganisationSettings } from './organisation-settings.ts';
import type { PassRunnerOptions } from './pass-options.ts';
import { type Known, RepositoryPass } from './repository-pass.ts';

const KNOWN_LIMIT = 10_000;

/**
 * The passes of the queue: reads a repository, plans, publishes and answers the comments that asked. Holds caches only;
 * every decision is made from git and the forge. Idempotent: a request that runs twice ends in the same state.
 */
export function createPassRunner(options: PassRunnerOptions): PassRunner {
  const known = new Map<string, Known>();
  const scanning = new CodeScanning(options.log, options.clock);
  const guarded: PassRunnerOptions = {
    ...options,
    openForge: async (...of) => scanning.guard(await options.openForge(...of)),
  };
  const organisations = new OrganisationSettings(options.clock);

  return async (request, signal) => {
    const key = repositoryKey(request.repository);
    const forge = await guarded.openForge(request.repository, request.installationId);
    const before = known.get(key);
    known.delete(key);
    const pass = new RepositoryPass(guarded, forge, request, signal, (of) => organisations.of(of));
    const after = await pass.run(before ?? null);
    if (after !== null) known.set(key, after);
    for (const oldest of known.keys()) {
      if (known.size <= KNOWN_LIMIT) break;
      known.delete(oldest);
    }
  };
}
