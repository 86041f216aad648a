import { EVERYTHING } from '../app/queue/request.ts';
import { openRuntime } from '../app/runtime.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { assertRepository, requireCredentials } from './cron.ts';
import { openDeployment } from './deployment.ts';
import { type ExitCode, type Io, write } from './io.ts';

const HELP = `Usage: pinwheel run OWNER/REPO…

One pass over each repository on GitHub, now, whatever its schedule says: rotation pull requests, the ledger, the dashboard.
With App credentials (APP_ID, PRIVATE_KEY) or GITHUB_TOKEN; no queue, no webhooks. The log goes to stderr.

Examples:
  GITHUB_TOKEN=… pinwheel run acme/shop
  GITHUB_API_URL=https://git.example.com/api/v3 pinwheel run acme/shop acme/api

Exit codes: 0 done, 1 a pass failed or a repository cannot be read (the others are still done).
`;

/** `pinwheel run`: one pass, now. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, {}, 1000);
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
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
        await write(
          io.stdout,
          `${text}: failed: ${error instanceof Error ? error.message : String(error)}\n`,
        );
      }
    }
  } finally {
    await runtime.close();
  }
  return code;
}
