import { createHash } from 'node:crypto';
import { structuredPatch } from 'diff';
import { gitBlobId } from '../../../src/adapters/github/blobs.ts';
import type { ChangedFile, Commit, TreeWrite } from '../../../src/forge/types.ts';
import { MemoryTree } from './memory-tree.ts';

export type MemoryFile = Pick<TreeWrite, 'mode' | 'bytes'>;
export type Files = ReadonlyMap<string, MemoryFile>;
/** Files by path: a text, bytes with a mode, or null to take one out. */
export type FileTexts = Readonly<Record<string, string | MemoryFile | null>>;

/** Who a commit is by. */
export type Signature = Pick<Commit, 'author' | 'committer' | 'byForge' | 'verified'>;

/** A commit of a person, pushed from their machine. */
export function byPerson(login: string): Signature {
  return { author: login, committer: login, byForge: false, verified: false };
}

/** A commit that the forge made for somebody: the editor in the browser, a merge button, an App. */
export function byForgeFor(login: string): Signature {
  return { author: login, committer: null, byForge: true, verified: true };
}

/** Git's objects and branches, in memory. Ids are deterministic: the same history gives the same ones. */
export class MemoryGit {
  readonly branches = new Map<string, string>();
  readonly #commits = new Map<string, Commit>();
  readonly #trees = new Map<string, Files>();

  /** Keeps a tree; gives its id. */
  tree(files: Files): string {
    const hash = createHash('sha1');
    for (const [path, file] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.update(`${file.mode} ${path}\0${gitBlobId(file.bytes)}\n`);
    }
    const id = hash.digest('hex');
    this.#trees.set(id, files);
    return id;
  }

  /** The tree with files written over it; a file that is null is taken out. Throws where there is no such tree. */
  write(tree: string, files: Iterable<readonly [string, MemoryFile | null]>): string {
    const all = new Map(this.files(tree));
    for (const [path, file] of files) {
      if (file === null) all.delete(path);
      else all.set(path, file);
    }
    return this.tree(all);
  }

  files(tree: string): Files {
    const files = this.#trees.get(tree);
    if (files === undefined) throw new Error(`no tree ${tree}`);
    return files;
  }

  treeOf(tree: string): MemoryTree {
    return new MemoryTree(this.files(tree));
  }

  commit(parents: readonly string[], tree: string, message: string, by: Signature): Commit {
    for (const parent of parents) if (!this.#commits.has(parent)) throw new Error(`no commit ${parent}`);
    const content = JSON.stringify([this.#commits.size, parents, tree, message, by]);
    const sha = createHash('sha1').update(content).digest('hex');
    const ownMerge = by.byForge && by.verified && parents.length > 1;
    const commit = { sha, tree, message, parents, ...by, ownMerge };
    this.#commits.set(sha, commit);
    return commit;
  }

  /** What `HEAD`, a branch (with or without `heads/`) or a whole id names; null where there is nothing. */
  find(ref: string, head: string): Commit | null {
    const branch = ref === 'HEAD' ? head : ref.replace(/^heads\//, '');
    return this.#commits.get(this.branches.get(branch) ?? ref) ?? null;
  }

  /** As {@link find}, of what must be there. */
  must(ref: string): Commit {
    const commit = this.find(ref, ref);
    if (commit === null) throw new Error(`no commit ${ref}`);
    return commit;
  }

  isAncestor(older: string, newer: string): boolean {
    return this.#reachable(newer).includes(older);
  }

  /** The commits of one side that the other has not, oldest first. */
  between(base: string, head: string): readonly Commit[] {
    const known = new Set(this.#reachable(base));
    return this.#reachable(head).flatMap((sha) => (known.has(sha) ? [] : [this.must(sha)]));
  }

  /** What merging `head` would bring to `base`: from their last common commit on. A file taken out is null. */
  changes(base: string, head: string): ReadonlyMap<string, MemoryFile | null> {
    const before = this.files(this.must(this.#mergeBase(base, head)).tree);
    const after = this.files(this.must(head).tree);
    const changed = new Map<string, MemoryFile | null>();
    for (const [path, file] of after) if (!sameFile(before.get(path), file)) changed.set(path, file);
    for (const path of before.keys()) if (!after.has(path)) changed.set(path, null);
    return changed;
  }

  /** The same, with the lines that a diff shows: three around each change. */
  diff(base: string, head: string): readonly ChangedFile[] {
    const before = this.files(this.must(this.#mergeBase(base, head)).tree);
    return [...this.changes(base, head)].flatMap(([path, file]) => {
      if (file === null) return [];
      const old = textOf(before.get(path));
      const patch = structuredPatch(path, path, old, textOf(file), '', '', { context: 3 });
      const ranges = patch.hunks.map((hunk) => ({
        start: hunk.newStart,
        end: hunk.newStart + hunk.newLines - 1,
      }));
      return [{ path, ranges }];
    });
  }

  #mergeBase(one: string, other: string): string {
    const known = new Set(this.#reachable(one));
    const shared = this.#reachable(other).filter((sha) => known.has(sha));
    const last = shared.at(-1);
    if (last === undefined) throw new Error(`${one} and ${other} have no common commit`);
    return last;
  }

  /** A commit and all before it, parents first. */
  #reachable(sha: string): readonly string[] {
    const seen = new Set<string>();
    const visit = (one: string): void => {
      if (seen.has(one)) return;
      for (const parent of this.must(one).parents) visit(parent);
      seen.add(one);
    };
    visit(sha);
    return [...seen];
  }
}

function sameFile(a: MemoryFile | undefined, b: MemoryFile): boolean {
  return a !== undefined && a.mode === b.mode && Buffer.from(a.bytes).equals(b.bytes);
}

function textOf(file: MemoryFile | undefined): string {
  return file === undefined ? '' : Buffer.from(file.bytes).toString('utf8');
}

/** The files as entries to write. */
export function* entriesOf(files: FileTexts): Generator<readonly [string, MemoryFile | null]> {
  for (const [path, file] of Object.entries(files)) {
    yield [path, typeof file === 'string' ? { mode: '100644', bytes: Buffer.from(file) } : file];
  }
}

/** Files of a tree as texts, for a test that plans from them. */
export function textsOf(files: Files): ReadonlyMap<string, string> {
  return new Map([...files].map(([path, { bytes }]) => [path, Buffer.from(bytes).toString('utf8')]));
}
