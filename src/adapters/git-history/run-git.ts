import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Git could not tell: not installed, no repository, too slow. The message says what and what would help. */
export class GitUnavailable extends Error {}

export type GitOptions = {
  /** Exit codes besides 0 that are answers and no failures. */
  readonly allowedCodes?: readonly number[];
  readonly timeoutMs?: number;
};

/** Runs git and yields its lines; throws {@link GitUnavailable}. Stopping early ends the process. */
export interface GitRunner {
  lines(arguments_: readonly string[], options?: GitOptions): AsyncIterable<string>;
}

const TIMEOUT = 30_000;
const MAX_ERROR = 4096;
/** A longer line (minified files) holds no pin that is read elsewhere. */
const MAX_LINE = 1024 * 1024;

/** Git in one folder, without a shell, without hooks, pagers, prompts, external diffs or locks. */
export function gitIn(folder: string): GitRunner {
  return { lines: (arguments_, options = {}) => run(folder, arguments_, options) };
}

async function* run(
  folder: string,
  arguments_: readonly string[],
  options: GitOptions,
): AsyncIterable<string> {
  const child = spawn(
    'git',
    ['--no-pager', '-c', 'core.quotePath=false', '-c', 'core.fsmonitor=false', ...arguments_],
    {
      cwd: folder,
      shell: false,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        LC_ALL: 'C',
        GIT_OPTIONAL_LOCKS: '0',
        GIT_TERMINAL_PROMPT: '0',
        GIT_EXTERNAL_DIFF: '',
      },
      timeout: options.timeoutMs ?? TIMEOUT,
      killSignal: 'SIGKILL',
    },
  );
  let errors = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    if (errors.length < MAX_ERROR) errors += text;
  });
  const ended = new Promise<{ readonly code: number | null; readonly failed: Error | null }>((resolve) => {
    child.once('error', (failed) => resolve({ code: null, failed }));
    child.once('close', (code) => resolve({ code, failed: null }));
  });
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  let finished = false;
  try {
    for await (const line of lines) if (line.length <= MAX_LINE) yield line;
    finished = true;
  } finally {
    if (!finished) child.kill('SIGKILL');
    lines.close();
  }
  const { code, failed } = await ended;
  if (failed !== null) throw new GitUnavailable(`cannot run git: ${failed.message}`);
  if (code === 0 || (code !== null && options.allowedCodes?.includes(code) === true)) return;
  if (code === null) throw new GitUnavailable(`git ${arguments_[0] ?? ''} timed out and was stopped`);
  throw new GitUnavailable(`git ${arguments_[0] ?? ''}: ${firstLine(errors) || `exit code ${code}`}`);
}

function firstLine(text: string): string {
  return (
    text
      .split('\n', 1)[0]
      ?.replace(/^fatal: /, '')
      .slice(0, 300) ?? ''
  );
}
