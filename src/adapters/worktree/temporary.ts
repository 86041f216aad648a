import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS } from '../../domain/time.ts';

const NAME = /^\.pinwheel-(\d{1,10})-[0-9a-f]{16}\.tmp$/;
/** A process id says nothing about another machine on the same share: what is younger than this is left alone there. */
const OLD_MS = DAY_MS;

/** A name for a temporary file of this process: `.pinwheel-4711-0123456789abcdef.tmp`. */
export function temporaryName(): string {
  return `.pinwheel-${process.pid}-${randomBytes(8).toString('hex')}.tmp`;
}

/** Whether a file name is one of {@link temporaryName}, of any process. */
export function isTemporaryName(name: string): boolean {
  return NAME.test(name);
}

/** Removes from a folder the temporary files of processes that are gone. Never fails: it is only tidying up. */
export function removeLeftovers(folder: string): void {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const match = NAME.exec(name);
    if (match === null || !isAbandoned(join(folder, name), Number(match[1]))) continue;
    try {
      rmSync(join(folder, name), { force: true });
    } catch {
      // Somebody else's file: it is ignored when listing.
    }
  }
}

function isAbandoned(path: string, pid: number): boolean {
  if (pid === process.pid) return false;
  if (!isAlive(pid)) return true;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > OLD_MS;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
