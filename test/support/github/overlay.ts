import { type Answer, type Backend, type Json, record, records } from './backend.ts';

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly authorization: string;
  /** `mona`, or `pinwheel[bot]`. */
  readonly login: string;
};

type Match = readonly string[];
type Handler = (
  call: Call,
  match: Match,
  forward: (call?: Partial<Call>) => Promise<Answer>,
) => Promise<Answer>;

type Route = { readonly method: string; readonly pattern: RegExp; readonly handler: Handler };

type Reaction = { readonly id: number; readonly content: string; readonly login: string };

const R = '/repos/([^/]+)/([^/]+)';
const LEGACY: Readonly<Record<string, string>> = {
  push: 'write',
  maintain: 'write',
  triage: 'read',
  pull: 'read',
};
const GITHUB_MAIL = 'noreply@github.com';

/** Everything GitHub does and the emulator does not, or does otherwise. One instance keeps the state of one GitHub. */
export class Overlay {
  readonly reactions = new Map<number, Reaction[]>();
  readonly reviews: Json[] = [];
  readonly sarifs: Json[] = [];
  readonly automerge = new Map<string, string>();
  /** Trees answered as `truncated`: with `recursive`, one entry short. */
  truncateTrees = false;
  readonly #backend: Backend;
  readonly #slug: string;
  readonly #merged = new Map<string, { readonly sha: string; readonly at: string; readonly by: string }>();
  readonly #lastHead = new Map<string, string>();
  /** Repositories that pull requests came from: their objects can be read through the base. */
  readonly forks = new Map<string, Set<string>>();
  readonly #numbers = new Map<string, number>();
  readonly #assignees = new Map<string, Set<string>>();
  readonly #labels = new Map<string, Set<string>>();
  readonly #facts = new Map<string, Json>();
  readonly #statuses = new Map<string, Json[]>();
  readonly #baseUrl: string;
  #id = 5000;

  readonly routes: readonly Route[];

  constructor(backend: Backend, slug: string, baseUrl: string) {
    this.#backend = backend;
    this.#slug = slug;
    this.#baseUrl = baseUrl;
    this.routes = this.#makeRoutes();
  }

  /** Facts of a repository that the emulator does not let change: `archived`, `disabled`, `fork`, … */
  setFacts(repository: string, facts: Json): void {
    this.#facts.set(repository.toLowerCase(), { ...this.#facts.get(repository.toLowerCase()), ...facts });
  }

  /** The number of a pull request that was shown before, by its node id. */
  numberOf(id: string): number | null {
    return this.#numbers.get(id) ?? null;
  }

  #makeRoutes(): readonly Route[] {
    const route = (method: string, pattern: string, handler: Handler): Route => ({
      method,
      pattern: new RegExp(`^${pattern}$`),
      handler,
    });
    return [
      route('GET', '/installation/repositories', (call) => this.#installationRepositories(call)),
      route('GET', '/app/installations', async (_, __, forward) => {
        const answer = await forward();
        return { ...answer, body: records(answer.body).map(installation) };
      }),
      route(
        'GET',
        '(?:/app/installations/\\d+|/(?:repos/[^/]+|orgs|users)/[^/]+/installation)',
        async (_, __, forward) => mapped(await forward(), installation),
      ),
      route('GET', '/app', async (_, __, forward) => this.#app(await forward())),
      route('GET', '/user', async (call, _, forward) =>
        call.login.endsWith('[bot]')
          ? problem(403, 'Resource not accessible by integration')
          : mapped(await forward(), fullUser),
      ),
      route('GET', '/users/([^/]+)', async (_, __, forward) => mapped(await forward(), fullUser)),
      route('GET', R, async (_, [owner, name], forward) =>
        mapped(await forward(), (body) => this.#repository(`${owner}/${name}`, body)),
      ),
      route('GET', `${R}/pulls`, (call, match) => this.#listPulls(call, match)),
      route('POST', `${R}/pulls`, (call, match, forward) => this.#openPull(call, match, forward)),
      route('GET', `${R}/pulls/(\\d+)`, async (_, [owner, name], forward) =>
        mappedAsync(await forward(), (body) => this.#pull(`${owner}/${name}`, body, true)),
      ),
      route('PATCH', `${R}/pulls/(\\d+)`, (call, match, forward) => this.#patchPull(call, match, forward)),
      route('PUT', `${R}/pulls/(\\d+)/merge`, (call, match) => this.#merge(call, match)),
      route('GET', `${R}/pulls/(\\d+)/(commits|files)`, (call, match) => this.#pullParts(call, match)),
      route('POST', `${R}/pulls/(\\d+)/requested_reviewers`, async (_, [owner, name], forward) => {
        const answer = await mappedAsync(await forward(), (body) =>
          this.#pull(`${owner}/${name}`, body, false),
        );
        return answer.status === 200 ? { ...answer, status: 201 } : answer;
      }),
      route('POST', `${R}/pulls/(\\d+)/reviews`, (call, match) => this.#review(call, match)),
      route('GET', `${R}/issues/(\\d+)/comments`, async (_, __, forward) => {
        const answer = await forward();
        return { ...answer, body: records(answer.body).map((one) => this.#issueShape(one)) };
      }),
      route('POST', `${R}/issues/(\\d+)/comments`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#issueShape(body)),
      ),
      route('POST', `${R}/issues/(\\d+)/assignees`, (call, match, forward) =>
        this.#assign(call, match, forward),
      ),
      route('PATCH', `${R}/issues/(?:comments/)?(\\d+)`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#issueShape(body)),
      ),
      route('POST', `${R}/issues`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#issueShape(body)),
      ),
      route('GET', `${R}/issues`, (call, match) => this.#listIssues(call, match)),
      route('GET', `${R}/issues/(\\d+)`, (call, match, forward) => this.#issue(call, match, forward)),
      route('POST', `${R}/issues/(\\d+)/labels`, async (call, [owner, name, number], forward) => {
        const answer = await forward();
        const known = this.#labels.get(`${owner}/${name}#${number}`) ?? new Set<string>();
        for (const label of list(record(call.body)['labels'])) known.add(String(label));
        this.#labels.set(`${owner}/${name}#${number}`, known);
        return answer;
      }),
      route('POST', `${R}/issues/comments/(\\d+)/reactions`, async (call, [, , id]) =>
        this.#react(call, Number(id)),
      ),
      route('GET', `${R}/issues/comments/(\\d+)/reactions`, async (_, [, , id]) =>
        ok((this.reactions.get(Number(id)) ?? []).map((one) => this.#reaction(one))),
      ),
      route('GET', `${R}/collaborators/([^/]+)/permission`, async (call, __, forward) => {
        const answer = await forward();
        // GitHub knows everybody's permission; a stranger's is what the public has.
        const login = call.path.split('/').at(-2) ?? '';
        const body = answer.status === 200 ? record(answer.body) : { permission: 'read', role_name: 'read' };
        const role = String(body['role_name'] ?? body['permission']);
        const permission = LEGACY[String(body['permission'])] ?? body['permission'];
        const user = { ...account(login, 7, this.#baseUrl), ...record(body['user']), role_name: role };
        return ok({ permission, role_name: role, user: fullUser(user) });
      }),
      route('POST', `${R}/git/commits`, (call, _, forward) => this.#commit(call, forward)),
      route('GET', `${R}/git/trees/(.+)`, async (call, _, forward) => this.#tree(call, await forward())),
      route('POST', `${R}/git/trees`, async (_, __, forward) => forward()),
      route('GET', `${R}/commits/(.+)/check-runs`, async (_, __, forward) =>
        mapped(await forward(), (body) => ({
          ...body,
          check_runs: records(body['check_runs']).map((run) => this.#check(run)),
        })),
      ),
      route('GET', `${R}/commits`, async (_, __, forward) => {
        const answer = await forward();
        return { ...answer, body: records(answer.body).map((one) => this.#signed(one)) };
      }),
      route('GET', `${R}/commits/(.+)`, async (_, __, forward) =>
        mapped(await forward(), (body) => ({
          ...this.#signed(body),
          stats: record(body['stats']),
          files: records(body['files']),
        })),
      ),
      route('POST', `${R}/git/refs`, (call, match, forward) => this.#moved(call, match, forward)),
      route('PATCH', `${R}/git/refs/(.+)`, (call, match, forward) => this.#moved(call, match, forward)),
      route('DELETE', `${R}/git/refs/(.+)`, (call, match, forward) => this.#deleteRef(call, match, forward)),
      route('POST', `${R}/check-runs`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#check(body)),
      ),
      route('PATCH', `${R}/check-runs/(\\d+)`, async (_, __, forward) =>
        mapped(await forward(), (body) => this.#check(body)),
      ),
      route('POST', `${R}/statuses/([^/]+)`, async (call, [owner, name, sha]) =>
        this.#status(call, `${owner}/${name}`, sha ?? ''),
      ),
      route('POST', `${R}/code-scanning/sarifs`, async (call) => {
        this.sarifs.push(record(call.body));
        const id = `47177e22-5596-11eb-80a1-${String(this.sarifs.length).padStart(12, '0')}`;
        return { status: 202, headers: {}, body: { id, url: `${this.#baseUrl}${call.path}/${id}` } };
      }),
    ];
  }

  async #installationRepositories(call: Call): Promise<Answer> {
    const found = await this.#backend.ask(
      'GET',
      '/search/repositories?q=fork:true&per_page=100',
      undefined,
      call.authorization,
    );
    const repositories = await Promise.all(
      records(record(found.body)['items']).map(async (one) => {
        const full = String(one['full_name']);
        return this.#repository(full, await this.#backend.must('GET', `/repos/${full}`));
      }),
    );
    return ok({ total_count: repositories.length, repository_selection: 'all', repositories });
  }

  #app(answer: Answer): Answer {
    return mapped(answer, (body) => ({
      ...body,
      owner: account('acme', 1, this.#baseUrl),
      client_id: 'Iv1.0',
    }));
  }

  #repository(full: string, body: Json): Json {
    return {
      ...body,
      network_count: 0,
      subscribers_count: 0,
      owner: fullUser(record(body['owner'])),
      ...this.#facts.get(full.toLowerCase()),
    };
  }

  // ---- pull requests

  async #tip(full: string, branch: string): Promise<string | null> {
    const answer = await this.#backend.ask('GET', `/repos/${full}/git/ref/heads/${branch}`);
    return answer.status === 200 ? String(record(record(answer.body)['object'])['sha']) : null;
  }

  /** A pull request as GitHub shows it: its head and base where the branches are now, its merge as it was. */
  async #pull(full: string, body: Json, whole: boolean): Promise<Json> {
    const key = `${full}#${body['number']}`;
    this.#numbers.set(String(body['node_id']), Number(body['number']));
    const head = record(body['head']);
    const base = record(body['base']);
    const headFull = String(record(head['repo'])['full_name'] ?? full);
    if (body['state'] === 'open') {
      const tip = await this.#tip(headFull, String(head['ref']));
      if (tip !== null) this.#lastHead.set(key, tip);
    }
    if (headFull !== full) this.forks.set(full, new Set([...(this.forks.get(full) ?? []), headFull]));
    const sha = this.#lastHead.get(key) ?? head['sha'];
    const merged = this.#merged.get(key);
    const labels = await this.#labelsOf(full, key, body);
    const side = (one: Json): Json => ({
      ...one,
      user: fullUser(record(one['user'])),
      repo: this.#repository(String(record(one['repo'])['full_name']), record(one['repo'])),
    });
    const baseTip = (await this.#tip(full, String(base['ref']))) ?? base['sha'];
    return {
      ...body,
      user: fullUser(record(body['user'])),
      assignees: [...(this.#assignees.get(key) ?? [])].map((login) => account(login, 1, this.#baseUrl)),
      assignee: null,
      requested_reviewers: records(body['requested_reviewers']).map(fullUser),
      labels,
      head: { ...side(head), sha },
      base: { ...side(base), sha: baseTip },
      _links: record(body['_links']),
      auto_merge: null,
      merged_at: merged?.at ?? null,
      ...(whole
        ? {
            merged: merged !== undefined,
            merged_by: null,
            merge_commit_sha: merged?.sha ?? null,
            mergeable:
              headFull === full ? await this.#isMergeable(full, body, String(baseTip), String(sha)) : true,
          }
        : {}),
    };
  }

  async #isMergeable(full: string, body: Json, base: string, head: string): Promise<boolean | null> {
    return body['state'] === 'open' ? (await this.#mergedTree(full, base, head)) !== null : null;
  }

  async #labelsOf(full: string, key: string, body: Json): Promise<readonly Json[]> {
    const known = this.#labels.get(key);
    const described = (label: Json): Json => ({ ...label, description: label['description'] ?? '' });
    if (known === undefined) return records(body['labels']).map(described);
    const all = records((await this.#backend.ask('GET', `/repos/${full}/labels?per_page=100`)).body);
    return all.filter((label) => known.has(String(label['name']))).map(described);
  }

  async #listPulls(call: Call, [owner, name]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const query = new URLSearchParams(call.query);
    const answer = await this.#backend.ask('GET', `${call.path}?${query}`, undefined, call.authorization);
    if (answer.status !== 200) return answer;
    const pulls = await Promise.all(records(answer.body).map((one) => this.#pull(full, one, false)));
    return { ...answer, body: pulls.map(({ merged: _, mergeable: __, rebaseable: ___, ...rest }) => rest) };
  }

  async #openPull(
    call: Call,
    [owner, name]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    const body = record(call.body);
    const label = String(body['head']);
    const [headOwner, headRef] = label.includes(':') ? label.split(':') : [owner, label];
    const invalid = (message: string): Answer =>
      problem(422, 'Validation Failed', [{ resource: 'PullRequest', code: 'custom', message }]);
    const headFull = headOwner === owner ? full : `${headOwner}/${name}`;
    const tip = await this.#tip(headFull, headRef ?? '');
    const base = await this.#tip(full, String(body['base']));
    if (tip === null) {
      return problem(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
    }
    if (base === null) {
      return problem(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
    }
    const open = await this.#backend.ask(
      'GET',
      `/repos/${full}/pulls?state=open&head=${headOwner}:${headRef}`,
    );
    if (records(open.body).length > 0) {
      return invalid(`A pull request already exists for ${headOwner}:${headRef}.`);
    }
    const compared = await this.#backend.ask('GET', `/repos/${full}/compare/${base}...${tip}`);
    if (headFull === full && record(compared.body)['ahead_by'] === 0) {
      return invalid(`No commits between ${String(body['base'])} and ${headRef}`);
    }
    if (String(body['body'] ?? '').length > 65_536)
      return problem(422, 'Validation Failed', [
        { code: 'custom', message: 'body is too long (maximum is 65536 characters)' },
      ]);
    return mappedAsync(await forward(), (created) => this.#pull(full, created, true));
  }

  async #patchPull(
    _call: Call,
    [owner, name, number]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    // The head of a closed pull request stays what it was.
    await this.#pull(full, await this.#backend.must('GET', `/repos/${full}/pulls/${number}`), false);
    return mappedAsync(await forward(), (body) => this.#pull(full, body, true));
  }

  /** The tree of a three-way merge, null where both sides changed a file differently. */
  async #mergedTree(full: string, base: string, head: string): Promise<{ tree: string } | null> {
    const ours = record((await this.#backend.ask('GET', `/repos/${full}/compare/${head}...${base}`)).body);
    const theirs = record((await this.#backend.ask('GET', `/repos/${full}/compare/${base}...${head}`)).body);
    const changed = new Map(records(ours['files']).map((file) => [String(file['filename']), file]));
    for (const file of records(theirs['files'])) {
      const other = changed.get(String(file['filename']));
      if (other !== undefined && other['sha'] !== file['sha']) return null;
    }
    const tree = await this.#backend.must('GET', `/repos/${full}/git/trees/${head}?recursive=1`);
    const entries = records(theirs['files']).map((file) => {
      const entry = records(tree['tree']).find((one) => one['path'] === file['filename']);
      return file['status'] === 'removed' || entry === undefined
        ? { path: file['filename'], mode: '100644', type: 'blob', sha: null }
        : { path: entry['path'], mode: entry['mode'], type: entry['type'], sha: entry['sha'] };
    });
    const commit = await this.#backend.must('GET', `/repos/${full}/git/commits/${base}`);
    const baseTree = String(record(commit['tree'])['sha']);
    if (entries.length === 0) return { tree: baseTree };
    const made = await this.#backend.must('POST', `/repos/${full}/git/trees`, {
      base_tree: baseTree,
      tree: entries,
    });
    return { tree: String(made['sha']) };
  }

  async #merge(call: Call, [owner, name, number]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const path = `/repos/${full}/pulls/${number}`;
    const pull = await this.#pull(full, await this.#backend.must('GET', path), true);
    if (pull['state'] !== 'open') return problem(405, 'Pull Request is not mergeable');
    const head = String(record(pull['head'])['sha']);
    const base = String(record(pull['base'])['sha']);
    const merged = await this.#mergedTree(full, base, head);
    if (merged === null) return problem(405, 'Pull Request is not mergeable');
    const commit = await this.#backend.must('POST', `/repos/${full}/git/commits`, {
      message: `Merge pull request #${number}`,
      tree: merged.tree,
      parents: [base, head],
      author: { name: call.login, email: `${call.login}@example.org` },
      committer: { name: 'GitHub', email: GITHUB_MAIL },
    });
    await this.#backend.must(
      'PATCH',
      `/repos/${full}/git/refs/heads/${String(record(pull['base'])['ref'])}`,
      {
        sha: commit['sha'],
      },
    );
    this.#merged.set(`${full}#${number}`, {
      sha: String(commit['sha']),
      at: new Date().toISOString(),
      by: call.login,
    });
    await this.#backend.must('PATCH', path, { state: 'closed' });
    return ok({ sha: commit['sha'], merged: true, message: 'Pull Request successfully merged' });
  }

  async #pullParts(call: Call, [owner, name, number, part]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const found = await this.#backend.ask(
      'GET',
      `/repos/${full}/pulls/${number}`,
      undefined,
      call.authorization,
    );
    if (found.status !== 200) return found;
    const pull = await this.#pull(full, record(found.body), false);
    const head = record(pull['head']);
    const headFull = String(record(head['repo'])['full_name']);
    // The emulator's forks share no objects with their origin: theirs is compared with their own base branch.
    const side = record(pull['base']);
    const base = String(headFull === full ? side['sha'] : side['ref']);
    const compared = await this.#backend.must(
      'GET',
      `/repos/${headFull}/compare/${base}...${String(head['sha'])}`,
    );
    const items =
      part === 'files'
        ? records(compared['files'])
        : records(compared['commits']).map((one) => this.#signed(one));
    return ok(pageOf(items, call.query));
  }

  async #review(call: Call, [owner, name, number]: Match): Promise<Answer> {
    const body = record(call.body);
    const id = ++this.#id;
    const review = { id, number: Number(number), login: call.login, ...body };
    this.reviews.push(review);
    const pull = `${this.#baseUrl}/repos/${owner}/${name}/pulls/${number}`;
    return ok({
      id,
      node_id: `PRR_${id}`,
      user: account(call.login, id, this.#baseUrl),
      body: body['body'] ?? '',
      state: 'COMMENTED',
      html_url: pull,
      pull_request_url: pull,
      _links: { html: { href: pull }, pull_request: { href: pull } },
      submitted_at: new Date().toISOString(),
      commit_id: body['commit_id'] ?? null,
      author_association: 'NONE',
    });
  }

  // ---- issues

  async #listIssues(call: Call, [owner, name]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const answer = await this.#backend.ask(
      'GET',
      `${call.path}?${call.query}`,
      undefined,
      call.authorization,
    );
    if (answer.status !== 200) return answer;
    const state = call.query.get('state') ?? 'open';
    const pulls = await this.#backend.ask('GET', `/repos/${full}/pulls?state=${state}&per_page=100`);
    const creator = call.query.get('creator');
    const asIssues = await Promise.all(
      records(pulls.body)
        .filter((pull) => creator === null || record(pull['user'])['login'] === creator)
        .map((pull) => this.#pullAsIssue(full, pull)),
    );
    const issues = records(answer.body).map((issue) => this.#issueShape(issue));
    const all = [...asIssues, ...issues].sort((a, b) => Number(b['number']) - Number(a['number']));
    return ok(pageOf(all, call.query));
  }

  async #issue(
    call: Call,
    [owner, name, number]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const answer = await forward();
    if (answer.status === 200) return mapped(answer, (body) => this.#issueShape(body));
    const pull = await this.#backend.ask(
      'GET',
      `/repos/${owner}/${name}/pulls/${number}`,
      undefined,
      call.authorization,
    );
    if (pull.status !== 200) return answer;
    return ok(await this.#pullAsIssue(`${owner}/${name}`, record(pull.body)));
  }

  async #assign(
    call: Call,
    [owner, name, number]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    const pull = await this.#backend.ask(
      'GET',
      `/repos/${full}/pulls/${number}`,
      undefined,
      call.authorization,
    );
    if (pull.status !== 200) return mapped(await forward(), (body) => this.#issueShape(body));
    const key = `${full}#${number}`;
    const logins = new Set([
      ...(this.#assignees.get(key) ?? []),
      ...list(record(call.body)['assignees']).map(String),
    ]);
    this.#assignees.set(key, logins);
    return { status: 201, headers: {}, body: await this.#pullAsIssue(full, record(pull.body)) };
  }

  #issueShape(issue: Json): Json {
    const assignees = records(issue['assignees']).map(fullUser);
    const people = issue['assignees'] === undefined ? {} : { assignees, assignee: assignees[0] ?? null };
    const closer = issue['closed_by'] == null ? {} : { closed_by: fullUser(record(issue['closed_by'])) };
    return { ...issue, user: fullUser(record(issue['user'])), ...people, ...closer };
  }

  async #pullAsIssue(full: string, body: Json): Promise<Json> {
    const pull = await this.#pull(full, body, false);
    const url = `${this.#baseUrl}/repos/${full}/issues/${pull['number']}`;
    return {
      id: pull['id'],
      node_id: pull['node_id'],
      url,
      repository_url: `${this.#baseUrl}/repos/${full}`,
      labels_url: `${url}/labels{/name}`,
      comments_url: `${url}/comments`,
      events_url: `${url}/events`,
      html_url: pull['html_url'],
      number: pull['number'],
      state: pull['state'],
      title: pull['title'],
      body: pull['body'],
      user: pull['user'],
      labels: pull['labels'],
      assignee: pull['assignee'],
      assignees: pull['assignees'],
      milestone: null,
      locked: false,
      comments: 0,
      created_at: pull['created_at'],
      updated_at: pull['updated_at'],
      closed_at: pull['closed_at'],
      author_association: 'NONE',
      pull_request: {
        url: pull['url'],
        html_url: pull['html_url'],
        diff_url: pull['diff_url'],
        patch_url: pull['patch_url'],
        merged_at: pull['merged_at'],
      },
    };
  }

  #react(call: Call, comment: number): Answer {
    const content = String(record(call.body)['content']);
    const known = this.reactions.get(comment) ?? [];
    this.reactions.set(comment, known);
    const same = known.find((one) => one.content === content && one.login === call.login);
    if (same !== undefined) return ok(this.#reaction(same));
    const reaction = { id: ++this.#id, content, login: call.login };
    known.push(reaction);
    return { status: 201, headers: {}, body: this.#reaction(reaction) };
  }

  #reaction(one: Reaction): Json {
    return {
      id: one.id,
      node_id: `REA_${one.id}`,
      user: account(one.login, one.id, this.#baseUrl),
      content: one.content,
      created_at: '2026-11-20T00:00:00Z',
    };
  }

  // ---- git

  /** An App's commit without author fields: the bot is author, GitHub commits and signs. */
  async #commit(call: Call, forward: (call?: Partial<Call>) => Promise<Answer>): Promise<Answer> {
    const body = record(call.body);
    const bot = call.login.endsWith('[bot]');
    if (!bot || body['author'] !== undefined || body['committer'] !== undefined) return forward();
    const author = await this.#backend.ask('GET', `/users/${encodeURIComponent(call.login)}`);
    const known = record(author.body);
    const email = String(
      known['email'] ?? `${String(known['id'] ?? 1)}+${call.login}@users.noreply.github.com`,
    );
    const date = new Date().toISOString();
    const answer = await forward({
      body: {
        ...body,
        author: { name: call.login, email, date },
        committer: { name: 'GitHub', email: GITHUB_MAIL, date },
      },
    });
    return mapped(answer, (made) => ({ ...made, verification: verified(true) }));
  }

  /** A commit as GitHub shows it: its own commits are signed, and their committer is `web-flow`. */
  #signed(body: Json): Json {
    const commit = record(body['commit']);
    const author = record(commit['author']);
    const byGitHub = record(commit['committer'])['email'] === GITHUB_MAIL;
    const isBot =
      String(author['name']).endsWith('[bot]') || String(author['email']).includes(`${this.#slug}[bot]`);
    const shown =
      body['author'] === null && isBot ? account(`${this.#slug}[bot]`, 41, this.#baseUrl) : body['author'];
    return {
      ...body,
      author: shown === null ? null : fullUser(record(shown)),
      committer: byGitHub
        ? account('web-flow', 19864447, this.#baseUrl)
        : body['committer'] === null || body['committer'] === undefined
          ? null
          : fullUser(record(body['committer'])),
      commit: { ...commit, verification: verified(byGitHub) },
    };
  }

  #tree(call: Call, answer: Answer): Answer {
    if (answer.status !== 200) return answer;
    const body = record(answer.body);
    if (!this.truncateTrees || !call.query.has('recursive')) return answer;
    const tree = records(body['tree']);
    const nested = tree.some((entry) => entry['type'] === 'tree');
    return nested ? ok({ ...body, tree: tree.slice(0, -1), truncated: true }) : answer;
  }

  async #moved(
    call: Call,
    [owner, name, given]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    const answer = await forward();
    if (answer.status >= 300) {
      // GitHub's own words for a missing ref.
      return call.method === 'PATCH' && answer.status === 404
        ? problem(422, 'Reference does not exist')
        : answer;
    }
    const ref = given ?? String(record(call.body)['ref']).replace(/^refs\//, '');
    this.setFacts(full, { pushed_at: new Date().toISOString() });
    if (ref.startsWith('heads/')) await this.#closeEmpty(full, ref.slice('heads/'.length));
    return answer;
  }

  /** GitHub closes a pull request whose branch was reset to its base. */
  async #closeEmpty(full: string, branch: string): Promise<void> {
    for (const pull of await this.#openPullsOf(full, branch)) {
      const compared = await this.#backend.ask(
        'GET',
        `/repos/${full}/compare/${String(record(pull['base'])['ref'])}...${branch}`,
      );
      if (record(compared.body)['ahead_by'] === 0) {
        await this.#backend.must('PATCH', `/repos/${full}/pulls/${pull['number']}`, { state: 'closed' });
      }
    }
  }

  async #deleteRef(
    _call: Call,
    [owner, name, ref]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    const branch = (ref ?? '').replace(/^heads\//, '');
    const open = await this.#openPullsOf(full, branch);
    for (const pull of open) await this.#pull(full, pull, false);
    const answer = await forward();
    if (answer.status === 404) return problem(422, 'Reference does not exist');
    if (answer.status < 300) {
      for (const pull of open) {
        await this.#backend.must('PATCH', `/repos/${full}/pulls/${pull['number']}`, { state: 'closed' });
      }
    }
    return answer;
  }

  async #openPullsOf(full: string, branch: string): Promise<readonly Json[]> {
    const [owner] = full.split('/');
    const found = await this.#backend.ask('GET', `/repos/${full}/pulls?state=open&head=${owner}:${branch}`);
    return records(found.body);
  }

  // ---- checks

  #check(run: Json): Json {
    return {
      ...run,
      app: {
        id: 1,
        slug: this.#slug,
        node_id: 'A_1',
        owner: account('acme', 1, this.#baseUrl),
        name: 'Pinwheel',
        description: null,
        external_url: this.#baseUrl,
        html_url: this.#baseUrl,
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

  #status(call: Call, full: string, sha: string): Answer {
    const body = record(call.body);
    const url = `${this.#baseUrl}/repos/${full}/statuses/${sha}`;
    const now = new Date().toISOString();
    const status = {
      url,
      avatar_url: null,
      id: ++this.#id,
      node_id: `ST_${this.#id}`,
      state: body['state'],
      description: body['description'] ?? null,
      target_url: body['target_url'] ?? null,
      context: body['context'] ?? 'default',
      created_at: now,
      updated_at: now,
      creator: account(call.login, 41, this.#baseUrl),
    };
    this.#statuses.set(sha, [...(this.#statuses.get(sha) ?? []), status]);
    return { status: 201, headers: {}, body: status };
  }
}

export function problem(status: number, message: string, errors?: readonly Json[]): Answer {
  const documentation = 'https://docs.github.com/rest';
  const body = {
    message,
    documentation_url: documentation,
    status: String(status),
    ...(errors ? { errors } : {}),
  };
  return { status, headers: {}, body };
}

function ok(body: unknown): Answer {
  return { status: 200, headers: {}, body };
}

function mapped(answer: Answer, change: (body: Json) => Json): Answer {
  return answer.status < 300 ? { ...answer, body: change(record(answer.body)) } : answer;
}

async function mappedAsync(answer: Answer, change: (body: Json) => Promise<Json>): Promise<Answer> {
  return answer.status < 300 ? { ...answer, body: await change(record(answer.body)) } : answer;
}

function verified(yes: boolean): Json {
  return yes
    ? {
        verified: true,
        reason: 'valid',
        signature: '-----BEGIN PGP SIGNATURE-----',
        payload: 'tree',
        verified_at: '2026-11-20T00:00:00Z',
      }
    : { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };
}

function account(login: string, id: number, baseUrl: string): Json {
  return fullUser({
    login,
    id,
    url: `${baseUrl}/users/${login}`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
  });
}

function installation(body: Json): Json {
  const owner = record(body['account']);
  return { ...body, account: fullUser(owner), target_id: owner['id'] };
}

/** A "simple user" with all that GitHub's schema requires of one. */
function fullUser(user: Json): Json {
  const login = String(user['login'] ?? 'ghost');
  const url = `https://api.github.com/users/${encodeURIComponent(login)}`;
  return {
    id: 1,
    node_id: `U_${login}`,
    avatar_url: `https://avatars.githubusercontent.com/${encodeURIComponent(login)}`,
    gravatar_id: '',
    url,
    html_url: `https://github.com/${encodeURIComponent(login)}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'User',
    site_admin: false,
    ...Object.fromEntries(
      Object.entries(user).map(([key, value]) => [
        key,
        typeof value === 'string' && value.startsWith('http')
          ? value.replaceAll('[', '%5B').replaceAll(']', '%5D')
          : value,
      ]),
    ),
    login,
  };
}

function pageOf(items: readonly Json[], query: URLSearchParams): readonly Json[] {
  const size = Math.min(Number(query.get('per_page') ?? 30), 100);
  const page = Number(query.get('page') ?? 1);
  return items.slice((page - 1) * size, page * size);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
