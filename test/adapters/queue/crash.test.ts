import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SqliteQueue } from '../../../src/adapters/queue/sqlite-queue.ts';
import { command, request } from '../../support/requests.ts';

const program = fileURLToPath(new URL('../../support/queue-worker.ts', import.meta.url));

it('runs a job again whose process was killed in the middle, with all its commands', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-crash-'));
  try {
    const before = new SqliteQueue(folder);
    await before.enqueue(request('acme/shop', { commands: [command(1)] }), 'd1');
    await before.enqueue(request('acme/shop', { commands: [command(2)] }), 'd2');
    await before.close();

    const worker = spawn(process.execPath, [program, 'sqlite', folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(worker.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('claimed 2\n');
    expect(() => new SqliteQueue(folder)).toThrow(expect.objectContaining({ code: 'in-use' }));
    worker.kill('SIGKILL');
    await once(worker, 'exit');

    const after = new SqliteQueue(folder);
    const job = await after.claim();
    expect(job?.attempt).toBe(2);
    expect(job?.request.commands.map((one) => one.commentId)).toEqual([1, 2]);
    expect(await after.enqueue(request('acme/shop'), 'd2')).toBe('duplicate');
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
