import { beforeEach, describe, expect, it } from 'vitest';
import { parseComment } from '../../../src/comments/parse.ts';
import type { CommandRequest } from '../../../src/domain/rotate-command.ts';
import { NOTHING } from '../../../src/queue/request.ts';
import { MemoryForgeError } from '../../support/forge/memory-error.ts';
import type { MemoryRepository } from '../../support/forge/memory-repository.ts';
import { PassWorld } from '../../support/forge/passes.ts';

const SETTINGS = '.github/pinwheel.yml';

let world: PassWorld;
let repository: MemoryRepository;

beforeEach(() => {
  world = new PassWorld();
  repository = world.repository;
});

function comment(issue: number, body: string, onPullRequest = false): CommandRequest {
  const commentId = repository.say(issue, body, 'mona');
  return { commentId, issue, onPullRequest, author: 'mona', authorId: 1, commands: parseComment(body) };
}

function replyTo({ commentId, issue }: CommandRequest): string | undefined {
  return repository.commentsOn(issue).find(({ body }) => body.includes(`reply:${commentId}`))?.body;
}

describe('one refusal among several', () => {
  it('a comment that may not be answered keeps neither the others nor the checks back', async () => {
    const [locked, open] = [comment(7, '/rotate status'), comment(8, '/rotate status')];
    let refused = 0;
    repository.fault = ({ method }) =>
      method === 'comment' && refused++ === 0 ? new MemoryForgeError('forbidden') : null;
    await world.pass({ commands: [locked, open] });
    expect([replyTo(locked), replyTo(open)]).toEqual([undefined, expect.stringContaining('opened')]);
    expect(world.takeChecked()).toContain('head main');
    expect(world.logged).toContainEqual(
      expect.stringMatching(/^a comment could not be answered .*forbidden/),
    );
  });

  it("a commit refused on a person's pull request is answered there, and the pass goes on", async () => {
    repository.push('topic', { 'api/Dockerfile': `${repository.text('main', 'api/Dockerfile')}# more\n` });
    const pull = repository.propose('topic');
    const asked = comment(pull, '/rotate', true);
    let refused = 0;
    repository.fault = ({ method }) =>
      method === 'writeCommit' && refused++ === 0 ? new MemoryForgeError('forbidden') : null;
    await world.pass({ commands: [asked] });
    expect(replyTo(asked)).toContain('the forge says forbidden');
    expect(repository.openPulls()).toContainEqual(
      expect.objectContaining({ title: 'chore(images): rotate 2 base images' }),
    );
  });

  it('an outage on one base branch leaves the others their turn, and has the pass tried again', async () => {
    repository.push('main', { [SETTINGS]: 'branches: [main, release]\n' });
    repository.push('release', { 'web/Dockerfile': repository.text('main', 'web/Dockerfile') ?? '' });
    let refused = 0;
    repository.fault = ({ method }) =>
      method === 'createBranch' && refused++ === 0 ? new MemoryForgeError('unavailable', true) : null;
    await expect(world.pass()).rejects.toMatchObject({ code: 'unavailable' });
    expect(repository.openPulls()).toMatchObject([{ base: { branch: 'release' } }]);
    await world.pass();
    expect(repository.openPulls()).toHaveLength(2);
  });

  it('a rate limit stops at once', async () => {
    repository.push('main', { [SETTINGS]: 'branches: [main, release]\n' });
    repository.push('release', { 'web/Dockerfile': repository.text('main', 'web/Dockerfile') ?? '' });
    let asked = 0;
    repository.fault = ({ method }) => {
      if (method !== 'createBranch') return null;
      asked += 1;
      return new MemoryForgeError('rate-limited', true);
    };
    await expect(world.pass()).rejects.toMatchObject({ code: 'rate-limited' });
    expect(asked).toBe(1);
  });

  it('issues that are switched off hide broken settings neither from a comment nor from the checks', async () => {
    repository.push('main', { [SETTINGS]: 'nonsense: 1\n' });
    repository.fault = ({ method }) => (method === 'openIssue' ? new MemoryForgeError('not-found') : null);
    const asked = comment(7, '/rotate status');
    await world.pass({ scope: NOTHING, causes: ['command'], commands: [asked] });
    expect(replyTo(asked)).toContain('The settings cannot be read');
    expect(repository.checks).toMatchObject([{ conclusion: 'neutral' }]);
    expect(world.logged).toContainEqual(
      expect.stringMatching(/^the issue about the settings could not be written /),
    );
  });
});
