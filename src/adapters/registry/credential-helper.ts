import { RegistryError } from '../../resolve/registry.ts';
import { withoutControlCharacters } from './errors.ts';

export type HelperAnswer = { readonly username: string; readonly secret: string };

export type HelperOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
};

const MAX_OUTPUT_BYTES = 64 * 1024;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Asks `docker-credential-<name> get` for the credentials of a server (docker/docker-credential-helpers): its address
 * on stdin, `{"Username","Secret"}` on stdout. Runs without a shell, found by `PATH`. Null where the helper knows
 * none. Throws a {@link RegistryError} `credentials` where it fails, is silent too long or answers something else;
 * what it printed is not repeated, since it may be a secret, except for its one-line reason on failure.
 */
export async function askHelper(
  name: string,
  server: string,
  options: HelperOptions,
): Promise<HelperAnswer | null> {
  const program = `docker-credential-${name}`;
  const fail = (message: string, temporary = false, cause?: unknown): RegistryError =>
    new RegistryError({ code: 'credentials', message: `${program}: ${message}`, temporary, cause });
  if (!NAME.test(name)) throw fail('is not a valid credential helper name');

  const { code, stdout } = await run(program, `${server}\n`, options, fail);
  if (code !== 0) {
    const reason = withoutControlCharacters(stdout).slice(0, 200);
    if (/credentials not found|no credentials/i.test(reason)) return null;
    throw fail(`failed for ${server} with exit code ${code}${reason === '' ? '' : ` (${reason})`}`);
  }
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    throw fail(`did not answer with JSON for ${server}`);
  }
  const { Username: username, Secret: secret } = (answer ?? {}) as Record<string, unknown>;
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw fail(`answered without Username and Secret for ${server}`);
  }
  return secret === '' ? null : { username, secret };
}

type Fail = (message: string, temporary?: boolean, cause?: unknown) => RegistryError;

async function run(
  program: string,
  input: string,
  { env, timeoutMs }: HelperOptions,
  fail: Fail,
): Promise<{ readonly code: number; readonly stdout: string }> {
  // Most runs need no helper; the module is loaded when one is asked.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (error: RegistryError): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      child.stdout.destroy();
      reject(error);
    };
    const timer = setTimeout(() => stop(fail(`did not answer in ${timeoutMs / 1000} s`, true)), timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_OUTPUT_BYTES) stop(fail(`answered more than ${MAX_OUTPUT_BYTES} bytes`));
    });
    child.on('error', (cause) => {
      const missing = 'code' in cause && cause.code === 'ENOENT';
      stop(fail(missing ? 'is not installed (not found by PATH)' : 'could not be started', false, cause));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, stdout: Buffer.concat(chunks).toString('utf8') });
    });
    // A helper that does not read its input is its own affair; its answer counts.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
