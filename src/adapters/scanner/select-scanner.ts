import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { readyScanner } from '../../assess/assess.ts';
import type { ReadyScanner } from '../../assess/scan-side.ts';
import { type Scanner, ScannerError } from '../../assess/scanner.ts';
import { GrypeScanner } from './grype.ts';
import type { FindImageAccess } from './image-access.ts';
import { type HttpRequest, type OsvCache, OsvScanner } from './osv.ts';
import type { ProgramScannerOptions } from './program-options.ts';
import { runProgram } from './run-program.ts';
import { TrivyScanner } from './trivy.ts';
import { removeStaleWorkspaces } from './workspace.ts';

/** Which scanner to use: `auto` takes Trivy, else Grype, whichever is installed; `none` compares packages only. */
export type ScannerChoice = 'auto' | 'trivy' | 'grype' | 'osv' | 'none';

export type SelectOptions = {
  readonly choice: ScannerChoice;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of the variables start. */
  readonly cwd: string;
  readonly access: FindImageAccess;
  readonly osv: { readonly http: HttpRequest; readonly cache: OsvCache; readonly baseUrl: string };
  readonly timeoutMs: number;
  readonly now: () => Date;
};

const VARIABLES = { trivy: 'PINWHEEL_TRIVY', grype: 'PINWHEEL_GRYPE' } as const;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * The scanner of a job, or null where none is wanted or installed. PINWHEEL_TRIVY and PINWHEEL_GRYPE name the programs,
 * else PATH finds them. Throws {@link ScannerError} `not-found` where one that was asked for by name is not there.
 */
export async function selectScanner(options: SelectOptions): Promise<Scanner | null> {
  switch (options.choice) {
    case 'none':
      return null;
    case 'osv':
      return new OsvScanner(options.osv);
    case 'trivy':
    case 'grype':
      return programScanner(options.choice, options, true);
    case 'auto': {
      const named = (variable: string): boolean => (options.env[variable] ?? '') !== '';
      const grypeOnly = named(VARIABLES.grype) && !named(VARIABLES.trivy);
      const trivy = grypeOnly ? null : await programScanner('trivy', options, false);
      return trivy ?? (await programScanner('grype', options, false));
    }
  }
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

async function programScanner(
  name: 'trivy' | 'grype',
  options: SelectOptions,
  required: boolean,
): Promise<Scanner | null> {
  const variable = VARIABLES[name];
  const named = options.env[variable] ?? '';
  const file =
    named === ''
      ? await onPath(name, options.env['PATH'] ?? '')
      : await namedProgram(named, variable, options);
  if (file === null) {
    if (!required) return null;
    const message = `${name} is not installed: put it on PATH or name it by ${variable}`;
    throw new ScannerError({ code: 'not-found', message });
  }
  const program: ProgramScannerOptions = {
    file,
    env: options.env,
    access: options.access,
    timeoutMs: options.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    now: options.now,
    run: runProgram,
  };
  return name === 'trivy' ? new TrivyScanner(program) : new GrypeScanner(program);
}

/** What the operator named must be there: another one in its place would not be what was asked for. */
async function namedProgram(named: string, variable: string, options: SelectOptions): Promise<string> {
  const file = named.includes('/')
    ? resolve(options.cwd, named)
    : await onPath(named, options.env['PATH'] ?? '');
  if (file !== null && (await isProgram(file))) return file;
  throw new ScannerError({ code: 'not-found', message: `${variable} names ${named}, which is no program` });
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
