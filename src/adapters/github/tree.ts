import type { Octokit } from '@octokit/rest';
import { type Tree, type TreeEntry, TreeError } from '../../discover/tree.ts';
import { folderOf, pathFrom } from '../../domain/path.ts';
import type { BlobReader } from './blobs.ts';
import { isGitHubError } from './errors.ts';

/** One page of a git tree as GitHub lists it. */
export type TreeListing = {
  readonly entries: readonly ListedEntry[];
  readonly truncated: boolean;
};

type ListedEntry = {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size: number | null;
};

/** Remembers listings by tree id: what an id names never changes. */
export interface ListingCache {
  get(key: string): TreeListing | undefined;
  set(key: string, listing: TreeListing): void;
}

const MAX_ENTRIES = 500_000;
const MAX_WALK = 5_000;
const MAX_LINKS = 8;

/**
 * The files of one commit on GitHub, without a clone: one recursive listing (walked folder by folder where GitHub
 * truncates it), blobs read by id. Symlinks are listed as such and followed within the repository only; submodules are
 * listed and cannot be read.
 */
export class GitHubTree implements Tree {
  readonly #octokit: Octokit;
  readonly #owner: string;
  readonly #name: string;
  readonly #root: string;
  readonly #blobs: BlobReader;
  readonly #cache: ListingCache;
  readonly #byPath = new Map<string, ListedEntry>();
  #listed = false;

  constructor(init: {
    readonly octokit: Octokit;
    readonly owner: string;
    readonly name: string;
    /** The id of the root tree. */
    readonly root: string;
    readonly blobs: BlobReader;
    readonly cache: ListingCache;
  }) {
    this.#octokit = init.octokit;
    this.#owner = init.owner;
    this.#name = init.name;
    this.#root = init.root;
    this.#blobs = init.blobs;
    this.#cache = init.cache;
  }

  async list(skipFolder: (path: string) => boolean): Promise<readonly TreeEntry[]> {
    const entries = await this.#entries(skipFolder);
    this.#listed = true;
    const isSkipped = remembering(skipFolder);
    return entries
      .filter((entry) => entry.type !== 'tree' && !insideSkipped(entry.path, isSkipped))
      .map((entry) => ({ path: entry.path, kind: kindOf(entry), size: entry.size, id: entry.sha }));
  }

  read(path: string): Promise<Uint8Array> {
    return this.#read(path, MAX_LINKS);
  }

  async #read(path: string, links: number): Promise<Uint8Array> {
    const normal = pathFrom('', path);
    if (normal === null) throw outside(path);
    const entry = await this.#find(normal);
    if (entry === undefined || entry.type === 'tree') {
      throw new TreeError({ code: 'not-found', message: `${path} is not in the repository` });
    }
    if (entry.type === 'commit') {
      throw new TreeError({
        code: 'unreadable',
        message: `${path} is a submodule; its files are in another repository`,
      });
    }
    const bytes = await this.#blob(path, entry);
    if (entry.mode !== '120000') return bytes;
    const target = pathFrom(folderOf(normal), new TextDecoder().decode(bytes));
    if (target === null) throw outside(path);
    if (links === 0) {
      throw new TreeError({ code: 'unreadable', message: `${path} is a circular symlink` });
    }
    return this.#read(target, links - 1);
  }

  async #blob(path: string, entry: ListedEntry): Promise<Uint8Array> {
    try {
      return await this.#blobs.read({ id: entry.sha, size: entry.size });
    } catch (error) {
      if (isGitHubError(error, 'too-large', 'not-found')) {
        throw new TreeError({ code: 'unreadable', message: `${path}: ${error.message}`, cause: error });
      }
      throw error;
    }
  }

  async #find(path: string): Promise<ListedEntry | undefined> {
    const known = this.#byPath.get(path);
    if (known !== undefined || this.#listed) return known ?? this.#walkTo(path);
    await this.#entries(() => false);
    this.#listed = true;
    return this.#byPath.get(path);
  }

  /** Looks a path up that a truncated or pruned listing may not hold, folder by folder. */
  async #walkTo(path: string): Promise<ListedEntry | undefined> {
    if (this.#complete) return undefined;
    let id = this.#root;
    let prefix = '';
    for (const part of path.split('/')) {
      const listing = await this.#listing(id, false);
      const full = `${prefix}${part}`;
      const found = listing.entries.find((entry) => entry.path === part);
      if (found === undefined) return undefined;
      if (full === path) return { ...found, path };
      if (found.type !== 'tree') return undefined;
      id = found.sha;
      prefix = `${full}/`;
    }
    return undefined;
  }

  #complete = false;

  async #entries(skipFolder: (path: string) => boolean): Promise<readonly ListedEntry[]> {
    const whole = await this.#listing(this.#root, true);
    let entries = whole.entries;
    if (whole.truncated) entries = await this.#walk(skipFolder);
    else this.#complete = true;
    for (const entry of entries) this.#byPath.set(entry.path, entry);
    return entries;
  }

  async #walk(skipFolder: (path: string) => boolean): Promise<readonly ListedEntry[]> {
    const found: ListedEntry[] = [];
    const open: { readonly id: string; readonly prefix: string }[] = [{ id: this.#root, prefix: '' }];
    let asked = 0;
    for (let folder = open.shift(); folder !== undefined; folder = open.shift()) {
      const { id, prefix } = folder;
      // A folder's own subtree often fits where the whole did not.
      const deep = prefix === '' ? null : await this.#listing(id, true);
      const listing = deep !== null && !deep.truncated ? deep : await this.#listing(id, false);
      if (++asked > MAX_WALK || found.length > MAX_ENTRIES) {
        throw new TreeError({
          code: 'unreadable',
          message: `the repository has more files than Pinwheel reads (${MAX_ENTRIES}); exclude folders with files.exclude`,
        });
      }
      for (const entry of listing.entries) {
        const path = prefix + entry.path;
        const isFolder = entry.type === 'tree';
        if (!isFolder) found.push({ ...entry, path });
        else if (listing !== deep && !skipFolder(path)) open.push({ id: entry.sha, prefix: `${path}/` });
      }
    }
    return found;
  }

  async #listing(id: string, recursive: boolean): Promise<TreeListing> {
    const key = `${recursive ? 'deep' : 'flat'} ${id}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const { data } = await this.#octokit.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
      owner: this.#owner,
      repo: this.#name,
      tree_sha: id,
      ...(recursive ? { recursive: '1' } : {}),
    });
    const listing: TreeListing = {
      truncated: data.truncated,
      entries: data.tree.map((entry) => ({
        path: entry.path,
        mode: entry.mode,
        type: entry.type,
        sha: entry.sha,
        size: entry.size ?? null,
      })),
    };
    this.#cache.set(key, listing);
    return listing;
  }
}

function outside(path: string): TreeError {
  return new TreeError({ code: 'outside-tree', message: `${path} points outside the repository` });
}

function kindOf(entry: ListedEntry): TreeEntry['kind'] {
  if (entry.type === 'commit' || entry.mode === '160000') return 'submodule';
  if (entry.mode === '120000') return 'symlink';
  return entry.mode === '100755' ? 'executable' : 'file';
}

/** Asks about each folder once: a listing of a hundred thousand files names few folders. */
function remembering(skipFolder: (path: string) => boolean): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    const answer = known.get(path) ?? skipFolder(path);
    known.set(path, answer);
    return answer;
  };
}

function insideSkipped(path: string, skipFolder: (path: string) => boolean): boolean {
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (skipFolder(path.slice(0, slash))) return true;
  }
  return false;
}
