import { describe, expect, it } from 'vitest';
import { GITHUB_RULES } from '../../src/adapters/github/rules.ts';
import type { CommandRequest, RotateCommand } from '../../src/comments/command.ts';
import { closeCommand, openCommand } from '../../src/comments/execute.ts';
import { parseComment } from '../../src/comments/parse.ts';
import type { Forge } from '../../src/forge/forge.ts';
import type { Comment, Permission, PullRequest } from '../../src/forge/types.ts';

const pull: PullRequest = {
  number: 3,
  id: 'PR_3',
  state: 'open',
  merged: false,
  draft: false,
  title: '',
  body: '',
  author: 'pinwheel[bot]',
  head: { branch: 'pinwheel/all', sha: 'h', owner: 'o' },
  base: { branch: 'main', sha: 'b' },
  fromFork: false,
  url: '',
  labels: [],
  createdAt: '2026-11-20T00:00:00Z',
  closedAt: null,
};

function fakeForge(options: { permission?: Permission; pull?: PullRequest; comments?: Comment[] } = {}) {
  const done: string[] = [];
  const comments = options.comments ?? [];
  const forge: Partial<Forge> = {
    ...GITHUB_RULES,
    identity: async () => ({ login: 'pinwheel[bot]', kind: 'app', writesChecks: true }),
    permissionOf: async () => options.permission ?? 'write',
    pullRequest: async () => options.pull ?? null,
    comments: async () => comments,
    react: async (_, reaction) => void done.push(reaction),
    comment: async (_, body) => {
      done.push('comment');
      const comment = { id: comments.length + 1, body, author: 'pinwheel[bot]' };
      comments.push(comment);
      return comment;
    },
    editComment: async () => void done.push('edit'),
  };
  return { forge: forge as Forge, done, comments };
}

function request(text: string, onPullRequest: boolean): CommandRequest {
  const commands: readonly RotateCommand[] = parseComment(text);
  return { commentId: 9, issue: 3, onPullRequest, author: 'mona', authorId: 1, commands };
}

describe('openCommand', () => {
  it.each<Permission>(['read', 'triage', 'none'])('obeys nobody with %s', async (permission) => {
    const { forge, done } = fakeForge({ permission, pull });
    const session = await openCommand(forge, request('/rotate all', true));
    expect(session.failed).toBe(true);
    expect(session.effects).toMatchObject({ everything: false, rebuild: [] });
    expect(done).toEqual(['eyes']);
  });

  it.each<Permission>(['write', 'maintain', 'admin'])('obeys people with %s', async (permission) => {
    const { forge } = fakeForge({ permission });
    expect((await openCommand(forge, request('/rotate all', false))).effects.everything).toBe(true);
  });

  const theirs: PullRequest = { ...pull, author: 'mona', head: { ...pull.head, branch: 'feature' } };
  it.each([
    ['/rotate', null, { everything: true }],
    ['/rotate', pull, { rebuild: [3] }],
    ['/rotate', { ...pull, state: 'closed' as const }, { rebuild: [], again: [{ number: 3 }] }],
    ['/rotate', theirs, { rotateIn: [{ number: 3 }], rebuild: [] }],
    // A person's pull request from a branch that is named like ours is not ours.
    ['/rotate', { ...theirs, head: pull.head }, { rotateIn: [{ number: 3 }], rebuild: [] }],
    ['/rotate rebase', pull, { rebuild: [3] }],
    ['/rotate rebase', theirs, { rebuild: [] }],
    ['/rotate python:3.11', theirs, { images: [{ repository: 'library/python', tag: '3.11' }] }],
    ['/rotate hold python for 2w', null, { settings: [{ kind: 'hold', days: 14 }] }],
    ['/rotate ignore', pull, { settings: [{ kind: 'ignore-digests', pullRequest: 3 }] }],
    ['/rotate ignore', theirs, { settings: [] }],
    ['/rotate status', null, { status: true, everything: false }],
    ['/rotate hold python\n/rotate all', null, { everything: true, settings: [{ kind: 'hold' }] }],
  ])('%s on %o', async (text, on, effects) => {
    const { forge } = fakeForge(on === null ? {} : { pull: on });
    const session = await openCommand(forge, request(text, on !== null));
    expect(session.effects).toMatchObject(effects);
  });
});

describe('closeCommand', () => {
  it('answers once, and edits where it answered before', async () => {
    const { forge, done, comments } = fakeForge();
    const session = await openCommand(forge, request('/rotate help', false));
    await closeCommand(forge, session);
    await closeCommand(forge, session);
    expect(done).toEqual(['eyes', 'comment', 'rocket', 'rocket']);
    await closeCommand(forge, { ...session, lines: ['another answer'], failed: true });
    expect(done.slice(-2)).toEqual(['edit', 'confused']);
    expect(comments).toHaveLength(1);
  });

  it('does not take somebody else’s comment for its own', async () => {
    const { forge, done } = fakeForge({
      comments: [{ id: 1, author: 'mona', body: 'quote <!-- pinwheel:reply:9 -->' }],
    });
    await closeCommand(forge, await openCommand(forge, request('/rotate help', false)));
    expect(done).toContain('comment');
  });
});
