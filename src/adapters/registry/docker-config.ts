import { DOCKER_HUB } from '../../domain/image-reference.ts';
import { isRecord } from '../../domain/record.ts';

/** The parts of Docker's `config.json` that hold credentials. */
export type DockerConfig = {
  readonly auths: ReadonlyMap<string, DockerAuth>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | null;
};

export type DockerAuth = {
  readonly username: string | null;
  readonly password: string | null;
  /** A refresh token for the OAuth2 token endpoint. */
  readonly identityToken: string | null;
  /** A token for the registry itself. */
  readonly registryToken: string | null;
};

/** The name under which Docker keeps Docker Hub's credentials. */
const HUB_KEY = 'https://index.docker.io/v1/';
const HUB_HOSTS: ReadonlySet<string> = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** Reads the text of a `config.json`; unknown keys and entries of another shape are ignored. Null where it is no JSON object. */
export function parseDockerConfig(text: string): DockerConfig | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(parsed)) return null;
  const auths = new Map<string, DockerAuth>();
  for (const [key, value] of Object.entries(record(parsed['auths']))) {
    if (isRecord(value)) auths.set(key, toAuth(value));
  }
  const credHelpers = new Map<string, string>();
  for (const [key, value] of Object.entries(record(parsed['credHelpers']))) {
    if (typeof value === 'string' && value !== '') credHelpers.set(key, value);
  }
  return { auths, credHelpers, credsStore: filled(parsed['credsStore']) };
}

/** The credential helper for a host: its own, else the one for all; with the address to ask it for. */
export function helperFor(
  config: DockerConfig,
  host: string,
): { name: string; server: string; own: boolean } | null {
  for (const [key, name] of config.credHelpers) {
    if (hostOfKey(key) === hubOr(host))
      return { name, server: host === DOCKER_HUB ? HUB_KEY : key, own: true };
  }
  if (config.credsStore === null) return null;
  return { name: config.credsStore, server: host === DOCKER_HUB ? HUB_KEY : host, own: false };
}

/**
 * The entry for a repository at a host: the exact host, or, as Podman writes it, a path below it (`quay.io/team`),
 * the longest first. A key with a scheme is Docker's older form and means its host.
 */
export function authFor(config: DockerConfig, host: string, repository: string): DockerAuth | null {
  let best: DockerAuth | null = null;
  let bestLength = -1;
  for (const [key, auth] of config.auths) {
    if (isEmpty(auth) || hostOfKey(key) !== hubOr(host)) continue;
    const path = key.includes('://') ? '' : pathOfKey(key);
    const covers = path === '' || repository === path || repository.startsWith(`${path}/`);
    if (!covers || path.length <= bestLength) continue;
    best = auth;
    bestLength = path.length;
  }
  return best;
}

function hubOr(host: string): string {
  return HUB_HOSTS.has(host) ? DOCKER_HUB : host;
}

function hostOfKey(key: string): string {
  const scheme = key.indexOf('://');
  const rest = scheme < 0 ? key : key.slice(scheme + 3);
  const slash = rest.indexOf('/');
  return hubOr((slash < 0 ? rest : rest.slice(0, slash)).toLowerCase());
}

function pathOfKey(key: string): string {
  const slash = key.indexOf('/');
  const path = slash < 0 ? '' : key.slice(slash + 1);
  const trimmed = path.endsWith('/') ? path.slice(0, -1) : path;
  return trimmed === 'v1' || trimmed === 'v2' ? '' : trimmed;
}

function toAuth(value: Readonly<Record<string, unknown>>): DockerAuth {
  const packed = filled(value['auth']);
  const decoded = packed === null ? null : splitBasic(packed);
  return {
    username: filled(value['username']) ?? decoded?.username ?? null,
    password: filled(value['password']) ?? decoded?.password ?? null,
    identityToken: filled(value['identitytoken']),
    registryToken: filled(value['registrytoken']),
  };
}

/** `base64(user:password)`; the password may hold colons. Old clients padded it with NUL. */
function splitBasic(packed: string): { username: string; password: string } | null {
  const text = Buffer.from(packed, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  return colon <= 0 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function isEmpty(auth: DockerAuth): boolean {
  const basic = auth.username !== null && auth.password !== null;
  return !basic && auth.identityToken === null && auth.registryToken === null;
}

function filled(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
