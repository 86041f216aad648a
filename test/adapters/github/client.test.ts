import { createVerify, generateKeyPairSync } from 'node:crypto';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { readPrivateKey } from '../../../src/adapters/github/app-jwt.ts';
import { GitHub } from '../../../src/adapters/github/client.ts';
import { objectCaches, openForge } from '../../../src/adapters/github/forge.ts';

const API = 'https://api.github.test';
const NOW = Date.parse('2026-11-20T09:00:00Z');
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

function app(now: () => number = () => NOW): GitHub {
  return new GitHub({
    baseUrl: API,
    credentials: { kind: 'app', appId: '7', privateKey },
    now,
    sleep: async () => {},
  });
}

function issued(token: string, minutes = 60) {
  return { token, expires_at: new Date(NOW + minutes * 60_000).toISOString(), permissions: {} };
}

describe('readPrivateKey', () => {
  it.each([
    ['PEM', privateKey],
    ['PEM with written line ends', privateKey.replaceAll('\n', '\\n')],
    ['base64 of PEM', Buffer.from(privateKey).toString('base64')],
    ['PEM in quotes', `"${privateKey.replaceAll('\n', '\\n')}"`],
  ])('takes %s', (_, text) => {
    expect(readPrivateKey(text).type).toBe('private');
  });

  it('refuses a key that GitHub never gave out', () => {
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(() => readPrivateKey(pem)).toThrow(/PRIVATE_KEY_PATH.*RSA key/);
  });

  it('refuses anything else without quoting it', () => {
    expect(() => readPrivateKey('hunter2')).toThrow(/private key cannot be read/);
    expect(() => readPrivateKey('hunter2')).not.toThrow(/hunter2/);
  });
});

describe('authentication', () => {
  it('signs as the App, asks for an installation token once, and shares it', async () => {
    const seen: string[] = [];
    nock(API)
      .get('/repos/o/r/installation')
      .matchHeader('authorization', (value) => {
        seen.push(String(value));
        return true;
      })
      .reply(200, { id: 5 })
      .post('/app/installations/5/access_tokens')
      .reply(201, issued('t1'))
      .get('/repos/o/r')
      .matchHeader('authorization', 'token t1')
      .times(2)
      .reply(200, {});
    const github = app();
    const octokit = await github.repository('o', 'r');
    await Promise.all([octokit.request('GET /repos/o/r'), octokit.request('GET /repos/o/r')]);

    const [header = '', payload = '', signature = ''] = (seen.at(-1) ?? '').replace('Bearer ', '').split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(claims).toEqual({ iss: '7', iat: NOW / 1000 - 60, exp: NOW / 1000 + 540 });
    const verified = createVerify('RSA-SHA256')
      .update(`${header}.${payload}`)
      .verify(publicKey, signature, 'base64url');
    expect(verified).toBe(true);
  });

  it('renews a token ahead of its end', async () => {
    let now = NOW;
    nock(API)
      .post('/app/installations/5/access_tokens')
      .reply(201, issued('t1'))
      .post('/app/installations/5/access_tokens')
      .reply(201, issued('t2', 120))
      .get('/a')
      .matchHeader('authorization', 'token t1')
      .reply(200, {})
      .get('/b')
      .matchHeader('authorization', 'token t2')
      .reply(200, {});
    const octokit = app(() => now).installation(5);
    await octokit.request('GET /a');
    now += 56 * 60_000;
    await octokit.request('GET /b');
  });

  it('takes one fresh token where one was refused in the middle of a pass', async () => {
    nock(API)
      .post('/app/installations/5/access_tokens')
      .reply(201, issued('t1'))
      .post('/app/installations/5/access_tokens')
      .reply(201, issued('t2'))
      .post('/repos/o/r/pulls')
      .matchHeader('authorization', 'token t1')
      .reply(401, { message: 'Bad credentials' })
      .post('/repos/o/r/pulls')
      .matchHeader('authorization', 'token t2')
      .reply(201, {});
    const answer = await app().installation(5).request('POST /repos/o/r/pulls');
    expect(answer.status).toBe(201);
  });

  it('a refusal with a fresh token counts', async () => {
    nock(API)
      .post('/app/installations/5/access_tokens')
      .times(2)
      .reply(201, issued('t1'))
      .get('/x')
      .reply(401, { message: 'Bad credentials' });
    await expect(app().installation(5).request('GET /x')).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('never says the token or key in an error', async () => {
    nock(API).get('/x').reply(401, { message: 'Bad credentials' });
    const github = new GitHub({ baseUrl: API, credentials: { kind: 'token', token: 'ghp_secret' } });
    const octokit = await github.repository('o', 'r');
    const error = await octokit.request('GET /x').catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('401');
    expect(String(error)).not.toContain('ghp_secret');
  });

  it('a workflow token, which may not ask who it is, is the Actions bot', async () => {
    nock(API).get('/user').reply(403, { message: 'Resource not accessible by integration' });
    const github = new GitHub({ baseUrl: API, credentials: { kind: 'token', token: 't' } });
    expect(await github.identity()).toEqual({ login: 'github-actions[bot]', kind: 'app' });
  });
});

describe('races and refusals', () => {
  async function forge() {
    const github = new GitHub({
      baseUrl: API,
      credentials: { kind: 'token', token: 't' },
      sleep: async () => {},
    });
    return openForge(github, { owner: 'o', name: 'r' }, null, objectCaches());
  }
  const pull = { branch: 'pinwheel/all', base: 'main', title: 't', body: 'b', draft: false };
  const custom = (message: string) => ({
    message: 'Validation Failed',
    errors: [{ resource: 'PullRequest', code: 'custom', message }],
  });

  it.each([
    ['exists', custom('A pull request already exists for o:pinwheel/all.')],
    ['nothing', custom('No commits between main and pinwheel/all')],
  ])('a 422 that means %s is no error', async (expected, body) => {
    nock(API).post('/repos/o/r/pulls').reply(422, body);
    expect(await (await forge()).openPullRequest(pull)).toBe(expected);
  });

  it('any other 422 is', async () => {
    nock(API).post('/repos/o/r/pulls').reply(422, custom('the base branch was modified'));
    await expect((await forge()).openPullRequest(pull)).rejects.toMatchObject({ code: 'unprocessable' });
  });

  it.each([
    [422, { message: 'Update is not a fast forward' }, 'not-fast-forward'],
    [422, { message: 'Reference does not exist' }, 'gone'],
    [404, { message: 'Not Found' }, 'gone'],
    [200, { ref: 'refs/heads/x', object: { sha: '1' } }, 'moved'],
  ])('moving a branch that answers %i %o', async (status, body, expected) => {
    nock(API)
      .patch('/repos/o/r/git/refs/heads%2Fpinwheel%2Fall', { sha: 's', force: true })
      .reply(status, body);
    expect(await (await forge()).moveBranch('pinwheel/all', 's', true)).toBe(expected);
  });

  it('a branch that exists already', async () => {
    nock(API).post('/repos/o/r/git/refs').reply(422, { message: 'Reference already exists' });
    expect(await (await forge()).createBranch('pinwheel/all', 's')).toBe('exists');
  });

  it('a conflict (409) is temporary', async () => {
    nock(API).post('/repos/o/r/git/trees').reply(409, { message: 'Git Repository is empty.' });
    const request = { parent: 'p', baseTree: 't', writes: [], message: 'm' };
    await expect((await forge()).writeCommit(request)).rejects.toMatchObject({
      code: 'conflict',
      temporary: true,
    });
  });

  it('an empty repository has no head', async () => {
    nock(API).get('/repos/o/r/commits/HEAD?per_page=1').reply(409, { message: 'Git Repository is empty.' });
    expect(await (await forge()).commit('HEAD')).toBeNull();
  });

  it('permission lost in the middle is named with the request', async () => {
    nock(API).patch('/repos/o/r/pulls/3').reply(404, { message: 'Not Found' });
    await expect((await forge()).updatePullRequest(3, { body: 'x' })).rejects.toMatchObject({
      code: 'not-found',
      temporary: false,
      message: expect.stringContaining('PATCH /repos/o/r/pulls/3'),
    });
  });

  it('sends no author with a commit, text inline and anything else as a blob', async () => {
    nock(API)
      .post('/repos/o/r/git/blobs', { content: Buffer.from([255, 0]).toString('base64'), encoding: 'base64' })
      .reply(201, { sha: 'b1' })
      .post('/repos/o/r/git/trees', {
        base_tree: 't',
        tree: [
          { path: 'a.sh', mode: '100755', type: 'blob', content: '\ufeffx\r\n' },
          { path: 'b.bin', mode: '100644', type: 'blob', sha: 'b1' },
        ],
      })
      .reply(201, { sha: 't2' })
      .post('/repos/o/r/git/commits', { message: 'm', tree: 't2', parents: ['p'] })
      .reply(201, { sha: 'c1' });
    const sha = await (await forge()).writeCommit({
      parent: 'p',
      baseTree: 't',
      message: 'm',
      writes: [
        { path: 'a.sh', mode: '100755', bytes: Buffer.from('\ufeffx\r\n') },
        { path: 'b.bin', mode: '100644', bytes: new Uint8Array([255, 0]) },
      ],
    });
    expect(sha).toBe('c1');
  });
});
