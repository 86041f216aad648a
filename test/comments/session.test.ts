import { describe, expect, it } from 'vitest';
import { GITHUB_RULES } from '../../src/adapters/github/rules.ts';
import { parseComment } from '../../src/comments/parse.ts';
import { closeCommand, openCommand } from '../../src/comments/session.ts';
import type { CommandRequest, RotateCommand } from '../../src/domain/rotate-command.ts';
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
    expect(session.effects).toEqual([]);
    expect(done).toEqual(['eyes']);
  });

  it.each<Permission>(['write', 'maintain', 'admin'])('obeys people with %s', async (permission) => {
    const { forge } = fakeForge({ permission });
    expect((await openCommand(forge, request('/rotate all', false))).effects).toEqual([
      { kind: 'everything' },
    ]);
  });

  const theirs: PullRequest = { ...pull, author: 'mona', head: { ...pull.head, branch: 'feature' } };
  it.each([
    ['/rotate', null, [{ kind: 'everything' }]],
    ['/rotate', pull, [{ kind: 'rebuild', pullRequest: 3 }]],
    ['/rotate', { ...pull, state: 'closed' as const }, [{ kind: 'propose-again', pull: { number: 3 } }]],
    ['/rotate', theirs, [{ kind: 'rotate-in', pull: { number: 3 } }]],
    ['/rotate', { ...theirs, state: 'closed' as const }, []],
    // A person's pull request from a branch that is named like ours is not ours.
    ['/rotate', { ...theirs, head: pull.head }, [{ kind: 'rotate-in', pull: { number: 3 } }]],
    ['/rotate rebase', pull, [{ kind: 'rebuild', pullRequest: 3 }]],
    ['/rotate rebase', theirs, []],
    ['/rotate rebase', null, []],
    [
      '/rotate python:3.11',
      theirs,
      [{ kind: 'propose', image: { repository: 'library/python', tag: '3.11' } }],
    ],
    ['/rotate hold python for 2w', null, [{ kind: 'settings', wish: { kind: 'hold', days: 14 } }]],
    ['/rotate unhold python', pull, [{ kind: 'settings', wish: { kind: 'unhold' } }]],
    ['/rotate ignore', pull, [{ kind: 'settings', wish: { kind: 'ignore-digests', pullRequest: 3 } }]],
    ['/rotate ignore python', pull, [{ kind: 'settings', wish: { kind: 'ignore' } }]],
    ['/rotate ignore', theirs, []],
    ['/rotate ignore', null, []],
    ['/rotate status', null, [{ kind: 'status' }]],
    ['/rotate help', null, []],
    ['/rotate hodl', null, []],
    [
      '/rotate hold python\n/rotate help\n/rotate all',
      null,
      [{ kind: 'settings', wish: { kind: 'hold' } }, { kind: 'everything' }],
    ],
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
