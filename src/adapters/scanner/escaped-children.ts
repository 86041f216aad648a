import { readdirSync, readFileSync } from 'node:fs';

/**
 * Kills the processes that left their group (`setsid`, daemons) but still carry the environment of a run: those whose
 * TMPDIR is `folder`, which is that run's alone. Works where the kernel shows environments under /proc (Linux); elsewhere
 * it does nothing.
 */
export function killEscaped(folder: string): void {
  const mark = Buffer.from(`TMPDIR=${folder}\0`);
  for (const name of processes()) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`).includes(mark)) process.kill(pid, 'SIGKILL');
    } catch {
      // Another user's, or gone in the meantime.
    }
  }
}

function processes(): readonly string[] {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}
