import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { cronFault } from '../domain/cron.ts';
import { PinwheelError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import { SCANNER_VARIABLES } from '../domain/scanner-name.ts';
import { Secret } from './secret.ts';

/** Environment variables that cannot be used; the message names each, and what it should be. Never a value of a secret. */
export class EnvironmentError extends PinwheelError<'invalid-environment'> {
  constructor(faults: readonly string[]) {
    super({ code: 'invalid-environment', message: faults.join('\n') });
  }
}

export type Credentials =
  | { readonly kind: 'app'; readonly appId: string; readonly privateKey: Secret }
  | { readonly kind: 'token'; readonly token: Secret };

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the operator sets for the long-running commands, validated. */
export type Environment = {
  /** Null where nothing was given: only Probot's set-up can start then. An App goes before a token. */
  readonly credentials: Credentials | null;
  readonly webhookSecret: Secret | null;
  /** Root of GitHub's REST API, no slash at the end. */
  readonly apiUrl: string;
  /** Null: the queue on disk, in `dataFolder`. */
  readonly databaseUrl: Secret | null;
  readonly dataFolder: string;
  /** Null where not given: the command chooses. */
  readonly host: string | null;
  readonly port: number;
  readonly webhookPath: string;
  readonly logLevel: LogLevel;
  readonly logFormat: 'json' | 'text' | null;
  readonly isProduction: boolean;
  /** Passes at once. */
  readonly concurrency: number;
  readonly drainMs: number;
  /** When the schedule looks at all repositories: a cron expression and its time zone. */
  readonly cron: string;
  readonly timezone: string;
  /** The schedule's visits are spread over this long, in milliseconds. */
  readonly jitterMs: number;
  /** Which repositories `pinwheel cron` visits, beside those named on its command line. */
  readonly repositories: readonly string[];
  readonly organisations: readonly string[];
  readonly topics: readonly string[];
};

type Variables = Readonly<Record<string, string | undefined>>;

/** Every variable read here or elsewhere, for hints about misspelled ones. */
const KNOWN = [
  'PINWHEEL_CONCURRENCY',
  'PINWHEEL_CRON',
  'PINWHEEL_DATA',
  'PINWHEEL_DEBUG',
  'PINWHEEL_DRAIN',
  'PINWHEEL_JITTER',
  'PINWHEEL_ORGANISATIONS',
  'PINWHEEL_REGISTRIES',
  'PINWHEEL_REPOSITORIES',
  'PINWHEEL_TIMEZONE',
  'PINWHEEL_TOPICS',
  ...Object.values<string>(SCANNER_VARIABLES),
];

const REPOSITORY = /^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/;
const ACCOUNT = /^[A-Za-z0-9][A-Za-z0-9-]*$/;
const TOPIC = /^[a-z0-9][a-z0-9-]*$/;

/**
 * Reads and validates the environment, once. Empty variables count as not set. `readText` reads the file that
 * `PRIVATE_KEY_PATH` names. Throws {@link EnvironmentError} with every fault, one a line.
 */
export function readEnvironment(
  variables: Variables,
  readText: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Environment {
  const faults: string[] = [];
  const get = (name: string): string | null => variables[name]?.trim() || null;
  const secret = (name: string): Secret | null => {
    const value = get(name);
    return value === null ? null : new Secret(value);
  };
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const text = get(name);
    if (text === null) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    faults.push(`${name}: expected a whole number from ${min} to ${max}`);
    return fallback;
  };
  const oneOf = <T extends string>(name: string, choices: readonly T[], fallback: T): T => {
    const text = get(name)?.toLowerCase() ?? fallback;
    const found = choices.find((choice) => choice === text);
    if (found === undefined) faults.push(`${name}: expected ${choices.join(', ')}`);
    return found ?? fallback;
  };
  const list = (name: string, shape: RegExp, want: string): readonly string[] => {
    const items = (get(name) ?? '').split(/[\s,]+/).filter((item) => item !== '');
    const wrong = items.find((item) => !shape.test(item));
    if (wrong !== undefined) faults.push(`${name}: ${JSON.stringify(wrong.slice(0, 100))} is not ${want}`);
    return items;
  };

  const format = get('LOG_FORMAT');
  const environment: Environment = {
    credentials: readCredentials(get, readText, faults),
    webhookSecret: secret('WEBHOOK_SECRET'),
    apiUrl: readApiUrl(get, faults),
    databaseUrl: readDatabaseUrl(get, faults),
    dataFolder:
      get('PINWHEEL_DATA') ?? join(get('XDG_STATE_HOME') ?? join(homedir(), '.local', 'state'), 'pinwheel'),
    host: get('HOST'),
    port: whole('PORT', 3000, 0, 65535),
    webhookPath: get('WEBHOOK_PATH') ?? '/api/github/webhooks',
    logLevel: levelOf(oneOf('LOG_LEVEL', ['trace', 'fatal', ...LOG_LEVELS], 'info')),
    logFormat: format === null ? null : oneOf<'json' | 'text'>('LOG_FORMAT', ['json', 'text'], 'json'),
    isProduction: get('NODE_ENV') === 'production',
    concurrency: whole('PINWHEEL_CONCURRENCY', 2, 1, 64),
    drainMs: whole('PINWHEEL_DRAIN', 25, 0, 3600) * 1000,
    cron: get('PINWHEEL_CRON') ?? '0 * * * *',
    timezone: get('PINWHEEL_TIMEZONE') ?? 'UTC',
    jitterMs: whole('PINWHEEL_JITTER', 300, 0, 86_400) * 1000,
    repositories: list('PINWHEEL_REPOSITORIES', REPOSITORY, 'a repository: expected OWNER/NAME'),
    organisations: list('PINWHEEL_ORGANISATIONS', ACCOUNT, 'an organisation or user'),
    topics: list('PINWHEEL_TOPICS', TOPIC, 'a topic'),
  };
  addFaults(environment, faults);
  if (faults.length > 0) throw new EnvironmentError(faults);
  return environment;
}

/** What is wrong with values that are texts of a form of their own. */
function addFaults(environment: Environment, faults: string[]): void {
  const fault = cronFault(environment.cron);
  if (fault !== null) faults.push(`PINWHEEL_CRON: ${fault}`);
  if (!isTimezone(environment.timezone))
    faults.push('PINWHEEL_TIMEZONE: expected an IANA time zone: "Europe/Berlin"');
  if (!environment.webhookPath.startsWith('/'))
    faults.push('WEBHOOK_PATH: expected a path that starts with "/"');
}

/** Variables that look like a misspelled one of ours: `PINWHEEL_CONCURENCY`, with what was meant. */
export function misspelledVariables(variables: Variables): readonly string[] {
  return Object.keys(variables).flatMap((name) => {
    if (!name.startsWith('PINWHEEL_') || KNOWN.includes(name)) return [];
    const meant = nearest(name, KNOWN);
    return meant === null ? [] : [`${name} is not a known variable; did you mean ${meant}?`];
  });
}

/** Probot knows two more levels; they are the nearest of ours. */
function levelOf(name: LogLevel | 'trace' | 'fatal'): LogLevel {
  if (name === 'trace') return 'debug';
  return name === 'fatal' ? 'error' : name;
}

type Get = (name: string) => string | null;

function readCredentials(get: Get, readText: (path: string) => string, faults: string[]): Credentials | null {
  const appId = get('APP_ID');
  const token = get('GITHUB_TOKEN');
  if (appId === null) {
    if (get('PRIVATE_KEY') !== null || get('PRIVATE_KEY_PATH') !== null) {
      faults.push('APP_ID: missing, but a private key is set; the App page shows the id');
    }
    return token === null ? null : { kind: 'token', token: new Secret(token) };
  }
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(appId)) faults.push('APP_ID: expected the id or client id of the App');
  const key = readPrivateKeyText(get, readText, faults);
  return key === null ? null : { kind: 'app', appId, privateKey: new Secret(key) };
}

function readPrivateKeyText(get: Get, readText: (path: string) => string, faults: string[]): string | null {
  const direct = get('PRIVATE_KEY');
  if (direct !== null) return direct;
  const path = get('PRIVATE_KEY_PATH');
  if (path === null) {
    faults.push('PRIVATE_KEY: missing; give the PEM text (or base64 of it), or its file as PRIVATE_KEY_PATH');
    return null;
  }
  try {
    return readText(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    faults.push(`PRIVATE_KEY_PATH: ${path} cannot be read (${reason})`);
    return null;
  }
}

function readApiUrl(get: Get, faults: string[]): string {
  const host = get('GHE_HOST');
  const text =
    get('GITHUB_API_URL') ??
    (host === null ? 'https://api.github.com' : `${get('GHE_PROTOCOL') ?? 'https'}://${host}/api/v3`);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const name = get('GITHUB_API_URL') === null ? 'GHE_HOST' : 'GITHUB_API_URL';
    faults.push(
      `${name}: expected an address such as https://github.example.com/api/v3 (GHE_HOST: just the host)`,
    );
  }
  return text.replace(/\/+$/, '');
}

function readDatabaseUrl(get: Get, faults: string[]): Secret | null {
  const text = get('DATABASE_URL');
  if (text === null) return null;
  if (!/^postgres(ql)?:\/\//.test(text))
    faults.push('DATABASE_URL: expected postgres://user:password@host:5432/database');
  return new Secret(text);
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
