import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run as cron } from '../../src/cli/cron.ts';
import type { Io } from '../../src/cli/io.ts';
import { createLog } from '../../src/cli/log.ts';
import { run as runNow } from '../../src/cli/run.ts';
import { run as serve } from '../../src/cli/serve.ts';
import { freePort } from '../support/postgres.ts';
import { testKey } from '../support/webhooks.ts';

const ARCHIVED = JSON.stringify({ name: 'archived', owner: { login: 'acme' }, archived: true });

describe('the commands of a deployment', () => {
  let folder: string;
  let github: Server;
  let asked: string[];
  let stop: AbortController;
  let output: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pinwheel-deployment-'));
    asked = [];
    output = '';
    stop = new AbortController();
    github = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const isRefused = request.url === '/orgs/walled';
      const isList = !isRefused && /^\/(app\/installations|user\/repos|orgs)/.test(request.url ?? '');
      const isArchived = request.url === '/repos/acme/archived';
      response.writeHead(isRefused ? 403 : isList || isArchived ? 200 : 404, {
        'content-type': 'application/json',
      });
      response.end(isList ? '[]' : isArchived ? ARCHIVED : '{"message":"Not Found"}');
    });
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    github.close();
    github.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });
  const io = (env: Readonly<Record<string, string>>): Io => {
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const { port } = github.address() as AddressInfo;
    return {
      stdout: stream,
      stderr: stream,
      env: {
        GITHUB_API_URL: `http://127.0.0.1:${port}`,
        PINWHEEL_DATA: join(folder, 'data'),
        PINWHEEL_JITTER: '0',
        ...env,
      },
      cwd: folder,
      color: false,
      progress: false,
      columns: 80,
      now: () => new Date(),
      signal: stop.signal,
    };
  };
  const app = { APP_ID: '7', PRIVATE_KEY: testKey };
  const token = { GITHUB_TOKEN: 'a token made for tests' };

  it('does not serve without a webhook secret, and says what to do', async () => {
    await expect(serve([], io(app))).rejects.toThrow('WEBHOOK_SECRET is not set');
    await expect(serve([], io({ ...token, WEBHOOK_SECRET: '' }))).rejects.toThrow(
      'WEBHOOK_SECRET is not set',
    );
  });

  it("shows Probot's set-up page where there is no App yet, with the permissions of app.yml", async () => {
    const umask = process.umask();
    const port = await freePort();
    const served = serve([], io({ PORT: String(port) }));
    const page = await vi.waitFor(async () => (await fetch(`http://127.0.0.1:${port}/probot`)).text(), {
      timeout: 4000,
    });
    expect(page).toContain('Register GitHub App');
    expect(page).toContain('"workflows":"write"');
    stop.abort();
    expect(await served).toBe(0);
    process.umask(umask);
  });

  it('does not serve without credentials in production, where nobody opens a set-up page', async () => {
    await expect(serve([], io({ NODE_ENV: 'production', WEBHOOK_SECRET: 'x' }))).rejects.toThrow(
      'no GitHub credentials',
    );
  });

  it('does not serve with a key that is none, and does not show it', async () => {
    const attempt = serve([], io({ APP_ID: '7', PRIVATE_KEY: 'hunter2', WEBHOOK_SECRET: 'x', PORT: '0' }));
    await expect(attempt).rejects.toThrow('private key cannot be read');
    await expect(attempt).rejects.not.toThrow('hunter2');
  });

  it('serves: one line with the address, health, and an orderly end', async () => {
    const env = { ...app, WEBHOOK_SECRET: 'x', HOST: '127.0.0.1', PORT: '0' };
    const served = serve([], io(env));
    const url = await vi.waitFor(() => {
      const found = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
      if (found === undefined) throw new Error('not yet');
      return found;
    });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    await expect(serve([], io(env))).rejects.toThrow('another Pinwheel process is using the queue');
    const taken = { ...env, PORT: new URL(url).port, PINWHEEL_DATA: join(folder, 'other') };
    await expect(serve([], io(taken))).rejects.toThrow('another program is listening there');
    await vi.waitFor(() => expect(asked.some((one) => one.includes('/app/installations'))).toBe(true));
    stop.abort();
    expect(await served).toBe(0);
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  it('reads .env where the set-up wrote it', async () => {
    writeFileSync(join(folder, '.env'), 'APP_ID=7\nPRIVATE_KEY="hunter2"\n');
    await expect(serve([], io({}))).rejects.toThrow('WEBHOOK_SECRET is not set');
  });

  it.each([
    ['an App', app, [], ['GET /app/installations?per_page=100&page=1']],
    ['a token', token, [], ['GET /user/repos?per_page=100&page=1']],
    [
      'an organisation',
      token,
      ['--organisation', 'acme'],
      ['GET /orgs/acme', 'GET /orgs/acme/repos?per_page=100&page=1'],
    ],
  ])('visits once what it is told: %s', async (_, env, argv, requests) => {
    expect(await cron(['--once', ...argv], io(env))).toBe(0);
    expect(asked).toEqual(requests);
  });

  it('visits what it could list before it fails for what it could not', async () => {
    const argv = ['--once', 'acme/gone', '--organisation', 'walled'];
    await expect(cron(argv, io(token))).rejects.toMatchObject({ code: 'forbidden' });
    expect(asked.some((one) => one.includes('/repos/acme/gone'))).toBe(true);
  });

  it('visits a repository that is gone, and ends well', async () => {
    expect(await cron(['--once', 'acme/gone'], io(token))).toBe(0);
    expect(asked.some((one) => one.includes('/repos/acme/gone'))).toBe(true);
    expect(output).toContain('the repository is gone');
  });

  it('runs by the clock until it is stopped', async () => {
    const running = cron([], io(token));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    stop.abort();
    expect(await running).toBe(0);
  });

  it.each([
    ['no credentials', cron, ['acme/shop'], {}, 'no GitHub credentials'],
    ['no repository', cron, ['shop'], token, '"shop" is not a repository'],
    ['no repository', runNow, [], token, 'name a repository'],
    ['a path', runNow, ['../x'], token, 'is not a repository'],
    ['no credentials', runNow, ['acme/shop'], {}, 'no GitHub credentials'],
    ['a bad environment', runNow, ['acme/shop'], { ...token, PORT: 'x' }, 'PORT: expected'],
  ])('refuses %s', async (_, command, argv, env, message) => {
    await expect(command(argv, io(env))).rejects.toThrow(message);
  });

  it('runs one pass now', async () => {
    expect(await runNow(['acme/archived'], io(token))).toBe(0);
    expect(output).toContain('acme/archived: done');
  });

  it('fails for a repository that is not there, and goes on with the others', async () => {
    expect(await runNow(['acme/gone', 'acme/archived'], io(token))).toBe(1);
    expect(output).toContain('acme/gone: failed: GitHub answered 404 to GET /repos/acme/gone');
    expect(output).toContain('acme/archived: done');
  });
});

describe('the log', () => {
  const written = (format: 'json' | 'text', level: 'info' | 'debug' = 'info') => {
    const stream = new PassThrough();
    const log = createLog({ stream, level, format, now: () => new Date('2026-11-20T00:00:00Z') });
    return { log, text: () => String(stream.read() ?? '') };
  };

  it('is one line an entry, whatever is logged', () => {
    const { log, text } = written('text');
    log.info({ repository: 'acme/shop', detail: 'a\nb' }, 'pass\nstarted');
    expect(text()).toBe(
      '2026-11-20T00:00:00.000Z info  pass\\nstarted repository=acme/shop detail="a\\nb"\n',
    );
  });
  it('shows errors without what hangs on them', () => {
    const { log, text } = written('json');
    const error = Object.assign(new Error('no'), {
      code: 'denied',
      request: { headers: { authorization: 'hunter2' } },
    });
    log.error(new AggregateError([error], 'many'));
    const line = text();
    expect(line).not.toContain('hunter2');
    expect(JSON.parse(line)).toEqual({
      time: '2026-11-20T00:00:00.000Z',
      level: 'error',
      msg: 'many',
      err: {
        name: 'AggregateError',
        message: 'many',
        errors: [{ name: 'Error', code: 'denied', message: 'no' }],
      },
    });
  });
  it('keeps to its level, and its children to their bindings', () => {
    const { log, text } = written('json');
    log.debug('quiet');
    log.child({ name: 'probot' }).warn('loud');
    expect(JSON.parse(text())).toMatchObject({ level: 'warn', msg: 'loud', name: 'probot' });
  });
});
