import { type Answer, type Json, record, records } from './backend.ts';
import {
  account,
  type Call,
  fullUser,
  GITHUB_MAIL,
  type Match,
  mappedAsync,
  ok,
  pageOf,
  problem,
} from './shapes.ts';
import type { World } from './world.ts';

/** Pull requests as GitHub shows, opens and merges them. */
export class Pulls {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** A pull request as GitHub shows it: its head and base where the branches are now, its merge as it was. */
  async pull(full: string, body: Json, whole: boolean): Promise<Json> {
    const key = `${full}#${body['number']}`;
    this.#world.numbers.set(String(body['node_id']), Number(body['number']));
    const head = record(body['head']);
    const base = record(body['base']);
    const headFull = String(record(head['repo'])['full_name'] ?? full);
    if (body['state'] === 'open') {
      const tip = await this.#world.tip(headFull, String(head['ref']));
      if (tip !== null) this.#world.lastHead.set(key, tip);
    }
    if (headFull !== full)
      this.#world.forks.set(full, new Set([...(this.#world.forks.get(full) ?? []), headFull]));
    const sha = this.#world.lastHead.get(key) ?? head['sha'];
    const merged = this.#world.merged.get(key);
    const labels = await this.labelsOf(full, key, body);
    const side = (one: Json): Json => ({
      ...one,
      user: fullUser(record(one['user'])),
      repo: this.#world.repository(String(record(one['repo'])['full_name']), record(one['repo'])),
    });
    const baseTip = (await this.#world.tip(full, String(base['ref']))) ?? base['sha'];
    return {
      ...body,
      user: fullUser(record(body['user'])),
      assignees: [...(this.#world.assignees.get(key) ?? [])].map((login) =>
        account(login, 1, this.#world.baseUrl),
      ),
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
              headFull === full ? await this.isMergeable(full, body, String(baseTip), String(sha)) : true,
          }
        : {}),
    };
  }

  async isMergeable(full: string, body: Json, base: string, head: string): Promise<boolean | null> {
    return body['state'] === 'open' ? (await this.mergedTree(full, base, head)) !== null : null;
  }

  async labelsOf(full: string, key: string, body: Json): Promise<readonly Json[]> {
    const known = this.#world.labels.get(key);
    const described = (label: Json): Json => ({ ...label, description: label['description'] ?? '' });
    if (known === undefined) return records(body['labels']).map(described);
    const all = records((await this.#world.backend.ask('GET', `/repos/${full}/labels?per_page=100`)).body);
    return all.filter((label) => known.has(String(label['name']))).map(described);
  }

  async listPulls(call: Call, [owner, name]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const query = new URLSearchParams(call.query);
    const answer = await this.#world.backend.ask(
      'GET',
      `${call.path}?${query}`,
      undefined,
      call.authorization,
    );
    if (answer.status !== 200) return answer;
    const pulls = await Promise.all(records(answer.body).map((one) => this.pull(full, one, false)));
    return { ...answer, body: pulls.map(({ merged: _, mergeable: __, rebaseable: ___, ...rest }) => rest) };
  }

  async openPull(
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
    const tip = await this.#world.tip(headFull, headRef ?? '');
    const base = await this.#world.tip(full, String(body['base']));
    if (tip === null) {
      return problem(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
    }
    if (base === null) {
      return problem(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
    }
    const open = await this.#world.backend.ask(
      'GET',
      `/repos/${full}/pulls?state=open&head=${headOwner}:${headRef}`,
    );
    if (records(open.body).length > 0) {
      return invalid(`A pull request already exists for ${headOwner}:${headRef}.`);
    }
    const compared = await this.#world.backend.ask('GET', `/repos/${full}/compare/${base}...${tip}`);
    if (headFull === full && record(compared.body)['ahead_by'] === 0) {
      return invalid(`No commits between ${String(body['base'])} and ${headRef}`);
    }
    if (String(body['body'] ?? '').length > 65_536)
      return problem(422, 'Validation Failed', [
        { code: 'custom', message: 'body is too long (maximum is 65536 characters)' },
      ]);
    return mappedAsync(await forward(), (created) => this.pull(full, created, true));
  }

  async patchPull(
    _call: Call,
    [owner, name, number]: Match,
    forward: (call?: Partial<Call>) => Promise<Answer>,
  ): Promise<Answer> {
    const full = `${owner}/${name}`;
    // The head of a closed pull request stays what it was.
    await this.pull(full, await this.#world.backend.must('GET', `/repos/${full}/pulls/${number}`), false);
    return mappedAsync(await forward(), (body) => this.pull(full, body, true));
  }

  /** The tree of a three-way merge, null where both sides changed a file differently. */
  async mergedTree(full: string, base: string, head: string): Promise<{ tree: string } | null> {
    const ours = record(
      (await this.#world.backend.ask('GET', `/repos/${full}/compare/${head}...${base}`)).body,
    );
    const theirs = record(
      (await this.#world.backend.ask('GET', `/repos/${full}/compare/${base}...${head}`)).body,
    );
    const changed = new Map(records(ours['files']).map((file) => [String(file['filename']), file]));
    for (const file of records(theirs['files'])) {
      const other = changed.get(String(file['filename']));
      if (other !== undefined && other['sha'] !== file['sha']) return null;
    }
    const tree = await this.#world.backend.must('GET', `/repos/${full}/git/trees/${head}?recursive=1`);
    const entries = records(theirs['files']).map((file) => {
      const entry = records(tree['tree']).find((one) => one['path'] === file['filename']);
      return file['status'] === 'removed' || entry === undefined
        ? { path: file['filename'], mode: '100644', type: 'blob', sha: null }
        : { path: entry['path'], mode: entry['mode'], type: entry['type'], sha: entry['sha'] };
    });
    const commit = await this.#world.backend.must('GET', `/repos/${full}/git/commits/${base}`);
    const baseTree = String(record(commit['tree'])['sha']);
    if (entries.length === 0) return { tree: baseTree };
    const made = await this.#world.backend.must('POST', `/repos/${full}/git/trees`, {
      base_tree: baseTree,
      tree: entries,
    });
    return { tree: String(made['sha']) };
  }

  async merge(call: Call, [owner, name, number]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const path = `/repos/${full}/pulls/${number}`;
    const pull = await this.pull(full, await this.#world.backend.must('GET', path), true);
    if (pull['state'] !== 'open') return problem(405, 'Pull Request is not mergeable');
    const head = String(record(pull['head'])['sha']);
    const base = String(record(pull['base'])['sha']);
    const merged = await this.mergedTree(full, base, head);
    if (merged === null) return problem(405, 'Pull Request is not mergeable');
    const commit = await this.#world.backend.must('POST', `/repos/${full}/git/commits`, {
      message: `Merge pull request #${number}`,
      tree: merged.tree,
      parents: [base, head],
      author: { name: call.login, email: `${call.login}@example.org` },
      committer: { name: 'GitHub', email: GITHUB_MAIL },
    });
    await this.#world.backend.must(
      'PATCH',
      `/repos/${full}/git/refs/heads/${String(record(pull['base'])['ref'])}`,
      {
        sha: commit['sha'],
      },
    );
    this.#world.merged.set(`${full}#${number}`, {
      sha: String(commit['sha']),
      at: new Date().toISOString(),
      by: call.login,
    });
    await this.#world.backend.must('PATCH', path, { state: 'closed' });
    return ok({ sha: commit['sha'], merged: true, message: 'Pull Request successfully merged' });
  }

  async pullParts(call: Call, [owner, name, number, part]: Match): Promise<Answer> {
    const full = `${owner}/${name}`;
    const found = await this.#world.backend.ask(
      'GET',
      `/repos/${full}/pulls/${number}`,
      undefined,
      call.authorization,
    );
    if (found.status !== 200) return found;
    const pull = await this.pull(full, record(found.body), false);
    const head = record(pull['head']);
    const headFull = String(record(head['repo'])['full_name']);
    // The emulator's forks share no objects with their origin: theirs is compared with their own base branch.
    const side = record(pull['base']);
    const base = String(headFull === full ? side['sha'] : side['ref']);
    const compared = await this.#world.backend.must(
      'GET',
      `/repos/${headFull}/compare/${base}...${String(head['sha'])}`,
    );
    const items =
      part === 'files'
        ? records(compared['files'])
        : records(compared['commits']).map((one) => this.#world.signed(one));
    return ok(pageOf(items, call.query));
  }

  async review(call: Call, [owner, name, number]: Match): Promise<Answer> {
    const body = record(call.body);
    const id = this.#world.nextId();
    const review = { id, number: Number(number), login: call.login, ...body };
    this.#world.reviews.push(review);
    const pull = `${this.#world.baseUrl}/repos/${owner}/${name}/pulls/${number}`;
    return ok({
      id,
      node_id: `PRR_${id}`,
      user: account(call.login, id, this.#world.baseUrl),
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

  async openPullsOf(full: string, branch: string): Promise<readonly Json[]> {
    const [owner] = full.split('/');
    const found = await this.#world.backend.ask(
      'GET',
      `/repos/${full}/pulls?state=open&head=${owner}:${branch}`,
    );
    return records(found.body);
  }
}
