import { PublishError } from '../forge/errors.ts';
import type { PullRequest } from '../forge/types.ts';
import { unresolvedImages } from '../pass/rotate.ts';
import { rebuildTicked } from '../plan/body/body.ts';
import { type Marker, markDigest, replaceMarker } from '../plan/body/marker.ts';
import type { Rotation } from '../plan/plan.ts';
import { writeWish } from './commit.ts';
import type { PublishContext } from './context.ts';
import { type Action, decidePullRequest, type Limits } from './decide.ts';
import { finish } from './finish.ts';
import { leaveNote } from './notes.ts';
import type { GroupOutcome } from './outcome.ts';
import { hasLeftover, isOurTip, type Standing } from './standing.ts';
import { bodyOf, makeWish, type Wish } from './wish.ts';

/** Brings a group's pull request to what the plan wants. `rotations` empty: nothing is wanted of it. */
export async function publishGroup(
  context: PublishContext,
  group: string,
  rotations: readonly Rotation[],
  standing: Standing,
  limits: Limits,
): Promise<GroupOutcome> {
  const proposed = new Set(standing.marker?.pins.map((pin) => pin.to));
  const kept = rotations.filter((rotation) => {
    const to = markDigest(rotation.to);
    return !standing.declined.has(to) || proposed.has(to) || context.asked.names(rotation);
  });
  const wish = kept.length === 0 ? null : makeWish(context, group, kept, standing);
  const { open } = standing;
  if (open !== null && standing.ours && isUnknown(standing, unresolvedImages(context.pass))) {
    const detail = 'an image in it could not be looked up, so it is unchanged';
    return { group, rotations: kept, status: 'unchanged', number: open.number, url: open.url, detail };
  }
  if (wish !== null && wish.changes.length === 0) {
    const detail = 'its files could not be written (see the failures), so it is unchanged';
    const status = open === null ? 'failed' : 'unchanged';
    return { group, rotations: kept, status, number: open?.number ?? null, url: open?.url ?? null, detail };
  }
  const action = decidePullRequest(
    {
      open:
        open === null
          ? null
          : {
              marker: standing.marker,
              baseBranch: open.base.branch,
              ours: standing.ours,
              rebuildAsked: context.asked.rebuild.has(open.number) || rebuildTicked(open.body),
            },
      leftoverBranch: open === null && wish === null && (await hasLeftover(context, standing)),
    },
    wish === null
      ? null
      : { content: wish.content, material: wish.material, baseBranch: context.base.branch },
    limits,
  );
  const outcome = await act(context, action, wish, standing);
  if (kept.length === 0 && rotations.length > 0 && open === null) {
    const detail = 'a pull request with this digest was closed; a newer digest will be proposed';
    return { ...outcome, group, rotations, status: 'declined', detail };
  }
  return { ...outcome, group, rotations: kept };
}

/** Whether an open pull request proposes an image that nobody could look up now: an outage is not "nothing to rotate". */
function isUnknown(standing: Standing, unresolved: ReadonlySet<string>): boolean {
  if (unresolved.size === 0) return false;
  return (standing.marker?.pins ?? []).some(
    ({ image }) => image === '' || unresolved.has(image.slice(0, image.lastIndexOf(':'))),
  );
}

type Done = Omit<GroupOutcome, 'group' | 'rotations'>;

async function act(
  context: PublishContext,
  action: Action,
  wish: Wish | null,
  standing: Standing,
): Promise<Done> {
  const { open, branch } = standing;
  const done = (status: GroupOutcome['status'], detail: string | null = null): Done => ({
    status,
    number: open?.number ?? null,
    url: open?.url ?? null,
    detail,
  });
  switch (action.kind) {
    case 'nothing':
      if (open !== null && wish !== null) await finish(context, wish, open, open.head.sha, 'nothing');
      return done(open === null ? 'nothing' : 'unchanged');
    case 'wait':
      return done(
        'waiting',
        action.because === 'open-limit'
          ? 'the limit of open pull requests is reached'
          : 'the limit of new pull requests per hour is reached',
      );
    case 'delete-branch':
      await context.forge.deleteBranch(branch);
      return done('cleaned');
    case 'leave-alone':
      if (open !== null) await leaveNote(context.forge, open.number, 'taken-over');
      return done('left-alone', 'someone else pushed to its branch');
    case 'close':
      if (open !== null) await close(context, open, standing.marker, branch);
      return done('closed', 'nothing left to rotate');
    case 'open':
      return wish === null ? done('nothing') : openNew(context, wish, standing);
    case 'refresh-text':
      if (open !== null && wish !== null) {
        await refreshText(context, wish, open, open.head.sha);
        await finish(context, wish, open, open.head.sha, 'text');
      }
      return done('refreshed');
    case 'rebuild':
      if (open !== null && wish !== null) await rebuild(context, wish, open, branch);
      return done('rebuilt');
  }
}

async function openNew(context: PublishContext, wish: Wish, standing: Standing): Promise<Done> {
  const { forge, settings, base } = context;
  const { branch } = standing;
  const head = await writeWish(context, wish);
  if ((await forge.createBranch(branch, head)) === 'exists') {
    const tip = await forge.branchTip(branch);
    if (tip !== null && !(await isOurTip(context, tip, standing))) {
      return {
        status: 'occupied',
        number: null,
        url: null,
        detail: `the branch ${branch} contains someone else's commits; delete or rename it`,
      };
    }
    if ((await forge.moveBranch(branch, head, true)) === 'gone') await forge.createBranch(branch, head);
  }
  const opened = await forge.openPullRequest({
    branch,
    base: base.branch,
    title: wish.title,
    body: bodyOf(context, wish, head),
    draft: settings.pullRequests.draft,
  });
  if (opened === 'exists') {
    throw new PublishError({
      code: 'raced',
      message: `another pass opened the pull request of ${branch} at the same time`,
      temporary: true,
    });
  }
  if (opened === 'nothing') {
    await forge.deleteBranch(branch);
    return { status: 'nothing', number: null, url: null, detail: null };
  }
  await finish(context, wish, opened, head, 'head');
  return { status: 'opened', number: opened.number, url: opened.url, detail: null };
}

async function rebuild(
  context: PublishContext,
  wish: Wish,
  open: PullRequest,
  branch: string,
): Promise<void> {
  const { forge } = context;
  const head = await writeWish(context, wish);
  if ((await forge.moveBranch(branch, head, true)) !== 'moved') {
    throw new PublishError({
      code: 'raced',
      message: `the branch ${branch} was deleted while it was being rebuilt`,
      temporary: true,
    });
  }
  await refreshText(context, wish, open, head);
  await finish(context, wish, open, head, 'head');
}

async function refreshText(
  context: PublishContext,
  wish: Wish,
  open: PullRequest,
  head: string,
): Promise<void> {
  await context.forge.updatePullRequest(open.number, {
    ...(open.title === wish.title ? {} : { title: wish.title }),
    body: bodyOf(context, wish, head),
    ...(open.base.branch === context.base.branch ? {} : { base: context.base.branch }),
  });
}

async function close(
  context: PublishContext,
  open: PullRequest,
  marker: Marker | null,
  branch: string,
): Promise<void> {
  const { forge } = context;
  await leaveNote(forge, open.number, 'nothing-left');
  const body = marker === null ? {} : { body: replaceMarker(open.body, { ...marker, closed: true }) };
  await forge.updatePullRequest(open.number, { ...body, state: 'closed' });
  await forge.deleteBranch(branch);
}
