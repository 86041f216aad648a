import type { Octokit } from '@octokit/rest';
import type { PinHistory, PinnedOn } from '../../assess/age.ts';
import type { Digest } from '../../domain/digest.ts';
import { messageOf } from '../../domain/errors.ts';
import { type IsoDate, isoDate } from '../../domain/ledger-entry.ts';
import { type RepositoryName, repositoryKey } from '../../domain/repository-name.ts';
import { isGitHubError } from './errors.ts';

/** Commits of one file a request, and requests: so far is looked back. */
const PAGE = 100;
const PAGES = 10;
/** Files asked about for one digest; they were pinned together as a rule. */
const FILES = 3;
/** How often a renamed file is followed. */
const RENAMES = 3;
const MAX_FILE_BYTES = 1_048_576;
const KNOWN_LIMIT = 20_000;

type FileCommit = { readonly sha: string; readonly day: IsoDate };

/** A file's commits, newest first, page by page. */
type FileLog = { readonly pages: Promise<readonly FileCommit[]>[] };

/** Days that were found, for the life of the process: the day a digest came in does not change. */
export class PinDays {
  readonly #days = new Map<string, IsoDate>();

  get(key: string): IsoDate | null {
    return this.#days.get(key) ?? null;
  }

  set(key: string, day: IsoDate): void {
    if (this.#days.size >= KNOWN_LIMIT) this.#days.clear();
    this.#days.set(key, day);
  }
}

/**
 * When digests came into a branch, by GitHub's API: the commits of a file that holds the digest, halved until the first
 * one that had it is found; where a pull request brought that one, the day it was merged. About ten requests a file, and
 * files are only asked about where the ledger does not say. What GitHub does not answer is `unknown`.
 */
export class GitHubPinHistory implements PinHistory {
  readonly #octokit: Octokit;
  readonly #at: { readonly owner: string; readonly repo: string };
  readonly #branch: string;
  readonly #key: string;
  readonly #days: PinDays;
  readonly #logs = new Map<string, FileLog>();

  constructor(octokit: Octokit, repository: RepositoryName, branch: string, days: PinDays = new PinDays()) {
    this.#octokit = octokit;
    this.#at = { owner: repository.owner, repo: repository.name };
    this.#branch = branch;
    this.#key = `${repositoryKey(repository)} ${branch}`;
    this.#days = days;
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
    const key = `${this.#key} ${digest}`;
    const before = this.#days.get(key);
    if (before !== null) return { status: 'known', date: before };
    const told: PinnedOn[] = [];
    for (const file of files.slice(0, FILES)) {
      try {
        told.push(await this.#inFile(digest, file, this.#branch, RENAMES));
      } catch (error) {
        const reason = messageOf(error);
        told.push({ status: 'unknown', reason });
      }
    }
    const [earliest] = told.flatMap((one) => (one.status === 'known' ? [one.date] : [])).sort();
    // A file that could not be read may have held it for longer; "new" would be a guess.
    const unknown = told.find((one) => one.status === 'unknown');
    if (earliest !== undefined) {
      if (unknown === undefined) this.#days.set(key, earliest);
      return { status: 'known', date: earliest };
    }
    return unknown ?? told[0] ?? { status: 'unknown', reason: 'no file is known to contain it' };
  }

  async #inFile(digest: Digest, file: string, ref: string, renames: number): Promise<PinnedOn> {
    const commits: FileCommit[] = [];
    // Back to the first page whose last commit does not hold it any more, or to the file's first commit.
    for (let page = 1; ; page++) {
      const found = await this.#page(file, ref, page);
      const [newest] = found;
      if (page === 1 && (newest === undefined || !(await this.#holds(file, newest, digest))))
        return { status: 'uncommitted' };
      commits.push(...found);
      const oldest = found.at(-1);
      if (found.length < PAGE || oldest === undefined || !(await this.#holds(file, oldest, digest))) break;
      if (page === PAGES) {
        const reason = `${file} has contained it for more than ${commits.length} commits, at least since ${oldest.day}`;
        return { status: 'unknown', reason };
      }
    }
    const holding = await this.#firstHolding(file, commits, digest);
    const first = commits[holding];
    if (first === undefined) return { status: 'uncommitted' };
    if (holding === commits.length - 1 && renames > 0) {
      const former = await this.#formerName(file, first);
      if (former !== null) {
        const earlier = await this.#inFile(digest, former.path, former.parent, renames - 1);
        if (earlier.status !== 'uncommitted') return earlier;
      }
    }
    return { status: 'known', date: await this.#arrival(first) };
  }

  /** Where in a list, newest first and its first one holding, the run of holding commits ends. */
  async #firstHolding(file: string, commits: readonly FileCommit[], digest: Digest): Promise<number> {
    let holding = 0;
    let lacking = commits.length;
    while (lacking - holding > 1) {
      const middle = (holding + lacking) >> 1;
      const commit = commits[middle];
      if (commit !== undefined && (await this.#holds(file, commit, digest))) holding = middle;
      else lacking = middle;
    }
    return holding;
  }

  #page(file: string, ref: string, page: number): Promise<readonly FileCommit[]> {
    const key = `${ref} ${file}`;
    const log = this.#logs.get(key) ?? { pages: [] };
    this.#logs.set(key, log);
    log.pages[page - 1] ??= this.#list(file, ref, page);
    return log.pages[page - 1] ?? this.#list(file, ref, page);
  }

  async #list(file: string, ref: string, page: number): Promise<readonly FileCommit[]> {
    const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/commits', {
      ...this.#at,
      sha: ref,
      path: file,
      per_page: PAGE,
      page,
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
      if (Array.isArray(data) || data.type !== 'file') return false;
      if (data.size > MAX_FILE_BYTES) throw new Error(`${file} is too large to read its history`);
      return Buffer.from(data.content, 'base64').toString('utf8').includes(digest);
    } catch (error) {
      if (isGitHubError(error, 'not-found')) return false;
      throw error;
    }
  }

  /** What the file was called before its first commit under this name; null where it was new. */
  async #formerName(
    file: string,
    { sha }: FileCommit,
  ): Promise<{ readonly path: string; readonly parent: string } | null> {
    const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/commits/{ref}', {
      ...this.#at,
      ref: sha,
    });
    const path = data.files?.find((one) => one.filename === file)?.previous_filename;
    const parent = data.parents[0]?.sha;
    return path === undefined || parent === undefined ? null : { path, parent };
  }

  /** The day a commit came into the branch: the merge of its pull request, else the commit's own. */
  async #arrival({ sha, day }: FileCommit): Promise<IsoDate> {
    try {
      const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
        ...this.#at,
        commit_sha: sha,
      });
      const merges = data.flatMap((pull) =>
        pull.base.ref === this.#branch && pull.merged_at !== null ? [isoDate(new Date(pull.merged_at))] : [],
      );
      // A commit's own day is whatever its author's clock said.
      return merges.sort()[0] ?? day;
    } catch {
      return day;
    }
  }
}
