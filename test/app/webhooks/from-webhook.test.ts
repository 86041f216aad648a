import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SqliteQueue } from '../../../src/adapters/queue/sqlite-queue.ts';
import {
  requestsFromWebhook,
  WEBHOOK_EVENTS,
  type WebhookEventName,
} from '../../../src/app/webhooks/from-webhook.ts';
import {
  DEFAULT_WATCH,
  isIncluded,
  recallWatch,
  rememberWatch,
  type Watch,
} from '../../../src/app/webhooks/watch.ts';
import { toBranchPattern, toPathPattern } from '../../../src/domain/path-glob.ts';

const ada = { login: 'ada', id: 1815, type: 'User' };
const bot = { login: 'pinwheel[bot]', id: 2, type: 'Bot' };
const common = {
  installation: { id: 5 },
  repository: { name: 'Shop', owner: { login: 'Acme' }, default_branch: 'main' },
  sender: ada,
};
const push = (files: readonly string[], more: object = {}) => ({
  ...common,
  ref: 'refs/heads/main',
  commits: [{ added: [], removed: [], modified: files }],
  ...more,
});
const pull = (action: string, ref = 'feature', more: object = {}) => ({
  ...common,
  action,
  pull_request: { number: 7, head: { ref } },
  ...more,
});
const comment = (body: string | null, more: object = {}) => ({
  ...common,
  action: 'created',
  issue: { number: 7 },
  comment: { id: 9, body, user: ada },
  ...more,
});
const listed = { repositories: [{ full_name: 'acme/a' }, { full_name: 'acme/b' }] };
const whole = { everything: true };
const ours = 'pinwheel/all';

async function ask(name: WebhookEventName, payload: unknown, watch: Watch = DEFAULT_WATCH) {
  return requestsFromWebhook(name, payload, {
    isCandidate: (path) => path.endsWith('Dockerfile'),
    watch: async () => watch,
  });
}

describe('a webhook that asks for a pass', () => {
  it.each<readonly [string, WebhookEventName, object, object]>([
    ['a Dockerfile pushed', 'push', push(['a/Dockerfile']), { scope: whole, priority: 'event' }],
    ['settings pushed', 'push', push(['.github/pinwheel.yml']), { scope: whole }],
    ['a ledger pushed', 'push', push(['docs/BASE_IMAGE_DIGESTS.md']), { scope: whole }],
    ['a forced push', 'push', push(['a.md'], { forced: true }), { scope: whole }],
    ['a new default branch', 'push', push([], { created: true, commits: [] }), { scope: whole }],
    ['more commits than are listed', 'push', push([], { commits: Array(2048).fill({}) }), { scope: whole }],
    [
      'a merge queue',
      'merge_group',
      {
        ...common,
        action: 'checks_requested',
        merge_group: { head_ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc' },
      },
      { scope: { mergeGroups: ['gh-readonly-queue/main/pr-7-abc'] }, priority: 'event' },
    ],
    ['a pull request', 'pull_request', pull('opened'), { scope: { pullRequests: [7] } }],
    ['a push to one', 'pull_request', pull('synchronize'), { scope: { pullRequests: [7] } }],
    ['ours closed', 'pull_request', pull('closed', ours), { scope: { pullRequests: [7] } }],
    [
      'ours pushed to by a person',
      'pull_request',
      pull('synchronize', ours),
      { scope: { pullRequests: [7] } },
    ],
    [
      'a box of ours ticked',
      'pull_request',
      pull('edited', ours, { changes: { body: { from: '' } } }),
      { scope: { pullRequests: [7] } },
    ],
    [
      'another base',
      'pull_request',
      pull('edited', 'x', { changes: { base: {} } }),
      { scope: { pullRequests: [7] } },
    ],
    [
      'a command',
      'issue_comment',
      comment('hello\n/rotate all'),
      {
        priority: 'command',
        causes: ['command'],
        commands: [{ commentId: 9, issue: 7, onPullRequest: false, author: 'ada' }],
      },
    ],
    [
      'a command not understood',
      'issue_comment',
      comment('/rotate hlep'),
      { commands: [{ commands: [{ kind: 'unknown' }] }] },
    ],
    [
      'a box of the dashboard',
      'issues',
      {
        ...common,
        action: 'edited',
        issue: { number: 3, body: '<!-- pinwheel:dashboard -->' },
        changes: { body: {} },
      },
      { scope: { dashboard: true } },
    ],
    [
      'a re-run',
      'check_run',
      { ...common, action: 'rerequested', check_run: { pull_requests: [{ number: 4 }] } },
      { scope: { pullRequests: [4] } },
    ],
    [
      'a re-run on a branch',
      'check_run',
      { ...common, action: 'rerequested', check_run: {} },
      { scope: whole },
    ],
    [
      'another default branch',
      'repository',
      { ...common, action: 'edited', changes: { default_branch: {} } },
      { scope: whole },
    ],
    ['a thawed repository', 'repository', { ...common, action: 'unarchived' }, { scope: whole }],
  ])('%s', async (_, name, payload, expected) => {
    const requests = await ask(name, payload);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      repository: { owner: 'Acme', name: 'Shop' },
      installationId: 5,
      visit: null,
      ...expected,
    });
  });

  it.each<readonly [string, WebhookEventName, object]>([
    ['an installation', 'installation', { action: 'created', installation: { id: 5 }, ...listed }],
    ['an installation thawed', 'installation', { action: 'unsuspend', installation: { id: 5 }, ...listed }],
    [
      'repositories',
      'installation_repositories',
      { action: 'added', installation: { id: 5 }, repositories_added: listed.repositories },
    ],
  ])('%s: for each repository', async (_, name, payload) => {
    const requests = await ask(name, payload);
    expect(requests.map((one) => one.repository)).toEqual([
      { owner: 'acme', name: 'a' },
      { owner: 'acme', name: 'b' },
    ]);
    expect(requests[0]).toMatchObject({ installationId: 5, priority: 'background', scope: whole });
  });
});

describe('a webhook that asks for nothing', () => {
  it.each<readonly [string, WebhookEventName, unknown]>([
    ['files that name no image', 'push', push(['README.md', 'src/a.ts'])],
    ['another branch', 'push', push(['Dockerfile'], { ref: 'refs/heads/feature' })],
    ['our own branch', 'push', push(['Dockerfile'], { ref: `refs/heads/${ours}` })],
    ['a tag', 'push', push(['Dockerfile'], { ref: 'refs/tags/v1' })],
    ['a deleted branch', 'push', push([], { deleted: true, commits: [] })],
    ['what we opened ourselves', 'pull_request', pull('opened', ours, { sender: bot })],
    ['what we pushed ourselves', 'pull_request', pull('synchronize', ours, { sender: bot })],
    [
      'what we edited ourselves',
      'pull_request',
      pull('edited', ours, { sender: bot, changes: { body: {} } }),
    ],
    ["somebody's pull request closed", 'pull_request', pull('closed')],
    ['a label', 'pull_request', pull('labeled')],
    ['a comment without a command', 'issue_comment', comment('nice /rotate all')],
    ['a quoted command', 'issue_comment', comment('> /rotate all')],
    ['an edited comment', 'issue_comment', { ...comment('/rotate all'), action: 'edited' }],
    [
      'a bot',
      'issue_comment',
      comment('/rotate all', { sender: bot, comment: { id: 9, body: '/rotate all', user: bot } }),
    ],
    [
      'a comment of a ghost',
      'issue_comment',
      comment('/rotate all', { comment: { id: 9, body: '/rotate all', user: null } }),
    ],
    ['an empty comment', 'issue_comment', comment(null)],
    [
      'an issue edited that is none of ours',
      'issues',
      { ...common, action: 'edited', issue: { number: 3, body: 'x' }, changes: { body: {} } },
    ],
    [
      'our own edit',
      'issues',
      {
        ...common,
        sender: bot,
        action: 'edited',
        issue: { number: 3, body: '<!-- pinwheel:dashboard -->' },
        changes: { body: {} },
      },
    ],
    ['a check that ended', 'check_run', { ...common, action: 'completed', check_run: {} }],
    ['an archived repository', 'repository', { ...common, action: 'archived' }],
    ['an installation gone', 'installation', { action: 'deleted', installation: { id: 5 }, ...listed }],
    [
      'repositories gone',
      'installation_repositories',
      { action: 'removed', installation: { id: 5 }, repositories_added: [] },
    ],
    ['nothing', 'push', null],
    ['another shape', 'pull_request', { action: 'opened', pull_request: 7 }],
  ])('%s', async (_, name, payload) => {
    expect(await ask(name, payload)).toEqual([]);
  });
});

it('never throws, whatever the payload', async () => {
  const name = fc.constantFrom(...WEBHOOK_EVENTS);
  const mutated = fc
    .constantFrom(push(['Dockerfile']), pull('opened'), comment('/rotate all'))
    .chain((payload) =>
      fc
        .constantFrom(...Object.keys(payload))
        .chain((key) => fc.jsonValue().map((value) => ({ ...payload, [key]: value }))),
    );
  await fc.assert(
    fc.asyncProperty(name, fc.oneof(fc.jsonValue(), mutated), async (event, payload) => {
      expect(Array.isArray(await ask(event, payload))).toBe(true);
    }),
    { numRuns: 400 },
  );
});

describe('what the repository watches', () => {
  const watch = {
    branches: [toBranchPattern('release/*'), toBranchPattern('main')],
    include: [toPathPattern('images.txt')],
    ledger: 'docs/pins.md',
  };
  it.each([
    ['refs/heads/release/1', 'Dockerfile', 1],
    ['refs/heads/feature', 'Dockerfile', 0],
    ['refs/heads/release/1/2', 'Dockerfile', 0],
    ['refs/heads/main', 'deploy/images.txt', 1],
    ['refs/heads/main', 'docs/pins.md', 1],
    ['refs/heads/main', 'a.md', 0],
  ])('%s, %s: %i', async (ref, file, count) => {
    expect(await ask('push', push([file], { ref }), watch)).toHaveLength(count);
  });
  it('is remembered', async () => {
    const queue = new SqliteQueue(':memory:');
    const repository = { owner: 'Acme', name: 'Shop' };
    expect(await recallWatch(queue, repository)).toEqual(DEFAULT_WATCH);
    await rememberWatch(queue, repository, watch);
    expect(await recallWatch(queue, { owner: 'acme', name: 'shop' })).toEqual(watch);
    expect(isIncluded(watch, 'images.txt')).toBe(true);
    await queue.close();
  });
  it('leaves out a pattern that another version took', async () => {
    const queue = new SqliteQueue(':memory:');
    const kept = JSON.stringify({ branches: ['main', '{'], include: ['images.txt', '['], ledger: null });
    await queue.setMark('watch:acme/shop', kept);
    const recalled = await recallWatch(queue, { owner: 'acme', name: 'shop' });
    expect(recalled.branches.map(({ text }) => text)).toEqual(['main']);
    expect(recalled.include.map(({ text }) => text)).toEqual(['images.txt']);
    await queue.close();
  });
});
