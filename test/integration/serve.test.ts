import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { publishNew, publishOld, repositoryFiles } from '../../demo/world.ts';
import { GitHubStandIn } from '../support/github/stand-in.ts';
import { deliver, sign } from '../support/github/webhook.ts';
import { type EmbeddedRegistry, startEmbeddedRegistry } from '../support/registry/embedded-registry.ts';

const REPOSITORY = 'acme/shop';
const SECRET = 'a secret of the tests';
const WEBHOOKS = '/api/github/webhooks';
const root = fileURLToPath(new URL('../..', import.meta.url));

type Entry = Readonly<Record<string, unknown>>;

/** `pinwheel serve` as it is installed: the built file, in a process of its own. */
class Server {
  readonly #child: ChildProcess;
  readonly #entries: Entry[] = [];
  readonly #wakers = new Set<() => void>();
  #ended = false;
  text = '';

  constructor(env: Readonly<Record<string, string>>, cwd: string) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [join(root, 'dist', 'pinwheel.js'), 'serve'], {
      cwd,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    stderr?.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
    if (stdout !== null) {
      createInterface({ input: stdout }).on('line', (line) => {
        this.text += `${line}\n`;
        this.#entries.push(parse(line));
        this.#wake();
      });
    }
    this.#child.once('exit', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async logged(fits: (entry: Entry) => boolean, from = 0): Promise<Entry> {
    for (;;) {
      const found = this.#entries.slice(from).find(fits);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`the server ended:\n${this.text}`);
      await new Promise<void>((resolve) => this.#wakers.add(resolve));
    }
  }

  get seen(): number {
    return this.#entries.length;
  }

  async url(): Promise<string> {
    return String((await this.logged((entry) => String(entry['msg']).startsWith('listening on ')))['url']);
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (!this.#ended) {
      const exited = once(this.#child, 'exit');
      this.#child.kill(signal);
      await exited;
    }
    return this.#child.exitCode;
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }
}

function parse(line: string): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return { msg: line };
  }
}

describe('pinwheel serve, built, in a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-serve-'));
  let github: GitHubStandIn;
  let registry: EmbeddedRegistry;
  let server: Server;
  let url = '';
  let env: Record<string, string> = {};
  let files: Readonly<Record<string, string>> = {};

  const repository = async (): Promise<object> => ({
    ...(await github.as(null, 'GET', `/repos/${REPOSITORY}`)),
    owner: { login: 'acme', type: 'Organization' },
  });
  const send = async (event: string, payload: object, id: string = randomUUID()): Promise<number> => {
    const whole = {
      repository: await repository(),
      sender: { login: 'mona', id: 1, type: 'User' },
      ...payload,
    };
    const response = await deliver({ url: url + WEBHOOKS, secret: SECRET, event, id, payload: whole });
    return response.status;
  };
  const push = (id?: string): Promise<number> =>
    send(
      'push',
      {
        ref: 'refs/heads/main',
        commits: [{ id: 'x', added: Object.keys(files), removed: [], modified: [] }],
      },
      id,
    );
  /** A comment of mona's, delivered; gives the reply to it. */
  const ask = async (body: string, issue: number, id?: string): Promise<string> => {
    const comment = await github.as('mona', 'POST', `/repos/${REPOSITORY}/issues/${issue}/comments`, {
      body,
    });
    const from = server.seen;
    const status = await send(
      'issue_comment',
      {
        action: 'created',
        issue: { number: issue, title: 'x', state: 'open', pull_request: { url: 'x' } },
        comment: { ...comment, user: { login: 'mona', id: 1, type: 'User' } },
      },
      id,
    );
    expect(status).toBe(200);
    await server.logged((entry) => entry['msg'] === 'pass done', from);
    const mark = `<!-- pinwheel:reply:${String(comment['id'])} -->`;
    const replies = (await github.comments(REPOSITORY, issue)).filter((one) =>
      String(one['body']).includes(mark),
    );
    expect(replies).toHaveLength(1);
    return String(replies[0]?.['body']);
  };

  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/build.ts'], { cwd: root });
    registry = await startEmbeddedRegistry();
    github = await GitHubStandIn.start({ users: ['mona'], repositories: [REPOSITORY, 'acme/.github'] });
    const now = new Date();
    files = repositoryFiles(publishOld(registry, now), now);
    await github.grant(REPOSITORY, 'mona', 'push');
    await github.commitFiles(REPOSITORY, 'main', files);
    publishNew(registry, now);
    const settings = join(folder, 'registries.yaml');
    const mirror = (host: string, prefix: string): string =>
      `  - host: ${host}\n    mirror: "${registry.host}/${prefix}"\n    plainHttp: true\n    allowPrivate: true\n`;
    writeFileSync(settings, `registries:\n${mirror('docker.io', 'hub')}${mirror('gcr.io', 'gcr')}`);
    env = {
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey.replaceAll('\n', '\\n'),
      WEBHOOK_SECRET: SECRET,
      GITHUB_API_URL: github.url,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'debug',
      PINWHEEL_DATA: join(folder, 'data'),
      PINWHEEL_REGISTRIES: settings,
      PINWHEEL_SIGSTORE_ROOT: 'shipped',
    };
    server = new Server(env, folder);
    url = await server.url();
    // The stand-in lists no repositories: the webhook alone tells of one.
    await server.logged((entry) => entry['msg'] === 'visits queued');
  });

  afterAll(async () => {
    await server.end('SIGTERM');
    await github.close();
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a push becomes one pull request, with commit, ledger and body; the same delivery again, nothing', async () => {
    expect(await github.pulls(REPOSITORY)).toEqual([]);
    const from = server.seen;
    expect(await push('one-delivery')).toBe(200);
    expect(await push('one-delivery')).toBe(200);
    const opened = await server.logged((entry) => entry['status'] === 'opened');
    await server.logged((entry) => entry['msg'] === 'pass done', from);
    const pulls = await github.pulls(REPOSITORY);
    expect(pulls).toHaveLength(1);
    expect(pulls[0]).toMatchObject({ number: opened['number'], state: 'open' });
    expect(String(pulls[0]?.['body'])).toContain('python:3.11-slim-bookworm');
    const ledger = await github.fileOn(REPOSITORY, 'pinwheel/all', 'BASE_IMAGE_DIGESTS.md');
    expect(ledger).not.toBe(files['BASE_IMAGE_DIGESTS.md']);
    const dockerfile = await github.fileOn(REPOSITORY, 'pinwheel/all', 'docker/api/Dockerfile');
    expect(dockerfile).toMatch(/^ARG PYTHON_IMAGE=python:3\.11-slim-bookworm@sha256:[0-9a-f]{64}$/m);
    expect(dockerfile).not.toBe(files['docker/api/Dockerfile']);
    expect(server.text.match(/"outcome":"duplicate"/g)).toHaveLength(1);
    expect(server.text.match(/"status":"opened"/g)).toHaveLength(1);
  });

  test('/rotate is answered and builds the branch anew', async () => {
    const [pull] = await github.pulls(REPOSITORY);
    const number = Number(pull?.['number']);
    const tip = await github.branchTip(REPOSITORY, 'pinwheel/all');
    // Another parent: within one second the same commit on the same parent would have the same id.
    await github.commitFiles(REPOSITORY, 'main', { 'NOTES.md': 'the base moved on\n' });
    expect(await ask('/rotate', number)).toContain(`#${number} rebuilt`);
    expect(await github.branchTip(REPOSITORY, 'pinwheel/all')).not.toBe(tip);
    expect(await ask('/rotate staus', number)).toContain('/rotate status');
    expect(await ask('/rotate hold python for 30d because <b>@mona</b> | `x`', number)).toContain(
      'Written to `.github/pinwheel.yml`',
    );
    const held = await github.fileOn(REPOSITORY, 'pinwheel/all', 'docker/api/Dockerfile');
    expect(held).toBe(files['docker/api/Dockerfile']);
    expect(await github.pulls(REPOSITORY)).toHaveLength(2);
    expect(github.faults).toEqual([]);
  });

  const body = '{"zen":"Keep it simple."}';
  const headers = (given: Readonly<Record<string, string>>): Record<string, string> => ({
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': sign(SECRET, body),
    ...given,
  });
  const refusals: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    string,
    readonly number[],
  ])[] = [
    ['a ping', {}, body, [200]],
    ['an event that is not used', { 'x-github-event': 'star' }, body, [200]],
    ['an event that is not there', { 'x-github-event': 'nonsense' }, body, [200]],
    ['no signature', { 'x-hub-signature-256': '' }, body, [400]],
    [
      'the signature of another secret',
      { 'x-hub-signature-256': sign('development', body) },
      body,
      [400, 401],
    ],
    ['a SHA-1 signature alone', { 'x-hub-signature-256': '', 'x-hub-signature': sha1(body) }, body, [400]],
    ['a signature that is none', { 'x-hub-signature-256': 'sha256=zz' }, body, [400, 401]],
    ['a body that was changed', {}, body.replace('Keep', 'Kept'), [400, 401]],
    ['a body cut short', {}, body.slice(0, 9), [400, 401]],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, body, [415]],
    ['no event', { 'x-github-event': '' }, body, [400]],
    ['no delivery id', { 'x-github-delivery': '' }, body, [400]],
    ['an array', { 'x-hub-signature-256': sign(SECRET, '[]') }, '[]', [400]],
    ['nothing', { 'x-hub-signature-256': sign(SECRET, '') }, '', [400]],
    ['signed rubbish', { 'x-hub-signature-256': sign(SECRET, '{"a"') }, '{"a"', [400]],
  ];
  test.each(refusals)('webhook with %s', async (_name, given, text, statuses) => {
    const all = Object.fromEntries(Object.entries(headers(given)).filter(([, value]) => value !== ''));
    const answer = await fetch(url + WEBHOOKS, { method: 'POST', headers: all, body: text });
    expect(statuses).toContain(answer.status);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('30 MB are refused while they are sent, with and without a length', async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 0x20);
    for (const length of [{ 'content-length': String(30 * megabyte.length) }, {}]) {
      const status = await new Promise<number | string>((resolve) => {
        const sent = httpRequest(url + WEBHOOKS, { method: 'POST', headers: { ...headers({}), ...length } });
        sent.on('response', (answer) => resolve(answer.statusCode ?? 0));
        sent.on('error', (error) => resolve(error.message));
        let left = 30;
        const more = (): void => {
          while (left-- > 0) if (!sent.write(megabyte)) return void sent.once('drain', more);
          sent.end();
        };
        more();
      });
      expect(status).toBe(413);
    }
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('a sender that hangs up midway harms nothing', async () => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`POST ${WEBHOOKS} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"a":`);
    socket.destroy();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  test('SIGTERM drains and ends with 0; SIGKILL leaves a queue that the next start takes over', async () => {
    expect(await server.end('SIGTERM')).toBe(0);
    for (let i = 0; i < 3; i++) {
      const doomed = new Server(env, folder);
      await doomed.url();
      await doomed.end('SIGKILL');
    }
    server = new Server(env, folder);
    url = await server.url();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(server.text).not.toContain('BEGIN');
    expect(server.text).not.toContain(SECRET);
  });

  test.each([
    ['no secret', { WEBHOOK_SECRET: '' }, 'WEBHOOK_SECRET is not set'],
    ['a key that is none', { PRIVATE_KEY: 'top-secret-key' }, 'PRIVATE_KEY'],
    ['half a key', { PRIVATE_KEY: '-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKC\\n' }, 'PRIVATE_KEY'],
    ['no App', { APP_ID: '', PRIVATE_KEY: '', NODE_ENV: 'production' }, 'APP_ID'],
    ['a port that is none', { PORT: '70000' }, 'PORT'],
    ['a host that is none', { HOST: '192.0.2.1' }, 'cannot listen on 192.0.2.1 port 0 (EADDRNOTAVAIL)'],
    [
      'a database that does not answer',
      { DATABASE_URL: 'postgres://u:top-secret-key@127.0.0.1:1/x' },
      '127.0.0.1:1',
    ],
    [
      'registries that are not there',
      { PINWHEEL_REGISTRIES: '/nowhere/registries.yaml' },
      '/nowhere/registries.yaml',
    ],
  ])('it does not start with %s, and says what to do', async (_name, change, message) => {
    const refused = new Server({ ...env, PINWHEEL_DATA: join(folder, 'other'), ...change }, folder);
    await expect(refused.url()).rejects.toThrow(message);
    expect(await refused.end('SIGTERM')).toBe(1);
    expect(refused.text).not.toContain('top-secret-key');
    expect(refused.text).not.toContain('MIIEow');
    // One line for people, no stack.
    expect(refused.text).not.toContain('    at ');
  });
});

function sha1(text: string): string {
  return `sha1=${createHmac('sha1', SECRET).update(text).digest('hex')}`;
}
