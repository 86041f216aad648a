import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { ScannerError } from '../../assess/scanner.ts';
import { killEscaped } from './escaped-children.ts';

export type ProgramRun = {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the program: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The folder it runs in: its own, empty of anything a repository brought. Where `env` has it as TMPDIR, what the
   * program leaves behind is found by it.
   */
  readonly cwd: string;
  readonly timeoutMs: number;
  /** Bytes of standard output after which it is stopped. */
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
};

export type ProgramOutput = { readonly stdout: string; readonly stderr: string };

const STDERR_TAIL = 4096;
const DRAIN_MS = 2000;

/**
 * Runs a program without a shell and returns what it printed, as UTF-8. It gets a process group of its own, which is
 * killed whole when it is over, takes too long, prints too much, or `signal` aborts; on Linux also what left the group:
 * no child is left behind.
 * Throws {@link ScannerError}: `not-found`, `timeout`, `too-much-output`, `crashed` (by a signal), `failed` (exit code
 * other than 0, with the last line it said), `aborted`. Long because one run is one state that every event of the process
 * reads and changes.
 */
export function runProgram(run: ProgramRun): Promise<ProgramOutput> {
  const name = basename(run.file);
  if (run.signal.aborted) return Promise.reject(aborted(name));
  return new Promise((resolve, reject) => {
    const child = spawn(run.file, [...run.args], {
      cwd: run.cwd,
      env: { ...run.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let size = 0;
    let stderr = Buffer.alloc(0);
    let stopped: ScannerError | null = null;
    let settled = false;
    const stop = (why: ScannerError): void => {
      stopped ??= why;
      killGroup(child.pid);
      // A grandchild that left the group may hold the pipes open: what it would still say is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => stop(timedOut(name, run.timeoutMs)), run.timeoutMs);
    const onAbort = (): void => stop(aborted(name));
    run.signal.addEventListener('abort', onAbort, { once: true });
    const endLeftovers = (): void => {
      killGroup(child.pid);
      if (run.env['TMPDIR'] === run.cwd) killEscaped(run.cwd);
    };
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      run.signal.removeEventListener('abort', onAbort);
      endLeftovers();
      finish();
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > run.maxOutputBytes) return stop(tooMuch(name, run.maxOutputBytes));
      chunks.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-STDERR_TAIL);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle(() => reject(startFailed(name, error)));
    });
    // `exit` comes before the pipes are drained, `close` after; one that keeps them open past its end is cut off.
    child.on('exit', () => {
      endLeftovers();
      const cutOff = (): void => {
        child.stdout.destroy();
        child.stderr.destroy();
      };
      setTimeout(cutOff, DRAIN_MS).unref();
    });
    child.on('close', (code, signal) => {
      settle(() => {
        if (stopped !== null) return reject(stopped);
        const said = lastLine(stderr.toString());
        if (code === 0)
          return resolve({ stdout: Buffer.concat(chunks).toString(), stderr: stderr.toString() });
        reject(ended(name, code, signal, said));
      });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone: that is what was wanted.
  }
}

function aborted(name: string): ScannerError {
  return new ScannerError({ code: 'aborted', message: `${name} was stopped`, temporary: true });
}

function timedOut(name: string, ms: number): ScannerError {
  const seconds = Math.round(ms / 1000);
  const message = `${name} did not finish within ${seconds} seconds and was stopped; allow it more time if the image is large`;
  return new ScannerError({ code: 'timeout', message, temporary: true });
}

function tooMuch(name: string, bytes: number): ScannerError {
  const megabytes = Math.max(1, Math.round(bytes / 1024 / 1024));
  const message = `${name} printed more than ${megabytes} MiB and was stopped`;
  return new ScannerError({ code: 'too-much-output', message });
}

function startFailed(name: string, error: NodeJS.ErrnoException): ScannerError {
  const reason = error.code === 'ENOENT' ? 'it is not installed' : (error.code ?? error.message);
  const message = `${name} could not be started: ${reason}`;
  return new ScannerError({ code: 'not-found', message, cause: error });
}

function ended(name: string, code: number | null, signal: string | null, said: string): ScannerError {
  const tail = said === '' ? '' : `: ${said}`;
  if (signal !== null) {
    return new ScannerError({ code: 'crashed', message: `${name} was killed by ${signal}${tail}` });
  }
  return new ScannerError({ code: 'failed', message: `${name} failed with exit code ${code}${tail}` });
}

/** The last error a program spoke of, else its last line: without colours, time and control characters, at most 300 characters. */
function lastLine(text: string): string {
  const lines = text
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split(/[\r\n]+/)
    .map((line) => line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim())
    .filter((line) => line !== '');
  const told = lines.findLast((line) => /\b(?:FATAL|ERROR|error:)/.test(line)) ?? lines.at(-1) ?? '';
  return told.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z?\s+/, '').slice(0, 300);
}
