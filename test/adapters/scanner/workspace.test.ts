import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  dockerConfig,
  removeStaleWorkspaces,
  withWorkspace,
} from '../../../src/adapters/scanner/workspace.ts';

describe('withWorkspace', () => {
  it('is private, and gone afterwards, even after a failure', async () => {
    let folder = '';
    const failing = withWorkspace(async (workspace) => {
      folder = workspace.folder;
      const path = await workspace.write('secret', 'x');
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('what a killed process left behind is removed after a day, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinwheel-stale-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const now = new Date('2026-11-20T12:00:00Z');
    const ages = { 'pinwheel-scan-old': 25, 'pinwheel-scan-new': 23, 'other-old': 100 };
    for (const [name, hours] of Object.entries(ages)) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'config.json'), '{}');
      const then = new Date(now.getTime() - hours * 3_600_000);
      await utimes(join(folder, name), then, then);
    }
    await removeStaleWorkspaces(now, folder);
    expect((await readdir(folder)).sort()).toEqual(['other-old', 'pinwheel-scan-new']);
  });
});

describe('dockerConfig', () => {
  const access = { reference: 'x', host: 'registry.example:5000', plainHttp: false, ca: null };

  it.each([
    [null, {}],
    [{ kind: 'basic', username: 'a', password: 'b:c' }, { 'registry.example:5000': { auth: 'YTpiOmM=' } }],
    [{ kind: 'bearer', token: 't' }, { 'registry.example:5000': { registrytoken: 't' } }],
    [{ kind: 'identity', token: 't' }, { 'registry.example:5000': { identitytoken: 't' } }],
  ] as const)('%j', (credentials, auths) => {
    expect(JSON.parse(dockerConfig({ ...access, credentials }))).toEqual({ auths });
  });

  it('knows Docker Hub by its old name', () => {
    const credentials = { kind: 'basic', username: 'a', password: 'b' } as const;
    expect(
      Object.keys(JSON.parse(dockerConfig({ ...access, host: 'docker.io', credentials })).auths),
    ).toEqual(['https://index.docker.io/v1/']);
  });
});
