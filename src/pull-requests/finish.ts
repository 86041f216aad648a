import { type Download, furtherPages, lookAtCheck, writeCheck } from '../checks/rotation-check.ts';
import { messageOf } from '../domain/errors.ts';
import { isTemporary } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { PullRequest } from '../forge/types.ts';
import type { PublishContext } from './context.ts';
import { syncPages } from './notes.ts';
import type { Wish } from './wish.ts';

/**
 * What comes after the branch and the text: labels, assignees, reviewers, automerge, and the check as the very last
 * write. So a head that has its check has everything, and one that has not gets it all (again).
 */
export async function finish(
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
      await tolerate(warn, 'reviewers', () => forge.requestReviews(pull.number, reviewers));
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
  await syncPages(forge, pull.number, furtherPages(wish.moves, forge.limits));
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
  // Two pins that move to one image found the same; a category may come once.
  const byCategory = new Map(
    logs.flatMap((log) => log.runs).map((run) => [run.automationDetails?.id ?? '', run]),
  );
  const runs = [...byCategory.values()].slice(0, forge.limits.sarifRuns);
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
    url: forge.links.keptFile(facts, sha, path),
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
    if (isTemporary(error)) throw error;
    warn(`${what} could not be set: ${messageOf(error)}`);
  }
}
