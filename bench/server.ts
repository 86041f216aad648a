/**
 * The server at rest: how long from the start of the process until it listens, and how much memory it holds a while
 * later; then how fast it takes webhooks in. `node bench/server.ts [ENTRY]`; ENTRY is `dist/pinwheel.js` where not given.
 * Linux only (reads /proc). With `--queues`, the two candidates for the embedded queue are measured alone (ADR 0006).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type ServerFigures = {
  readonly startMs: number;
  readonly restMegabytes: number;
  readonly webhooksPerSecond: number;
  readonly megabytesAfter: number;
};

const SECRET = 'a secret made for this run';
const WEBHOOKS = 500;
const AT_ONCE = 8;

/** Starts the server on an empty folder, with a GitHub that has no installation, and measures it. */
export async function measureServer(entry: string): Promise<ServerFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-bench-server-'));
  const github = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('[]');
  });
  await new Promise<void>((done) => github.listen(0, '127.0.0.1', done));
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const started = performance.now();
  const child = spawn(process.execPath, [entry, 'serve'], {
    cwd: folder,
    env: {
      ...process.env,
      APP_ID: '1',
      PRIVATE_KEY: privateKey,
      WEBHOOK_SECRET: SECRET,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_FORMAT: 'json',
      PINWHEEL_DATA: join(folder, 'data'),
      GITHUB_API_URL: `http://127.0.0.1:${(github.address() as AddressInfo).port}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await listening(child);
    const startMs = performance.now() - started;
    child.stdout?.resume();
    await sleep(5000);
    const restMegabytes = residentMegabytes(child);
    const from = performance.now();
    await deliverMany(url);
    const webhooksPerSecond = WEBHOOKS / ((performance.now() - from) / 1000);
    return { startMs, restMegabytes, webhooksPerSecond, megabytesAfter: residentMegabytes(child) };
  } finally {
    if (child.exitCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    }
    github.close();
    github.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /listening on (http:\/\/[^"\s]+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

function residentMegabytes(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** Comments without a command: verified, read, and let go; and each tenth a push that is queued. */
async function deliverMany(url: string): Promise<void> {
  let sent = 0;
  const worker = async () => {
    while (sent < WEBHOOKS) {
      const n = sent++;
      await deliver(url, n % 10 === 0 ? 'push' : 'issue_comment', n);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function deliver(url: string, event: string, n: number): Promise<void> {
  const repository = { name: `shop-${n % 50}`, owner: { login: 'acme' }, default_branch: 'main' };
  const sender = { login: 'ada', id: 1, type: 'User' };
  const body = JSON.stringify({
    action: 'created',
    installation: { id: 1 },
    repository,
    sender,
    issue: { number: 1 },
    comment: { id: n, body: 'Looks good to me.\n'.repeat(40), user: sender },
    ref: 'refs/heads/main',
    commits: [{ added: [], removed: [], modified: ['docker/api/Dockerfile'] }],
  });
  const response = await fetch(`${url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    },
    body,
  });
  await response.arrayBuffer();
  if (response.status !== 200) throw new Error(`the server answered ${response.status}`);
}

/** What each candidate for the embedded queue costs by itself, in a process of its own. */
const QUEUES: Readonly<Record<string, string>> = {
  'better-sqlite3': `
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(folder + '/queue.db');
    db.pragma('journal_mode = WAL'); db.pragma('synchronous = FULL');
    db.exec('CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, key TEXT, state TEXT)');
    ready();
    const add = db.prepare("INSERT INTO job (key, state) VALUES (?, 'created')");
    const next = db.prepare("UPDATE job SET state = 'active' WHERE id = (SELECT MIN(id) FROM job WHERE state = 'created') RETURNING id");
    const done = db.prepare('DELETE FROM job WHERE id = ?');
    for (let i = 0; i < jobs; i++) add.run('k' + i);
    for (let i = 0; i < jobs; i++) done.run(next.get().id);`,
  'pg-boss on PGlite': `
    const { PGlite } = await import('@electric-sql/pglite');
    const { PgBoss, fromPglite } = await import('pg-boss');
    const db = new PGlite(folder + '/pg'); await db.waitReady;
    const boss = new PgBoss({ backend: 'pglite', db: fromPglite(db) });
    await boss.start(); await boss.createQueue('q', { policy: 'stately' });
    ready();
    for (let i = 0; i < jobs; i++) await boss.send('q', {}, { singletonKey: 'k' + i });
    for (let i = 0; i < jobs; i++) { const [job] = await boss.fetch('q'); await boss.complete('q', job.id); }`,
};

async function measureQueue(name: string, folder: string): Promise<string> {
  const program = `
    const folder = ${JSON.stringify(folder)}, jobs = 200; let readyAt = 0;
    const ready = () => { readyAt = performance.now(); };
    ${QUEUES[name] ?? ''}
    const jobsMs = performance.now() - readyAt;
    setTimeout(() => {
      console.log(Math.round(readyAt) + ' ms to ready, ' + Math.round(jobsMs) + ' ms for ' + jobs + ' jobs, '
        + Math.round(process.memoryUsage().rss / 2 ** 20) + ' MiB at rest');
      process.exit();
    }, 2000);`;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return `${name}: ${text.trim()}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--queues')) {
    for (const name of Object.keys(QUEUES)) {
      const folder = mkdtempSync(join(tmpdir(), 'pinwheel-bench-queue-'));
      console.log('first start  ', await measureQueue(name, folder));
      console.log('second start ', await measureQueue(name, folder));
      rmSync(folder, { recursive: true, force: true });
    }
  } else {
    const entry = resolve(process.argv[2] ?? fileURLToPath(new URL('../dist/pinwheel.js', import.meta.url)));
    const figures = await measureServer(entry);
    console.log(
      `listens after ${Math.round(figures.startMs)} ms; at rest ${Math.round(figures.restMegabytes)} MiB; ` +
        `${Math.round(figures.webhooksPerSecond)} webhooks/s, then ${Math.round(figures.megabytesAfter)} MiB`,
    );
  }
}
