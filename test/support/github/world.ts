import { type Backend, type Json, record } from './backend.ts';
import { account, fullUser, GITHUB_MAIL, verified } from './shapes.ts';

export type Reaction = { readonly id: number; readonly content: string; readonly login: string };

/** What the mended GitHub remembers beside the emulator, and how it asks that. */
export class World {
  readonly backend: Backend;
  readonly slug: string;
  readonly baseUrl: string;
  readonly reactions = new Map<number, Reaction[]>();
  readonly reviews: Json[] = [];
  readonly sarifs: Json[] = [];
  readonly automerge = new Map<string, string>();
  /** Repositories that pull requests came from: their objects can be read through the base. */
  readonly forks = new Map<string, Set<string>>();
  readonly merged = new Map<string, { readonly sha: string; readonly at: string; readonly by: string }>();
  readonly lastHead = new Map<string, string>();
  readonly labels = new Map<string, Set<string>>();
  readonly assignees = new Map<string, Set<string>>();
  readonly numbers = new Map<string, number>();
  readonly statuses = new Map<string, Json[]>();
  /** Trees answered as `truncated`: with `recursive`, one entry short. */
  truncateTrees = false;
  lastId = 5000;
  readonly #facts = new Map<string, Json>();

  constructor(backend: Backend, slug: string, baseUrl: string) {
    this.backend = backend;
    this.slug = slug;
    this.baseUrl = baseUrl;
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** Facts of a repository that the emulator does not let change: `archived`, `disabled`, `fork`, … */
  setFacts(repository: string, facts: Json): void {
    this.#facts.set(repository.toLowerCase(), { ...this.#facts.get(repository.toLowerCase()), ...facts });
  }

  /** The number of a pull request that was shown before, by its node id. */
  numberOf(id: string): number | null {
    return this.numbers.get(id) ?? null;
  }

  repository(full: string, body: Json): Json {
    return {
      ...body,
      network_count: 0,
      subscribers_count: 0,
      owner: fullUser(record(body['owner'])),
      ...this.#facts.get(full.toLowerCase()),
    };
  }

  async tip(full: string, branch: string): Promise<string | null> {
    const answer = await this.backend.ask('GET', `/repos/${full}/git/ref/heads/${branch}`);
    return answer.status === 200 ? String(record(record(answer.body)['object'])['sha']) : null;
  }

  /** A commit as GitHub shows it: its own commits are signed, and their committer is `web-flow`. */
  signed(body: Json): Json {
    const commit = record(body['commit']);
    const author = record(commit['author']);
    const byGitHub = record(commit['committer'])['email'] === GITHUB_MAIL;
    const isBot =
      String(author['name']).endsWith('[bot]') || String(author['email']).includes(`${this.slug}[bot]`);
    const shown =
      body['author'] === null && isBot ? account(`${this.slug}[bot]`, 41, this.baseUrl) : body['author'];
    return {
      ...body,
      author: shown === null ? null : fullUser(record(shown)),
      committer: byGitHub
        ? account('web-flow', 19864447, this.baseUrl)
        : body['committer'] === null || body['committer'] === undefined
          ? null
          : fullUser(record(body['committer'])),
      commit: { ...commit, verification: verified(byGitHub) },
    };
  }
}
