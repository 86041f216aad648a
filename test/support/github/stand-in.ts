import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import {
  ADMIN_TOKEN,
  type Answer,
  Backend,
  type BackendSeed,
  type Json,
  record,
  records,
  tokenOf,
} from './backend.ts';
import { GitHubGraphql, loadGraphqlSchema } from './graphql.ts';
import { GitHubApi } from './openapi.ts';
import { Overlay } from './overlay.ts';
import { type Call, problem } from './shapes.ts';
import { World } from './world.ts';

export type SentRequest = {
  readonly method: string;
  readonly path: string;
  /** `auth` (tokens, identity), `graphql`, `read`, `write`. */
  readonly kind: 'auth' | 'graphql' | 'read' | 'write';
  readonly status: number;
  readonly login: string;
};

/** What to do with a request before anybody handles it: an answer, `hang-up` (the connection is cut), or null. */
export type Fault = (request: {
  readonly method: string;
  readonly path: string;
  readonly kind: SentRequest['kind'];
}) => Answer | 'hang-up' | 'hang-up-after' | null;

/** GitHub's own schemas, read once for any number of stand-ins. */
export type Judge = { readonly api: GitHubApi; readonly graphql: GraphQLSchema };

export function loadJudge(): Judge {
  return { api: new GitHubApi(), graphql: loadGraphqlSchema() };
}

export type StandInOptions = Partial<BackendSeed> & {
  /** The schemas that requests and answers are held against; loaded where not given. */
  readonly judge?: Judge;
  /** Serve GraphQL (on by default); an old Enterprise Server does not. */
  readonly graphql?: boolean;
};

export type FileSeed = Readonly<
  Record<string, string | { readonly text: string; readonly mode: '100755' | '120000' }>
>;

const PERMISSIONS = {
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  statuses: 'write',
  security_events: 'write',
  metadata: 'read',
};

/**
 * GitHub on loopback: npm `emulate` with what it lacks or does otherwise mended in front of it, every request and every
 * answer held against GitHub's own schemas. What does not fit is collected in `faults`: a test asserts that it is empty.
 */
export class GitHubStandIn {
  readonly url: string;
  readonly appId: number;
  readonly privateKey: string;
  readonly slug: string;
  /** What is there beside the emulator, for tests to look at and change. */
  readonly world: World;
  readonly faults: string[] = [];
  readonly requests: SentRequest[] = [];
  /** Asked before each request. */
  fault: Fault = () => null;
  readonly #server: Server;
  readonly #backend: Backend;
  readonly #overlay: Overlay;
  readonly #api: GitHubApi;
  readonly #graphql: GitHubGraphql | null;
  readonly #tokens = new Map<string, string>();

  private constructor(init: {
    readonly url: string;
    readonly server: Server;
    readonly backend: Backend;
    readonly seed: BackendSeed;
    readonly options: StandInOptions;
  }) {
    const { backend, seed, options } = init;
    this.url = init.url;
    this.appId = seed.appId;
    this.slug = seed.appSlug;
    this.privateKey = backend.privateKey;
    this.#server = init.server;
    this.#backend = backend;
    this.world = new World(backend, seed.appSlug, init.url);
    this.#overlay = new Overlay(this.world);
    const judge = options.judge ?? loadJudge();
    this.#api = judge.api;
    this.#graphql =
      options.graphql === false ? null : new GitHubGraphql(judge.graphql, this.#graphqlSource());
    this.#tokens.set(ADMIN_TOKEN, 'admin');
    for (const login of seed.users) this.#tokens.set(tokenOf(login), login);
  }

  static async start(options: StandInOptions = {}): Promise<GitHubStandIn> {
    const seed: BackendSeed = {
      users: options.users ?? ['mona'],
      organisations: options.organisations ?? ['acme'],
      repositories: options.repositories ?? ['acme/shop'],
      appSlug: options.appSlug ?? 'pinwheel',
      appId: options.appId ?? 7,
      permissions: options.permissions ?? PERMISSIONS,
    };
    let standIn: GitHubStandIn | null = null;
    const server = createServer((request, response) => {
      if (standIn === null) return void response.writeHead(503).end();
      standIn.#serve(request, response).catch((error: unknown) => {
        standIn?.faults.push(`the stand-in failed: ${error instanceof Error ? error.stack : String(error)}`);
        response.destroy();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = `http://127.0.0.1:${port}`;
    const backend = await Backend.start(seed, url);
    standIn = new GitHubStandIn({ url, server, backend, seed, options });
    return standIn;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#backend.close();
  }

  // ---- the world, as people and other programs change it

  /** Asks as a user (an administrator where none is named), past all checks and counts; throws where it is refused. */
  async as(login: string | null, method: string, path: string, body?: unknown): Promise<Json> {
    const authorization = `token ${login === null ? ADMIN_TOKEN : tokenOf(login)}`;
    const url = new URL(path, this.url);
    const call: Call = {
      method,
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      body,
      authorization,
      login: login ?? 'admin',
    };
    const answer = await this.#handle(call);
    if (answer.status >= 300) {
      throw new Error(`${answer.status} to ${method} ${path}: ${JSON.stringify(answer.body)}`);
    }
    return Array.isArray(answer.body) ? { items: answer.body } : record(answer.body);
  }

  /** Commits files to a branch (made where it is not there); gives the commit. `null` deletes a file. */
  async commitFiles(
    repository: string,
    branch: string,
    files: Readonly<Record<string, FileSeed[string] | null>>,
    login: string | null = null,
  ): Promise<string> {
    const root = `/repos/${repository}/git`;
    const owner = repository.split('/')[0] ?? '';
    // An administrator of organisations may not write to a person's fork.
    const writer = [...this.#tokens.values()].includes(owner) ? owner : null;
    const head = await this.branchTip(repository, branch);
    const facts = await this.as(null, 'GET', `/repos/${repository}`);
    const parent = head ?? (await this.branchTip(repository, String(facts['default_branch'])));
    const parentCommit = await this.as(null, 'GET', `${root}/commits/${parent}`);
    const tree = [];
    for (const [path, file] of Object.entries(files)) {
      if (file === null) {
        tree.push({ path, mode: '100644', type: 'blob', sha: null });
        continue;
      }
      const content = typeof file === 'string' ? file : file.text;
      tree.push({ path, mode: typeof file === 'string' ? '100644' : file.mode, type: 'blob', content });
    }
    const made = await this.as(writer, 'POST', `${root}/trees`, {
      base_tree: String(record(parentCommit['tree'])['sha']),
      tree,
    });
    const who = login ?? 'admin';
    const commit = await this.as(writer, 'POST', `${root}/commits`, {
      message: `change ${Object.keys(files).join(', ')}`,
      tree: made['sha'],
      parents: [parent],
      author: { name: who, email: `${who}@example.org` },
      committer: { name: who, email: `${who}@example.org` },
    });
    if (head === null) {
      await this.as(writer, 'POST', `${root}/refs`, { ref: `refs/heads/${branch}`, sha: commit['sha'] });
    } else {
      await this.as(writer, 'PATCH', `${root}/refs/heads/${branch}`, { sha: commit['sha'] });
    }
    return String(commit['sha']);
  }

  async branchTip(repository: string, branch: string): Promise<string | null> {
    const answer = await this.#backend.ask('GET', `/repos/${repository}/git/ref/heads/${branch}`);
    return answer.status === 200 ? String(record(record(answer.body)['object'])['sha']) : null;
  }

  /** A file's text on a branch; null where it is not there. */
  async fileOn(repository: string, branch: string, path: string): Promise<string | null> {
    const found = await this.#blobAt(repository, `${branch}:${path}`);
    return found === null ? null : found.bytes.toString('utf8');
  }

  async pulls(repository: string, state = 'all'): Promise<readonly Json[]> {
    return records(
      (await this.as(null, 'GET', `/repos/${repository}/pulls?state=${state}&per_page=100`))['items'],
    );
  }

  async issues(repository: string): Promise<readonly Json[]> {
    const all = records(
      (await this.as(null, 'GET', `/repos/${repository}/issues?state=all&per_page=100`))['items'],
    );
    return all.filter((issue) => issue['pull_request'] === undefined);
  }

  async comments(repository: string, issue: number): Promise<readonly Json[]> {
    return records(
      (await this.as(null, 'GET', `/repos/${repository}/issues/${issue}/comments?per_page=100`))['items'],
    );
  }

  /** Gives a user a permission in a repository. */
  async grant(repository: string, login: string, permission: 'pull' | 'push' | 'admin'): Promise<void> {
    await this.as(null, 'PUT', `/repos/${repository}/collaborators/${login}`, { permission });
  }

  /** From now on no installation token that was issued is taken. */
  expireTokens(): void {
    for (const [token, login] of this.#tokens) if (login.endsWith('[bot]')) this.#tokens.delete(token);
  }

  /** The counts of requests since the last call. */
  takeCounts(): Readonly<Record<SentRequest['kind'] | 'notModified', number>> {
    const counts = { auth: 0, graphql: 0, read: 0, write: 0, notModified: 0 };
    for (const request of this.requests) {
      counts[request.kind] += 1;
      if (request.status === 304) counts.notModified += 1;
    }
    this.requests.length = 0;
    return counts;
  }

  // ---- serving

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    const text = await textOf(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const path = decodeURIComponent(url.pathname);
    const kind = kindOf(method, path);

    const fault = this.fault({ method, path, kind });
    if (fault === 'hang-up') return void request.socket.destroy();
    const authorization = request.headers.authorization ?? '';
    const login = this.#loginOf(authorization);
    const call: Call = { method, path, query: url.searchParams, body, authorization, login: login ?? '' };
    const answer =
      fault !== null && fault !== 'hang-up-after'
        ? fault
        : login === null
          ? problem(401, 'Bad credentials')
          : await this.#checked(call);
    if (fault === 'hang-up-after') return void request.socket.destroy();
    this.#answer(request, response, { call, kind, answer, faked: fault !== null });
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    done: {
      readonly call: Call;
      readonly kind: SentRequest['kind'];
      readonly answer: Answer;
      readonly faked: boolean;
    },
  ): void {
    const { call, kind, answer } = done;
    const payload = answer.body === undefined ? '' : JSON.stringify(answer.body);
    const etag = `W/"${createHash('sha256').update(payload).digest('hex')}"`;
    const matches =
      call.method === 'GET' && answer.status === 200 && request.headers['if-none-match'] === etag;
    const status = matches ? 304 : answer.status;
    this.requests.push({ method: call.method, path: call.path, kind, status, login: call.login });
    response.writeHead(status, {
      'x-github-media-type': 'github.v3; format=json',
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4990',
      'x-ratelimit-used': '10',
      'x-ratelimit-resource': 'core',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 3600),
      ...(call.method === 'GET' && answer.status === 200 ? { etag } : {}),
      ...(answer.headers['link'] === undefined ? {} : { link: answer.headers['link'] }),
      ...(done.faked ? answer.headers : {}),
      ...(matches || payload === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    });
    response.end(matches ? undefined : payload);
  }

  /** Handles a call and holds both sides against GitHub's schemas. */
  async #checked(call: Call): Promise<Answer> {
    if (call.path === '/graphql') return this.#queryGraphql(call);
    const operation = this.#api.operation(call.method, call.path);
    const what = `${call.method} ${call.path}`;
    if (operation === null) this.faults.push(`${what}: GitHub has no such operation`);
    if (operation !== null) {
      for (const fault of this.#api.requestFaults(operation, call.query, call.body)) {
        this.faults.push(`${what} request: ${fault}`);
      }
    }
    const answer = await this.#handle(call);
    if (operation !== null) {
      for (const fault of this.#api.answerFaults(operation, answer.status, answer.body)) {
        this.faults.push(`${what} answer ${answer.status}: ${fault}`);
      }
    }
    return answer;
  }

  /** As GitHub does, objects of forks that pull requests come from are read through the base. */
  async #handle(call: Call): Promise<Answer> {
    const answer = await this.#handleIn(call);
    const place = /^\/repos\/([^/]+\/[^/]+)(\/(?:commits|git\/(?:commits|trees|blobs))\/.+)$/.exec(call.path);
    if (answer.status !== 404 || call.method !== 'GET' || place === null) return answer;
    for (const fork of this.world.forks.get(place[1] ?? '') ?? []) {
      const found = await this.#handleIn({ ...call, path: `/repos/${fork}${place[2]}` });
      if (found.status === 200) return found;
    }
    return answer;
  }

  async #handleIn(call: Call): Promise<Answer> {
    const forward = async (change: Partial<Call> = {}): Promise<Answer> => {
      const sent = { ...call, ...change };
      const query = sent.query.size === 0 ? '' : `?${sent.query}`;
      const path = forwardPath(sent.path);
      const answer = await this.#backend.ask(sent.method, `${path}${query}`, sent.body, sent.authorization);
      if (answer.status === 201 && sent.path.endsWith('/access_tokens')) {
        this.#tokens.set(String(record(answer.body)['token']), `${this.slug}[bot]`);
      }
      return answer;
    };
    for (const route of this.#overlay.routes) {
      if (route.method !== call.method) continue;
      const match = route.pattern.exec(call.path);
      if (match !== null) return route.handler(call, match.slice(1), forward);
    }
    return forward();
  }

  async #queryGraphql(call: Call): Promise<Answer> {
    if (this.#graphql === null) return problem(404, 'Not Found');
    const { query, variables } = record(call.body);
    const answer = await this.#graphql.answer(String(query), record(variables));
    for (const fault of answer.faults) this.faults.push(`GraphQL: ${fault}`);
    return { status: 200, headers: {}, body: answer.body };
  }

  #graphqlSource() {
    return {
      hasRepository: async (owner: string, name: string) =>
        (await this.#backend.ask('GET', `/repos/${owner}/${name}`)).status === 200,
      blob: async (owner: string, name: string, id: string) => this.#blob(`${owner}/${name}`, id),
      blobAt: async (owner: string, name: string, expression: string) =>
        this.#blobAt(`${owner}/${name}`, expression),
      enableAutomerge: async (id: string, method: string) => {
        this.world.automerge.set(id, method);
        return this.world.numberOf(id);
      },
    };
  }

  async #blob(repository: string, id: string): Promise<Buffer | null> {
    for (const place of [repository, ...(this.world.forks.get(repository) ?? [])]) {
      const answer = await this.#backend.ask('GET', `/repos/${place}/git/blobs/${id}`);
      if (answer.status === 200) return Buffer.from(String(record(answer.body)['content']), 'base64');
    }
    return null;
  }

  async #blobAt(repository: string, expression: string): Promise<{ id: string; bytes: Buffer } | null> {
    const colon = expression.indexOf(':');
    const listing = await this.#backend.ask(
      'GET',
      `/repos/${repository}/git/trees/${encodeURIComponent(expression.slice(0, colon))}?recursive=1`,
    );
    const entry = records(record(listing.body)['tree']).find(
      (one) => one['path'] === expression.slice(colon + 1),
    );
    if (entry === undefined) return null;
    const bytes = await this.#blob(repository, String(entry['sha']));
    return bytes === null ? null : { id: String(entry['sha']), bytes };
  }

  #loginOf(authorization: string): string | null {
    const token = authorization.replace(/^(?:token|bearer)\s+/i, '');
    // A JSON web token is the emulator's to verify.
    if (token.split('.').length === 3) return 'app';
    return this.#tokens.get(token) ?? null;
  }
}

/** The emulator takes slashes where GitHub does, except in the name of a tree. */
function forwardPath(path: string): string {
  const tree = /^(.*\/git\/trees\/)(.+)$/.exec(path);
  if (tree !== null) return `${tree[1]}${encodeURIComponent(tree[2] ?? '')}`;
  return path.split('/').map(encodeURIComponent).join('/');
}

function kindOf(method: string, path: string): SentRequest['kind'] {
  if (path === '/graphql') return 'graphql';
  if (/\/access_tokens$|^\/app(?:\/|$)|\/installation$|^\/user$|^\/installation\//.test(path)) return 'auth';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
