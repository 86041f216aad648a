import type { Log } from '../domain/log.ts';
import { type RepositoryName, repositoryKey } from '../domain/repository-name.ts';
import type { RepositorySource } from '../forge/repository-source.ts';
import type { RotationQueue } from '../queue/queue.ts';
import { NOTHING, type PassRunner } from '../queue/request.ts';

export type ReconcileOptions = {
  readonly queue: RotationQueue;
  readonly source: RepositorySource;
  readonly log: Log;
  readonly now: () => Date;
  /** Names this process among replicas. */
  readonly holder: string;
  readonly signal: AbortSignal;
};

const LEASE = 'reconcile';
const LEASE_MS = 300_000;
const RENEW_EVERY = 50;
const TICK_MARK = 'reconcile';

/**
 * Asks for a visit of every repository: what the tick of `scheduledFor` stands for. One replica does it, once; where it
 * dies midway, the next tick (or a replica that comes later) does it again, and requests that wait merge. Returns the
 * number of visits asked for, or null where another replica has this tick. Throws what queue and source throw.
 */
export async function reconcile(options: ReconcileOptions, scheduledFor: Date): Promise<number | null> {
  const { queue, holder } = options;
  if (!(await queue.lease(LEASE, holder, LEASE_MS))) {
    options.log.info({ scheduledFor: scheduledFor.toISOString() }, 'another replica is queueing the visits');
    return null;
  }
  try {
    const done = await queue.mark(TICK_MARK);
    if (done !== null && done >= scheduledFor.toISOString()) return null;
    const asked = await visitAll(options);
    if (!options.signal.aborted) await queue.setMark(TICK_MARK, scheduledFor.toISOString());
    return asked;
  } finally {
    // Ended, not removed: whoever comes next may take it.
    await queue.lease(LEASE, holder, 0);
  }
}

async function visitAll({ queue, source, log, now, holder, signal }: ReconcileOptions): Promise<number> {
  let asked = 0;
  for await (const repository of source.repositories()) {
    if (signal.aborted) break;
    if (repository.archived || repository.disabled) continue;
    const name = { owner: repository.owner, name: repository.name };
    await queue.enqueue({
      repository: name,
      installationId: repository.installationId,
      causes: ['cron'],
      priority: 'background',
      scope: NOTHING,
      visit: { since: await queue.mark(visitMark(name)), until: now().toISOString() },
      commands: [],
    });
    asked++;
    if (asked % RENEW_EVERY === 0) await queue.lease(LEASE, holder, LEASE_MS);
  }
  log.info({ repositories: asked }, 'visits queued');
  return asked;
}

/**
 * A pass runner that remembers when the schedule's visit of a repository is done, so that the next visit's window begins
 * there. A visit that fails is made up for by the next.
 */
export function rememberingVisits(queue: RotationQueue, runPass: PassRunner): PassRunner {
  return async (request, signal) => {
    await runPass(request, signal);
    if (request.visit !== null) await queue.setMark(visitMark(request.repository), request.visit.until);
  };
}

function visitMark(repository: RepositoryName): string {
  return `visit:${repositoryKey(repository)}`;
}
