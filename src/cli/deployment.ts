import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { ServerLog } from '../app/server-log.ts';
import { type Environment, misspelledVariables, readEnvironment } from '../config/environment.ts';
import type { Io } from './io.ts';
import { createLog } from './log.ts';

/** What the long-running commands begin with. */
export type Deployment = {
  readonly environment: Environment;
  /** The process's variables over those of `.env`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log: ServerLog;
};

/**
 * Reads `.env` of the working folder (where Probot's set-up writes; set variables win) and the environment, and opens the log:
 * JSON lines, or text on a terminal. Throws {@link EnvironmentError}.
 */
export function openDeployment(io: Io, stream = io.stdout): Deployment {
  const variables = { ...readDotEnv(join(io.cwd, '.env')), ...io.env };
  const environment = readEnvironment(variables);
  const log = createLog({
    stream,
    level: environment.logLevel,
    format: environment.logFormat ?? (io.progress ? 'text' : 'json'),
    now: io.now,
  });
  for (const hint of misspelledVariables(variables)) log.warn({}, hint);
  return { environment, variables, log };
}

function readDotEnv(path: string): Readonly<Record<string, string | undefined>> {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** Resolves when the process is asked to end. */
export function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
