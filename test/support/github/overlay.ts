import { type Answer, type Json, record, records } from './backend.ts';
import { GitObjects } from './git-objects.ts';
import { Issues } from './issues.ts';
import { Pulls } from './pulls.ts';
import {
  account,
  type Call,
  fullUser,
  type Handler,
  installation,
  list,
  mapped,
  mappedAsync,
  ok,
  problem,
  type Route,
} from './shapes.ts';
import type { World } from './world.ts';

const R = '/repos/([^/]+)/([^/]+)';
const LEGACY: Readonly<Record<string, string>> = {
  push: 'write',
  maintain: 'write',
  triage: 'read',
  pull: 'read',
};

/** Everything GitHub does and the emulator does not, or does otherwise. */
export class Overlay {
  readonly routes: readonly Route[];
  readonly #world: World;
  readonly #pulls: Pulls;
  readonly #issues: Issues;
  readonly #git: GitObjects;

  constructor(world: World) {
    this.#world = world;
    this.#pulls = new Pulls(world);
    this.#issues = new Issues(world, this.#pulls);
    this.#git = new GitObjects(world, this.#pulls);
    this.routes = this.makeRoutes();
  }

  makeRoutes(): readonly Route[] {
    const route = (method: string, pattern: string, handler: Handler): Route => ({
      method,
      pattern: new RegExp(`^${pattern}$`),
      handler,
    });
    return [
      route('GET', '/installation/repositories', (call) => this.installationRepositories(call)),
      route('GET', '/app/installations', async (_, __, forward) => {
        const answer = await forward();
        return { ...answer, body: records(answer.body).map(installation) };
      }),
      route(
        'GET',
        '(?:/app/installations/\\d+|/(?:repos/[^/]+|orgs|users)/[^/]+/installation)',
        async (_, __, forward) => mapped(await forward(), installation),
      ),
      route('GET', '/app', async (_, __, forward) => this.app(await forward())),
      route('GET', '/user', async (call, _, forward) =>
        call.login.endsWith('[bot]')
          ? problem(403, 'Resource not accessible by integration')
          : mapped(await forward(), fullUser),
      ),
      route('GET', '/users/([^/]+)', async (_, [login = ''], forward) => {
        if (!login.endsWith('[bot]')) return mapped(await forward(), fullUser);
        // GitHub shows an App's bot as it shows a person.
        const bot = { ...account(login, 41, this.#world.baseUrl), name: null, email: null };
        return mapped(await forward({ path: '/users/admin' }), (user) => fullUser({ ...user, ...bot }));
      }),
      route('GET', R, async (_, [owner, name], forward) =>
        mapped(await forward(), (body) => this.#world.repository(`${owner}/${name}`, body)),
      ),
      route('GET', `${R}/pulls`, (call, match) => this.#pulls.listPulls(call, match)),
      route('POST', `${R}/pulls`, (call, match, forward) => this.#pulls.openPull(call, match, forward)),
      route('GET', `${R}/pulls/(\\d+)`, async (_, [owner, name], forward) =>
        mappedAsync(await forward(), (body) => this.#pulls.pull(`${owner}/${name}`, body, true)),
      ),
      route('PATCH', `${R}/pulls/(\\d+)`, (call, match, forward) =>
        this.#pulls.patchPull(call, match, forward),
      ),
      route('PUT', `${R}/pulls/(\\d+)/merge`, (call, match) => this.#pulls.merge(call, match)),
      route('GET', `${R}/pulls/(\\d+)/(commits|files)`, (call, match) => this.#pulls.pullParts(call, match)),
      route('POST', `${R}/pulls/(\\d+)/requested_reviewers`, async (_, [owner, name], forward) => {
        const answer = await mappedAsync(await forward(), (body) =>
          this.#pulls.pull(`${owner}/${name}`, body, false),
        );
        return answer.status === 200 ? { ...answer, status: 201 } : answer;
      }),
      route('POST', `${R}/pulls/(\\d+)/reviews`, (call, match) => this.#pulls.review(call, match)),
      route('GET', `${R}/issues/(\\d+)/comments`, async (_, __, forward) => {
        const answer = await forward();
        return { ...answer, body: records(answer.body).map((one) => this.#issues.issueShape(one)) };
      }),
      route('POST', `${R}/issues/(\\d+)/comments`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#issues.issueShape(body)),
      ),
      route('POST', `${R}/issues/(\\d+)/assignees`, (call, match, forward) =>
        this.#issues.assign(call, match, forward),
      ),
      route('PATCH', `${R}/issues/(?:comments/)?(\\d+)`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#issues.issueShape(body)),
      ),
      route('POST', `${R}/issues`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#issues.issueShape(body)),
      ),
      route('GET', `${R}/issues`, (call, match) => this.#issues.listIssues(call, match)),
      route('GET', `${R}/issues/(\\d+)`, (call, match, forward) => this.#issues.issue(call, match, forward)),
      route('POST', `${R}/issues/(\\d+)/labels`, async (call, [owner, name, number], forward) => {
        const answer = await forward();
        const known = this.#world.labels.get(`${owner}/${name}#${number}`) ?? new Set<string>();
        for (const label of list(record(call.body)['labels'])) known.add(String(label));
        this.#world.labels.set(`${owner}/${name}#${number}`, known);
        return answer;
      }),
      route('POST', `${R}/issues/comments/(\\d+)/reactions`, async (call, [, , id]) =>
        this.#issues.react(call, Number(id)),
      ),
      route('GET', `${R}/issues/comments/(\\d+)/reactions`, async (_, [, , id]) =>
        ok((this.#world.reactions.get(Number(id)) ?? []).map((one) => this.#issues.reaction(one))),
      ),
      route('GET', `${R}/collaborators/([^/]+)/permission`, async (call, __, forward) => {
        const answer = await forward();
        // GitHub knows everybody's permission; a stranger's is what the public has.
        const login = call.path.split('/').at(-2) ?? '';
        const body = answer.status === 200 ? record(answer.body) : { permission: 'read', role_name: 'read' };
        const role = String(body['role_name'] ?? body['permission']);
        const permission = LEGACY[String(body['permission'])] ?? body['permission'];
        const user = { ...account(login, 7, this.#world.baseUrl), ...record(body['user']), role_name: role };
        return ok({ permission, role_name: role, user: fullUser(user) });
      }),
      route('POST', `${R}/git/commits`, (call, _, forward) => this.#git.commit(call, forward)),
      route('GET', `${R}/git/trees/(.+)`, async (call, _, forward) => this.#git.tree(call, await forward())),
      route('POST', `${R}/git/trees`, async (_, __, forward) => forward()),
      route('GET', `${R}/commits/(.+)/check-runs`, async (call, __, forward) =>
        mapped(await forward(), (body) => {
          const all = records(body['check_runs']).map((run) => this.check(run));
          // Unless all are asked for, the last one of each name.
          const last = new Map(
            all.sort((a, b) => Number(a['id']) - Number(b['id'])).map((run) => [run['name'], run]),
          );
          const runs = call.query.get('filter') === 'all' ? all : [...last.values()];
          return { ...body, total_count: runs.length, check_runs: runs };
        }),
      ),
      route('GET', `${R}/commits`, async (_, __, forward) => {
        const answer = await forward();
        return { ...answer, body: records(answer.body).map((one) => this.#world.signed(one)) };
      }),
      route('GET', `${R}/commits/(.+)`, async (_, __, forward) =>
        mapped(await forward(), (body) => ({
          ...this.#world.signed(body),
          stats: record(body['stats']),
          files: records(body['files']),
        })),
      ),
      route('POST', `${R}/git/refs`, (call, match, forward) => this.#git.moved(call, match, forward)),
      route('PATCH', `${R}/git/refs/(.+)`, (call, match, forward) => this.#git.moved(call, match, forward)),
      route('DELETE', `${R}/git/refs/(.+)`, (call, match, forward) =>
        this.#git.deleteRef(call, match, forward),
      ),
      route('POST', `${R}/check-runs`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.check(body)),
      ),
      route('PATCH', `${R}/check-runs/(\\d+)`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.check(body)),
      ),
      route('POST', `${R}/statuses/([^/]+)`, async (call, [owner, name, sha]) =>
        this.status(call, `${owner}/${name}`, sha ?? ''),
      ),
      route('GET', `${R}/code-scanning/analyses`, async (call) => {
        const own = this.#world.sarifs.filter((one) => one['ref'] === call.query.get('ref'));
        if (own.length === 0) return problem(404, 'no analysis found');
        return ok(own.map((one, index) => this.analysis(call, one, index)));
      }),
      route('POST', `${R}/code-scanning/sarifs`, async (call) => {
        this.#world.sarifs.push(record(call.body));
        const id = `47177e22-5596-11eb-80a1-${String(this.#world.sarifs.length).padStart(12, '0')}`;
        return { status: 202, headers: {}, body: { id, url: `${this.#world.baseUrl}${call.path}/${id}` } };
      }),
    ];
  }

  analysis(call: Call, upload: Json, index: number): Json {
    const url = `${this.#world.baseUrl}${call.path}/${index}`;
    return {
      ref: upload['ref'],
      commit_sha: upload['commit_sha'],
      analysis_key: '(default)',
      environment: '{}',
      category: '(default)',
      error: '',
      created_at: '2026-11-20T09:00:00Z',
      results_count: 1,
      rules_count: 1,
      id: index,
      url,
      sarif_id: '47177e22-5596-11eb-80a1-000000000001',
      tool: { name: 'Pinwheel', guid: null, version: '0' },
      deletable: true,
      warning: '',
    };
  }

  async installationRepositories(call: Call): Promise<Answer> {
    const found = await this.#world.backend.ask(
      'GET',
      '/search/repositories?q=fork:true&per_page=100',
      undefined,
      call.authorization,
    );
    const repositories = await Promise.all(
      records(record(found.body)['items']).map(async (one) => {
        const full = String(one['full_name']);
        return this.#world.repository(full, await this.#world.backend.must('GET', `/repos/${full}`));
      }),
    );
    return ok({ total_count: repositories.length, repository_selection: 'all', repositories });
  }

  app(answer: Answer): Answer {
    return mapped(answer, (body) => ({
      ...body,
      owner: account('acme', 1, this.#world.baseUrl),
      client_id: 'Iv1.0',
    }));
  }

  check(run: Json): Json {
    return {
      ...run,
      app: {
        id: 1,
        slug: this.#world.slug,
        node_id: 'A_1',
        owner: account('acme', 1, this.#world.baseUrl),
        name: 'Pinwheel',
        description: null,
        external_url: this.#world.baseUrl,
        html_url: this.#world.baseUrl,
        created_at: '2026-01-01T00:00:00Z',
        updated_at: '2026-01-01T00:00:00Z',
        permissions: {},
        events: [],
      },
      output: { ...record(run['output']), annotations_url: `${String(run['url'])}/annotations` },
      check_suite: run['check_suite'] === null ? null : { id: record(run['check_suite'])['id'] },
      pull_requests: [],
    };
  }

  status(call: Call, full: string, sha: string): Answer {
    const body = record(call.body);
    const url = `${this.#world.baseUrl}/repos/${full}/statuses/${sha}`;
    const now = new Date().toISOString();
    const status = {
      url,
      avatar_url: null,
      id: this.#world.nextId(),
      node_id: `ST_${this.#world.lastId}`,
      state: body['state'],
      description: body['description'] ?? null,
      target_url: body['target_url'] ?? null,
      context: body['context'] ?? 'default',
      created_at: now,
      updated_at: now,
      creator: account(call.login, 41, this.#world.baseUrl),
    };
    this.#world.statuses.set(sha, [...(this.#world.statuses.get(sha) ?? []), status]);
    return { status: 201, headers: {}, body: status };
  }
}
