import type { RepositoryName } from '../../../src/domain/repository-name.ts';
import type {
  CheckRunRequest,
  Comment,
  Issue,
  Permission,
  PullRequest,
  Reaction,
  RepositoryFacts,
  Suggestion,
} from '../../../src/forge/types.ts';
import { byForgeFor, byPerson, entriesOf, type FileTexts, MemoryGit, type Signature } from './memory-git.ts';

export type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };
/** The labels stay a list of ours; everything else as the port shows it. */
export type MemoryPull = Mutable<Omit<PullRequest, 'head' | 'base'>> & {
  readonly head: Mutable<PullRequest['head']>;
  readonly base: Mutable<PullRequest['base']>;
};
export type MemoryCheck = CheckRunRequest & { isCompleted: boolean };

/** What happens at a call of the port: an error to throw before it is done, or null. */
export type Fault = (call: {
  readonly method: string;
  readonly writes: boolean;
  readonly about: string;
}) => Error | null;

/**
 * One repository on a forge in memory: what stands there, and what people do to it. Deterministic: numbers and ids count
 * up, and time is what `clock` says.
 */
export class MemoryRepository {
  readonly name: RepositoryName;
  readonly git = new MemoryGit();
  readonly clock: () => Date;
  readonly pulls: MemoryPull[] = [];
  readonly issues: Mutable<Issue>[] = [];
  readonly comments: (Mutable<Comment> & { readonly issue: number })[] = [];
  readonly reactions: { readonly comment: number; readonly login: string; readonly reaction: Reaction }[] =
    [];
  readonly checks: MemoryCheck[] = [];
  readonly sarifs: { readonly pullRequest: number; readonly sha: string; readonly text: string }[] = [];
  readonly reviews: {
    readonly number: number;
    readonly body: string;
    readonly suggestions: readonly Suggestion[];
  }[] = [];
  readonly assignees = new Map<number, readonly string[]>();
  readonly reviewers = new Map<number, readonly string[]>();
  readonly automerge = new Map<number, string>();
  /** What `keepFiles` keeps, by name. */
  readonly kept = new Map<string, string>();
  readonly permissions = new Map<string, Permission>();
  /** Files of the owner's other repositories at their heads: `.forge/path`. */
  readonly otherFiles = new Map<string, string>();
  facts: RepositoryFacts;
  codeScanning = true;
  /** Asked before each call of the port. */
  fault: Fault = () => null;
  /** The calls that wrote, since the last {@link MemoryRepository.takeWrites}: `openPullRequest pinwheel/all`. */
  readonly #writes: string[] = [];
  readonly #reads: string[] = [];
  #number = 0;
  #id = 100;

  constructor(
    name: RepositoryName = { owner: 'acme', name: 'shop' },
    clock: () => Date = () => new Date('2026-11-20T09:00:00Z'),
  ) {
    this.name = name;
    this.clock = clock;
    this.facts = {
      ...name,
      defaultBranch: 'main',
      archived: false,
      disabled: false,
      fork: false,
      private: false,
      url: `https://forge.example/${name.owner}/${name.name}`,
    };
  }

  // ---- what people do

  /** Commits files on a branch, made from the default branch where it is not there; gives the commit. */
  push(branch: string, files: FileTexts, by: Signature = byPerson('mona'), message = 'change'): string {
    const { defaultBranch } = this.facts;
    const tip = this.git.branches.get(branch) ?? this.git.branches.get(defaultBranch) ?? null;
    const tree = tip === null ? this.git.tree(new Map()) : this.git.must(tip).tree;
    const written = this.git.write(tree, entriesOf(files));
    const { sha } = this.git.commit(tip === null ? [] : [tip], written, message, by);
    this.git.branches.set(branch, sha);
    return sha;
  }

  /** Puts a commit in place of the branch's last one, as an amending or rebasing person does. */
  amend(branch: string, files: FileTexts, by: Signature = byPerson('mona')): string {
    const tip = this.git.must(branch);
    const tree = this.git.write(tip.tree, entriesOf(files));
    const { sha } = this.git.commit(tip.parents, tree, tip.message, by);
    this.git.branches.set(branch, sha);
    return sha;
  }

  /** A person's pull request; gives its number. */
  propose(branch: string, author = 'mona', base = this.facts.defaultBranch): number {
    return this.addPull({ branch, base, author, title: `of ${author}`, body: '', draft: false }).number;
  }

  /** A pull request whose branch is in a fork of its author. */
  proposeFromFork(files: FileTexts, author = 'guest'): number {
    const base = this.git.must(this.facts.defaultBranch);
    const tree = this.git.write(base.tree, entriesOf(files));
    const { sha } = this.git.commit([base.sha], tree, 'patch', byPerson(author));
    const pull = this.addPull({
      branch: 'patch',
      base: this.facts.defaultBranch,
      author,
      title: 'from a fork',
      body: '',
      draft: false,
      fork: sha,
    });
    return pull.number;
  }

  closePull(number: number): void {
    const pull = this.pull(number);
    pull.head.sha = this.headOf(pull);
    pull.state = 'closed';
    pull.closedAt = this.clock().toISOString();
  }

  /** Merges by the button; the branch stays. */
  mergePull(number: number, by = 'mona'): string {
    const pull = this.pull(number);
    const base = this.git.must(pull.base.branch);
    const head = this.headOf(pull);
    const tree = this.git.write(base.tree, this.git.changes(base.sha, head));
    const merge = this.git.commit([base.sha, head], tree, `Merge #${number}`, byForgeFor(by));
    this.closePull(number);
    this.git.branches.set(pull.base.branch, merge.sha);
    pull.merged = true;
    return merge.sha;
  }

  /** The button "Update branch", or its editor where `settled` gives files that conflicted. Pushed by hand: `by`. */
  updateBranch(number: number, settled: FileTexts = {}, by: Signature = byForgeFor('mona')): string {
    const pull = this.pull(number);
    const head = this.headOf(pull);
    const base = this.git.must(pull.base.branch).sha;
    const merged = this.git.write(this.git.must(head).tree, this.git.changes(head, base));
    const tree = this.git.write(merged, entriesOf(settled));
    const { sha } = this.git.commit([head, base], tree, `Merge ${pull.base.branch}`, by);
    this.git.branches.set(pull.head.branch, sha);
    return sha;
  }

  newIssue(author = 'mona', title = 'a question', body = ''): number {
    return this.addIssue(author, title, body).number;
  }

  say(issue: number, body: string, author = 'mona'): number {
    return this.addComment(issue, body, author).id;
  }

  /** Asks for a check to be run again. */
  rerun(sha: string, name: string): void {
    for (const check of this.checks) if (check.sha === sha && check.name === name) check.isCompleted = false;
  }

  // ---- what a test looks at

  pull(number: number): MemoryPull {
    const pull = this.pulls.find((one) => one.number === number);
    if (pull === undefined) throw new Error(`no pull request ${number}`);
    return pull;
  }

  openPulls(): readonly MemoryPull[] {
    return this.pulls.filter((pull) => pull.state === 'open');
  }

  /** A file's text on a branch or at a commit; null where it is not there. */
  text(ref: string, path: string): string | null {
    const commit = this.git.find(ref, this.facts.defaultBranch);
    const file = commit === null ? undefined : this.git.files(commit.tree).get(path);
    return file === undefined ? null : Buffer.from(file.bytes).toString('utf8');
  }

  commentsOn(issue: number): readonly Comment[] {
    return this.comments.filter((comment) => comment.issue === issue);
  }

  reactionsTo(comment: number): readonly Reaction[] {
    return this.reactions.flatMap((one) => (one.comment === comment ? [one.reaction] : []));
  }

  /** The last check of a name on a commit. */
  check(ref: string, name: string): MemoryCheck | null {
    const sha = this.git.find(ref, this.facts.defaultBranch)?.sha;
    return this.checks.findLast((check) => check.sha === sha && check.name === name) ?? null;
  }

  /** The writes since the last call. */
  takeWrites(): readonly string[] {
    this.#reads.length = 0;
    return this.#writes.splice(0);
  }

  /** The reads since the last look at reads or writes. */
  takeReads(): readonly string[] {
    return this.#reads.splice(0);
  }

  // ---- for the port

  /** Notes a call of the port, or throws what `fault` has for it. */
  call(method: string, writes: boolean, about: string): void {
    const fault = this.fault({ method, writes, about });
    if (fault !== null) throw fault;
    (writes ? this.#writes : this.#reads).push(about === '' ? method : `${method} ${about}`);
  }

  /** Where a pull request's head is: its branch while it is open, where it was left after that. */
  headOf(pull: MemoryPull): string {
    if (pull.state === 'closed' || pull.fromFork) return pull.head.sha;
    return this.git.branches.get(pull.head.branch) ?? pull.head.sha;
  }

  addPull(init: {
    readonly branch: string;
    readonly base: string;
    readonly author: string;
    readonly title: string;
    readonly body: string;
    readonly draft: boolean;
    /** The head, where it is in a fork. */
    readonly fork?: string;
  }): MemoryPull {
    const { branch, base, author, title, body, draft, fork } = init;
    const number = this.#nextNumber();
    const pull: MemoryPull = {
      number,
      id: `PR_${number}`,
      state: 'open',
      merged: false,
      draft,
      title,
      body,
      author,
      head: {
        branch,
        sha: fork ?? this.git.must(branch).sha,
        owner: fork === undefined ? this.name.owner : author,
      },
      base: { branch: base, sha: this.git.must(base).sha },
      fromFork: fork !== undefined,
      url: `${this.facts.url}/pull/${number}`,
      labels: [],
      createdAt: this.clock().toISOString(),
      closedAt: null,
    };
    this.pulls.push(pull);
    return pull;
  }

  addIssue(author: string, title: string, body: string): Mutable<Issue> {
    const number = this.#nextNumber();
    const url = `${this.facts.url}/issues/${number}`;
    const issue: Mutable<Issue> = { number, title, body, author, state: 'open', isPullRequest: false, url };
    this.issues.push(issue);
    return issue;
  }

  addComment(issue: number, body: string, author: string): Comment {
    this.#id += 1;
    const comment = { id: this.#id, issue, body, author };
    this.comments.push(comment);
    return comment;
  }

  #nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }
}
