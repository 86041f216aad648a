import { randomUUID } from 'node:crypto';
import { repositoryList } from '../adapters/github/repository-list.ts';
import { openQueue } from '../adapters/queue/open-queue.ts';
import type { RotationQueue } from '../app/queue/queue.ts';
import { type RepositorySource, reconcile, rememberingVisits } from '../app/queue/reconcile.ts';
import type { PassRunner } from '../app/queue/request.ts';
import { runWorker } from '../app/queue/worker.ts';
import { openRuntime } from '../app/runtime.ts';
import { startPasses } from '../app/server.ts';
import { type Credentials, EnvironmentError } from '../config/environment.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { type Deployment, ended, openDeployment } from './deployment.ts';
import { type ExitCode, type Io, write } from './io.ts';

const HELP = `Usage: pinwheel cron [OWNER/REPO…] [--organisation NAME…] [--topic NAME…] [--once]

Rotates by the clock alone: no webhooks, no open port. With App credentials (APP_ID, PRIVATE_KEY) or GITHUB_TOKEN. Which
repositories: those named, those of organisations or users, those with a topic; without any, every one that the
credentials reach. Each repository's own "schedule" says when it is due; PINWHEEL_CRON (hourly), PINWHEEL_TIMEZONE and
PINWHEEL_JITTER say how often that is looked at. Several replicas share the work where DATABASE_URL names a Postgres.

  --organisation NAME…   all repositories of organisations or users (PINWHEEL_ORGANISATIONS)
  --topic NAME…          only repositories with one of these topics (PINWHEEL_TOPICS)
  --once                 one visit of all, then end: for a timer of your own
                         (exit code 1 where a pass failed; it is made up for by the next run)

Examples:
  pinwheel cron acme/shop acme/api
  pinwheel cron --organisation acme --topic pinwheel
  PINWHEEL_CRON='*/30 6-18 * * 1-5' PINWHEEL_TIMEZONE=Europe/Berlin pinwheel cron

Exit codes: 0 stopped as asked, or done; 1 a failure.
`;

/** `pinwheel cron`: the self-hosted schedule without webhooks. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(
    argv,
    {
      organisation: { type: 'string', multiple: true },
      topic: { type: 'string', multiple: true },
      once: { type: 'boolean' },
    },
    1000,
  );
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
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
    log.info({ cron: environment.cron, timezone: environment.timezone }, 'the schedule runs');
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
  await reconcile({ queue, source, log, now: io.now, holder: randomUUID(), signal: io.signal }, io.now());
  await runWorker({
    queue,
    runPass: rememberingVisits(queue, runPass),
    concurrency: environment.concurrency,
    drainMs: environment.drainMs,
    log,
    signal: io.signal,
    untilEmpty: true,
  });
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
  throw new UsageError(`${JSON.stringify(name.slice(0, 100))} is not a repository: want OWNER/REPO`);
}
