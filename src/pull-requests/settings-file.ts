import {
  CONFIG_PATHS,
  mergeConfig,
  organisationPolicy,
  parseRepositoryConfig,
  type RepositoryConfig,
  type RepositoryConfigFile,
} from '../config/repository.ts';
import type { PolicySettings } from '../config/schema/policy.ts';
import { formatSettingsFault, type SettingsFault } from '../config/settings-file.ts';
import type { Tree } from '../discover/tree.ts';

/** A settings file as found: where, and its text. */
export type SettingsText = { readonly path: string; readonly text: string };

export type LoadedSettings =
  | {
      readonly status: 'ready';
      readonly config: RepositoryConfig;
      /** What the organisation enforces. */
      readonly organisation: PolicySettings | null;
      /** Whether the repository's own file says that this fork is worked on. */
      readonly ownFileTakesForks: boolean;
    }
  /** `problems` is one line each, naming file and line. */
  | { readonly status: 'broken'; readonly file: string; readonly problems: readonly string[] };

/** The repository's own settings file in a tree; null where it has none. */
export async function findSettings(tree: Tree): Promise<SettingsText | null> {
  const entries = await tree.list(() => false);
  const paths = new Set(entries.flatMap((entry) => (entry.kind === 'symlink' ? [] : [entry.path])));
  const path = CONFIG_PATHS.find((candidate) => paths.has(candidate));
  if (path === undefined) return null;
  return { path, text: new TextDecoder().decode(await tree.read(path)) };
}

/**
 * The configuration that counts: the repository's own file over its organisation's, each checked alone, so that a fault
 * names the file that has it. A broken file is never guessed around. Pure.
 */
export function readSettings(
  organisation: SettingsText | null,
  repository: SettingsText | null,
): LoadedSettings {
  const files: (RepositoryConfigFile | null)[] = [];
  for (const source of [organisation, repository]) {
    if (source === null) {
      files.push(null);
      continue;
    }
    const parsed = parseRepositoryConfig(source.text, source.path);
    if (!parsed.ok) return broken(source.path, parsed.fault);
    files.push(parsed.value);
  }
  const [above, own] = files;
  const merged = mergeConfig(above ?? null, own ?? null);
  if (!merged.ok) return broken(own?.path ?? above?.path ?? CONFIG_PATHS[0], merged.fault);
  return {
    status: 'ready',
    config: merged.value,
    organisation: organisationPolicy(above ?? null),
    ownFileTakesForks: own?.written['forks'] === true,
  };
}

function broken(file: string, faults: readonly SettingsFault[]): LoadedSettings {
  return { status: 'broken', file, problems: faults.map(formatSettingsFault) };
}
