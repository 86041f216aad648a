import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryEntry } from '../../config/registry-settings.ts';
import { RegistryError } from '../../resolve/registry.ts';
import { BoundedMap } from './bounded-map.ts';
import { askHelper } from './credential-helper.ts';
import {
  authFor,
  type DockerAuth,
  type DockerConfig,
  helperFor,
  parseDockerConfig,
} from './docker-config.ts';
import type { Endpoint } from './endpoint.ts';

/** What to show a registry. `source` names where it comes from, for messages; never the secret. */
export type Credential = { readonly source: string } & (
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A token the registry itself takes. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** A refresh token that the token server changes for an access token. */
  | { readonly kind: 'identity'; readonly token: string }
);

/** The credential, or none and why one that was configured could not be used. */
export type CredentialAnswer =
  | { readonly credential: Credential; readonly problem: null }
  | { readonly credential: null; readonly problem: RegistryError | null };

export type CredentialOptions = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: () => number;
  readonly helperTimeoutMs: number;
};

const MAX_CONFIG_CHARACTERS = 1024 * 1024;
/** Files and helpers are asked again after this time: tokens are renewed behind our back. */
const KEEP_MS = 5 * 60_000;
const MAX_KEPT = 256;
const NOTHING: CredentialAnswer = { credential: null, problem: null };

type ReadConfig = { readonly config: DockerConfig | null; readonly problem: RegistryError | null };
/**
 * Finds the credentials for a host, in this order: the registries file, `PINWHEEL_REGISTRY_HOST/USERNAME/PASSWORD`,
 * `DOCKER_AUTH_CONFIG`, Docker's `config.json` (`credHelpers`, `credsStore`, `auths`). A host must match exactly.
 * Never throws: what stands in the way is told as the problem, since most images can be pulled without credentials.
 */
export class CredentialLookup {
  readonly #options: CredentialOptions;
  readonly #configs: Keeper<ReadConfig>;
  readonly #answers: Keeper<CredentialAnswer>;

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#configs = new Keeper(options.clock);
    this.#answers = new Keeper(options.clock);
  }

  /** For a repository's name at the endpoint (credentials of `config.json` may be for a path). */
  async find(endpoint: Endpoint, repository: string): Promise<CredentialAnswer> {
    const { env } = this.#options;
    const host = endpoint.policy.name;
    const configured = endpoint.credentialsEntry === null ? null : fromEntry(endpoint.credentialsEntry, env);
    if (configured !== null) return configured;

    const named = fromEnvironment(host, env);
    if (named !== null) return named;

    const inline = env['DOCKER_AUTH_CONFIG'] ?? '';
    if (inline !== '') {
      const config = parseDockerConfig(inline);
      if (config === null) return problem('DOCKER_AUTH_CONFIG is not a JSON object; correct or unset it');
      const auth = authFor(config, host, repository);
      if (auth !== null) return toCredential(auth, 'DOCKER_AUTH_CONFIG');
    }
    return this.#fromDockerConfig(host, repository);
  }

  async #fromDockerConfig(host: string, repository: string): Promise<CredentialAnswer> {
    const path = configPath(this.#options.env);
    if (path === null) return NOTHING;
    const { config, problem } = await this.#configs.get(path, () => readConfig(path));
    if (config === null) return { credential: null, problem };

    const helper = helperFor(config, host);
    let helperProblem: RegistryError | null = null;
    if (helper !== null) {
      const { name, server } = helper;
      const answer = await this.#answers.get(`${name}\n${server}`, () => this.#fromHelper(name, server));
      if (answer.credential !== null || helper.own) return answer;
      helperProblem = answer.problem;
    }
    const auth = authFor(config, host, repository);
    if (auth !== null) return toCredential(auth, path);
    return { credential: null, problem: helperProblem };
  }

  async #fromHelper(name: string, server: string): Promise<CredentialAnswer> {
    const { env, helperTimeoutMs } = this.#options;
    try {
      const answer = await askHelper(name, server, { env, timeoutMs: helperTimeoutMs });
      if (answer === null) return NOTHING;
      const source = `docker-credential-${name}`;
      // The protocol's mark for "the secret is an identity token".
      if (answer.username === '<token>') return found({ kind: 'identity', token: answer.secret, source });
      return found({ kind: 'basic', username: answer.username, password: answer.secret, source });
    } catch (error) {
      if (error instanceof RegistryError) return { credential: null, problem: error };
      throw error;
    }
  }
}

/** Keeps answers for a while, so that one look-up serves many repositories. */
class Keeper<Value> {
  readonly #clock: () => number;
  readonly #kept = new BoundedMap<string, { readonly until: number; readonly value: Promise<Value> }>(
    MAX_KEPT,
  );

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const now = this.#clock();
    const kept = this.#kept.get(key);
    if (kept !== undefined && now < kept.until) return kept.value;
    const value = make();
    this.#kept.set(key, { until: now + KEEP_MS, value });
    return value;
  }
}

function fromEntry(entry: RegistryEntry, env: CredentialOptions['env']): CredentialAnswer | null {
  const name = entry.tokenEnv ?? entry.passwordEnv;
  if (name === null) return null;
  const secret = env[name] ?? '';
  if (secret === '') {
    return problem(
      `the environment variable ${name}, named for ${entry.host} in the registries file, is not set`,
    );
  }
  if (entry.tokenEnv !== null) return found({ kind: 'bearer', token: secret, source: name });
  return found({ kind: 'basic', username: entry.username ?? '', password: secret, source: name });
}

function fromEnvironment(host: string, env: CredentialOptions['env']): CredentialAnswer | null {
  const username = env['PINWHEEL_REGISTRY_USERNAME'] ?? '';
  const password = env['PINWHEEL_REGISTRY_PASSWORD'] ?? '';
  if (env['PINWHEEL_REGISTRY_HOST']?.toLowerCase() !== host || password === '') return null;
  return found({ kind: 'basic', username, password, source: 'PINWHEEL_REGISTRY_PASSWORD' });
}

function toCredential(auth: DockerAuth, source: string): CredentialAnswer {
  if (auth.registryToken !== null) return found({ kind: 'bearer', token: auth.registryToken, source });
  if (auth.identityToken !== null) return found({ kind: 'identity', token: auth.identityToken, source });
  const { username, password } = auth;
  return username === null || password === null
    ? NOTHING
    : found({ kind: 'basic', username, password, source });
}

function configPath(env: CredentialOptions['env']): string | null {
  const folder = env['DOCKER_CONFIG'] ?? '';
  if (folder !== '') return join(folder, 'config.json');
  const home = env['HOME'] ?? env['USERPROFILE'] ?? '';
  return home === '' ? null : join(home, '.docker', 'config.json');
}

async function readConfig(path: string): Promise<ReadConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) {
      return { config: null, problem: null };
    }
    return { config: null, problem: toProblem(`${path} cannot be read`, cause) };
  }
  const config = text.length > MAX_CONFIG_CHARACTERS ? null : parseDockerConfig(text);
  return { config, problem: config === null ? toProblem(`${path} is not a JSON object; correct it`) : null };
}

function found(credential: Credential): CredentialAnswer {
  return { credential, problem: null };
}

function problem(message: string): CredentialAnswer {
  return { credential: null, problem: toProblem(message) };
}

function toProblem(message: string, cause?: unknown): RegistryError {
  return new RegistryError({ code: 'credentials', message, cause });
}
