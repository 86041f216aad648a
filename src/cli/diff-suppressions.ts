import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Suppression } from '../assess/diff/suppression.ts';
import { parseTrivyIgnore, parseTrivyIgnoreYaml } from '../assess/diff/trivyignore.ts';
import { readVex } from '../assess/diff/vex.ts';
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
  const today = isoDate(io.now());
  if (/\.ya?ml$/i.test(file)) {
    const parsed = parseTrivyIgnoreYaml(text, today);
    if (parsed.ok) return parsed.value;
    throw new UsageError(`--ignore ${file}: ${parsed.fault}`);
  }
  if (!text.trimStart().startsWith('{')) return parseTrivyIgnore(text, today);
  const vex = readVex(parseOrNull(text));
  if (vex === null) throw new UsageError(`--ignore ${file}: is neither OpenVEX nor CycloneDX VEX`);
  return vex;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
