import { randomUUID } from 'node:crypto';
import { repositoryList } from '../adapters/github/repository-list.ts';
import { openQueue } from '../adapters/queue/open-queue.ts';
import { reconcile, rememberingVisits } from '../app/reconcile.ts';
import { openRuntime } from '../app/runtime.ts';
import { startPasses } from '../app/server.ts';
import { runWorker } from '../app/worker.ts';
import { type Credentials, EnvironmentError } from '../config/environment.ts';
import type { RepositorySource } from '../forge/repository-source.ts';
import type { RotationQueue } from '../queue/queue.ts';
import type { PassRunner } from '../queue/request.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { CRON } from './command-lines/cron.ts';
import { type Deployment, ended, openDeployment } from './deployment.ts';
import type { ExitCode, Io } from './io.ts';

/** `pinwheel cron`: the self-hosted schedule without webhooks. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, CRON);
  for (const name of parsed.positionals) assertRepository(name);
  const deployment = openDeployment(io);
  const { environment, variables, log } = deployment;
  const credentials = requireCredentials(environment.credentials);
  const queue = await openQueue(environment, log);
  try {
    const runtime = await openRuntime({ environment, credentials, variables, log, now: io.now, queue });
    const source = repositoryList(runtime.github, credentials.kind === 'app', {
      repositories: [...environment.repositories, ...parsed.positionals],
      organisations: [...environment.organisations, ...parsed.values('organisation')],
      topics: [...environment.topics, ...parsed.values('topic')],
    });
    if (parsed.flag('once')) return await runOnce(deployment, io, queue, source, runtime.runPass);
    const passes = startPasses({ environment, queue, runPass: runtime.runPass, source, log, now: io.now });
    log.info({ cron: environment.cron, timezone: environment.timezone }, 'schedule started');
    await ended(io.signal);
    await passes.stop();
    await runtime.close();
    return 0;
  } finally {
    await queue.close();
  }
}

async function runOnce(
  { environment, log }: Deployment,
  io: Io,
  queue: RotationQueue,
  source: RepositorySource,
  runPass: PassRunner,
): Promise<ExitCode> {
  const deadBefore = (await queue.counts()).dead;
  // What could be listed is done, whatever could not.
  const [listed] = await Promise.allSettled([
    reconcile({ queue, source, log, now: io.now, holder: randomUUID(), signal: io.signal }, io.now()),
  ]);
  await runWorker({
    queue,
    runPass: rememberingVisits(queue, runPass),
    concurrency: environment.concurrency,
    drainMs: environment.drainMs,
    log,
    signal: io.signal,
    untilEmpty: true,
  });
  if (listed.status === 'rejected') throw listed.reason;
  const { waiting, dead } = await queue.counts();
  return waiting > 0 || dead > deadBefore ? 1 : 0;
}

/** The credentials; throws {@link EnvironmentError} where there are none. */
export function requireCredentials(credentials: Credentials | null): Credentials {
  if (credentials !== null) return credentials;
  throw new EnvironmentError(['no GitHub credentials: set GITHUB_TOKEN, or APP_ID and PRIVATE_KEY']);
}

/** Throws {@link UsageError} where the word is no `OWNER/REPO`. */
export function assertRepository(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/.test(name)) return;
  throw new UsageError(`${JSON.stringify(name.slice(0, 100))} is not a repository; expected OWNER/REPO`);
}
