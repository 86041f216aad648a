import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readStatements } from '../assess/diff/statements.ts';
import type { Suppression } from '../assess/diff/suppression.ts';
import { isoDate } from '../domain/ledger-entry.ts';
import { UsageError } from './arguments.ts';
import type { Io } from './io.ts';

/** Reads the files named by `--ignore`. Throws a {@link UsageError} that names a file that cannot be used. */
export async function readSuppressions(files: readonly string[], io: Io): Promise<readonly Suppression[]> {
  const read = await Promise.all(files.map((file) => readOne(file, io)));
  return read.flat();
}

async function readOne(file: string, io: Io): Promise<readonly Suppression[]> {
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, file), 'utf8');
  } catch (cause) {
    throw new UsageError(`--ignore ${file}: cannot be read`, cause);
  }
  const statements = readStatements(file, text, isoDate(io.now()));
  if (statements.ok) return statements.value;
  throw new UsageError(`--ignore ${file}: ${statements.fault}`);
}
