import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { misspelledVariables, readEnvironment } from '../../src/config/environment.ts';
import { Secret } from '../../src/config/secret.ts';

const KEY = '-----BEGIN RSA PRIVATE KEY-----\\nabc\\n-----END RSA PRIVATE KEY-----';
const app = { APP_ID: '7', PRIVATE_KEY: KEY };

describe('readEnvironment', () => {
  it('has defaults', () => {
    expect(readEnvironment({ HOME: '/home/ada', XDG_STATE_HOME: '/state' })).toEqual({
      credentials: null,
      webhookSecret: null,
      apiUrl: 'https://api.github.com',
      databaseUrl: null,
      dataFolder: '/state/pinwheel',
      host: null,
      port: 3000,
      webhookPath: '/api/github/webhooks',
      logLevel: 'info',
      logFormat: null,
      isProduction: false,
      concurrency: 2,
      drainMs: 25_000,
      cron: '0 * * * *',
      timezone: 'UTC',
      jitterMs: 300_000,
      repositories: [],
      organisations: [],
      topics: [],
    });
  });

  it.each([
    ['an App', app, { credentials: { kind: 'app', appId: '7' } }],
    ['an App by client id', { ...app, APP_ID: 'Iv23liAbC' }, { credentials: { appId: 'Iv23liAbC' } }],
    ['a key in a file', { APP_ID: '7', PRIVATE_KEY_PATH: '/k.pem' }, { credentials: { kind: 'app' } }],
    ['a token', { GITHUB_TOKEN: 't' }, { credentials: { kind: 'token' } }],
    ['an App before a token', { ...app, GITHUB_TOKEN: 't' }, { credentials: { kind: 'app' } }],
    ['an API', { GITHUB_API_URL: 'http://127.0.0.1:9/' }, { apiUrl: 'http://127.0.0.1:9' }],
    ['an Enterprise host', { GHE_HOST: 'git.example.com' }, { apiUrl: 'https://git.example.com/api/v3' }],
    [
      'the API before the host',
      { GHE_HOST: 'a', GITHUB_API_URL: 'https://b/api' },
      { apiUrl: 'https://b/api' },
    ],
    ['port 0', { PORT: '0' }, { port: 0 }],
    ['blanks', { PORT: ' ', HOST: '' }, { port: 3000, host: null }],
    ["Probot's levels", { LOG_LEVEL: 'TRACE' }, { logLevel: 'debug' }],
    ['lists', { PINWHEEL_REPOSITORIES: 'a/b, c/d.e\nf/g' }, { repositories: ['a/b', 'c/d.e', 'f/g'] }],
  ])('reads %s', (_, variables, expected) => {
    expect(readEnvironment(variables, () => KEY)).toMatchObject(expected);
  });

  it.each([
    [{ APP_ID: '7' }, 'PRIVATE_KEY: missing'],
    [{ PRIVATE_KEY: KEY }, 'APP_ID: missing'],
    [{ APP_ID: 'a b', PRIVATE_KEY: KEY }, 'APP_ID: expected the id'],
    [
      { APP_ID: '7', PRIVATE_KEY_PATH: '/nowhere/k.pem' },
      'PRIVATE_KEY_PATH: /nowhere/k.pem cannot be read (ENOENT)',
    ],
    [{ GITHUB_API_URL: 'ftp://x' }, 'GITHUB_API_URL: expected an address'],
    [{ GHE_HOST: 'a b' }, 'GHE_HOST: expected an address'],
    [{ DATABASE_URL: 'mysql://root:hunter2@x/y' }, 'DATABASE_URL: expected postgres://'],
    [{ PORT: '65536' }, 'PORT: expected a whole number from 0 to 65535'],
    [{ PORT: '3000x' }, 'PORT: expected'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: expected'],
    [{ PINWHEEL_CRON: '60 * * * *' }, 'PINWHEEL_CRON: minute'],
    [{ PINWHEEL_TIMEZONE: 'Mars' }, 'PINWHEEL_TIMEZONE: expected'],
    [{ PINWHEEL_REPOSITORIES: 'shop' }, 'PINWHEEL_REPOSITORIES: "shop" is not a repository'],
    [{ WEBHOOK_PATH: 'hook' }, 'WEBHOOK_PATH: expected'],
  ])('refuses %j', (variables, message) => {
    expect(() => readEnvironment(variables)).toThrow(message);
    expect(() => readEnvironment(variables)).not.toThrow('hunter2');
  });

  it('lists every fault at once', () => {
    expect(() => readEnvironment({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT.*\nLOG_LEVEL/);
  });

  it('shows no secret by accident', () => {
    const environment = readEnvironment({
      APP_ID: '7',
      PRIVATE_KEY: 'hunter2',
      WEBHOOK_SECRET: 'hunter2',
      DATABASE_URL: 'postgres://hunter2@x/y',
    });
    expect(
      `${JSON.stringify(environment)}${inspect(environment, { depth: 9, showHidden: true })}`,
    ).not.toContain('hunter2');
    expect(`${environment.webhookSecret}`).toBe('[secret]');
    expect(environment.webhookSecret?.reveal()).toBe('hunter2');
    expect(new Secret('a')).not.toHaveProperty('value');
  });
});

it('hints at misspelled variables', () => {
  expect(
    misspelledVariables({
      PINWHEEL_CONCURENCY: '3',
      PINWHEEL_DATA: '/d',
      PINWHEEL_SOMETHING_ELSE: '',
      HOME: '/',
    }),
  ).toEqual(['PINWHEEL_CONCURENCY is not a known variable; did you mean PINWHEEL_CONCURRENCY?']);
});
