import type { RepositoryConfig } from '../config/repository.ts';
import type { Forge } from '../forge/forge.ts';
import type { Issue } from '../forge/types.ts';
import { readMarker } from '../plan/body/marker.ts';
import { findSettings, readSettings, type SettingsText } from './settings-file.ts';
import { SETTINGS_BRANCH, SETTINGS_GROUP } from './settings-pull.ts';

/** The settings file on our open pull request's branch, and as it was on the base when that was opened. */
export type PendingSettings = { readonly now: SettingsText | null; readonly before: SettingsText | null };

/**
 * What our open settings pull request says; null where there is none. Holds and ignores in it count at once; they last
 * when it is merged, and are dropped when it is closed.
 */
export async function pendingSettings(
  forge: Forge,
  ownIssues: readonly Pick<Issue, 'body' | 'isPullRequest'>[],
): Promise<PendingSettings | null> {
  const marker = ownIssues
    .flatMap((issue) => (issue.isPullRequest ? (readMarker(issue.body) ?? []) : []))
    .find((one) => one.group === SETTINGS_GROUP);
  if (marker === undefined) return null;
  const [tip, base] = await Promise.all([forge.commit(SETTINGS_BRANCH), forge.commit(marker.base)]);
  if (tip === null || base === null) return null;
  return {
    now: await findSettings(forge.treeAt(tip)),
    before: await findSettings(forge.treeAt(base)),
  };
}

/** What our open settings pull request adds to and takes from holds and ignores, done to the settings of the base. */
export function withPending(config: RepositoryConfig, pending: PendingSettings | null): RepositoryConfig {
  if (pending === null) return config;
  const now = readSettings(null, pending.now);
  const before = readSettings(null, pending.before);
  if (now.status === 'broken' || before.status === 'broken') return config;
  return {
    ...config,
    holds: changed(config.holds, before.config.holds, now.config.holds),
    ignores: changed(config.ignores, before.config.ignores, now.config.ignores),
  };
}

function changed<Entry>(
  base: readonly Entry[],
  before: readonly Entry[],
  now: readonly Entry[],
): readonly Entry[] {
  const keys = (entries: readonly Entry[]): ReadonlySet<string> =>
    new Set(entries.map((entry) => JSON.stringify(entry)));
  const [had, has] = [keys(before), keys(now)];
  const stays = base.filter((entry) => {
    const key = JSON.stringify(entry);
    return !had.has(key) || has.has(key);
  });
  return [...stays, ...now.filter((entry) => !had.has(JSON.stringify(entry)))];
}
