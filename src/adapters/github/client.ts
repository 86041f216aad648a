import type { KeyObject } from 'node:crypto';
import { Octokit } from '@octokit/rest';
import { readPrivateKey, signAppToken } from './app-jwt.ts';
import { errorOfStatus, GitHubError, isGitHubError } from './errors.ts';
import { fixedToken, InstallationTokens, type TokenSource } from './tokens.ts';
import {
  answerCache,
  type GitHubRequestCounts,
  GitHubTransport,
  type TransportOptions,
} from './transport.ts';

export type GitHubCredentials =
  | { readonly kind: 'app'; readonly appId: string; readonly privateKey: string }
  | { readonly kind: 'token'; readonly token: string };

export type GitHubOptions = Omit<TransportOptions, 'baseUrl' | 'cache'> & {
  /** `https://api.github.com`, or `https://HOST/api/v3` on GitHub Enterprise Server. */
  readonly baseUrl?: string;
  readonly credentials: GitHubCredentials;
  readonly userAgent?: string;
};

/** Who the commits, pull requests and comments are made as. */
export type GitHubIdentity = {
  readonly login: string;
  /** `app`: commits without author fields are signed by GitHub; `user`: a person's or machine user's token. */
  readonly kind: 'app' | 'user';
};

const PUBLIC_API = 'https://api.github.com';

type Session = { readonly octokit: Octokit; readonly transport: GitHubTransport };

/** One GitHub with one set of credentials: hands out Octokits for the App, an installation, or a repository. */
export class GitHub {
  readonly #options: GitHubOptions;
  readonly #baseUrl: string;
  readonly #now: () => number;
  readonly #key: KeyObject | null;
  readonly #cache = answerCache(24 * 1024 * 1024);
  readonly #sessions = new Map<string, Session>();
  readonly #installations = new Map<string, Promise<number>>();
  #identity: Promise<GitHubIdentity> | null = null;

  constructor(options: GitHubOptions) {
    this.#options = options;
    this.#baseUrl = (options.baseUrl ?? PUBLIC_API).replace(/\/+$/, '');
    this.#now = options.now ?? Date.now;
    this.#key = options.credentials.kind === 'app' ? readPrivateKey(options.credentials.privateKey) : null;
  }

  get baseUrl(): string {
    return this.#baseUrl;
  }

  /** Authenticated as the App itself. Throws where the credentials are a token. */
  app(): Octokit {
    const { credentials } = this.#options;
    const key = this.#key;
    if (credentials.kind !== 'app' || key === null) {
      throw new GitHubError({
        code: 'unauthorized',
        message: 'this needs GitHub App credentials (APP_ID and PRIVATE_KEY), not a token',
      });
    }
    const source: TokenSource = {
      token: async () => signAppToken(credentials.appId, key, this.#now()),
      refresh: () => false,
    };
    return this.#session('app', source, 'Bearer').octokit;
  }

  /** Authenticated as an installation of the App. */
  installation(id: number): Octokit {
    const source = new InstallationTokens(async () => {
      const { data } = await this.app().request('POST /app/installations/{installation_id}/access_tokens', {
        installation_id: id,
      });
      return { token: data.token, expiresAt: new Date(data.expires_at) };
    }, this.#now);
    return this.#session(`installation ${id}`, source, 'token').octokit;
  }

  /** An Octokit that may work on the repository: the installation's (looked up where not given), or the token's. */
  async repository(owner: string, name: string, installationId: number | null = null): Promise<Octokit> {
    const { credentials } = this.#options;
    if (credentials.kind === 'token') {
      return this.#session('token', fixedToken(credentials.token), 'token').octokit;
    }
    return this.installation(installationId ?? (await this.installationOf(owner, name)));
  }

  /** The id of the App's installation on a repository; remembered. */
  async installationOf(owner: string, name: string): Promise<number> {
    const key = `${owner}/${name}`.toLowerCase();
    const known = this.#installations.get(key);
    if (known !== undefined) return known;
    const asked = this.app()
      .request('GET /repos/{owner}/{repo}/installation', { owner, repo: name })
      .then(({ data }) => data.id);
    this.#installations.set(key, asked);
    try {
      return await asked;
    } catch (error) {
      this.#installations.delete(key);
      throw error;
    }
  }

  /** Who we are, asked once: the App's bot, or the token's user (`github-actions[bot]` for a workflow's token). */
  identity(): Promise<GitHubIdentity> {
    this.#identity ??= this.#askIdentity().catch((error: unknown) => {
      this.#identity = null;
      throw error;
    });
    return this.#identity;
  }

  async #askIdentity(): Promise<GitHubIdentity> {
    if (this.#options.credentials.kind === 'app') {
      const { data } = await this.app().request('GET /app');
      return { login: `${data?.slug ?? 'pinwheel'}[bot]`, kind: 'app' };
    }
    const octokit = await this.repository('', '');
    try {
      const { data } = await octokit.request('GET /user');
      return { login: data.login, kind: 'user' };
    } catch (error) {
      // A workflow's GITHUB_TOKEN belongs to an App and may not ask who it is.
      if (isGitHubError(error, 'forbidden')) return { login: 'github-actions[bot]', kind: 'app' };
      throw error;
    }
  }

  /** The App's installations that are not suspended. */
  async *installations(): AsyncGenerator<{ readonly id: number; readonly account: string }> {
    for (let page = 1; ; page++) {
      const { data } = await this.app().request('GET /app/installations', { per_page: 100, page });
      for (const installation of data) {
        if (installation.suspended_at) continue;
        const { account } = installation;
        yield { id: installation.id, account: account !== null && 'login' in account ? account.login : '' };
      }
      if (data.length < 100) return;
    }
  }

  /** Requests sent so far over all sessions. */
  requests(): GitHubRequestCounts {
    const sum = { read: 0, notModified: 0, graphql: 0, write: 0, auth: 0, retried: 0 };
    for (const { transport } of this.#sessions.values()) {
      const counts = transport.requests();
      sum.read += counts.read;
      sum.notModified += counts.notModified;
      sum.graphql += counts.graphql;
      sum.write += counts.write;
      sum.auth += counts.auth;
      sum.retried += counts.retried;
    }
    return sum;
  }

  #session(name: string, source: TokenSource, scheme: 'token' | 'Bearer'): Session {
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    const { credentials: _, userAgent, ...transportOptions } = this.#options;
    const transport = new GitHubTransport({
      ...transportOptions,
      baseUrl: this.#baseUrl,
      cache: this.#cache,
    });
    const octokit = new Octokit({
      baseUrl: this.#baseUrl,
      userAgent: userAgent ?? 'pinwheel',
      request: { fetch: authenticated(transport.fetch, source, scheme) },
      log: SILENT,
    });
    octokit.hook.error('request', (error, options) => {
      throw readable(error, `${options.method} ${options.url}`);
    });
    const session = { octokit, transport };
    this.#sessions.set(name, session);
    return session;
  }
}

const quiet = (): void => {};
const SILENT = { debug: quiet, info: quiet, warn: quiet, error: quiet };

function authenticated(
  send: typeof globalThis.fetch,
  source: TokenSource,
  scheme: 'token' | 'Bearer',
): typeof globalThis.fetch {
  return async (input, init) => {
    const once = async (token: string): Promise<Response> => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `${scheme} ${token}`);
      return send(input, { ...init, headers });
    };
    const token = await source.token();
    const answer = await once(token);
    // A token may expire or be revoked in the middle of a pass: one fresh one, then the refusal counts.
    if (answer.status !== 401 || !source.refresh(token)) return answer;
    const fresh = await source.token();
    return fresh === token ? answer : once(fresh);
  };
}

function readable(thrown: unknown, what: string): unknown {
  if (thrown instanceof GitHubError) return thrown;
  if (!(thrown instanceof Error) || !('status' in thrown)) return thrown;
  if (thrown.cause instanceof GitHubError) return thrown.cause;
  const status = typeof thrown.status === 'number' ? thrown.status : 0;
  return errorOfStatus(status, sentRequest(thrown) ?? what, thrown.message, thrown);
}

/** The request as it was sent; Octokit's options only hold the template. */
function sentRequest(thrown: object): string | null {
  const request = 'request' in thrown ? thrown.request : null;
  if (typeof request !== 'object' || request === null || !('url' in request) || !('method' in request)) {
    return null;
  }
  const url = String(request.url);
  return URL.canParse(url) ? `${String(request.method)} ${new URL(url).pathname}` : null;
}
