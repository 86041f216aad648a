import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import type { ExitCode, Io } from '../../src/cli/io.ts';
import { runCommandLine } from '../../src/cli/main.ts';

export type CommandResult = { readonly code: ExitCode; readonly stdout: string; readonly stderr: string };

/** A folder for one test, and the command line run in it. */
export type Harness = {
  readonly root: string;
  write(path: string, content: string | Uint8Array): Promise<void>;
  read(path: string): Promise<string>;
  run(...argv: readonly string[]): Promise<CommandResult>;
  /** As `run`, with the signal that tells the command to end. */
  runUntil(signal: AbortSignal, ...argv: readonly string[]): Promise<CommandResult>;
  remove(): void;
};

/** A new empty checkout in the system's temporary folder; `now` is what the commands take for the time. */
export function createHarness(options: { readonly now?: string; readonly env?: Io['env'] } = {}): Harness {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-cli-'));
  // Never the caches of whoever runs the tests.
  const cache = `${root}-cache`;
  const runUntil: Harness['runUntil'] = async (signal, ...argv) => {
    const stdout = new Collecting();
    const stderr = new Collecting();
    const code = await runCommandLine(argv, {
      stdout,
      stderr,
      env: { XDG_CACHE_HOME: cache, ...options.env },
      cwd: root,
      color: false,
      progress: false,
      columns: 100,
      now: () => new Date(options.now ?? '2026-11-20T12:00:00Z'),
      signal,
    });
    return { code, stdout: stdout.text, stderr: stderr.text };
  };
  return {
    root,
    async write(path, content) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    },
    read: (path) => readFile(join(root, path), 'utf8'),
    run: (...argv) => runUntil(new AbortController().signal, ...argv),
    runUntil,
    remove: () => {
      for (const folder of [root, cache]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

class Collecting extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}
