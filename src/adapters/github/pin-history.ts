import type { Octokit } from '@octokit/rest';
import type { PinHistory, PinnedOn } from '../../assess/age.ts';
import type { Digest } from '../../domain/digest.ts';
import { type IsoDate, isoDate } from '../../domain/ledger-entry.ts';
import type { RepositoryName } from '../../schedule/request.ts';
import { isGitHubError } from './errors.ts';

/** Commits of one file looked back over: a page of GitHub's list. */
const COMMITS = 100;
/** Files asked about for one digest; they were pinned together as a rule. */
const FILES = 3;
const MAX_FILE_BYTES = 1_048_576;

type FileCommit = { readonly sha: string; readonly day: IsoDate };

/**
 * When digests came into a branch, by GitHub's API: the commits of a file that holds the digest, halved until the first
 * one that had it is found. At most eight requests a file, and files are only asked about where the ledger does not say.
 */
export class GitHubPinHistory implements PinHistory {
  readonly #octokit: Octokit;
  readonly #at: { readonly owner: string; readonly repo: string };
  readonly #branch: string;
  readonly #commits = new Map<string, Promise<readonly FileCommit[]>>();

  constructor(octokit: Octokit, repository: RepositoryName, branch: string) {
    this.#octokit = octokit;
    this.#at = { owner: repository.owner, repo: repository.name };
    this.#branch = branch;
  }

  async pinnedOn(
    digests: readonly Digest[],
    filesOf: (digest: Digest) => readonly string[] = () => [],
  ): Promise<ReadonlyMap<Digest, PinnedOn>> {
    const answers = new Map<Digest, PinnedOn>();
    for (const digest of new Set(digests)) answers.set(digest, await this.#ask(digest, filesOf(digest)));
    return answers;
  }

  /** The earliest of the digest's files: a pin copied into a second file is no new pin. */
  async #ask(digest: Digest, files: readonly string[]): Promise<PinnedOn> {
    const known: PinnedOn[] = [];
    for (const file of files.slice(0, FILES)) {
      try {
        known.push(await this.#inFile(digest, file));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        known.push({ status: 'unknown', reason });
      }
    }
    const dated = known.flatMap((one) => (one.status === 'known' ? [one.date] : [])).sort();
    if (dated[0] !== undefined) return { status: 'known', date: dated[0] };
    return known[0] ?? { status: 'unknown', reason: 'no file is known that holds it' };
  }

  async #inFile(digest: Digest, file: string): Promise<PinnedOn> {
    this.#commits.set(file, this.#commits.get(file) ?? this.#list(file));
    const commits = (await this.#commits.get(file)) ?? [];
    const [newest] = commits;
    if (newest === undefined || !(await this.#holds(file, newest, digest))) return { status: 'uncommitted' };
    let holding = 0;
    let lacking = commits.length;
    while (lacking - holding > 1) {
      const middle = (holding + lacking) >> 1;
      const commit = commits[middle];
      if (commit !== undefined && (await this.#holds(file, commit, digest))) holding = middle;
      else lacking = middle;
    }
    const first = commits[holding];
    if (first === undefined) return { status: 'uncommitted' };
    if (holding === COMMITS - 1) {
      const reason = `${file} has held it for more than ${COMMITS} commits, at least since ${first.day}`;
      return { status: 'unknown', reason };
    }
    return { status: 'known', date: first.day };
  }

  /** Newest first. */
  async #list(file: string): Promise<readonly FileCommit[]> {
    const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/commits', {
      ...this.#at,
      sha: this.#branch,
      path: file,
      per_page: COMMITS,
    });
    return data.flatMap(({ sha, commit }) => {
      const time = new Date(commit.committer?.date ?? commit.author?.date ?? '');
      return Number.isNaN(time.getTime()) ? [] : [{ sha, day: isoDate(time) }];
    });
  }

  async #holds(file: string, commit: FileCommit, digest: Digest): Promise<boolean> {
    try {
      const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/contents/{path}', {
        ...this.#at,
        path: file,
        ref: commit.sha,
      });
      if (Array.isArray(data) || data.type !== 'file' || data.size > MAX_FILE_BYTES) return false;
      return Buffer.from(data.content, 'base64').toString('utf8').includes(digest);
    } catch (error) {
      if (isGitHubError(error, 'not-found')) return false;
      throw error;
    }
  }
}
