import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorktree } from '../../../src/adapters/worktree/worktree.ts';
import { type FixtureEntry, treeContract } from '../../contract/tree.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(entries: readonly FixtureEntry[] = []): string {
  const root = mkdtempSync(join(tmpdir(), 'pinwheel-tree-'));
  folders.push(root);
  for (const { path, mode, content } of entries) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (mode === '120000') symlinkSync(Buffer.from(content), join(root, path));
    else writeFileSync(join(root, path), content, { mode: mode === '100755' ? 0o755 : 0o644 });
  }
  return root;
}

const file = (path: string, content: string): FixtureEntry => ({ path, mode: '100644', content });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const change = (path: string, before: string | null, after: string) => ({
  path,
  bytes: bytes(after),
  before: before === null ? null : bytes(before),
});

treeContract('a folder', async (entries) => ({
  tree: openWorktree(makeFolder(entries)),
  close: async () => {},
}));

describe('listing a folder', () => {
  it('is sorted, and names a nested repository instead of walking it', async () => {
    const root = makeFolder([
      file('z', ''),
      file('a/z', ''),
      file('a-b', ''),
      file('sub/.git', 'gitdir: x'),
      file('sub/f', ''),
    ]);
    const entries = await openWorktree(root).list(() => false);
    expect(entries.map((entry) => [entry.path, entry.kind])).toEqual([
      ['a-b', 'file'],
      ['a/z', 'file'],
      ['sub', 'submodule'],
      ['z', 'file'],
    ]);
  });

  // Root may list any folder.
  it.skipIf(process.getuid?.() === 0)('names a folder that cannot be listed', async () => {
    const root = makeFolder([file('a/f', ''), file('closed/f', '')]);
    chmodSync(join(root, 'closed'), 0o000);
    const entries = await openWorktree(root).list(() => false);
    chmodSync(join(root, 'closed'), 0o755);
    expect(entries.map((entry) => [entry.path, entry.kind])).toEqual([
      ['a/f', 'file'],
      ['closed', 'unreadable'],
    ]);
  });

  it('reads through a symlink that stays inside', async () => {
    const root = makeFolder([file('real/f', 'x'), { path: 'l', mode: '120000', content: 'real' }]);
    expect(Buffer.from(await openWorktree(root).read('l/f')).toString()).toBe('x');
  });

  it('refuses a folder, a file that is too large, and a root that is none', async () => {
    const root = makeFolder([file('a/f', '12345')]);
    const tree = openWorktree(root, { maxBytes: 4 });
    await expect(tree.read('a')).rejects.toMatchObject({ code: 'unreadable' });
    await expect(tree.read('a/f')).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining('5 bytes'),
    });
    expect(() => openWorktree(join(root, 'a/f'))).toThrow(/not a (readable )?folder/);
    expect(() => openWorktree(join(root, 'absent'))).toThrow(/not a (readable )?folder/);
  });
});

describe('writing', () => {
  it('replaces files, keeps modes and makes new ones with their folders', async () => {
    const root = makeFolder([{ path: 'run', mode: '100755', content: 'a' }, file('b', 'b')]);
    chmodSync(join(root, 'b'), 0o640);
    await openWorktree(root).apply([
      change('run', 'a', 'A'),
      change('b', 'b', 'B'),
      change('docs/new.md', null, 'N'),
    ]);
    const read = (path: string) => readFileSync(join(root, path), 'utf8');
    expect([read('run'), read('b'), read('docs/new.md')]).toEqual(['A', 'B', 'N']);
    expect(statSync(join(root, 'run')).mode & 0o777).toBe(0o755);
    expect(statSync(join(root, 'b')).mode & 0o777).toBe(0o640);
    expect(statSync(join(root, 'docs/new.md')).mode & 0o111).toBe(0);
    expect(
      [...readdirSync(root), ...readdirSync(join(root, 'docs'))].filter((name) => name.endsWith('.tmp')),
    ).toEqual([]);
  });

  it.each([
    ['a file that changed', [change('b', 'other', 'B')], 'changed-meanwhile'],
    ['a file that is gone', [change('absent', 'x', 'B')], 'changed-meanwhile'],
    ['a new file that exists now', [change('b', null, 'B')], 'changed-meanwhile'],
    ['a file outside', [change('../b', null, 'B')], 'outside-tree'],
    ['a file behind a link out', [change('out/b', null, 'B')], 'outside-tree'],
    ['a file that is a link out', [change('hosts', '', 'B')], 'outside-tree'],
    ['a link to nowhere', [change('dangling', null, 'B')], 'outside-tree'],
    ['a folder', [change('folder', '', 'B')], 'unwritable'],
    ['a folder, for a new file', [change('folder', null, 'B')], 'unwritable'],
    ["git's own folder", [change('.git/hooks/x', null, 'B')], 'outside-tree'],
    ["git's own folder in capitals", [change('sub/.GIT/config', null, 'B')], 'outside-tree'],
    ["a link into git's own folder", [change('config', 'c', 'B')], 'outside-tree'],
    ['one file twice', [change('b', 'b', 'B'), change('b', 'b', 'C')], 'unwritable'],
    ['one file by two names', [change('b', 'b', 'B'), change('same', 'b', 'C')], 'unwritable'],
  ])('refuses %s, and then writes none', async (_, changes, code) => {
    const root = makeFolder([
      file('a', 'a'),
      file('b', 'b'),
      file('folder/x', ''),
      { path: 'out', mode: '120000', content: tmpdir() },
      { path: 'hosts', mode: '120000', content: '/etc/hosts' },
      { path: 'dangling', mode: '120000', content: '/nowhere/at/all' },
      { path: 'same', mode: '120000', content: 'b' },
      file('.git/config', 'c'),
      { path: 'config', mode: '120000', content: '.git/config' },
    ]);
    const tree = openWorktree(root);
    await expect(tree.apply([change('a', 'a', 'A'), ...changes])).rejects.toMatchObject({ code });
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('a');
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('b');
    expect(existsSync('/nowhere')).toBe(false);
  });

  it('writes the target of a link inside, and the link stays', async () => {
    const root = makeFolder([file('docs/l.md', 'x'), { path: 'l.md', mode: '120000', content: 'docs/l.md' }]);
    await openWorktree(root).apply([change('l.md', 'x', 'y')]);
    expect(readlinkSync(join(root, 'l.md'))).toBe('docs/l.md');
    expect(readFileSync(join(root, 'docs/l.md'), 'utf8')).toBe('y');
  });

  it('ignores what a killed process left, and removes it when it writes there', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    const left = `.pinwheel-${child.pid}-0123456789abcdef.tmp`;
    const running = `.pinwheel-${process.ppid}-0123456789abcdef.tmp`;
    const root = makeFolder([file('a', 'a'), file(left, 'half'), file(running, 'half')]);
    const tree = openWorktree(root);
    expect((await tree.list(() => false)).map((entry) => entry.path)).toEqual(['a']);
    await tree.apply([change('a', 'a', 'A')]);
    expect(readdirSync(root).sort()).toEqual([running, 'a'].sort());
  });

  it('never shows half a file to a reader, even when the writer is killed', async () => {
    const root = makeFolder([file('f', 'a'.repeat(1 << 20))]);
    const module = JSON.stringify(
      new URL('../../../src/adapters/worktree/worktree.ts', import.meta.url).href,
    );
    const script = `
      const { openWorktree } = await import(${module});
      const tree = openWorktree(${JSON.stringify(root)});
      process.stdout.write('ready');
      let before = await tree.read('f');
      for (let at = 1; ; at++) {
        const bytes = new Uint8Array(1 << 20).fill(97 + (at % 26));
        await tree.apply([{ path: 'f', bytes, before }]);
        before = bytes;
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const gone = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    for (let reads = 0; reads < 20; reads++) {
      const text = readFileSync(join(root, 'f'), 'latin1');
      expect(text.length).toBe(1 << 20);
      expect(text === text.charAt(0).repeat(1 << 20)).toBe(true);
    }
    child.kill('SIGKILL');
    await gone;
    const text = readFileSync(join(root, 'f'), 'latin1');
    expect(text === text.charAt(0).repeat(1 << 20)).toBe(true);
  });
});
