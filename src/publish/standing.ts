import { branchOf } from '../plan/body/branch.ts';
import { type Marker, readMarker } from '../plan/body/marker.ts';
import type { PublishContext } from './context.ts';
import type { Commit, ForgeIdentity, PullRequest } from './forge.ts';

/** Ends the message of a commit that is made with a person's token. */
export const COMMIT_TRAILER = 'Made-by: Pinwheel';

/** What stands on the forge for a group. */
export type Standing = {
  readonly branch: string;
  readonly open: PullRequest | null;
  readonly marker: Marker | null;
  readonly ours: boolean;
  /** Of digests whose pull request a person closed. */
  readonly declined: ReadonlySet<string>;
  readonly closed: readonly PullRequest[];
};

/** Asks the forge what stands for a group: one request, a second where somebody may have pushed. */
export async function lookUp(context: PublishContext, group: string): Promise<Standing> {
  const { forge, identity } = context;
  const branch = branchOf(group);
  const pulls = await forge.pullRequestsFrom(branch);
  const open = pulls.find((pull) => pull.state === 'open') ?? null;
  const closed = pulls.filter((pull) => pull.state === 'closed' && pull.author === identity.login);
  const declined = new Set<string>();
  for (const pull of closed) {
    const marker = pull.merged ? null : readMarker(pull.body);
    if (marker === null || marker.closed) continue;
    for (const pin of marker.pins) declined.add(pin.to);
  }
  const marker = open === null ? null : readMarker(open.body);
  const ours = open !== null && open.author === identity.login && (await isUntouched(context, open, marker));
  return { branch, open, marker, ours, declined, closed };
}

async function isUntouched(
  context: PublishContext,
  open: PullRequest,
  marker: Marker | null,
): Promise<boolean> {
  // The head that the body names is the one we wrote. Otherwise we died between branch and body, or somebody pushed.
  if (marker !== null && marker.head === open.head.sha) return true;
  const head = await context.forge.commit(open.head.sha);
  if (head === null || !isOurs(head, context.identity)) return false;
  // We write one commit on a commit of the base branch.
  const [parent, ...others] = head.parents;
  if (others.length === 0 && (parent === marker?.base || parent === context.base.commit.sha)) return true;
  const commits = await context.forge.commitsOf(open.number);
  return commits.length > 0 && commits.every((commit) => isOurs(commit, context.identity));
}

/**
 * Whether we made a commit. The author is an account by GitHub's word; who amends or rebases our commit keeps us as author
 * and becomes its committer, so the committer must be the forge itself or us.
 */
export function isOurs(commit: Commit, identity: ForgeIdentity): boolean {
  if (commit.author !== identity.login) return false;
  if (identity.kind === 'user') return commit.message.split('\n').includes(COMMIT_TRAILER);
  return commit.committer === 'web-flow' || commit.committer === identity.login;
}

/** Whether a branch that stands in the way is one of ours: its tip was a closed pull request's head, or is our commit. */
export async function isOurTip(context: PublishContext, tip: string, standing: Standing): Promise<boolean> {
  if (standing.closed.some((pull) => pull.head.sha === tip)) return true;
  if (tip === context.base.commit.sha) return true;
  const commit = await context.forge.commit(tip);
  return commit !== null && isOurs(commit, context.identity);
}

/** Whether the branch of the last closed pull request is still there, as that one left it. */
export async function hasLeftover(context: PublishContext, standing: Standing): Promise<boolean> {
  const last = standing.closed[0];
  if (last === undefined) return false;
  const tip = await context.forge.branchTip(standing.branch);
  return tip !== null && tip === last.head.sha;
}
