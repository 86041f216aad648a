import { type Answer, type Json, record, records } from './backend.ts';
import type { Pulls } from './pulls.ts';
import { account, type Call, fullUser, list, type Match, mapped, ok, pageOf } from './shapes.ts';
import type { Reaction, World } from './world.ts';

/** Issues, pull requests among them, and reactions. */
export class Issues {
  readonly #world: World;
  readonly #pulls: Pulls;

  constructor(world: World, pulls: Pulls) {
    this.#world = world;
    this.#pulls = pulls;
  }

  async listIssues(call: Call, [owner, name]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const answer = await this.#world.backend.ask(
      'GET',
      `${call.path}?${call.query}`,
      undefined,
      call.authorization,
    );
    if (answer.status !== 200) return answer;
    const state = call.query.get('state') ?? 'open';
    const pulls = await this.#world.backend.ask('GET', `/repos/${full}/pulls?state=${state}&per_page=100`);
    const creator = call.query.get('creator');
    const asIssues = await Promise.all(
      records(pulls.body)
        .filter((pull) => creator === null || record(pull['user'])['login'] === creator)
        .map((pull) => this.pullAsIssue(full, pull)),
    );
    const issues = records(answer.body).map((issue) => this.issueShape(issue));
    const all = [...asIssues, ...issues].sort((a, b) => Number(b['number']) - Number(a['number']));
    return ok(pageOf(all, call.query));
  }

  async issue(
    call: Call,
    [owner, name, number]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const answer = await forward();
    if (answer.status === 200) return mapped(answer, (body) => this.issueShape(body));
    const pull = await this.#world.backend.ask(
      'GET',
      `/repos/${owner}/${name}/pulls/${number}`,
      undefined,
      call.authorization,
    );
    if (pull.status !== 200) return answer;
    return ok(await this.pullAsIssue(`${owner}/${name}`, record(pull.body)));
  }

  async assign(
    call: Call,
    [owner, name, number]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    const pull = await this.#world.backend.ask(
      'GET',
      `/repos/${full}/pulls/${number}`,
      undefined,
      call.authorization,
    );
    if (pull.status !== 200) return mapped(await forward(), (body) => this.issueShape(body));
    const key = `${full}#${number}`;
    const logins = new Set([
      ...(this.#world.assignees.get(key) ?? []),
      ...list(record(call.body)['assignees']).map(String),
    ]);
    this.#world.assignees.set(key, logins);
    return { status: 201, headers: {}, body: await this.pullAsIssue(full, record(pull.body)) };
  }

  issueShape(issue: Json): Json {
    const assignees = records(issue['assignees']).map(fullUser);
    const people = issue['assignees'] === undefined ? {} : { assignees, assignee: assignees[0] ?? null };
    const closer = issue['closed_by'] == null ? {} : { closed_by: fullUser(record(issue['closed_by'])) };
    return { ...issue, user: fullUser(record(issue['user'])), ...people, ...closer };
  }

  async pullAsIssue(full: string, body: Json): Promise<Json> {
    const pull = await this.#pulls.pull(full, body, false);
    const url = `${this.#world.baseUrl}/repos/${full}/issues/${pull['number']}`;
    return {
      id: pull['id'],
      node_id: pull['node_id'],
      url,
      repository_url: `${this.#world.baseUrl}/repos/${full}`,
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

  react(call: Call, comment: number): Answer {
    const content = String(record(call.body)['content']);
    const known = this.#world.reactions.get(comment) ?? [];
    this.#world.reactions.set(comment, known);
    const same = known.find((one) => one.content === content && one.login === call.login);
    if (same !== undefined) return ok(this.reaction(same));
    const reaction = { id: this.#world.nextId(), content, login: call.login };
    known.push(reaction);
    return { status: 201, headers: {}, body: this.reaction(reaction) };
  }

  reaction(one: Reaction): Json {
    return {
      id: one.id,
      node_id: `REA_${one.id}`,
      user: account(one.login, one.id, this.#world.baseUrl),
      content: one.content,
      created_at: '2026-11-20T00:00:00Z',
    };
  }
}
