import { RegistryError } from '../../resolve/registry.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Credential } from './credentials.ts';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { type Hint, statusError } from './errors.ts';
import { Flights } from './flights.ts';
import { mayReceiveCredentials } from './realm.ts';
import { readToken, type Token, tokenUrl } from './token.ts';
import { headerText, type Transport, type TransportResponse } from './transport.ts';

/** What a token is wanted for. */
export type TokenNeed = {
  readonly realm: URL;
  readonly service: string | null;
  readonly scope: string;
  /** What may be shown to the realm, if the realm may see it; null asks anonymously. */
  readonly credential: Credential | null;
  /** Why configured credentials could not be used, for messages. */
  readonly problem: RegistryError | null;
  readonly endpoint: Endpoint;
};

export type TokenAnswer = {
  readonly token: string;
  /** Whether it was fetched for this call. */
  readonly fresh: boolean;
  readonly forget: () => void;
  /** What to say about credentials where the token is not enough. */
  readonly hint: Hint;
};

type Kept = { readonly token: Token; readonly hint: Hint };

const MAX_TOKENS = 2048;
const MAX_REALMS = 256;
const REFUSED_MS = 5 * 60_000;
const MAX_TOKEN_BYTES = 256 * 1024;
const CLIENT_ID = 'pinwheel';

/** Fetches and keeps Bearer tokens (distribution, token authentication; OAuth2 for identity tokens). */
export class BearerTokens {
  readonly #transport: Transport;
  readonly #endpoints: Endpoints;
  readonly #clock: () => number;
  readonly #tokens = new BoundedMap<string, Kept>(MAX_TOKENS);
  /** Credentials a realm refused, and until when they are not shown again: repeating them locks accounts. */
  readonly #refused = new BoundedMap<string, number>(MAX_REALMS);
  /** The first showing of credentials to a realm; others wait to see whether they are refused. */
  readonly #trials = new BoundedMap<string, Promise<unknown>>(MAX_REALMS);
  readonly #flights = new Flights();

  constructor(parts: {
    readonly transport: Transport;
    readonly endpoints: Endpoints;
    readonly clock: () => number;
  }) {
    this.#transport = parts.transport;
    this.#endpoints = parts.endpoints;
    this.#clock = parts.clock;
  }

  /** A kept token that has not ended, or a new one; equal needs at a time are one request. Throws a {@link RegistryError}. */
  async get(need: TokenNeed): Promise<TokenAnswer> {
    const key = [whoseKey(need), need.realm.href, need.service ?? '', need.scope].join('\n');
    const forget = (): void => this.#tokens.delete(key);
    const kept = this.#tokens.get(key);
    if (kept !== undefined && this.#clock() < kept.token.until) {
      return { token: kept.token.value, hint: kept.hint, fresh: false, forget };
    }
    const { token, hint } = await this.#flights.share(key, async () => {
      const fetched = await this.#fetch(need);
      this.#tokens.set(key, fetched);
      return fetched;
    });
    return { token: token.value, hint, fresh: true, forget };
  }

  async #fetch(need: TokenNeed): Promise<Kept> {
    const { realm, credential, endpoint } = need;
    let hint: Hint = need.problem;
    if (credential !== null && mayReceiveCredentials(realm, endpoint, this.#endpoints)) {
      const token = await this.#withCredential(need, credential);
      if (token !== null) return { token, hint: null };
      hint = `the credentials from ${credential.source} were refused by ${realm.host}; renew them`;
    } else if (credential !== null) {
      hint = `the credentials from ${credential.source} were not sent to ${realm.host}, a host in another domain; if you trust it, list it in the registries file`;
    }
    const response = await this.#ask(need, null);
    if (response.status === 200) return { token: this.#read(response), hint };
    throw realmError(response, need, hint);
  }

  /** Null where the realm refuses the credential. */
  async #withCredential(need: TokenNeed, credential: Credential): Promise<Token | null> {
    const whose = whoseKey(need);
    const trial = this.#trials.get(whose);
    // Not awaited where there is none: nobody may slip in between looking and setting.
    if (trial !== undefined) await trial;
    if (this.#clock() < (this.#refused.get(whose) ?? 0)) return null;
    const asked = this.#ask(need, credential);
    if (trial === undefined) {
      const seen = asked.then(
        ({ status }) => this.#note(whose, status),
        () => {},
      );
      this.#trials.set(whose, seen);
    }
    const response = await asked;
    if (response.status === 200) return this.#read(response);
    this.#note(whose, response.status);
    if ([400, 401, 403].includes(response.status)) return null;
    throw realmError(response, need, null);
  }

  /** A 403 may be about one scope only. */
  #note(whose: string, status: number): void {
    if (status === 400 || status === 401) this.#refused.set(whose, this.#clock() + REFUSED_MS);
  }

  #read(response: TransportResponse): Token {
    return readToken(response.body, headerText(response.headers['date']), this.#clock(), response.url.host);
  }

  #ask(need: TokenNeed, credential: Credential | null): Promise<TransportResponse> {
    const { realm, service, scope, endpoint } = need;
    const common = {
      kind: 'token',
      endpoint,
      maxBytes: MAX_TOKEN_BYTES,
      subject: { registry: realm.host, what: `a token to pull from ${endpoint.registry}` },
    } as const;
    if (credential?.kind === 'identity') {
      const form = new URLSearchParams({ grant_type: 'refresh_token', client_id: CLIENT_ID, scope });
      if (service !== null) form.set('service', service);
      form.set('refresh_token', credential.token);
      const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
      return this.#transport.send({ ...common, method: 'POST', url: realm, headers, body: form.toString() });
    }
    const headers: Record<string, string> = { accept: 'application/json' };
    if (credential?.kind === 'basic') headers['authorization'] = basicHeader(credential);
    return this.#transport.send({ ...common, method: 'GET', url: tokenUrl(realm, service, scope), headers });
  }
}

/** The value of an `authorization` header (RFC 7617, UTF-8). */
export function basicHeader(credential: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

/** Whose credentials for which registry at which realm: never the secret itself. */
function whoseKey({ credential, endpoint, realm }: TokenNeed): string {
  const user = credential?.kind === 'basic' ? credential.username : '';
  return [endpoint.origin, realm.origin, credential?.kind ?? '', credential?.source ?? '', user].join('\n');
}

function realmError(response: TransportResponse, need: TokenNeed, hint: Hint): RegistryError {
  const subject = { registry: response.url.host, what: `a token for ${need.scope}` };
  const error = statusError(response.status, response.body, subject, hint);
  // A token server's 404 says nothing about the image, and must not read as if the image were gone.
  const refused = error.code === 'not-found' || error.code === 'invalid-response';
  if (!refused) return error;
  return new RegistryError({
    code: 'unauthorized',
    message: `${need.endpoint.registry}: no token: ${error.message}`,
  });
}
