import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Cosign from a Debian suite, unpacked beside the system and never installed: 2.x comes with trixie, 3.x with sid.
 * `null` where it cannot be had (another system, no mirror, another architecture): then the caller skips and says so.
 * The folder is kept for the next run, under the system's temporary folder.
 */
export function cosignFrom(suite: 'trixie' | 'sid'): string | null {
  const folder = join(tmpdir(), 'pinwheel-cosign', suite);
  const program = join(folder, 'root', 'usr', 'bin', 'cosign');
  if (existsSync(program)) return program;
  if (!existsSync(KEYRING)) return null;
  try {
    mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
    mkdirSync(join(folder, 'archives', 'partial'), { recursive: true });
    writeFileSync(join(folder, 'status'), '');
    writeFileSync(
      join(folder, 'sources'),
      `deb [signed-by=${KEYRING}] http://deb.debian.org/debian ${suite} main\n`,
    );
    const options = [
      `Dir::Etc::sourcelist=${join(folder, 'sources')}`,
      'Dir::Etc::sourceparts=/dev/null',
      `Dir::State=${folder}`,
      `Dir::State::lists=${join(folder, 'lists')}`,
      `Dir::State::status=${join(folder, 'status')}`,
      `Dir::Cache=${folder}`,
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    const run = (program_: string, ...arguments_: readonly string[]) =>
      execFileSync(program_, arguments_, { cwd: folder, stdio: 'ignore', timeout: 120_000 });
    run('apt-get', ...options, 'update');
    run('apt-get', ...options, 'download', 'cosign');
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (archive === undefined) return null;
    run('dpkg', '-x', join(folder, archive), join(folder, 'root'));
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return program;
  } catch {
    return null;
  }
}

/**
 * Runs cosign with its own home and without a password; rejects with what it said. Asynchronous, since what it talks to
 * may live in this process.
 */
export async function runCosign(
  program: string,
  arguments_: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'pinwheel-cosign-home-'));
  try {
    await promisify(execFile)(program, arguments_, {
      cwd: home,
      timeout: 60_000,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        COSIGN_PASSWORD: '',
        COSIGN_YES: 'true',
        ...environment,
      },
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
