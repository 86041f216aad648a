import type { FindImageAccess } from './image-access.ts';
import type { ProgramOutput, ProgramRun } from './run-program.ts';

/** How a scanner that is a program is run. */
export type ProgramScannerOptions = {
  /** The program's path. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly access: FindImageAccess;
  /** For one scan, milliseconds. */
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly now: () => Date;
  /** Runs the program: `runProgram`. */
  readonly run: (run: ProgramRun) => Promise<ProgramOutput>;
};
