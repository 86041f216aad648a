import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '../../domain/time.ts';
import type { ImageAccess, RegistryCredentials } from './image-access.ts';

/** A private temporary folder of one scan. */
export type Workspace = {
  readonly folder: string;
  /** Writes a file that only this user can read; returns its path. */
  write(name: string, text: string): Promise<string>;
};

const PREFIX = 'pinwheel-scan-';
const STALE_MS = DAY_MS;

/** Runs `use` with a new folder (mode 0700) and removes it afterwards, whatever happened. */
export async function withWorkspace<Value>(use: (workspace: Workspace) => Promise<Value>): Promise<Value> {
  const folder = await mkdtemp(join(tmpdir(), PREFIX));
  try {
    return await use({
      folder,
      write: async (name, text) => {
        const path = join(folder, name);
        await writeFile(path, text, { mode: 0o600, flag: 'wx' });
        return path;
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * Removes folders that a process left behind when it was killed: they may hold credentials. Only those of this user that
 * nobody touched for a day, longer than any scan may take.
 */
export async function removeStaleWorkspaces(now: Date, folder: string = tmpdir()): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(PREFIX)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found === null || found.uid !== process.getuid?.() || now.getTime() - found.mtimeMs < STALE_MS)
      continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Docker's `config.json` with the credentials of exactly one registry. */
export function dockerConfig(access: ImageAccess): string {
  if (access.credentials === null) return JSON.stringify({ auths: {} });
  // Docker Hub's credentials have always stood under this URL.
  const host = access.host === 'docker.io' ? 'https://index.docker.io/v1/' : access.host;
  return JSON.stringify({ auths: { [host]: authEntry(access.credentials) } });
}

function authEntry(credentials: RegistryCredentials): Readonly<Record<string, string>> {
  switch (credentials.kind) {
    case 'basic':
      return { auth: Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64') };
    case 'bearer':
      return { registrytoken: credentials.token };
    case 'identity':
      return { identitytoken: credentials.token };
  }
}
