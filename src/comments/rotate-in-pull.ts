import type { FileChange } from '../discover/tree.ts';
import type { IsoDate } from '../domain/ledger-entry.ts';
import { refusalOf } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { ChangedFile, Commit, PullRequest, Suggestion } from '../forge/types.ts';
import type { Pass } from '../pass/pass.ts';
import { changesOf } from '../pass/rotate.ts';
import { describeMove, renderCommitMessage } from '../plan/body/title.ts';
import type { Rotation } from '../plan/plan.ts';
import { treeWrites } from '../pull-requests/commit.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';
import { effectsOf } from './effects.ts';
import { type CommandSession, say } from './session.ts';

type PullAnswer = { readonly lines: readonly string[]; readonly failed: boolean };

/**
 * Rotates in other people's pull requests, as the comments there ask; each session says what came of it, a refusal too.
 * Throws what may pass by itself.
 */
export async function rotateElsewhere(
  forge: Forge,
  sessions: readonly CommandSession[],
  planAt: (commit: Commit) => Promise<Pass>,
  today: IsoDate,
): Promise<readonly CommandSession[]> {
  const done: CommandSession[] = [];
  for (const session of sessions) {
    let answered = session;
    for (const { pull } of effectsOf([session], 'rotate-in')) {
      const refusal = await refusalOf(async () => {
        const answer = await rotateInPull(forge, pull, planAt, today);
        answered = say(answered, answer.lines, answer.failed);
      });
      if (refusal !== null) answered = say(answered, [escapeMarkdown(refusal, 300)], true);
    }
    done.push(answered);
  }
  return done;
}

/**
 * Rotates in somebody else's pull request: the references in the files it touches. To a branch of this repository by one
 * commit on top of it (never forced); to a fork, where we may not push, by suggested changes in one review.
 */
async function rotateInPull(
  forge: Forge,
  pull: PullRequest,
  planAt: (commit: Commit) => Promise<Pass>,
  today: IsoDate,
): Promise<PullAnswer> {
  const head = await forge.commit(pull.head.sha);
  if (head === null)
    return { lines: ['The head branch of this pull request no longer exists.'], failed: true };
  if (!pull.fromFork && pull.head.branch === (await forge.facts()).defaultBranch) {
    const line =
      'The branch of this pull request is the default branch, which Pinwheel changes only by pull request: `/rotate all` opens one.';
    return { lines: [line], failed: true };
  }
  const touched = await forge.filesChangedBy(pull.number);
  const pass = await planAt(head);
  const rotations = within(pass.plan.rotations, new Set(touched.map((file) => file.path)));
  if (rotations.length === 0) {
    const line = 'Nothing to rotate in the files of this pull request: every pin is current or held.';
    return { lines: [line], failed: false };
  }
  const changes = changesOf(pass, { rotations, day: today, byParts: false });
  if (changes.length === 0) {
    return { lines: ['The ledger of this branch is damaged; fix it first.'], failed: true };
  }
  return pull.fromFork
    ? suggestChanges(forge, pull, touched, changes, rotations)
    : commitOnTop(forge, pull, head, changes, rotations);
}

/** The rotations' sites in these files alone. */
function within(rotations: readonly Rotation[], files: ReadonlySet<string>): readonly Rotation[] {
  return rotations.flatMap((rotation) => {
    if (rotation.verdict !== 'rotate') return [];
    const sites = rotation.sites.filter((site) => files.has(site.file));
    // Linked sites elsewhere would be left behind with another digest, so they come along.
    const pins = new Set(sites.flatMap((site) => site.pin ?? []));
    const all = rotation.sites.filter(
      (site) => sites.includes(site) || (site.pin !== null && pins.has(site.pin)),
    );
    return all.length === 0 ? [] : [{ ...rotation, sites: all }];
  });
}

async function commitOnTop(
  forge: Forge,
  pull: PullRequest,
  head: Commit,
  changes: readonly FileChange[],
  rotations: readonly Rotation[],
): Promise<PullAnswer> {
  const sha = await forge.writeCommit({
    parent: head.sha,
    baseTree: head.tree,
    writes: await treeWrites(forge, head, changes),
    message: renderCommitMessage('chore(images): rotate base images', rotations, []),
  });
  const moved = await forge.moveBranch(pull.head.branch, sha, false);
  if (moved !== 'moved') {
    return { lines: ['Someone pushed at the same time. Please comment again.'], failed: true };
  }
  return { lines: [`Rotated in ${sha.slice(0, 10)}:\n${moveList(rotations)}`], failed: false };
}

async function suggestChanges(
  forge: Forge,
  pull: PullRequest,
  touched: readonly ChangedFile[],
  changes: readonly FileChange[],
  rotations: readonly Rotation[],
): Promise<PullAnswer> {
  const suggestions: Suggestion[] = [];
  const outside: string[] = [];
  for (const change of changes) {
    const file = touched.find((one) => one.path === change.path);
    for (const { line, text } of changedLines(change)) {
      if (file?.ranges.some((range) => line >= range.start && line <= range.end)) {
        suggestions.push({ path: change.path, startLine: line, line, body: fence(text) });
      } else {
        outside.push(`- ${codeSpan(`${change.path}:${line}`)}`);
      }
    }
  }
  if (suggestions.length === 0) {
    const line =
      'The lines to rotate are not in the diff of this pull request, so they cannot be suggested here:';
    return { lines: [`${line}\n${moveList(rotations)}`], failed: true };
  }
  const rest = outside.length === 0 ? '' : `\n\nAlso to change, outside the diff:\n${outside.join('\n')}`;
  const body = `This branch is in a fork, which Pinwheel cannot push to.${rest}`;
  await forge.suggest(pull.number, pull.head.sha, body, suggestions);
  return { lines: [`Suggested in a review:\n${moveList(rotations)}`], failed: false };
}

/** Lines of a file that differ, from 1. Edits of a pin never add or take away a line; where one did, nothing is given. */
function changedLines(change: FileChange): readonly { readonly line: number; readonly text: string }[] {
  if (change.before === null) return [];
  const split = (bytes: Uint8Array): readonly string[] => new TextDecoder().decode(bytes).split('\n');
  const before = split(change.before);
  const after = split(change.bytes);
  if (before.length !== after.length) return [];
  return after.flatMap((text, index) =>
    text === before[index] ? [] : [{ line: index + 1, text: text.replace(/\r$/, '') }],
  );
}

function fence(text: string): string {
  // A fence longer than any run of backticks in it.
  const runs = text.match(/`+/g) ?? [];
  const ticks = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${ticks}suggestion\n${text}\n${ticks}`;
}

function moveList(rotations: readonly Rotation[]): string {
  return rotations.map((rotation) => `- ${codeSpan(describeMove(rotation))}`).join('\n');
}
