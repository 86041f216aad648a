import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { buildImage, OCI_INDEX } from '../../support/registry/image-builder.ts';
import { registryEntry } from '../../support/registry-entry.ts';
import { failure, HOST, IMAGE, REPOSITORY, START, testClient } from './client.ts';

const { top } = buildImage({ seed: 'auth' });
const ORIGIN = `https://${HOST}`;
const PATH = '/v2/team/app/manifests/1.0';
const OK_HEADERS = { 'content-type': OCI_INDEX, 'docker-content-digest': top.digest };
const SCOPE = 'repository:team/app:pull';
const BEARER = `Bearer realm="${ORIGIN}/token",service="it",scope="${SCOPE}"`;
const TOKEN_QUERY = { service: 'it', scope: SCOPE };
const USER = registryEntry(HOST, { username: 'me', passwordEnv: 'SECRET' });
const WITH_USER = { settings: { registries: [USER] }, env: { SECRET: 'hunter2' } };
const BASIC = `Basic ${Buffer.from('me:hunter2').toString('base64')}`;

const none = (value: string | null): boolean => value === null || value === undefined;
const refuse = (challenge: string | string[], path = PATH) =>
  nock(ORIGIN).head(path).reply(401, '', { 'www-authenticate': challenge });
const accept = (authorization: string, path = PATH) =>
  nock(ORIGIN).head(path).matchHeader('authorization', authorization).reply(200, '', OK_HEADERS);

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** A folder for DOCKER_CONFIG, with credential helpers that are found by PATH. */
async function dockerFolder(config: object, helpers: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pinwheel-docker-'));
  folders.push(folder);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  for (const [name, script] of Object.entries(helpers)) {
    await writeFile(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, `docker-credential-${name}`), 0o755);
  }
  return folder;
}

describe('Bearer', () => {
  it('asks without credentials first, then with a token for pulling', async () => {
    nock(ORIGIN).head(PATH).matchHeader('authorization', none).reply(401, '', { 'www-authenticate': BEARER });
    nock(ORIGIN)
      .get('/token')
      .query(TOKEN_QUERY)
      .matchHeader('authorization', none)
      .reply(200, { token: 'T' });
    accept('Bearer T');
    const { registry } = testClient();
    expect((await registry.resolveTag(IMAGE)).digest).toBe(top.digest);
    expect(registry.requests()).toMatchObject({ head: 2, token: 1 });
  });

  it.each([
    ['several challenges in one header', `Negotiate abc==, Basic realm="x, y", ${BEARER}`],
    ['several headers', ['Basic realm="x"', 'Negotiate', BEARER]],
    ['a scheme in lower case, blanks around =', BEARER.replace('Bearer', 'bearer').replaceAll('=', ' = ')],
    ['bare values', `Bearer realm=${ORIGIN}/token,service=it,scope=${SCOPE}`],
    ['escapes in a quoted string', BEARER.replace('service="it"', 'service="\\i\\t"')],
    ['a broken challenge before', `Digest realm="x, =,,";;=, =, ${BEARER}`],
  ])('understands %s', async (_what, challenge) => {
    refuse(challenge);
    nock(ORIGIN).get('/token').query(TOKEN_QUERY).reply(200, { access_token: 'T' });
    accept('Bearer T');
    const { registry } = testClient();
    await registry.resolveTag(IMAGE);
  });

  it('gets one token for many requests, and one a repository ahead of the challenge', async () => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(TOKEN_QUERY).reply(200, { token: 'T' });
    nock(ORIGIN).head(/app/).times(5).matchHeader('authorization', 'Bearer T').reply(200, '', OK_HEADERS);
    nock(ORIGIN)
      .get('/token')
      .query({ service: 'it', scope: 'repository:other:pull' })
      .reply(200, { token: 'O' });
    accept('Bearer O', '/v2/other/manifests/1.0');
    const { registry } = testClient();
    const tags = ['1.0', '1.1', '1.2', '1.3', '1.4'];
    await Promise.all(tags.map((tag) => registry.resolveTag({ ...REPOSITORY, tag })));
    await registry.resolveTag({ ...IMAGE, repository: 'other' });
    expect(registry.requests()).toMatchObject({ head: 7, token: 2 });
  });

  it('renews a token before it ends, on the clock of the server', async () => {
    refuse(BEARER);
    const issued = new Date(START - 5 * 3_600_000);
    const server = { date: new Date(issued.getTime() + 100_000).toUTCString() };
    const body = { token: 'A', expires_in: 300, issued_at: issued.toISOString() };
    nock(ORIGIN).get('/token').query(true).reply(200, body, server);
    nock(ORIGIN).head(PATH).twice().matchHeader('authorization', 'Bearer A').reply(200, '', OK_HEADERS);
    const { registry, advance } = testClient();
    await registry.resolveTag(IMAGE);
    advance(170_000);
    await registry.resolveTag(IMAGE);
    nock(ORIGIN).get('/token').query(true).reply(200, { token: 'B' });
    accept('Bearer B');
    advance(11_000);
    await registry.resolveTag(IMAGE);
  });

  it.each([400, 401, 403])('renews a token that the registry answers with %i', async (status) => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).reply(200, { token: 'A', expires_in: 3600 });
    accept('Bearer A');
    const { registry } = testClient();
    await registry.resolveTag(IMAGE);
    nock(ORIGIN)
      .head(PATH)
      .matchHeader('authorization', 'Bearer A')
      .reply(status, '', status === 401 ? { 'www-authenticate': BEARER } : {});
    nock(ORIGIN).get('/token').query(true).reply(200, { token: 'B' });
    accept('Bearer B');
    await registry.resolveTag(IMAGE);
  });

  it('does not go on for ever when every token is refused', async () => {
    nock(ORIGIN).head(PATH).twice().reply(401, '', { 'www-authenticate': BEARER });
    nock(ORIGIN).get('/token').query(true).reply(200, { token: 'T' });
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({
      code: 'unauthorized',
      temporary: false,
    });
  });

  it('takes the scope by which the registry knows the repository, and only to pull', async () => {
    refuse(BEARER.replace(SCOPE, 'repository:key/team/app:pull,push registry:catalog:*'));
    nock(ORIGIN)
      .get('/token')
      .query({ service: 'it', scope: 'repository:key/team/app:pull' })
      .reply(200, { token: 'T' });
    accept('Bearer T');
    const { registry } = testClient();
    await registry.resolveTag(IMAGE);
  });

  it('shows the password to the realm, never to the registry', async () => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).matchHeader('authorization', BASIC).reply(200, { token: 'T' });
    accept('Bearer T');
    const { registry } = testClient(WITH_USER);
    await registry.resolveTag(IMAGE);
  });

  it('changes an identity token for an access token', async () => {
    const auths = { [HOST]: { identitytoken: 'refresh me' } };
    refuse(BEARER);
    nock(ORIGIN)
      .post('/token', {
        grant_type: 'refresh_token',
        client_id: 'pinwheel',
        scope: SCOPE,
        service: 'it',
        refresh_token: 'refresh me',
      })
      .reply(200, { access_token: 'T' });
    accept('Bearer T');
    const { registry } = testClient({ env: { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) } });
    await registry.resolveTag(IMAGE);
  });

  it('pulls anonymously when credentials are refused, and shows them no second time', async () => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).matchHeader('authorization', BASIC).reply(401);
    nock(ORIGIN)
      .get('/token')
      .query(true)
      .twice()
      .matchHeader('authorization', none)
      .reply(200, { token: 'T' });
    nock(ORIGIN)
      .head(/manifests/)
      .twice()
      .matchHeader('authorization', 'Bearer T')
      .reply(200, '', OK_HEADERS);
    const { registry } = testClient(WITH_USER);
    await registry.resolveTag(IMAGE);
    await registry.resolveTag({ ...IMAGE, repository: 'other' });
  });

  it('says that the credentials were refused where anonymous is not enough', async () => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).twice().reply(401);
    const { registry } = testClient(WITH_USER);
    const error = await failure(registry.resolveTag(IMAGE));
    expect(error.code).toBe('unauthorized');
    expect(error.message).toContain('credentials from SECRET were refused');
    expect(error.message).not.toContain('hunter2');
  });

  it.each([
    ['no JSON', 'token'],
    ['no token', {}],
    ['a token that would break the header', { token: 'a\r\nx: y' }],
  ])('refuses a token answer with %s', async (_what, body) => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).reply(200, body);
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'invalid-response' });
  });

  it('keeps an outage of the token server an outage', async () => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).times(3).reply(503);
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'unavailable', temporary: true });
  });

  it('does not read a 404 of the token server as a missing image', async () => {
    refuse(BEARER);
    nock(ORIGIN).get('/token').query(true).reply(404);
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'unauthorized' });
  });

  it('gives a configured token to the registry when it is asked for one', async () => {
    refuse(BEARER);
    accept('Bearer static');
    const { registry } = testClient({
      settings: { registries: [registryEntry(HOST, { tokenEnv: 'TOKEN' })] },
      env: { TOKEN: 'static' },
    });
    await registry.resolveTag(IMAGE);
  });
});

describe('the realm', () => {
  const HUB_PATH = '/v2/library/python/manifests/3';
  const HUB = { registry: 'docker.io', repository: 'library/python', tag: '3' };

  it("gets Docker Hub's credentials at auth.docker.io", async () => {
    const challenge = 'Bearer realm="https://auth.docker.io/token",service="registry.docker.io"';
    nock('https://registry-1.docker.io').head(HUB_PATH).reply(401, '', { 'www-authenticate': challenge });
    nock('https://auth.docker.io')
      .get('/token')
      .query({ service: 'registry.docker.io', scope: 'repository:library/python:pull' })
      .matchHeader('authorization', BASIC)
      .reply(200, { token: 'T' });
    nock('https://registry-1.docker.io')
      .head(HUB_PATH)
      .matchHeader('authorization', 'Bearer T')
      .reply(200, '', OK_HEADERS);
    const auths = { 'https://index.docker.io/v1/': { auth: Buffer.from('me:hunter2').toString('base64') } };
    const { registry } = testClient({ env: { DOCKER_CONFIG: await dockerFolder({ auths }) } });
    await registry.resolveTag(HUB);
  });

  it('of another domain is asked anonymously, and the refusal says why', async () => {
    refuse('Bearer realm="https://token.evil.test/t"');
    nock('https://token.evil.test').get('/t').query(true).matchHeader('authorization', none).reply(403);
    const { registry } = testClient(WITH_USER);
    const error = await failure(registry.resolveTag(IMAGE));
    expect(error.code).toBe('denied');
    expect(error.message).toContain('not sent to token.evil.test');
  });

  it('of another domain gets credentials where the operator lists it', async () => {
    refuse('Bearer realm="https://token.other.test/t"');
    nock('https://token.other.test')
      .get('/t')
      .query(true)
      .matchHeader('authorization', BASIC)
      .reply(200, { token: 'T' });
    accept('Bearer T');
    const registries = [USER, registryEntry('token.other.test')];
    const { registry } = testClient({ ...WITH_USER, settings: { registries } });
    await registry.resolveTag(IMAGE);
  });

  it.each([
    ['by plain http', `http://${HOST}/token`],
    ['on the loopback', 'https://127.0.0.1:1/token'],
    ['at the metadata service', 'https://169.254.169.254/token'],
    ['in the local network by IPv6', 'https://[fd00::1]/token'],
    ['with a password', 'https://a:b@token.example/'],
    ['by another scheme', 'file:///etc/passwd'],
  ])('%s is refused', async (_what, realm) => {
    refuse(`Bearer realm="${realm}"`);
    const { registry } = testClient(WITH_USER);
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'address-refused' });
  });

  it.each(['Bearer', 'Bearer realm=""', 'Bearer realm="not a url"', 'Digest realm="x"', '=,"', ''])(
    'that cannot be understood (%j) leaves the request refused',
    async (challenge) => {
      refuse(challenge);
      const { registry } = testClient(WITH_USER);
      expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'unauthorized' });
    },
  );
});

describe('Basic', () => {
  it('is answered after the challenge, and from then on ahead of it', async () => {
    refuse('Basic realm="x"');
    nock(ORIGIN).head(PATH).twice().matchHeader('authorization', BASIC).reply(200, '', OK_HEADERS);
    const { registry } = testClient(WITH_USER);
    await registry.resolveTag(IMAGE);
    await registry.resolveTag(IMAGE);
  });

  it('is not repeated when it is refused', async () => {
    nock(ORIGIN).head(PATH).twice().reply(401, '', { 'www-authenticate': 'Basic realm="x"' });
    const { registry } = testClient(WITH_USER);
    const error = await failure(registry.resolveTag(IMAGE));
    expect(error.message).toContain('credentials from SECRET were refused');
  });

  it('says which variable is not set', async () => {
    refuse('Basic realm="x"');
    const { registry } = testClient({ ...WITH_USER, env: {} });
    const error = await failure(registry.resolveTag(IMAGE));
    expect(error.code).toBe('credentials');
    expect(error.message).toContain('SECRET');
  });

  it('takes one host from the environment', async () => {
    refuse('Basic realm="x"');
    accept(BASIC);
    const env = {
      PINWHEEL_REGISTRY_HOST: HOST,
      PINWHEEL_REGISTRY_USERNAME: 'me',
      PINWHEEL_REGISTRY_PASSWORD: 'hunter2',
    };
    const { registry } = testClient({ env });
    await registry.resolveTag(IMAGE);
  });
});

describe('redirects', () => {
  it('lose the credentials when they leave the origin, for good', async () => {
    refuse('Basic realm="x"', '/v2/team/app/manifests/1.0');
    nock(ORIGIN)
      .head(PATH)
      .matchHeader('authorization', BASIC)
      .reply(307, '', { location: 'https://cdn.example/x' });
    nock('https://cdn.example')
      .head('/x')
      .matchHeader('authorization', none)
      .reply(302, '', { location: `${ORIGIN}/back` });
    nock(ORIGIN).head('/back').matchHeader('authorization', none).reply(200, '', OK_HEADERS);
    const { registry } = testClient(WITH_USER);
    await registry.resolveTag(IMAGE);
  });

  it('keep them within the origin', async () => {
    refuse('Basic realm="x"');
    nock(ORIGIN).head(PATH).matchHeader('authorization', BASIC).reply(308, '', { location: '/elsewhere' });
    accept(BASIC, '/elsewhere');
    const { registry } = testClient(WITH_USER);
    await registry.resolveTag(IMAGE);
  });

  it('answer the challenge of another host with an anonymous token, and only there', async () => {
    const scope = 'repository:elsewhere/app:pull';
    const challenge = `Bearer realm="https://cdn.example/token",service="c",scope="${scope}"`;
    nock(ORIGIN)
      .head(PATH)
      .twice()
      .matchHeader('authorization', none)
      .reply(307, '', { location: 'https://cdn.example/x' });
    nock('https://cdn.example')
      .head('/x')
      .twice()
      .matchHeader('authorization', none)
      .reply(401, '', { 'www-authenticate': challenge });
    nock('https://cdn.example')
      .get('/token')
      .query({ service: 'c', scope })
      .matchHeader('authorization', none)
      .reply(200, { token: 'C' });
    nock('https://cdn.example')
      .head('/x')
      .twice()
      .matchHeader('authorization', 'Bearer C')
      .reply(200, '', OK_HEADERS);
    const { registry } = testClient(WITH_USER);
    await registry.resolveTag(IMAGE);
    await registry.resolveTag(IMAGE);
  });

  it('give no credentials to a challenge of another host', async () => {
    nock(ORIGIN).head(PATH).reply(307, '', { location: 'https://cdn.example/x' });
    nock('https://cdn.example').head('/x').reply(401, '', { 'www-authenticate': 'Basic realm="mine"' });
    const { registry } = testClient(WITH_USER);
    const error = await failure(registry.resolveTag(IMAGE));
    expect(error.code).toBe('unauthorized');
    expect(error.message).toContain('another host');
  });

  it.each([
    ['a private address', 'https://10.0.0.1/x', 'a private address'],
    ['the loopback', 'https://localhost:1/x', 'a loopback address'],
    ['the metadata service', 'http://169.254.169.254/latest/meta-data/', 'no registry lives there'],
    ['IPv4 inside IPv6', 'https://[::ffff:127.0.0.1]/x', 'a loopback address'],
    ['a number for an address', 'https://2130706433/x', 'a loopback address'],
    ['plain http', `http://${HOST}/x`, 'plain http is not allowed'],
    ['a file', 'file:///etc/passwd', `${HOST}: redirected to a file: address`],
  ])('to %s are refused', async (_what, location, message) => {
    nock(ORIGIN).head(PATH).reply(307, '', { location });
    const { registry } = testClient();
    const error = await failure(registry.resolveTag(IMAGE));
    expect(error.code).toBe('address-refused');
    expect(error.message).toContain(message);
  });

  it('end after five', async () => {
    nock(ORIGIN).head(PATH).times(6).reply(307, '', { location: PATH });
    const { registry } = testClient();
    expect(await failure(registry.resolveTag(IMAGE))).toMatchObject({ code: 'invalid-response' });
  });
});

describe('credential helpers', () => {
  const ask = async (config: object, helpers: Record<string, string>, limits = {}) => {
    const path = await dockerFolder(config, helpers);
    return testClient({ env: { DOCKER_CONFIG: path, PATH: `${path}:/usr/bin:/bin` }, limits });
  };
  const answer = (text: string): string => `cat > /dev/null; printf '%s' '${text}'`;

  it('are asked for the host, once for many images', async () => {
    refuse('Basic realm="x"');
    nock(ORIGIN)
      .head(/manifests/)
      .twice()
      .matchHeader('authorization', BASIC)
      .reply(200, '', OK_HEADERS);
    const script = `read server; echo "$1 $server" >> "$0.log"; printf '{"ServerURL":"x","Username":"me","Secret":"hunter2"}'`;
    const { registry } = await ask(
      { credHelpers: { [HOST]: 'test', 'other.example': 'no' } },
      { test: script },
    );
    await registry.resolveTag(IMAGE);
    await registry.resolveTag({ ...IMAGE, repository: 'other' });
    expect(await readFile(join(folders[0] ?? '', 'docker-credential-test.log'), 'utf8')).toBe(
      `get ${HOST}\n`,
    );
  });

  it('may answer an identity token', async () => {
    refuse(BEARER);
    nock(ORIGIN)
      .post('/token', /refresh_token=R/)
      .reply(200, { access_token: 'T' });
    accept('Bearer T');
    const { registry } = await ask(
      { credsStore: 'test' },
      { test: answer('{"Username":"<token>","Secret":"R"}') },
    );
    await registry.resolveTag(IMAGE);
  });

  it.each([
    ['fails', 'echo "keychain is locked"; exit 1', 'keychain is locked'],
    ['answers no JSON', 'echo secret-words', 'did not answer with JSON'],
    ['answers without a secret', `echo '{"Username":"me"}'`, 'without Username and Secret'],
    ['answers too much', 'head -c 200000 /dev/zero', 'more than 65536 bytes'],
    ['hangs', 'exec sleep 60', 'did not answer in 0.2 s'],
  ])(
    'that %s do not keep from public images, and are named for private ones',
    async (_what, script, words) => {
      nock(ORIGIN).head(PATH).reply(401, '', { 'www-authenticate': BEARER });
      nock(ORIGIN).get('/token').query(true).reply(200, { token: 'T' });
      accept('Bearer T');
      const { registry } = await ask({ credsStore: 'test' }, { test: script }, { helperTimeoutMs: 200 });
      await registry.resolveTag(IMAGE);
      nock(ORIGIN).get('/token').query(true).reply(401);
      const error = await failure(registry.resolveTag({ ...IMAGE, repository: 'private' }));
      expect(error.code).toBe('credentials');
      expect(error.message).toContain(words);
      expect(error.message).not.toContain('secret-words');
    },
  );

  it('that are not installed, or have a path for a name, are named', async () => {
    nock(ORIGIN).head(PATH).twice().reply(401, '', { 'www-authenticate': 'Basic realm="x"' });
    const missing = await ask({ credHelpers: { [HOST]: 'missing' } }, {});
    expect((await failure(missing.registry.resolveTag(IMAGE))).message).toContain('not installed');
    const { registry } = testClient({
      env: { DOCKER_CONFIG: await dockerFolder({ credHelpers: { [HOST]: '../../bin/sh' } }) },
    });
    expect((await failure(registry.resolveTag(IMAGE))).message).toContain(
      'not a valid credential helper name',
    );
  });
});
