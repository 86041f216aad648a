import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { readyScanner } from '../../assess/assess.ts';
import type { ReadyScanner } from '../../assess/scan-side.ts';
import { type Scanner, ScannerError } from '../../assess/scanner.ts';
import {
  SCANNER_NAMES,
  SCANNER_VARIABLES,
  type ScannerChoice,
  type ScannerName,
} from '../../domain/scanner-name.ts';
import type { FindImageAccess } from './image-access.ts';
import { runProgram } from './run-program.ts';
import { SCANNERS } from './scanners.ts';
import { removeStaleWorkspaces } from './workspace.ts';

export type SelectOptions = {
  readonly choice: ScannerChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of the variables start. */
  readonly cwd: string;
  readonly access: FindImageAccess;
  /** Where scanners keep what they asked for; losing it costs time only. */
  readonly cacheFolder: string;
  readonly timeoutMs: number;
  readonly now: () => Date;
};

const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * The scanner of a job, or null where none is wanted or installed. A program is the one that its variable names
 * ({@link SCANNER_VARIABLES}), else PATH finds it. Throws {@link ScannerError} `not-found` where one that was asked for by
 * name is not there.
 */
export async function selectScanner(options: SelectOptions): Promise<Scanner | null> {
  const { choice } = options;
  if (choice === 'none') return null;
  if (choice !== 'auto') return openScanner(choice, options, true);
  const programs = SCANNER_NAMES.filter((name) => SCANNERS[name].kind === 'program');
  // What the operator named goes before what happens to be installed.
  const named = programs.filter((name) => variableOf(name, options) !== '');
  for (const name of named.length > 0 ? named : programs) {
    const scanner = await openScanner(name, options, false);
    if (scanner !== null) return scanner;
  }
  return null;
}

/**
 * Selects a scanner and makes it ready for one job: its database is updated at most once. A scanner that is missing or
 * cannot work becomes `unavailable` with the reason. Throws only where `signal` aborted.
 */
export async function prepareScanner(options: SelectOptions, signal: AbortSignal): Promise<ReadyScanner> {
  let scanner: Scanner | null;
  try {
    scanner = await selectScanner(options);
  } catch (error) {
    if (error instanceof ScannerError) return { status: 'unavailable', reason: error.message };
    throw error;
  }
  if (scanner === null && options.choice === 'none') {
    return { status: 'unavailable', reason: 'scanning is turned off by the configuration' };
  }
  // By the machine's own clock, which wrote the times of the folders.
  await removeStaleWorkspaces(new Date());
  return readyScanner(scanner, signal);
}

async function openScanner(
  name: ScannerName,
  options: SelectOptions,
  required: boolean,
): Promise<Scanner | null> {
  const row = SCANNERS[name];
  const named = variableOf(name, options);
  if (row.kind === 'service') {
    return row.open({ baseUrl: named || row.baseUrl, cacheFolder: options.cacheFolder });
  }
  const variable = SCANNER_VARIABLES[name];
  const file =
    named === ''
      ? await onPath(name, options.env['PATH'] ?? '')
      : await namedProgram(named, variable, options);
  if (file === null) {
    if (!required) return null;
    const message = `${name} is not installed: put it on PATH, or set ${variable} to its path`;
    throw new ScannerError({ code: 'not-found', message });
  }
  return row.open({
    file,
    env: options.env,
    access: options.access,
    timeoutMs: options.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    now: options.now,
    run: runProgram,
  });
}

function variableOf(name: ScannerName, options: SelectOptions): string {
  return options.env[SCANNER_VARIABLES[name]] ?? '';
}

/** What the operator named must be there: another one in its place would not be what was asked for. */
async function namedProgram(named: string, variable: string, options: SelectOptions): Promise<string> {
  const file = named.includes('/')
    ? resolve(options.cwd, named)
    : await onPath(named, options.env['PATH'] ?? '');
  if (file !== null && (await isProgram(file))) return file;
  throw new ScannerError({
    code: 'not-found',
    message: `${variable} names ${named}, which is not a program`,
  });
}

async function onPath(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    // A relative folder on PATH would run what a checkout brought.
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    if (await isProgram(file)) return file;
  }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
