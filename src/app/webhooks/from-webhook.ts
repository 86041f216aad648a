import * as v from 'valibot';
import { parseComment } from '../../comments/parse.ts';
import { CONFIG_PATHS } from '../../config/repository.ts';
import { matchesBranch } from '../../domain/path-glob.ts';
import type { RepositoryName } from '../../domain/repository-name.ts';
import { groupOfBranch } from '../../plan/body/branch.ts';
import { EVERYTHING, NOTHING, type Priority, type RotationRequest, type Scope } from '../../queue/request.ts';
import { isIncluded, type Watch } from './watch.ts';
import {
  checkRunPayload,
  installationPayload,
  installationRepositoriesPayload,
  issueCommentPayload,
  issuesPayload,
  mergeGroupPayload,
  pullRequestPayload,
  pushPayload,
  repositoryPayload,
} from './webhook-payloads.ts';

/** The events of `app.yml`, and the two that every App gets (installation and its repositories). */
export const WEBHOOK_EVENTS = [
  'check_run',
  'installation',
  'installation_repositories',
  'issue_comment',
  'issues',
  'merge_group',
  'pull_request',
  'push',
  'repository',
] as const;

export type WebhookEventName = (typeof WEBHOOK_EVENTS)[number];

/** What reading a webhook needs to know beyond its payload. */
export type WebhookContext = {
  /** Whether a file of this path may name an image. */
  readonly isCandidate: (path: string) => boolean;
  /** What the repository's own configuration watches, as last read. */
  readonly watch: (repository: RepositoryName) => Promise<Watch>;
};

const LEDGER = 'BASE_IMAGE_DIGESTS.md';
const DASHBOARD_MARK = '<!-- pinwheel:';
/** GitHub lists at most this many commits of a push; what lies behind is not known. */
const MAX_LISTED_COMMITS = 2048;

/**
 * The passes that a webhook asks for: none for most. Verified payloads only. A payload of another shape than documented
 * asks for nothing; what it was about, the schedule finds. Throws only what `watch` throws.
 */
export async function requestsFromWebhook(
  name: WebhookEventName,
  payload: unknown,
  context: WebhookContext,
): Promise<readonly RotationRequest[]> {
  switch (name) {
    case 'installation':
      return fromInstallation(payload);
    case 'installation_repositories':
      return fromInstallationRepositories(payload);
    case 'push':
      return fromPush(payload, context);
    case 'pull_request':
      return fromPullRequest(payload);
    case 'issue_comment':
      return fromIssueComment(payload);
    case 'issues':
      return fromIssues(payload);
    case 'merge_group':
      return fromMergeGroup(payload);
    case 'check_run':
      return fromCheckRun(payload);
    case 'repository':
      return fromRepository(payload);
  }
}

function fromInstallation(payload: unknown): readonly RotationRequest[] {
  const event = read(installationPayload, payload);
  if (event === null) return [];
  if (!['created', 'unsuspend', 'new_permissions_accepted'].includes(event.action)) return [];
  return (event.repositories ?? []).flatMap((one) => wholePass(one.full_name, event.installation.id));
}

function fromInstallationRepositories(payload: unknown): readonly RotationRequest[] {
  const event = read(installationRepositoriesPayload, payload);
  if (event === null) return [];
  return event.repositories_added.flatMap((one) => wholePass(one.full_name, event.installation.id));
}

async function fromPush(payload: unknown, context: WebhookContext): Promise<readonly RotationRequest[]> {
  const event = read(pushPayload, payload);
  const owner = event?.repository.owner.login ?? event?.repository.owner.name;
  if (event === null || owner === undefined || event.deleted || !event.ref.startsWith('refs/heads/'))
    return [];
  const branch = event.ref.slice('refs/heads/'.length);
  if (groupOfBranch(branch) !== null) return [];
  const repository = { owner, name: event.repository.name };
  const watch = await context.watch(repository);
  const isBase =
    watch.branches.length === 0
      ? branch === event.repository.default_branch
      : watch.branches.some((pattern) => matchesBranch(pattern, branch));
  if (!isBase) return [];

  const isListComplete =
    !event.forced && !event.created && event.commits.length > 0 && event.commits.length < MAX_LISTED_COMMITS;
  const matters = (path: string): boolean =>
    context.isCandidate(path) ||
    CONFIG_PATHS.some((config) => config === path) ||
    path === watch.ledger ||
    path.slice(path.lastIndexOf('/') + 1) === LEDGER ||
    isIncluded(watch, path);
  const changed = event.commits.flatMap((commit) => [
    ...(commit.added ?? []),
    ...(commit.removed ?? []),
    ...(commit.modified ?? []),
  ]);
  if (isListComplete && !changed.some(matters)) return [];
  return [webhookRequest(repository, event.installation?.id ?? null, EVERYTHING)];
}

function fromPullRequest(payload: unknown): readonly RotationRequest[] {
  const event = read(pullRequestPayload, payload);
  if (event === null) return [];
  const isOurs = groupOfBranch(event.pull_request.head.ref) !== null;
  const byBot = event.sender.type === 'Bot';
  const matters: Readonly<Record<string, boolean>> = {
    // What the pass itself did needs no pass; a person's push to our branch does.
    opened: !(isOurs && byBot),
    reopened: true,
    synchronize: !(isOurs && byBot),
    ready_for_review: !isOurs,
    closed: isOurs,
    // The checkbox "rebuild", or another base branch.
    edited: !byBot && ((isOurs && event.changes.body !== undefined) || event.changes.base !== undefined),
  };
  if (matters[event.action] !== true) return [];
  return [about(event, { ...NOTHING, pullRequests: [event.pull_request.number] })];
}

function fromIssueComment(payload: unknown): readonly RotationRequest[] {
  const event = read(issueCommentPayload, payload);
  // Edits of old comments never trigger: only what is created is read.
  if (event === null || event.action !== 'created' || event.comment.user === null) return [];
  if (isBot(event.comment.user) || isBot(event.sender)) return [];
  const commands = parseComment(event.comment.body ?? '');
  if (commands.length === 0) return [];
  const comment = {
    commentId: event.comment.id,
    issue: event.issue.number,
    onPullRequest: event.issue.pull_request !== undefined && event.issue.pull_request !== null,
    author: event.comment.user.login,
    authorId: event.comment.user.id,
    commands,
  };
  return [{ ...about(event, NOTHING, 'command'), causes: ['command'], commands: [comment] }];
}

function fromIssues(payload: unknown): readonly RotationRequest[] {
  const event = read(issuesPayload, payload);
  if (event === null || event.action !== 'edited' || isBot(event.sender)) return [];
  if (event.changes.body === undefined || !(event.issue.body ?? '').includes(DASHBOARD_MARK)) return [];
  return [about(event, { ...NOTHING, dashboard: true }, 'command')];
}

/** A required check must come for the merge queue's own commits too, or nothing would ever be merged. */
function fromMergeGroup(payload: unknown): readonly RotationRequest[] {
  const event = read(mergeGroupPayload, payload);
  if (event === null || event.action !== 'checks_requested') return [];
  const branch = event.merge_group.head_ref.replace(/^refs\/heads\//, '');
  return [about(event, { ...NOTHING, mergeGroups: [branch] })];
}

function fromCheckRun(payload: unknown): readonly RotationRequest[] {
  const event = read(checkRunPayload, payload);
  if (event === null || event.action !== 'rerequested') return [];
  const pullRequests = event.check_run.pull_requests.map((one) => one.number);
  return [about(event, pullRequests.length > 0 ? { ...NOTHING, pullRequests } : EVERYTHING, 'command')];
}

function fromRepository(payload: unknown): readonly RotationRequest[] {
  const event = read(repositoryPayload, payload);
  if (event === null || event.repository.archived) return [];
  const matters =
    ['unarchived', 'renamed', 'transferred'].includes(event.action) ||
    (event.action === 'edited' && event.changes.default_branch !== undefined);
  return matters ? [about(event, EVERYTHING)] : [];
}

function wholePass(fullName: string, installationId: number): readonly RotationRequest[] {
  const slash = fullName.indexOf('/');
  if (slash <= 0) return [];
  const repository = { owner: fullName.slice(0, slash), name: fullName.slice(slash + 1) };
  return [webhookRequest(repository, installationId, EVERYTHING, 'background')];
}

function about(
  event: {
    readonly repository: { readonly name: string; readonly owner: { readonly login: string } };
    readonly installation: { readonly id: number } | null;
  },
  scope: Scope,
  priority: Priority = 'event',
): RotationRequest {
  const repository = { owner: event.repository.owner.login, name: event.repository.name };
  return webhookRequest(repository, event.installation?.id ?? null, scope, priority);
}

function webhookRequest(
  repository: RepositoryName,
  installationId: number | null,
  scope: Scope,
  priority: Priority = 'event',
): RotationRequest {
  return { repository, installationId, causes: ['webhook'], priority, scope, visit: null, commands: [] };
}

function isBot(account: { readonly login: string; readonly type: string }): boolean {
  return account.type === 'Bot' || account.login.endsWith('[bot]');
}

function read<Schema extends v.GenericSchema>(
  schema: Schema,
  payload: unknown,
): v.InferOutput<Schema> | null {
  const parsed = v.safeParse(schema, payload);
  return parsed.success ? parsed.output : null;
}
