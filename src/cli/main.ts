import { version } from '../version.ts';
import { parseCommand } from './commands.ts';
import { type ExitCode, type Io, write } from './io.ts';

/** Runs the command line of this process and sets its exit code. */
export async function runMain(): Promise<void> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // A reader that leaves early (`| head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`error: the output cannot be written (${error.code ?? error.message})\n`);
    process.exit(1);
  });
  if (process.channel !== undefined) {
    process.channel?.unref();
    process.on('disconnect', () => process.exit(1));
  }
  const io: Io = {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    color: wantsColor(process.env, process.stdout.isTTY === true),
    progress: process.stderr.isTTY === true,
    columns: process.stdout.columns ?? 100,
    now: () => new Date(),
    signal: controller.signal,
  };
  process.exitCode = await runCommandLine(process.argv.slice(2), io);
}

/** Runs one command line; everything thrown becomes a message on stderr and exit code 1. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const parsed = parseCommand(argv, version);
    if ('print' in parsed) {
      await write(io.stdout, parsed.print);
      return 0;
    }
    const command = await parsed.command.load();
    return await command.run(parsed.argv, io);
  } catch (error) {
    const { describeThrown } = await import('./describe-error.ts');
    await write(io.stderr, describeThrown(error, io));
    return 1;
  }
}

function wantsColor(env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0';
  return isTty && env['TERM'] !== 'dumb';
}
