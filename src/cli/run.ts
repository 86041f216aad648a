import { openRuntime } from '../app/runtime.ts';
import { messageOf } from '../domain/errors.ts';
import { EVERYTHING } from '../queue/request.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { RUN } from './command-lines/run.ts';
import { assertRepository, requireCredentials } from './cron.ts';
import { openDeployment } from './deployment.ts';
import { type ExitCode, type Io, write } from './io.ts';

/** `pinwheel run`: one pass, now. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, RUN);
  if (parsed.positionals.length === 0) throw new UsageError('name a repository: pinwheel run OWNER/REPO');
  for (const name of parsed.positionals) assertRepository(name);
  const { environment, variables, log } = openDeployment(io, io.stderr);
  const credentials = requireCredentials(environment.credentials);
  const runtime = await openRuntime({ environment, credentials, variables, log, now: io.now, queue: null });
  let code: ExitCode = 0;
  try {
    for (const text of parsed.positionals) {
      if (io.signal.aborted) return 1;
      const [owner = '', name = ''] = text.split('/');
      try {
        // A queue may ask for a repository that is gone since; who names one here wants to know.
        const octokit = await runtime.github.repository(owner, name);
        await octokit.request('GET /repos/{owner}/{repo}', { owner, repo: name });
        await runtime.runPass(
          {
            repository: { owner, name },
            installationId: null,
            causes: ['manual'],
            priority: 'command',
            scope: EVERYTHING,
            visit: null,
            commands: [],
          },
          io.signal,
        );
        await write(io.stdout, `${text}: done\n`);
      } catch (error) {
        code = 1;
        log.error({ repository: text, err: error }, 'the pass failed');
        await write(io.stdout, `${text}: failed: ${messageOf(error)}\n`);
      }
    }
  } finally {
    await runtime.close();
  }
  return code;
}
