import { BearerTokens, basicHeader } from './bearer-tokens.ts';
import { BoundedMap } from './bounded-map.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { CredentialLookup } from './credentials.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import type { Hint } from './errors.ts';
import { pullScope } from './token.ts';
import { headerTexts, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** An answer, and what is to be said about credentials where it is a refusal. */
export type AuthenticatedResponse = { readonly response: TransportResponse; readonly hint: Hint };

/** How a host wants to be asked; null until it said so. */
type HostAuth = {
  scheme: 'basic' | { readonly realm: URL; readonly service: string | null } | null;
  /** Set while the first request to the host is under way. */
  probe: Promise<void> | null;
  probed: boolean;
};

/** What a request is sent with. */
type Grant = {
  readonly header: string;
  readonly scheme: 'basic' | 'bearer';
  readonly scope: string | null;
  /** Whether it was obtained for this very request, so that a refusal means it. */
  readonly fresh: boolean;
  /** Forgets a cached token. */
  readonly forget: () => void;
  readonly hint: Hint;
};

const MAX_HOSTS = 256;
/** Without credentials, for another scope, with a renewed token: a registry that still refuses means it. */
const MAX_ROUNDS = 3;

/**
 * Sends requests with what the registry asks for: nothing first, then by its challenge Basic or Bearer. The first
 * request to a host goes alone and learns the challenge; from then on tokens are fetched ahead, one for equal needs.
 * Credentials that are refused give way to an anonymous token, and the refusal is told where that does not help.
 */
export class Authenticator {
  readonly #transport: Transport;
  readonly #credentials: CredentialLookup;
  readonly #endpoints: Endpoints;
  readonly #tokens: BearerTokens;
  readonly #hosts = new BoundedMap<string, HostAuth>(MAX_HOSTS);

  constructor(parts: {
    readonly transport: Transport;
    readonly credentials: CredentialLookup;
    readonly endpoints: Endpoints;
    readonly clock: () => number;
  }) {
    this.#transport = parts.transport;
    this.#credentials = parts.credentials;
    this.#endpoints = parts.endpoints;
    this.#tokens = new BearerTokens(parts);
  }

  /** `repository` is the name at the endpoint. Any status may come back; throws where there is no answer. */
  async send(request: TransportRequest, repository: string): Promise<AuthenticatedResponse> {
    const { endpoint } = request;
    const host = this.#hosts.getOrAdd(endpoint.origin, () => ({ scheme: null, probe: null, probed: false }));
    let [response, grant] = await this.#first(request, repository, host);
    for (let round = 0; round < MAX_ROUNDS && isRefusal(response, grant); round++) {
      const next = await this.#answer(response, grant, host, endpoint, repository);
      if (next === null) break;
      grant = next;
      response = await this.#transport.send(withGrant(request, grant));
    }
    if (response.left && response.status === 401) response = await this.#elsewhere(request, response);
    if (response.status !== 401 && response.status !== 403) return { response, hint: null };
    return { response, hint: await this.#hint(response, grant, endpoint, repository) };
  }

  async #first(
    request: TransportRequest,
    repository: string,
    host: HostAuth,
  ): Promise<[TransportResponse, Grant | null]> {
    if (!host.probed && host.probe !== null) await host.probe;
    if (host.probed || host.probe !== null) {
      const grant =
        host.scheme === null ? null : await this.#byScheme(host, request.endpoint, repository, null);
      return [await this.#transport.send(withGrant(request, grant)), grant];
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    host.probe = promise;
    try {
      const response = await this.#transport.send(request);
      learn(host, response);
      // An overloaded or broken registry has not said how it wants to be asked.
      host.probed = response.status < 500 && response.status !== 429 && response.status !== 408;
      return [response, null];
    } finally {
      host.probe = null;
      resolve();
    }
  }

  /** The next thing to try after a refusal, or null. */
  async #answer(
    response: TransportResponse,
    grant: Grant | null,
    host: HostAuth,
    endpoint: Endpoint,
    repository: string,
  ): Promise<Grant | null> {
    if (response.status !== 401) {
      // A cached token that ended: ECR Public answers 400, others 403.
      grant?.forget();
      return this.#byScheme(host, endpoint, repository, null);
    }
    learn(host, response);
    const asked =
      challengesOf(response)
        .find((challenge) => challenge.scheme === 'bearer')
        ?.params.get('scope') ?? null;
    if (grant === null) return this.#byScheme(host, endpoint, repository, asked);
    if (grant.scheme === 'basic' || host.scheme === null) return null;
    const scope = pullScope(asked, repository);
    const another = asked !== null && grant.scope !== null && scope !== grant.scope;
    if (grant.fresh && !another) return null;
    grant.forget();
    return this.#byScheme(host, endpoint, repository, another ? asked : null);
  }

  async #byScheme(
    host: HostAuth,
    endpoint: Endpoint,
    repository: string,
    asked: string | null,
  ): Promise<Grant | null> {
    const { credential, problem } = await this.#credentials.find(endpoint, repository);
    if (credential?.kind === 'bearer') {
      return constantGrant(`Bearer ${credential.token}`, 'bearer', credential.source);
    }
    if (host.scheme === null) return null;
    if (host.scheme === 'basic') {
      if (credential?.kind !== 'basic') return null;
      return constantGrant(basicHeader(credential), 'basic', credential.source);
    }
    const scope = pullScope(asked, repository);
    const need = { ...host.scheme, scope, credential, problem, endpoint };
    const { token, fresh, forget, hint } = await this.#tokens.get(need);
    return { header: `Bearer ${token}`, scheme: 'bearer', scope, fresh, forget, hint };
  }

  /**
   * Answers the challenge of another host that a redirect led to, as registry.k8s.io does: with an anonymous token and
   * nothing else, under what may be done at that host.
   */
  async #elsewhere(request: TransportRequest, response: TransportResponse): Promise<TransportResponse> {
    const challenge = challengesOf(response).find(({ scheme }) => scheme === 'bearer');
    const realm = URL.parse(challenge?.params.get('realm') ?? '');
    const scope = challenge?.params.get('scope') ?? null;
    if (challenge === undefined || realm === null || scope === null) return response;
    const { origin, host } = response.url;
    const policy = this.#endpoints.policyAt(response.url, request.endpoint);
    const endpoint: Endpoint = { registry: host, origin, prefix: '', policy, credentialsEntry: null };
    const service = challenge.params.get('service') ?? null;
    const need = { realm, service, scope: pullScope(scope, ''), credential: null, problem: null, endpoint };
    const { token } = await this.#tokens.get(need);
    const headers = { ...request.headers, authorization: `Bearer ${token}` };
    const answer = await this.#transport.send({ ...request, url: response.url, headers, endpoint });
    return { ...answer, left: true };
  }

  /** What to tell a person whose request was refused in the end. */
  async #hint(
    response: TransportResponse,
    grant: Grant | null,
    endpoint: Endpoint,
    repository: string,
  ): Promise<Hint> {
    if (response.left)
      return 'a redirect led to another host, which is sent no credentials and refused the request';
    if (grant !== null) return grant.hint;
    const { credential, problem } = await this.#credentials.find(endpoint, repository);
    if (problem !== null) return problem;
    if (credential === null) return null;
    return challengesOf(response).length === 0
      ? 'it names no authentication scheme'
      : `it does not accept the kind of credentials from ${credential.source}`;
  }
}

function withGrant(request: TransportRequest, grant: Grant | null): TransportRequest {
  if (grant === null) return request;
  return { ...request, headers: { ...request.headers, authorization: grant.header } };
}

function isRefusal(response: TransportResponse, grant: Grant | null): boolean {
  if (response.left) return false;
  if (response.status === 401) return true;
  const stale = grant !== null && grant.scheme === 'bearer' && !grant.fresh;
  return stale && (response.status === 400 || response.status === 403);
}

function challengesOf(response: TransportResponse): readonly Challenge[] {
  return parseChallenges(headerTexts(response.headers['www-authenticate']));
}

/** Takes note of what a 401 asks for: Bearer before Basic, since it does not show the password to the registry. */
function learn(host: HostAuth, response: TransportResponse): void {
  if (response.status !== 401 || response.left) return;
  const challenges = challengesOf(response);
  for (const challenge of challenges) {
    if (challenge.scheme !== 'bearer') continue;
    const realm = URL.parse(challenge.params.get('realm') ?? '');
    if (realm === null) continue;
    host.scheme = { realm, service: challenge.params.get('service') ?? null };
    return;
  }
  if (challenges.some((challenge) => challenge.scheme === 'basic')) host.scheme = 'basic';
}

function constantGrant(header: string, scheme: Grant['scheme'], source: string): Grant {
  const hint = `the credentials from ${source} were refused; renew them`;
  return { header, scheme, scope: null, fresh: true, forget: () => {}, hint };
}
