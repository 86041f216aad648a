import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProgramRun, runProgram } from '../../../src/adapters/scanner/run-program.ts';
import { stubProgram } from '../../support/stub-program.ts';

async function run(body: string, over: Partial<ProgramRun> = {}) {
  const stub = await stubProgram('stub', body);
  const output = runProgram({
    file: stub.file,
    args: [],
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: tmpdir(),
    timeoutMs: 20_000,
    maxOutputBytes: 1_000_000,
    signal: new AbortController().signal,
    ...over,
  });
  return { stub, output };
}

/** Waits until a process is gone (the kernel reaps it a moment after the signal). */
async function untilGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (status === null || / Z /.test(status)) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}

const GRANDCHILD = `
const { spawn } = require('node:child_process');
const child = spawn('sleep', ['600'], { stdio: 'inherit' });
fs.writeFileSync(folder + '/pid', String(child.pid));
`;

describe('runProgram', () => {
  it('returns what was printed, and passes arguments as they are', async () => {
    const stub = await stubProgram('stub', 'process.stdout.write(JSON.stringify([args, Object.keys(env)]))');
    const args = ['$(touch x)', '; rm', '--', 'a b', ''];
    const { stdout } = await runProgram({
      file: stub.file,
      args,
      env: { ONLY: 'this' },
      cwd: tmpdir(),
      timeoutMs: 20_000,
      maxOutputBytes: 1000,
      signal: new AbortController().signal,
    });
    expect(JSON.parse(stdout)).toEqual([args, ['ONLY']]);
  });

  it.each<[string, string, Partial<ProgramRun>, string, string]>([
    [
      'fails',
      'console.error("first\\n\\u001b[31mFATAL no database\\u001b[0m"); process.exit(3)',
      {},
      'failed',
      'exit code 3: FATAL no database',
    ],
    [
      'crashes',
      'process.kill(process.pid, "SIGSEGV"); setInterval(() => {}, 1000)',
      {},
      'crashed',
      'SIGSEGV',
    ],
    ['hangs', 'setInterval(() => {}, 1000)', { timeoutMs: 300 }, 'timeout', 'did not finish'],
    [
      'prints without end',
      'const b = Buffer.alloc(65536, 120); const go = () => { while (process.stdout.write(b)); process.stdout.once("drain", go); }; go()',
      {},
      'too-much-output',
      'printed more than 1 MiB',
    ],
  ])('a program that %s', async (_, body, over, code, message) => {
    const { output } = await run(body, over);
    await expect(output).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('a program that is not there', async () => {
    const missing = { file: join(tmpdir(), 'pinwheel-no-such-program') };
    const { output } = await run('', missing);
    await expect(output).rejects.toMatchObject({ code: 'not-found' });
  });

  it('kills children with a program that hangs', async () => {
    const { stub, output } = await run(`${GRANDCHILD} setInterval(() => {}, 1000)`, { timeoutMs: 500 });
    await expect(output).rejects.toMatchObject({ code: 'timeout' });
    expect(await untilGone(Number(await readFile(join(stub.folder, 'pid'), 'utf8')))).toBe(true);
  });

  it('leaves no child behind by a program that ends well', async () => {
    const { stub, output } = await run(
      `${GRANDCHILD.replace("'inherit'", "'ignore'")} process.stdout.write('done', () => process.exit(0))`,
    );
    expect((await output).stdout).toBe('done');
    expect(await untilGone(Number(await readFile(join(stub.folder, 'pid'), 'utf8')))).toBe(true);
  });

  it('finds children that left the group, and does not wait for what they hold open', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pinwheel-run-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const body = GRANDCHILD.replace("'inherit' }", "'inherit', detached: true }");
    const { stub, output } = await run(`${body} process.exit(3)`, {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', TMPDIR: folder },
    });
    await expect(output).rejects.toMatchObject({ code: 'failed' });
    expect(await untilGone(Number(await readFile(join(stub.folder, 'pid'), 'utf8')))).toBe(true);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const { output } = await run('console.log("up"); setInterval(() => {}, 1000)', {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 100);
    await expect(output).rejects.toMatchObject({ code: 'aborted', temporary: true });
    const late = await run('', { signal: controller.signal });
    await expect(late.output).rejects.toMatchObject({ code: 'aborted' });
  });
});
