import { type Download, furtherPages, lookAtCheck, writeCheck } from '../checks/rotation-check.ts';
import type { FileChange, TreeEntry } from '../discover/tree.ts';
import { messageOf } from '../domain/errors.ts';
import { PublishError } from '../forge/errors.ts';
import type { Forge, PullRequest, TreeWrite } from '../forge/forge.ts';
import { rebuildTicked } from '../plan/body/body.ts';
import { type Marker, markDigest, replaceMarker } from '../plan/body/marker.ts';
import { renderCommitMessage } from '../plan/body/title.ts';
import type { Rotation } from '../plan/plan.ts';
import type { PublishContext } from './context.ts';
import { type Action, decidePullRequest, type Limits } from './decide.ts';
import { leaveNote, syncPages } from './notes.ts';
import type { GroupOutcome } from './planned-pass.ts';
import { COMMIT_TRAILER, hasLeftover, isOurTip, type Standing } from './standing.ts';
import { bodyOf, makeWish, type Wish } from './wish.ts';

// Runs a file: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
const SARIF_RUNS = 20;

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
  if (open !== null && standing.ours && isUnknown(standing, context.pass.unresolved)) {
    const detail = 'an image in it could not be looked up, so it stays as it is';
    return { group, rotations: kept, status: 'unchanged', number: open.number, url: open.url, detail };
  }
  if (wish !== null && wish.changes.length === 0) {
    const detail = 'its files could not be written (the failures say why), so it stays as it is';
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
          : 'the limit of new pull requests an hour is reached',
      );
    case 'delete-branch':
      await context.forge.deleteBranch(branch);
      return done('cleaned');
    case 'leave-alone':
      if (open !== null) await leaveNote(context.forge, open.number, 'taken-over');
      return done('left-alone', 'somebody else pushed to its branch');
    case 'close':
      if (open !== null) await close(context, open, standing.marker, branch);
      return done('closed', 'nothing is left to rotate');
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
  const head = await writeCommit(context, wish);
  if ((await forge.createBranch(branch, head)) === 'exists') {
    const tip = await forge.branchTip(branch);
    if (tip !== null && !(await isOurTip(context, tip, standing))) {
      return {
        status: 'occupied',
        number: null,
        url: null,
        detail: `the branch ${branch} holds commits of somebody else; delete or rename it`,
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
  const head = await writeCommit(context, wish);
  if ((await forge.moveBranch(branch, head, true)) !== 'moved') {
    throw new PublishError({
      code: 'raced',
      message: `the branch ${branch} went away while it was being rebuilt`,
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

async function writeCommit(context: PublishContext, wish: Wish): Promise<string> {
  const { forge, base, settings } = context;
  const entries = await forge.treeAt(base.commit).list(() => false);
  const kinds = new Map(entries.map((entry) => [entry.path, entry.kind]));
  const trailers: string[] = [];
  // A person's token writes as that person: the trailer tells our commits from theirs.
  if (context.identity.kind === 'user') trailers.push(COMMIT_TRAILER);
  if (settings.pullRequests.signOff) trailers.push(`Signed-off-by: ${await forge.signature()}`);
  return forge.writeCommit({
    parent: base.commit.sha,
    baseTree: base.commit.tree,
    writes: wish.changes.map((change) => treeWrite(change, kinds.get(change.path))),
    message: renderCommitMessage(
      wish.title,
      wish.moves.map((move) => move.rotation),
      trailers,
    ),
  });
}

/** A change as git writes it, its mode kept. */
export function treeWrite(change: FileChange, kind: TreeEntry['kind'] | undefined): TreeWrite {
  if (kind === 'symlink' || kind === 'submodule') {
    throw new PublishError({
      code: 'not-a-file',
      message: `${change.path} is a ${kind}; Pinwheel writes files only`,
    });
  }
  return { path: change.path, mode: kind === 'executable' ? '100755' : '100644', bytes: change.bytes };
}

/**
 * What comes after the branch and the text: labels, assignees, reviewers, automerge, and the check as the very last
 * write. So a head that has its check has everything, and one that has not gets it all (again).
 */
async function finish(
  context: PublishContext,
  wish: Wish,
  pull: PullRequest,
  head: string,
  changed: 'head' | 'text' | 'nothing',
): Promise<void> {
  const { forge, settings, warn } = context;
  const check = changed === 'head' ? null : await lookAtCheck(context, head);
  const { labels, assignees, reviewers, automerge } = settings.pullRequests;
  const asked = [...new Set(wish.moves.flatMap((move) => move.report.label ?? []))];
  const missing = asked.filter((label) => !pull.labels.includes(label));
  // Once set up, a label that a person took away stays away.
  if (check === null && pull.labels.length === 0) {
    const all = [...new Set([...labels, ...asked])];
    await tolerate(warn, 'labels and assignees', () => forge.tag(pull.number, all, assignees));
    if (reviewers.length > 0) {
      const users = reviewers.filter((name) => !name.includes('/'));
      const teams = reviewers.filter((name) => name.includes('/')).map((name) => name.split('/')[1] ?? '');
      await tolerate(warn, 'reviewers', () => forge.requestReviews(pull.number, users, teams));
    }
    if (automerge !== false) {
      await tolerate(warn, 'automerge', () => forge.enableAutomerge(pull, automerge));
    }
  } else if (changed !== 'nothing' && missing.length > 0) {
    // It became urgent.
    await tolerate(warn, 'labels', () => forge.tag(pull.number, missing, []));
  }
  if ((check === null || changed === 'text') && settings.scan.sarif) {
    await tolerate(warn, 'code scanning results', () => uploadFindings(forge, wish, pull, head));
  }
  await syncPages(forge, pull.number, furtherPages(wish.moves));
  let downloads: readonly Download[] = [];
  if ((check === null || changed === 'text') && settings.scan.sbom) {
    await tolerate(warn, 'SBOMs', async () => {
      downloads = await keepSboms(context, wish, pull);
    });
  }
  await writeCheck(context, wish.moves, head, check, downloads);
}

/** All findings in one log: a run for each image, told apart by category, and no more than code scanning takes. */
async function uploadFindings(forge: Forge, wish: Wish, pull: PullRequest, head: string): Promise<void> {
  const logs = wish.moves.flatMap((move) => move.report.sarif ?? []);
  const [first] = logs;
  if (first === undefined) return;
  // Two pins that move to one image found the same; GitHub refuses a category that comes twice.
  const byCategory = new Map(
    logs.flatMap((log) => log.runs).map((run) => [run.automationDetails?.id ?? '', run]),
  );
  const runs = [...byCategory.values()].slice(0, SARIF_RUNS);
  await forge.uploadSarif(pull.number, head, JSON.stringify({ ...first, runs }));
}

/** Keeps the SBOMs of all new images in one commit. One name, one file: two pins of one image have the same. */
async function keepSboms(
  { forge, facts }: PublishContext,
  wish: Wish,
  pull: PullRequest,
): Promise<readonly Download[]> {
  const files = new Map(
    wish.moves.flatMap((move) => move.report.sboms()).map(({ name, text }) => [name, { path: name, text }]),
  );
  if (files.size === 0) return [];
  const name = `sbom/${pull.number}`;
  const sha = await forge.keepFiles(name, [...files.values()], `SBOMs of pull request ${pull.number}`);
  return [...files.keys()].map((path) => ({
    name: path,
    url: `${facts.url}/raw/${sha}/${encodeURIComponent(path)}`,
  }));
}

async function tolerate(
  warn: (message: string) => void,
  what: string,
  task: () => Promise<void>,
): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (error instanceof Error && 'temporary' in error && error.temporary === true) throw error;
    warn(`${what} could not be set: ${messageOf(error)}`);
  }
}
