import type { Writable } from 'node:stream';

/** What a command may touch of the outside: injected, so that commands run in tests as they do in a terminal. */
export type Io = {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether stdout is a terminal that wants colour. */
  readonly color: boolean;
  /** Whether stderr is a terminal, for a progress line. */
  readonly progress: boolean;
  /** The width of the terminal in columns. */
  readonly columns: number;
  readonly now: () => Date;
  /** Aborted by SIGINT and SIGTERM: long commands stop at the next safe place. */
  readonly signal: AbortSignal;
};

/** What a process tells its caller. 0: nothing to do, or done. 1: a failure. 2: changes or violations found by a check. */
export type ExitCode = 0 | 1 | 2;

/** Writes text and waits until it has left, so that a pipe never loses the end of a document. */
export function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** Whether what is written there is shown to a person: then control characters of strangers must not reach it. */
export function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Writes exactly one JSON document and a final newline. */
export function writeJson(io: Io, document: unknown): Promise<void> {
  return write(io.stdout, `${JSON.stringify(document, null, 2)}\n`);
}
