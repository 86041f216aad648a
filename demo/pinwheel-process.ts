import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

type LogEntry = Readonly<Record<string, unknown>>;

/** The real server in a process of its own, watched by its log. */
export type PinwheelProcess = {
  /** Its address, once it listens. */
  readonly listening: Promise<string>;
  /** The first log entry, past or coming, that fits. Rejects where the process ends first. */
  logged(fits: (entry: LogEntry) => boolean): Promise<LogEntry>;
  /** Asks again each time the log moves (and now and then besides) until there is an answer. */
  until<Value>(ask: () => Promise<Value | undefined>): Promise<Value>;
  /** Resolves when no pass is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts `pinwheel serve` from `dist/`. */
export function startPinwheel(options: {
  readonly root: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}): PinwheelProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(options.root, 'dist', 'pinwheel.js'), 'serve'], {
    cwd: options.folder,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => Number(code ?? 1));
  const entries: LogEntry[] = [];
  const waiting = new Set<(entry: LogEntry) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const entry = parseLine(line);
    entries.push(entry);
    for (const wake of waiting) wake(entry);
  });
  const logged = (fits: (entry: LogEntry) => boolean): Promise<LogEntry> => {
    const known = entries.find(fits);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const wake = (entry: LogEntry): void => {
        if (entry['level'] === 'error')
          reject(new Error(`Pinwheel logged an error: ${JSON.stringify(entry)}`));
        if (!fits(entry)) return;
        waiting.delete(wake);
        resolve(entry);
      };
      waiting.add(wake);
      void ended.then((code) =>
        reject(
          new Error(
            `Pinwheel ended with exit code ${code}\n${entries.map((entry) => JSON.stringify(entry)).join('\n')}`,
          ),
        ),
      );
    });
  };
  const moved = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(done, 250);
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
  return {
    listening: logged((entry) => String(entry['msg']).startsWith('listening on ')).then((entry) =>
      String(entry['url']),
    ),
    logged,
    async until(ask) {
      for (let i = 0; i < 120; i++) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        await moved();
      }
      throw new Error('nothing came of it in time');
    },
    async idle() {
      for (;;) {
        const before = entries.length;
        await moved();
        if (entries.length === before) return;
      }
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function parseLine(line: string): LogEntry {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null ? (entry as LogEntry) : { msg: line };
  } catch {
    return { msg: line };
  }
}
