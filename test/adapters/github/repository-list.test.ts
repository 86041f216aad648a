import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/adapters/github/client.ts';
import { repositoryList } from '../../../src/adapters/github/repository-list.ts';
import { testKey } from '../../support/webhooks.ts';

const API = 'https://github.test';
const token = new GitHub({ baseUrl: API, credentials: { kind: 'token', token: 't' } });
const app = new GitHub({ baseUrl: API, credentials: { kind: 'app', appId: '7', privateKey: testKey } });
const found = (name: string, topics: readonly string[] = [], more: object = {}) => ({
  name,
  owner: { login: 'acme' },
  topics,
  ...more,
});
const none = { repositories: [], organisations: [], topics: [] };

async function list(
  github: GitHub,
  isApp: boolean,
  choice: Partial<typeof none> | object,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const one of repositoryList(github, isApp, { ...none, ...choice }).repositories()) {
    names.push(`${one.name} ${one.installationId}${one.archived ? ' archived' : ''}`);
  }
  return names;
}

describe('repositoryList', () => {
  it('asks nobody about those that are named, and names each once', async () => {
    expect(await list(token, false, { repositories: ['acme/a', 'acme/b', 'Acme/A'] })).toEqual([
      'a null',
      'b null',
    ]);
  });

  it('pages through what a token reaches', async () => {
    const page = Array.from({ length: 100 }, (_, i) => found(`r${i}`));
    nock(API).get('/user/repos?per_page=100&page=1').reply(200, page);
    nock(API)
      .get('/user/repos?per_page=100&page=2')
      .reply(200, [found('last', [], { archived: true })]);
    const names = await list(token, false, {});
    expect(names).toHaveLength(101);
    expect(names.at(-1)).toBe('last null archived');
  });

  it('takes a user where there is no organisation, and topics among theirs', async () => {
    nock(API).get('/orgs/ada').reply(404, { message: 'Not Found' });
    nock(API)
      .get('/users/ada/repos?per_page=100&page=1')
      .reply(200, [found('a', ['pinwheel']), found('b', ['other']), found('c')]);
    expect(await list(token, false, { organisations: ['ada'], topics: ['pinwheel', 'x'] })).toEqual([
      'a null',
    ]);
  });

  it('takes the installations of an App, and among them those of an organisation', async () => {
    nock(API)
      .get('/app/installations?per_page=100&page=1')
      .reply(200, [
        { id: 1, account: { login: 'Acme' }, suspended_at: null },
        { id: 2, account: { login: 'other' }, suspended_at: null },
        { id: 3, account: { login: 'acme' }, suspended_at: '2026-01-01T00:00:00Z' },
      ]);
    nock(API)
      .post('/app/installations/1/access_tokens')
      .reply(201, { token: 'i', expires_at: new Date(Date.now() + 3_600_000).toISOString() });
    nock(API)
      .get('/installation/repositories?per_page=100&page=1')
      .reply(200, { total_count: 1, repositories: [found('a')] });
    expect(await list(app, true, { organisations: ['acme'], repositories: ['acme/named'] })).toEqual([
      'named null',
      'a 1',
    ]);
  });

  const installed = (id: number, account: string) => ({
    id,
    account: { login: account },
    suspended_at: null,
  });
  const issued = () => ({ token: 'i', expires_at: new Date(Date.now() + 3_600_000).toISOString() });
  /** What was listed before the fault, and the fault's code. */
  const listUntilFault = async (github: GitHub, isApp: boolean, choice: object = {}) => {
    const listed: string[] = [];
    try {
      const { repositories } = repositoryList(github, isApp, { ...none, ...choice });
      for await (const { name } of repositories()) listed.push(name);
    } catch (error) {
      return { listed, error };
    }
    return { listed, error: null };
  };

  it('pages through an installation', async () => {
    const first = Array.from({ length: 100 }, (_, i) => found(`r${i}`, [], { archived: i === 1 }));
    nock(API)
      .get('/app/installations?per_page=100&page=1')
      .reply(200, [installed(5, 'acme')])
      .post('/app/installations/5/access_tokens')
      .reply(201, issued())
      .get('/installation/repositories?per_page=100&page=1')
      .reply(200, { total_count: 101, repositories: first })
      .get('/installation/repositories?per_page=100&page=2')
      .reply(200, { total_count: 101, repositories: [found('last')] });
    const names = await list(app, true, {});
    expect(names).toHaveLength(101);
    expect([names[1], names.at(-1)]).toEqual(['r1 5 archived', 'last 5']);
  });

  it('one installation that refuses keeps none of the others back, and is told', async () => {
    nock(API)
      .get('/app/installations?per_page=100&page=1')
      .reply(200, [installed(11, 'walled'), installed(12, 'acme')])
      .post('/app/installations/11/access_tokens')
      .reply(201, { ...issued(), token: 'walled' })
      .post('/app/installations/12/access_tokens')
      .reply(201, issued());
    nock(API, { reqheaders: { authorization: 'token walled' } })
      .get('/installation/repositories?per_page=100&page=1')
      .reply(403, { message: 'the IP allow list of this organization' });
    nock(API, { reqheaders: { authorization: 'token i' } })
      .get('/installation/repositories?per_page=100&page=1')
      .reply(200, { total_count: 1, repositories: [found('a')] });
    expect(await listUntilFault(app, true)).toMatchObject({ listed: ['a'], error: { code: 'forbidden' } });
  });

  it('one account that is gone keeps none of the others back', async () => {
    nock(API)
      .get('/orgs/gone')
      .reply(404, { message: 'Not Found' })
      .get('/users/gone/repos?per_page=100&page=1')
      .reply(404, { message: 'Not Found' })
      .get('/orgs/acme')
      .reply(200, {})
      .get('/orgs/acme/repos?per_page=100&page=1')
      .reply(200, [found('a')]);
    const organisations = ['gone', 'acme'];
    expect(await listUntilFault(token, false, { organisations })).toMatchObject({
      listed: ['a'],
      error: { code: 'not-found' },
    });
  });

  it('fails where GitHub does, and never says that there is nothing', async () => {
    nock(API).get('/orgs/acme').reply(403, { message: 'no' });
    await expect(list(token, false, { organisations: ['acme'] })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
