import { type Answer, record, records } from './backend.ts';
import type { Pulls } from './pulls.ts';
import { type Call, GITHUB_MAIL, type Match, mapped, ok, problem, verified } from './shapes.ts';
import type { World } from './world.ts';

/** Commits, trees and refs, and what moving a ref does to pull requests. */
export class GitObjects {
  readonly #world: World;
  readonly #pulls: Pulls;

  constructor(world: World, pulls: Pulls) {
    this.#world = world;
    this.#pulls = pulls;
  }

  /** An App's commit without author fields: the bot is author, GitHub commits and signs. */
  async commit(call: Call, forward: (call?: Partial<Call>) => Promise<Answer>): Promise<Answer> {
    const body = record(call.body);
    const bot = call.login.endsWith('[bot]');
    if (!bot || body['author'] !== undefined || body['committer'] !== undefined) return forward();
    const author = await this.#world.backend.ask('GET', `/users/${encodeURIComponent(call.login)}`);
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

  tree(call: Call, answer: Answer): Answer {
    if (answer.status !== 200) return answer;
    const body = record(answer.body);
    if (!this.#world.truncateTrees || !call.query.has('recursive')) return answer;
    const tree = records(body['tree']);
    const nested = tree.some((entry) => entry['type'] === 'tree');
    return nested ? ok({ ...body, tree: tree.slice(0, -1), truncated: true }) : answer;
  }

  async moved(
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
    this.#world.setFacts(full, { pushed_at: new Date().toISOString() });
    if (ref.startsWith('heads/')) await this.closeEmpty(full, ref.slice('heads/'.length));
    return answer;
  }

  /** GitHub closes a pull request whose branch was reset to its base. */
  async closeEmpty(full: string, branch: string): Promise<void> {
    for (const pull of await this.#pulls.openPullsOf(full, branch)) {
      const compared = await this.#world.backend.ask(
        'GET',
        `/repos/${full}/compare/${String(record(pull['base'])['ref'])}...${branch}`,
      );
      if (record(compared.body)['ahead_by'] === 0) {
        await this.#world.backend.must('PATCH', `/repos/${full}/pulls/${pull['number']}`, {
          state: 'closed',
        });
      }
    }
  }

  async deleteRef(
    _call: Call,
    [owner, name, ref]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    const branch = (ref ?? '').replace(/^heads\//, '');
    const open = await this.#pulls.openPullsOf(full, branch);
    for (const pull of open) await this.#pulls.pull(full, pull, false);
    const answer = await forward();
    if (answer.status === 404) return problem(422, 'Reference does not exist');
    if (answer.status < 300) {
      for (const pull of open) {
        await this.#world.backend.must('PATCH', `/repos/${full}/pulls/${pull['number']}`, {
          state: 'closed',
        });
      }
    }
    return answer;
  }
}
