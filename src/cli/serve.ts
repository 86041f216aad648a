import { openQueue } from '../adapters/queue/open-queue.ts';
import { parseArguments } from './arguments.ts';
import { SERVE } from './command-lines/serve.ts';
import { type Deployment, ended, openDeployment } from './deployment.ts';
import type { ExitCode, Io } from './io.ts';

/** `pinwheel serve`: the GitHub App. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  parseArguments(argv, SERVE);
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
