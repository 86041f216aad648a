import { CONFIG_PATHS } from '../config/repository.ts';
import { addEntry, removeEntries, type SettingsEntry, type SettingsList } from '../config/settings-edit.ts';
import { canonicalName, parseImageReference } from '../domain/image-reference.ts';
import { PublishError } from '../forge/errors.ts';
import type { Forge } from '../forge/forge.ts';
import type { Commit } from '../forge/types.ts';
import { branchOf } from '../plan/body/branch.ts';
import { formatMarker, type Marker, readMarker } from '../plan/body/marker.ts';
import { codeSpan, escapeMarkdown } from '../report/markdown.ts';
import { findSettings, type SettingsText } from './settings-file.ts';

/** The group of the pull request that changes the settings file. */
export const SETTINGS_GROUP = 'config';
/** Its branch. */
export const SETTINGS_BRANCH = branchOf(SETTINGS_GROUP);

/** One change of the settings file. */
export type SettingsChange =
  | { readonly kind: 'add'; readonly list: SettingsList; readonly entry: SettingsEntry }
  | { readonly kind: 'remove'; readonly list: SettingsList; readonly image: string };

/** What became of changes: the settings as they stand now, and where; or why they could not be written. */
export type SettingsOutcome =
  | { readonly status: 'written'; readonly file: SettingsText; readonly number: number; readonly url: string }
  | { readonly status: 'unchanged' }
  | { readonly status: 'not-editable'; readonly path: string };

/**
 * Writes changes of the settings file through one pull request: opened where there is none, else one more commit on its
 * branch, whoever else pushed to it. Changes that are there already write nothing.
 */
export async function writeSettings(
  forge: Forge,
  base: { readonly branch: string; readonly commit: Commit },
  changes: readonly SettingsChange[],
  who: string,
): Promise<SettingsOutcome> {
  const pulls = await forge.pullRequestsFrom(SETTINGS_BRANCH);
  const open = pulls.find((pull) => pull.state === 'open') ?? null;
  const tip = open === null ? base.commit : ((await forge.commit(SETTINGS_BRANCH)) ?? base.commit);
  const found = await findSettings(forge.treeAt(tip));
  const path = found?.path ?? CONFIG_PATHS[0];
  const before = found?.text ?? '';
  let text: string | null = before;
  for (const change of changes) text = text === null ? null : apply(text, change);
  if (text === null) return { status: 'not-editable', path };
  if (text === before) return { status: 'unchanged' };

  const summary = changes.map(describe).join(', ');
  const title = `chore(pinwheel): ${summary}`.slice(0, 200);
  const head = await forge.writeCommit({
    parent: tip.sha,
    baseTree: tip.tree,
    writes: [{ path, mode: '100644', bytes: Buffer.from(text) }],
    message: `${title}\n\nRequested by ${who}.`,
  });
  const file = { path, text };
  if (open !== null) {
    if ((await forge.moveBranch(SETTINGS_BRANCH, head, false)) !== 'moved') throw raced();
    const lines = [...listed(open.body), ...changes.map((change) => row(change, who))];
    await forge.updatePullRequest(open.number, {
      body: bodyOf(lines, readMarker(open.body)?.base ?? base.commit.sha, head),
    });
    return { status: 'written', file, number: open.number, url: open.url };
  }
  if ((await forge.createBranch(SETTINGS_BRANCH, head)) === 'exists')
    await forge.moveBranch(SETTINGS_BRANCH, head, true);
  const opened = await forge.openPullRequest({
    branch: SETTINGS_BRANCH,
    base: base.branch,
    title,
    body: bodyOf(
      changes.map((change) => row(change, who)),
      base.commit.sha,
      head,
    ),
    draft: false,
  });
  if (typeof opened === 'string') throw raced();
  return { status: 'written', file, number: opened.number, url: opened.url };
}

function apply(text: string, change: SettingsChange): string | null {
  if (change.kind === 'add') return addEntry(text, change.list, change.entry);
  return removeEntries(text, change.list, (entry) => sameImage(entry.image, change.image))?.text ?? null;
}

/** Whether two spellings name the same image and tag: `python`, `docker.io/library/python`. */
function sameImage(a: string, b: string): boolean {
  const [first, second] = [parseImageReference(a), parseImageReference(b)];
  if (!first.ok || !second.ok) return a === b;
  return canonicalName(first.value) === canonicalName(second.value) && first.value.tag === second.value.tag;
}

function describe(change: SettingsChange): string {
  if (change.kind === 'remove') return `release ${change.image}`;
  const { image, until } = change.entry;
  if (change.list === 'ignores') return `ignore ${image}`;
  return until == null ? `hold ${image}` : `hold ${image} until ${until}`;
}

function row(change: SettingsChange, who: string): string {
  const reason = change.kind === 'add' ? change.entry.reason : null;
  const why = reason == null ? '' : `: ${escapeMarkdown(reason, 300)}`;
  return `- ${codeSpan(describe(change))}, requested by ${codeSpan(who)}${why}`;
}

function listed(body: string): readonly string[] {
  return body
    .replaceAll('\r\n', '\n')
    .split('\n')
    .filter((line) => line.startsWith('- '));
}

function bodyOf(rows: readonly string[], base: string, head: string): string {
  const marker: Marker = {
    group: SETTINGS_GROUP,
    pins: [],
    day: '',
    base,
    head,
    content: '',
    material: '',
    named: [],
    closed: false,
  };
  const intro =
    'These settings were requested in comments. They apply while this pull request is open and become permanent once it is merged; close it to discard them.';
  return [intro, rows.slice(-200).join('\n'), formatMarker(marker)].join('\n\n');
}

function raced(): PublishError {
  return new PublishError({
    code: 'raced',
    message: `the branch ${SETTINGS_BRANCH} moved while the settings were written`,
    temporary: true,
  });
}
