import type { RegistryEntry, RegistrySettings } from '../../config/registry-settings.ts';
import { DOCKER_HUB, type Repository } from '../../domain/image-reference.ts';
import { RegistryError } from '../../resolve/registry.ts';
import { addressKind, literalAddress, wellKnownName } from './address.ts';

/** What may be done at one host. */
export type HostPolicy = {
  /** The host as settings, messages and credentials know it: `docker.io`, `registry.example:5000`. */
  readonly name: string;
  readonly plainHttp: boolean;
  readonly allowPrivate: boolean;
  readonly ca: string | null;
  readonly concurrency: number | null;
};

/** Where a registry's API is asked, and with what. */
export type Endpoint = {
  /** The registry of the image references: `docker.io`. */
  readonly registry: string;
  /** `https://registry-1.docker.io`, without a slash at the end. */
  readonly origin: string;
  /** Put before the repository's name, with its slash: `hub/` or nothing. */
  readonly prefix: string;
  readonly policy: HostPolicy;
  /** The entry whose username, passwordEnv and tokenEnv are for this host. */
  readonly credentialsEntry: RegistryEntry | null;
};

const HUB_API = 'registry-1.docker.io';

/** Answers where registries live and what the operator allows, by the settings. Pure. */
export class Endpoints {
  readonly #entries: ReadonlyMap<string, RegistryEntry>;

  constructor(settings: RegistrySettings) {
    this.#entries = new Map(settings.registries.map((entry) => [entry.host, entry]));
  }

  /**
   * The endpoint for a registry's canonical name. With a mirror, the mirror is asked in its place: the entry's own
   * keys are for the mirror then, and keys of an entry of the mirror's own host add to them.
   */
  of(registry: string): Endpoint {
    const entry = this.#entries.get(registry) ?? null;
    const mirror = entry?.mirror ?? null;
    const host = mirror?.host ?? registry;
    const own = mirror === null ? null : (this.#entries.get(mirror.host) ?? null);
    const policy: HostPolicy = {
      name: host,
      plainHttp: entry?.plainHttp === true || own?.plainHttp === true,
      allowPrivate: entry?.allowPrivate === true || own?.allowPrivate === true,
      ca: own?.ca ?? entry?.ca ?? null,
      concurrency: own?.concurrency ?? entry?.concurrency ?? null,
    };
    return {
      registry,
      origin: `${policy.plainHttp ? 'http' : 'https'}://${host === DOCKER_HUB ? HUB_API : host}`,
      prefix: mirror === null || mirror.prefix === '' ? '' : `${mirror.prefix}/`,
      policy,
      credentialsEntry: hasCredentials(own) ? own : entry,
    };
  }

  /**
   * What may be done at `url`, to which `from` sent us (a redirect, or the realm of its challenge). Its own entry
   * counts; on the registry's own host name (any port) the registry's does; anything else is an unknown host:
   * https and public addresses only.
   */
  policyAt(url: URL, from: Endpoint): HostPolicy {
    if (url.origin === originOf(from)) return from.policy;
    const name = url.host === HUB_API ? DOCKER_HUB : url.host;
    const entry = this.#entries.get(name) ?? this.#entries.get(withPort(url));
    if (entry !== undefined) {
      const { plainHttp, allowPrivate, ca, concurrency } = entry;
      return { name: entry.host, plainHttp, allowPrivate, ca, concurrency };
    }
    if (sameMachine(url.hostname, new URL(from.origin).hostname)) {
      return { ...from.policy, name: url.host };
    }
    // A URL without a host (`file:`) is refused in the name of who sent us there.
    const host = url.host === '' ? from.policy.name : url.host;
    return { name: host, plainHttp: false, allowPrivate: false, ca: null, concurrency: null };
  }

  /** Whether the operator lists the host of `url`. */
  lists(url: URL): boolean {
    return this.#entries.has(url.host) || this.#entries.has(withPort(url));
  }
}

/** The repository's path at its endpoint: a mirror's prefix put before it. */
export function remoteName(endpoint: Endpoint, repository: Repository): string {
  return `${endpoint.prefix}${repository.repository}`;
}

/**
 * Refuses what can be refused by looking at the URL: another scheme than the policy allows, user information,
 * an IP address in place of a name that is not public. What a name resolves to is checked when connecting.
 */
export function checkUrl(url: URL, policy: HostPolicy, viaProxy: boolean): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new RegistryError({
      code: 'address-refused',
      message: `${policy.name}: redirected to a ${url.protocol} address; only https is followed`,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new RegistryError({
      code: 'address-refused',
      message: `${policy.name}: redirected to an address with user information in it; not followed`,
    });
  }
  const literal = literalAddress(url.hostname);
  const refused = literal === null ? null : refusal(url.host, literal, policy);
  if (refused !== null) throw refused;
  if (url.protocol === 'http:' && !policy.plainHttp) {
    throw new RegistryError({
      code: 'address-refused',
      message: `${url.host}: plain http is not allowed; if this host is trusted, list it in the registries file with "plainHttp: true"`,
    });
  }
  if (literal !== null) return;
  const kind = viaProxy ? wellKnownName(url.hostname) : null;
  if (kind !== null && !policy.allowPrivate) throw addressRefused(url.host, url.hostname, kind);
}

/** Why `address` may not be connected to under `policy`, as the error to throw; null where it may. */
export function refusal(host: string, address: string, policy: HostPolicy): RegistryError | null {
  const kind = addressKind(address);
  if (kind === 'public') return null;
  const never = kind === 'metadata' || kind === 'multicast' || kind === 'unspecified';
  // These hold no registry; only an operator who writes the very address can mean it.
  const spelled = policy.name.startsWith(address) || policy.name.startsWith(`[${address}]`);
  if (policy.allowPrivate && (!never || spelled)) return null;
  return addressRefused(host, address, kind);
}

function addressRefused(host: string, address: string, kind: string): RegistryError {
  const remedy =
    kind === 'metadata'
      ? 'no registry lives there'
      : 'if this registry is trusted, list its host in the registries file with "allowPrivate: true"';
  return new RegistryError({
    code: 'address-refused',
    message: `${host}: ${address} is a ${kind} address, which Pinwheel does not connect to; ${remedy}`,
  });
}

/** Whether two URL host names are one machine as far as can be told: equal, or both the loopback. */
export function sameMachine(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase() || (isLoopback(a) && isLoopback(b));
}

function isLoopback(hostname: string): boolean {
  const literal = literalAddress(hostname);
  return literal === null ? wellKnownName(hostname) === 'loopback' : addressKind(literal) === 'loopback';
}

function originOf(endpoint: Endpoint): string {
  return new URL(endpoint.origin).origin;
}

/** `ghcr.io:443`: settings may spell the default port. */
function withPort(url: URL): string {
  if (url.port !== '') return url.host;
  return `${url.host}:${url.protocol === 'https:' ? 443 : 80}`;
}

function hasCredentials(entry: RegistryEntry | null): boolean {
  return entry !== null && (entry.passwordEnv !== null || entry.tokenEnv !== null);
}
