import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One finished run of a process. */
export type Run = {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMegabytes: number;
  readonly exitCode: number | null;
  readonly stdout: string;
};

const usage = fileURLToPath(new URL('./usage.mjs', import.meta.url));

/** Runs `node ARGS` once and measures the whole process from outside; stderr is passed on where it fails. */
export async function runOnce(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-bench-'));
  const report = join(folder, 'usage.json');
  try {
    const started = process.hrtime.bigint();
    const child = spawn(process.execPath, ['--import', usage, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env, PINWHEEL_BENCH_USAGE: report },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
    if (exitCode !== 0 && exitCode !== 2) throw new Error(`exit code ${exitCode}: ${stderr}`);
    const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(report, 'utf8')) as Record<
      string,
      number
    >;
    return {
      wallMs,
      cpuMs: ((userCPUTime ?? 0) + (systemCPUTime ?? 0)) / 1000,
      peakMegabytes: (maxRSS ?? 0) / 1024,
      exitCode,
      stdout: Buffer.concat(chunks).toString('utf8'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle of several figures. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** `min / median / max` with one decimal. */
export function spread(figures: readonly number[], digits = 0): string {
  return [Math.min(...figures), median(figures), Math.max(...figures)]
    .map((n) => n.toFixed(digits))
    .join(' / ');
}
