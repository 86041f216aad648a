import { openQueue } from '../adapters/queue/open-queue.ts';
import { parseArguments } from './arguments.ts';
import { type Deployment, ended, openDeployment } from './deployment.ts';
import { type ExitCode, type Io, write } from './io.ts';

const HELP = `Usage: pinwheel serve

Runs the GitHub App: takes webhooks, rotates, answers /rotate comments, and visits every repository of its installations by
schedule. Configured by the environment (docs/configuration.md) and by .env in the working folder:

  APP_ID, PRIVATE_KEY or PRIVATE_KEY_PATH, WEBHOOK_SECRET     the App; without APP_ID a set-up page starts (docs/operations.md)
  HOST (0.0.0.0), PORT (3000; 0: a free one)                 where to listen; /healthz, /readyz
  DATABASE_URL or PINWHEEL_DATA                              the queue: Postgres, or a folder (default)
  GITHUB_API_URL or GHE_HOST                                 GitHub Enterprise Server

It refuses to start without a webhook secret. SIGTERM and SIGINT drain: what is under way may finish (PINWHEEL_DRAIN seconds).

Exit codes: 0 stopped as asked, 1 it could not start.
`;

/** `pinwheel serve`: the GitHub App. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, {}, 0);
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
  const deployment = openDeployment(io);
  const { environment } = deployment;
  if (environment.credentials === null && !environment.isProduction) {
    const { runSetup } = await import('./setup.ts');
    return runSetup(deployment, io);
  }
  return serve(deployment, io);
}

async function serve({ environment, variables, log }: Deployment, io: Io): Promise<ExitCode> {
  const { assertServable, startServer } = await import('../app/server.ts');
  const credentials = assertServable(environment);
  const [{ openRuntime, isCandidatePath }, { repositoryList }] = await Promise.all([
    import('../app/runtime.ts'),
    import('../adapters/github/repository-list.ts'),
  ]);
  const queue = await openQueue(environment, log);
  try {
    const runtime = await openRuntime({ environment, credentials, variables, log, now: io.now, queue });
    const server = await startServer({
      environment,
      queue,
      runPass: runtime.runPass,
      source: repositoryList(runtime.github, credentials.kind === 'app', environment),
      isCandidate: isCandidatePath(),
      log,
      now: io.now,
    });
    await ended(io.signal);
    await server.stop();
    await runtime.close();
    return 0;
  } finally {
    await queue.close();
  }
}
