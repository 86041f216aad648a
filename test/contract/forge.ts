import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Forge } from '../../src/forge/forge.ts';
import type { Commit } from '../../src/forge/types.ts';

/** A repository `acme/shop` on a forge, its default branch `main` with one file, and the people who work on it. */
export type ForgeWorld = {
  /** The port, as an App. */
  readonly forge: Forge;
  /** Commits files to a branch as a person, from their own machine; the branch is made from `main`. Null deletes. */
  push(branch: string, files: Readonly<Record<string, string | null>>, author?: string): Promise<string>;
  /** A person's pull request of a branch onto `main`. */
  propose(branch: string, author: string): Promise<number>;
  closePull(number: number): Promise<void>;
  mergePull(number: number): Promise<void>;
  /** Merges `main` into a pull request's branch by the forge's button; gives the merge. */
  updateBranch(number: number): Promise<string>;
  newIssue(author: string): Promise<number>;
  say(issue: number, body: string, author: string): Promise<number>;
  reactionsTo(comment: number): Promise<readonly string[]>;
  grant(login: string, permission: 'write'): Promise<void>;
  close(): Promise<void>;
};

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** The suite every {@link Forge} passes. `mona` and `guest` are accounts; neither may write unless it is granted. */
export function forgeContract(name: string, open: () => Promise<ForgeWorld>): void {
  describe(`${name} as a forge`, () => {
    let world: ForgeWorld;
    let forge: Forge;
    beforeEach(async () => {
      world = await open();
      forge = world.forge;
    });
    afterEach(async () => world.close());

    async function head(): Promise<Commit> {
      const commit = await forge.commit('HEAD');
      if (commit === null) throw new Error('the repository is empty');
      return commit;
    }

    /** A branch with one commit of ours. */
    async function ours(branch: string, text: string, from?: Commit): Promise<string> {
      const base = from ?? (await head());
      const sha = await forge.writeCommit({
        parent: base.sha,
        baseTree: base.tree,
        writes: [{ path: 'Dockerfile', mode: '100644', bytes: bytes(text) }],
        message: 'chore: rotate',
      });
      if ((await forge.createBranch(branch, sha)) === 'exists') await forge.moveBranch(branch, sha, true);
      return sha;
    }

    async function openPull(branch: string, text = 'FROM b\n', body = ''): Promise<number> {
      await ours(branch, text);
      const opened = await forge.openPullRequest({
        branch,
        base: 'main',
        title: 'ours',
        body,
        draft: false,
      });
      if (typeof opened === 'string') throw new Error(opened);
      return opened.number;
    }

    async function read(commit: Commit | null, path: string): Promise<string> {
      if (commit === null) throw new Error('no commit');
      return Buffer.from(await forge.treeAt(commit).read(path)).toString('utf8');
    }

    describe('commits and branches', () => {
      it('finds a commit by HEAD, branch and id, and nothing by other names', async () => {
        const tip = await world.push('main', { a: 'a\n' });
        for (const ref of ['HEAD', 'heads/main', 'main', tip])
          expect([ref, await forge.commit(ref)]).toMatchObject([ref, { sha: tip }]);
        for (const ref of ['heads/none', 'none', '0'.repeat(40)])
          expect([ref, await forge.commit(ref)]).toEqual([ref, null]);
        expect(await forge.branchTip('main')).toBe(tip);
        expect(await forge.branchTip('none')).toBeNull();
      });

      it('tells a person’s commit from its own', async () => {
        const theirs = await forge.commit(await world.push('main', { a: 'a\n' }, 'mona'));
        expect(theirs).toMatchObject({
          author: 'mona',
          committer: 'mona',
          byForge: false,
          verified: false,
          ownMerge: false,
        });
        const own = await forge.commit(await ours('pinwheel/all', 'FROM b\n'));
        const { login } = await forge.identity();
        expect(own).toMatchObject({ author: login, byForge: true, verified: true, ownMerge: false });
        expect(own).toMatchObject({ parents: [theirs?.sha], message: 'chore: rotate' });
      });

      it('writes files over a tree: bytes and modes as given, the others kept', async () => {
        const base = await head();
        const binary = new Uint8Array([0, 255, 13, 10]);
        const sha = await forge.writeCommit({
          parent: base.sha,
          baseTree: base.tree,
          writes: [
            { path: 'deep/run.sh', mode: '100755', bytes: bytes('#!\r\n') },
            { path: 'binary', mode: '100644', bytes: binary },
          ],
          message: 'two files',
        });
        const commit = await forge.commit(sha);
        expect(await read(commit, 'Dockerfile')).toBe('FROM a\n');
        expect(await read(commit, 'deep/run.sh')).toBe('#!\r\n');
        const tree = forge.treeAt(commit ?? base);
        expect(Buffer.from(await tree.read('binary'))).toEqual(Buffer.from(binary));
        const kinds = new Map((await tree.list(() => false)).map((entry) => [entry.path, entry.kind]));
        expect(kinds.get('deep/run.sh')).toBe('executable');
      });

      it('creates a branch once', async () => {
        const { sha } = await head();
        expect(await forge.createBranch('pinwheel/all', sha)).toBe('created');
        expect(await forge.createBranch('pinwheel/all', sha)).toBe('exists');
        expect([...(await forge.branches())].sort()).toEqual(['main', 'pinwheel/all']);
      });

      it('moves a branch forward, sideways only by force, and none that is gone', async () => {
        const first = await ours('pinwheel/all', 'FROM b\n');
        const beside = await ours('other', 'FROM c\n');
        const onTop = await ours('third', 'FROM d\n', (await forge.commit(first)) ?? undefined);
        expect(await forge.moveBranch('pinwheel/all', onTop, false)).toBe('moved');
        expect(await forge.moveBranch('pinwheel/all', beside, false)).toBe('not-fast-forward');
        expect(await forge.branchTip('pinwheel/all')).toBe(onTop);
        expect(await forge.moveBranch('pinwheel/all', beside, true)).toBe('moved');
        expect(await forge.branchTip('pinwheel/all')).toBe(beside);
        expect(await forge.moveBranch('none', beside, true)).toBe('gone');
      });

      it('deletes a branch, and one that is gone too', async () => {
        await ours('pinwheel/all', 'FROM b\n');
        await forge.deleteBranch('pinwheel/all');
        await forge.deleteBranch('pinwheel/all');
        expect(await forge.branchTip('pinwheel/all')).toBeNull();
      });

      it('keeps files on no branch, the newest under their name', async () => {
        const first = await forge.keepFiles('sbom/1', [{ path: 'a.json', text: '{}\n' }], 'one');
        const second = await forge.keepFiles('sbom/1', [{ path: 'b.json', text: '[]\n' }], 'two');
        expect(second).not.toBe(first);
        const commit = await forge.commit(second);
        expect(commit?.parents).toEqual([]);
        expect(await read(commit, 'b.json')).toBe('[]\n');
        expect(await forge.branches()).toEqual(['main']);
      });
    });

    describe('pull requests', () => {
      it('opens one a branch, and none without commits', async () => {
        const sha = await ours('pinwheel/all', 'FROM b\n');
        const request = { branch: 'pinwheel/all', base: 'main', title: 't', body: 'b', draft: false };
        const { login } = await forge.identity();
        expect(await forge.openPullRequest(request)).toMatchObject({
          state: 'open',
          merged: false,
          title: 't',
          body: 'b',
          author: login,
          head: { branch: 'pinwheel/all', sha, owner: 'acme' },
          base: { branch: 'main', sha: (await head()).sha },
          fromFork: false,
          labels: [],
        });
        expect(await forge.openPullRequest(request)).toBe('exists');
        await forge.createBranch('same', (await head()).sha);
        expect(await forge.openPullRequest({ ...request, branch: 'same' })).toBe('nothing');
      });

      it('takes a body as long as its limit says, and no longer one', async () => {
        const { body: limit } = forge.limits;
        const number = await openPull('pinwheel/all', 'FROM b\n', 'x'.repeat(limit));
        expect((await forge.pullRequest(number))?.body.length).toBe(limit);
        await ours('other', 'FROM c\n');
        const longer = { branch: 'other', base: 'main', title: 't', body: 'x'.repeat(limit + 1) };
        await expect(forge.openPullRequest({ ...longer, draft: false })).rejects.toMatchObject({
          code: 'unprocessable',
          temporary: false,
        });
      });

      it('lists those of a branch, newest first; a closed one keeps its head', async () => {
        const first = await openPull('pinwheel/all', 'FROM b\n');
        const before = (await forge.pullRequest(first))?.head.sha;
        await world.closePull(first);
        const second = await openPull('pinwheel/all', 'FROM c\n');
        const found = await forge.pullRequestsFrom('pinwheel/all');
        expect(found.map(({ number, state }) => [number, state])).toEqual([
          [second, 'open'],
          [first, 'closed'],
        ]);
        expect(found[1]?.head.sha).toBe(before);
        expect(found[0]?.head.sha).toBe(await forge.branchTip('pinwheel/all'));
        expect(await forge.pullRequestsFrom('pinwheel/none')).toEqual([]);
        expect(await forge.pullRequest(9999)).toBeNull();
      });

      it('says that one was merged', async () => {
        const number = await openPull('pinwheel/all');
        await world.mergePull(number);
        expect(await forge.pullRequest(number)).toMatchObject({ state: 'closed', merged: true });
        expect(await read(await head(), 'Dockerfile')).toBe('FROM b\n');
      });

      it('changes title, body, base and state, each alone', async () => {
        const number = await openPull('pinwheel/all', 'FROM b\n', 'old');
        await world.push('release', { r: 'r\n' });
        const read = async () => forge.pullRequest(number);
        await forge.updatePullRequest(number, { title: 'new' });
        expect(await read()).toMatchObject({ title: 'new', body: 'old', state: 'open' });
        await forge.updatePullRequest(number, { body: 'newer' });
        expect(await read()).toMatchObject({ title: 'new', body: 'newer' });
        await forge.updatePullRequest(number, { state: 'closed' });
        expect(await read()).toMatchObject({ state: 'closed', merged: false, body: 'newer' });
      });

      it('shows commits oldest first, and what changed against the base', async () => {
        await world.push('main', { gone: 'x\n', long: `${'line\n'.repeat(40)}` });
        const first = await world.push('feature', { a: 'a\n' });
        const long = `${'line\n'.repeat(30)}here\n${'line\n'.repeat(9)}`;
        const second = await world.push('feature', { long, gone: null });
        await world.push('main', { elsewhere: 'x\n' });
        const number = await world.propose('feature', 'mona');
        expect((await forge.commitsOf(number)).map(({ sha }) => sha)).toEqual([first, second]);
        expect([...(await forge.pathsChangedBy(number))].sort()).toEqual(['a', 'gone', 'long']);
        const changed = await forge.filesChangedBy(number);
        expect(changed.map(({ path }) => path).sort()).toEqual(['a', 'long']);
        const ranges = changed.find(({ path }) => path === 'long')?.ranges ?? [];
        expect(ranges.some(({ start, end }) => start <= 31 && end >= 31)).toBe(true);
      });

      it('lists everybody’s open ones', async () => {
        await world.push('feature', { a: 'a\n' });
        const theirs = await world.propose('feature', 'mona');
        const own = await openPull('pinwheel/all');
        await world.closePull(await openPull('pinwheel/other', 'FROM c\n'));
        const open = await forge.openPullRequests();
        expect(open.map(({ number }) => number).sort()).toEqual([theirs, own].sort());
      });

      it('knows the merge that the button made', async () => {
        const number = await openPull('pinwheel/all');
        await world.push('main', { elsewhere: 'x\n' });
        const merge = await forge.commit(await world.updateBranch(number));
        expect(merge).toMatchObject({ ownMerge: true, verified: true });
        expect(merge?.parents).toHaveLength(2);
        expect((await forge.commitsOf(number)).map(({ ownMerge }) => ownMerge)).toEqual([false, true]);
      });

      it('adds labels and takes none away', async () => {
        const number = await openPull('pinwheel/all');
        await forge.tag(number, ['one'], []);
        await forge.tag(number, ['two'], []);
        expect([...((await forge.pullRequest(number))?.labels ?? [])].sort()).toEqual(['one', 'two']);
      });

      it('takes reviewers, automerge and suggestions', async () => {
        await world.grant('mona', 'write');
        const number = await openPull('pinwheel/all');
        const pull = await forge.pullRequest(number);
        if (pull === null) throw new Error('no pull request');
        await forge.requestReviews(number, ['mona']);
        await forge.enableAutomerge(pull, 'squash');
        const suggestion = { path: 'Dockerfile', startLine: 1, line: 1, body: 'FROM c' };
        await forge.suggest(number, pull.head.sha, 'a review', [suggestion]);
      });
    });

    describe('issues and comments', () => {
      it('lists its own open issues and pull requests, nobody else’s', async () => {
        await world.newIssue('mona');
        const issue = await forge.openIssue({ title: 'ours', body: 'b', labels: [] });
        const closed = await forge.openIssue({ title: 'done', body: '', labels: [] });
        await forge.updateIssue(closed.number, { state: 'closed' });
        const pull = await openPull('pinwheel/all');
        const found = await forge.ownIssues();
        expect(new Map(found.map((one) => [one.number, one.isPullRequest]))).toEqual(
          new Map([
            [issue.number, false],
            [pull, true],
          ]),
        );
        await forge.updateIssue(issue.number, { title: 'new', body: 'newer' });
        const [again] = (await forge.ownIssues()).filter((one) => !one.isPullRequest);
        expect(again).toMatchObject({ title: 'new', body: 'newer', state: 'open' });
      });

      it('comments, and edits what it wrote', async () => {
        const issue = await world.newIssue('mona');
        await world.say(issue, 'a question', 'mona');
        const made = await forge.comment(issue, 'an answer');
        await forge.editComment(made.id, 'another answer');
        const { login } = await forge.identity();
        expect((await forge.comments(issue)).map(({ author, body }) => [author, body])).toEqual([
          ['mona', 'a question'],
          [login, 'another answer'],
        ]);
      });

      it('reacts once with each', async () => {
        const comment = await world.say(await world.newIssue('mona'), 'a question', 'mona');
        for (const reaction of ['eyes', 'rocket', 'eyes'] as const) await forge.react(comment, reaction);
        expect(await world.reactionsTo(comment)).toEqual(['eyes', 'rocket']);
      });

      it('says who may write', async () => {
        await world.grant('mona', 'write');
        expect(await forge.permissionOf('mona')).toBe('write');
        expect(['read', 'none']).toContain(await forge.permissionOf('guest'));
      });
    });

    describe('checks', () => {
      it('replaces a check of the same name', async () => {
        const { sha } = await head();
        expect(await forge.checkRun(sha, 'ours')).toBeNull();
        const check = {
          name: 'ours',
          sha,
          conclusion: 'success',
          title: 't',
          summary: 'x'.repeat(forge.limits.checkText),
          text: '',
          annotations: [],
        } as const;
        await forge.putCheck({ ...check, externalId: 'one' });
        expect(await forge.checkRun(sha, 'ours')).toEqual({ externalId: 'one', isCompleted: true });
        const annotations = Array.from({ length: 120 }, (_, i) => {
          return { path: 'Dockerfile', line: i + 1, level: 'warning', title: 't', message: 'm' } as const;
        });
        await forge.putCheck({ ...check, annotations, externalId: 'two' });
        expect(await forge.checkRun(sha, 'ours')).toEqual({ externalId: 'two', isCompleted: true });
        expect(await forge.checkRun(sha, 'other')).toBeNull();
      });

      it('takes findings once a commit', async () => {
        const number = await openPull('pinwheel/all');
        const sha = (await forge.branchTip('pinwheel/all')) ?? '';
        const sarif = JSON.stringify({ version: '2.1.0', runs: [] });
        expect(await forge.uploadSarif(number, sha, sarif)).toBe('taken');
        expect(await forge.uploadSarif(number, sha, sarif)).toBe('taken');
      });
    });

    describe('what is known without asking', () => {
      it('names, addresses and limits', async () => {
        const facts = await forge.facts();
        expect(facts).toMatchObject({ owner: 'acme', name: 'shop', defaultBranch: 'main', fork: false });
        const place = { path: 'a b/ü#.txt', line: 7 };
        const url = new URL(forge.links.file(facts, 'release/1', place));
        expect(url.href.startsWith(facts.url)).toBe(true);
        expect(decodeURIComponent(url.pathname)).toContain('/release/1/a b/ü#.txt');
        expect(url.href).toContain('7');
        expect(forge.links.keptFile(facts, 'abc', 'a.json')).toMatch(/^https?:.*abc.*a\.json$/);
        expect(forge.links.pullRequest(12)).toContain('12');
        expect(forge.mergeQueueBase('main')).toBeNull();
        expect(await forge.signature()).toMatch(/^.+ <.+@.+>$/);
      });

      it('reads another repository of the owner, null where that or the file is not there', async () => {
        expect(await forge.filesOf(forge.ownerRepository, ['pinwheel.yml'])).toEqual([null]);
      });
    });
  });
}
