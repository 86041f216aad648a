import type { Forge } from '../../../src/forge/forge.ts';
import type { ForgeReader } from '../../../src/forge/reader.ts';
import type { ForgeRules } from '../../../src/forge/rules.ts';
import type { ForgeIdentity, PullRequest } from '../../../src/forge/types.ts';
import type { ForgeWriter } from '../../../src/forge/writer.ts';
import { MemoryForgeError } from './memory-error.ts';
import { byForgeFor, byPerson } from './memory-git.ts';
import type { MemoryPull, MemoryRepository } from './memory-repository.ts';

/** The App. */
export const APP: ForgeIdentity = { login: 'pinwheel[bot]', kind: 'app', writesChecks: true };
/** A person's token. */
export const TOKEN: ForgeIdentity = { login: 'ada', kind: 'user', writesChecks: false };

/** Another forge's rules: nothing of them is GitHub's, so whoever assumes GitHub's is found out. */
export const MEMORY_RULES: ForgeRules = {
  limits: { body: 40_000, checkText: 12_000, sarifRuns: 2 },
  links: {
    file: ({ url }, branch, { path, line }) =>
      `${url}/src/${branch}/${encodeURI(path).replaceAll('#', '%23')}?line=${line}`,
    keptFile: ({ url }, commit, path) => `${url}/kept/${commit}/${path}`,
    pullRequest: (number) => `!${number}`,
  },
  ownerRepository: 'settings-of-all',
  mergeQueueBase: (branch) => /^queue\/(.+)\/\d+$/.exec(branch)?.[1] ?? null,
};

/** The port to a repository in memory, as one identity. */
export function memoryForge(repository: MemoryRepository, identity: ForgeIdentity = APP): Forge {
  return { ...reader(repository, identity), ...writer(repository, identity), ...MEMORY_RULES };
}

function reader(repository: MemoryRepository, identity: ForgeIdentity): ForgeReader {
  const { git } = repository;
  const read = (method: keyof ForgeReader, about: string | number = ''): void =>
    repository.call(method, false, String(about));
  const pullOf = (number: number): MemoryPull => repository.pull(number);
  const shown = (pull: MemoryPull): PullRequest => shownPull(repository, pull);
  const baseOf = (pull: MemoryPull): string => git.must(pull.base.branch).sha;
  return {
    repository: repository.name,
    identity: async () => identity,
    signature: async () => `${identity.login} <${identity.login}@forge.example>`,
    facts: async () => {
      read('facts');
      return repository.facts;
    },
    commit: async (ref) => {
      read('commit', ref);
      return git.find(ref, repository.facts.defaultBranch);
    },
    treeAt: (commit) => git.treeOf(commit.tree),
    filesOf: async (name, paths) => {
      read('filesOf', name);
      return paths.map((path) => repository.otherFiles.get(`${name}/${path}`) ?? null);
    },
    branchTip: async (branch) => {
      read('branchTip', branch);
      return git.branches.get(branch) ?? null;
    },
    pullRequestsFrom: async (branch) => {
      read('pullRequestsFrom', branch);
      return repository.pulls
        .filter((pull) => pull.head.branch === branch && !pull.fromFork)
        .map(shown)
        .reverse();
    },
    pullRequest: async (number) => {
      read('pullRequest', number);
      const pull = repository.pulls.find((one) => one.number === number);
      return pull === undefined ? null : shown(pull);
    },
    commitsOf: async (number) => {
      read('commitsOf', number);
      return git.between(baseOf(pullOf(number)), repository.headOf(pullOf(number)));
    },
    filesChangedBy: async (number) => {
      read('filesChangedBy', number);
      return git.diff(baseOf(pullOf(number)), repository.headOf(pullOf(number)));
    },
    pathsChangedBy: async (number) => {
      read('pathsChangedBy', number);
      return [...git.changes(baseOf(pullOf(number)), repository.headOf(pullOf(number))).keys()];
    },
    openPullRequests: async () => {
      read('openPullRequests');
      return repository.openPulls().map(shown).reverse();
    },
    branches: async () => {
      read('branches');
      return [...git.branches.keys()];
    },
    ownIssues: async () => {
      read('ownIssues');
      const pulls = repository.pulls.map((pull) => ({ ...shown(pull), isPullRequest: true }));
      return [...pulls, ...repository.issues]
        .filter((one) => one.author === identity.login && one.state === 'open')
        .map(({ number, title, body, author, state, isPullRequest, url }) => ({
          number,
          title,
          body,
          author,
          state,
          isPullRequest,
          url,
        }));
    },
    comments: async (issue) => {
      read('comments', issue);
      return repository.commentsOn(issue).map(({ id, body, author }) => ({ id, body, author }));
    },
    checkRun: async (sha, name) => {
      read('checkRun', name);
      const check = repository.check(sha, name);
      return check === null ? null : { externalId: check.externalId, isCompleted: check.isCompleted };
    },
    permissionOf: async (login) => {
      read('permissionOf', login);
      return repository.permissions.get(login) ?? 'read';
    },
  };
}

function writer(repository: MemoryRepository, identity: ForgeIdentity): ForgeWriter {
  const { git } = repository;
  const write = (method: keyof ForgeWriter, about: string | number = ''): void =>
    repository.call(method, true, String(about));
  const by = identity.kind === 'app' ? byForgeFor(identity.login) : byPerson(identity.login);
  return {
    writeCommit: async ({ parent, baseTree, writes, message }) => {
      write('writeCommit');
      const files = writes.map(({ path, mode, bytes }) => [path, { mode, bytes }] as const);
      return git.commit([parent], git.write(baseTree, files), message, by).sha;
    },
    createBranch: async (branch, sha) => {
      write('createBranch', branch);
      if (git.branches.has(branch)) return 'exists';
      git.branches.set(branch, git.must(sha).sha);
      return 'created';
    },
    moveBranch: async (branch, sha, force) => {
      write('moveBranch', branch);
      const tip = git.branches.get(branch);
      if (tip === undefined) return 'gone';
      if (!force && !git.isAncestor(tip, sha)) return 'not-fast-forward';
      git.branches.set(branch, sha);
      return 'moved';
    },
    deleteBranch: async (branch) => {
      write('deleteBranch', branch);
      // Whoever deletes a pull request's branch closes it.
      for (const pull of repository.openPulls()) {
        if (pull.head.branch === branch && !pull.fromFork) repository.closePull(pull.number);
      }
      git.branches.delete(branch);
    },
    openPullRequest: async (request) => {
      write('openPullRequest', request.branch);
      assertBody(request.body);
      if (repository.openPulls().some((pull) => pull.head.branch === request.branch && !pull.fromFork)) {
        return 'exists';
      }
      if (git.between(git.must(request.base).sha, git.must(request.branch).sha).length === 0)
        return 'nothing';
      return shownPull(repository, repository.addPull({ ...request, author: identity.login }));
    },
    updatePullRequest: async (number, change) => {
      write('updatePullRequest', number);
      assertBody(change.body ?? '');
      const pull = repository.pull(number);
      if (change.state === 'closed') repository.closePull(number);
      if (change.state === 'open') pull.state = 'open';
      pull.title = change.title ?? pull.title;
      pull.body = change.body ?? pull.body;
      pull.base.branch = change.base ?? pull.base.branch;
    },
    tag: async (issue, labels, assignees) => {
      if (labels.length > 0) {
        write('tag', labels.join(' '));
        const pull = repository.pulls.find((one) => one.number === issue);
        if (pull !== undefined) pull.labels = [...new Set([...pull.labels, ...labels])];
      }
      if (assignees.length > 0) {
        write('tag', assignees.join(' '));
        repository.assignees.set(issue, assignees);
      }
    },
    requestReviews: async (number, reviewers) => {
      write('requestReviews', number);
      repository.reviewers.set(number, reviewers);
    },
    enableAutomerge: async ({ number }, method) => {
      write('enableAutomerge', number);
      repository.automerge.set(number, method);
    },
    openIssue: async ({ title, body }) => {
      write('openIssue', title);
      assertBody(body);
      return { ...repository.addIssue(identity.login, title, body) };
    },
    updateIssue: async (number, change) => {
      write('updateIssue', number);
      assertBody(change.body ?? '');
      const issue = repository.issues.find((one) => one.number === number);
      if (issue === undefined) throw new MemoryForgeError('not-found');
      Object.assign(issue, change);
    },
    comment: async (issue, body) => {
      write('comment', issue);
      assertBody(body);
      const { id, author } = repository.addComment(issue, body, identity.login);
      return { id, body, author };
    },
    editComment: async (id, body) => {
      write('editComment', id);
      assertBody(body);
      const comment = repository.comments.find((one) => one.id === id);
      if (comment === undefined) throw new MemoryForgeError('not-found');
      comment.body = body;
    },
    react: async (comment, reaction) => {
      write('react', reaction);
      if (!repository.comments.some((one) => one.id === comment)) throw new MemoryForgeError('not-found');
      const { login } = identity;
      const same = repository.reactions.some(
        (one) => one.comment === comment && one.reaction === reaction && one.login === login,
      );
      if (!same) repository.reactions.push({ comment, login, reaction });
    },
    putCheck: async (request) => {
      write('putCheck', request.name);
      if (!identity.writesChecks) throw new MemoryForgeError('forbidden');
      const { checkText } = MEMORY_RULES.limits;
      if (Math.max(request.summary.length, request.text.length) > checkText)
        throw new MemoryForgeError('unprocessable');
      repository.checks.push({ ...request, isCompleted: true });
    },
    uploadSarif: async (pullRequest, sha, text) => {
      if (!repository.codeScanning) return 'off';
      if (repository.sarifs.some((one) => one.sha === sha)) return 'taken';
      write('uploadSarif', pullRequest);
      repository.sarifs.push({ pullRequest, sha, text });
      return 'taken';
    },
    keepFiles: async (name, files, message) => {
      write('keepFiles', name);
      const entries = files.map(({ path, text }) => {
        return [path, { mode: '100644', bytes: Buffer.from(text) }] as const;
      });
      const { sha } = git.commit([], git.tree(new Map(entries)), message, by);
      repository.kept.set(name, sha);
      return sha;
    },
    suggest: async (number, _, body, suggestions) => {
      write('suggest', number);
      repository.reviews.push({ number, body, suggestions });
    },
  };
}

function shownPull(repository: MemoryRepository, pull: MemoryPull): PullRequest {
  const head = { ...pull.head, sha: repository.headOf(pull) };
  const base = {
    ...pull.base,
    sha: repository.git.find(pull.base.branch, '')?.sha ?? pull.base.sha,
  };
  return { ...pull, head, base, labels: [...pull.labels] };
}

function assertBody(body: string): void {
  if (body.length > MEMORY_RULES.limits.body) {
    throw new MemoryForgeError('unprocessable', false, 'the body is too long');
  }
}
