import type { Commit, ForgeIdentity, PullRequest } from '../forge/types.ts';
import { branchOf } from '../plan/body/branch.ts';
import { type Marker, readMarker } from '../plan/body/marker.ts';
import type { PublishContext } from './context.ts';

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
  if (head === null) return false;
  // Names and addresses in a commit are anybody's to write, the forge's signature is not: where our last commit has it, so
  // has the next.
  const known = /^[0-9a-f]{40,64}$/.test(marker?.head ?? '') ? marker?.head : undefined;
  const last = known === undefined ? null : await context.forge.commit(known);
  const isOwn = (commit: Commit): boolean =>
    isOwnCommit(commit, context.identity) && (commit.verified || last?.verified !== true);
  if (isOwn(head)) {
    // We write one commit on a commit of the base branch.
    const [parent, ...others] = head.parents;
    if (others.length === 0 && (parent === marker?.base || parent === context.base.commit.sha)) return true;
  }
  const commits = await context.forge.commitsOf(open.number);
  const foreign = commits.filter((commit) => !isOwn(commit));
  const [own, ...more] = commits.filter(isOwn);
  // More than one: somebody writes in our name.
  if (own === undefined || more.length > 0 || !foreign.every((commit) => commit.ownMerge)) return false;
  return foreign.length === 0 || sameFiles(context, open, own, head);
}

/** Whether the files that a pull request changes are at its head what they were in our commit. */
async function sameFiles(
  context: PublishContext,
  open: PullRequest,
  own: Commit,
  head: Commit,
): Promise<boolean> {
  const { forge } = context;
  const ids = async (commit: Commit): Promise<ReadonlyMap<string, string | null>> => {
    const entries = await forge.treeAt(commit).list(() => false);
    return new Map(entries.map((entry) => [entry.path, entry.id]));
  };
  const changed = await forge.filesChangedBy(open.number);
  const [before, after] = [await ids(own), await ids(head)];
  return changed.every(({ path }) => before.has(path) && before.get(path) === after.get(path));
}

/**
 * Whether we made a commit. The author is an account by the forge's word; who amends or rebases our commit keeps us as author
 * and becomes its committer, so the committer must be the forge itself or us.
 */
export function isOwnCommit(commit: Commit, identity: ForgeIdentity): boolean {
  if (commit.author !== identity.login) return false;
  if (identity.kind === 'user') return commit.message.split('\n').includes(COMMIT_TRAILER);
  return commit.byForge || commit.committer === identity.login;
}

/** Whether a branch that stands in the way is one of ours: its tip was a closed pull request's head, or is our commit. */
export async function isOurTip(context: PublishContext, tip: string, standing: Standing): Promise<boolean> {
  if (standing.closed.some((pull) => pull.head.sha === tip)) return true;
  if (tip === context.base.commit.sha) return true;
  const commit = await context.forge.commit(tip);
  return commit !== null && isOwnCommit(commit, context.identity);
}

/** Whether the branch of the last closed pull request is still there, as that one left it. */
export async function hasLeftover(context: PublishContext, standing: Standing): Promise<boolean> {
  const last = standing.closed[0];
  if (last === undefined) return false;
  const tip = await context.forge.branchTip(standing.branch);
  return tip !== null && tip === last.head.sha;
}
