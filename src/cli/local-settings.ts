import {
  CONFIG_PATHS,
  defaultConfig,
  mergeConfig,
  parseRepositoryConfig,
  type RepositoryConfig,
} from '../config/repository.ts';
import { settingsOrThrow } from '../config/settings-file.ts';
import { readIfThere, type Tree } from '../discover/tree.ts';

/**
 * The repository configuration of a local checkout, defaults filled in. Throws {@link SettingsError} that lists every
 * fault with file and line: a broken configuration is never guessed at.
 */
export async function localSettings(tree: Tree): Promise<RepositoryConfig> {
  for (const path of CONFIG_PATHS) {
    const bytes = await readIfThere(tree, path);
    if (bytes === null) continue;
    const file = settingsOrThrow(parseRepositoryConfig(new TextDecoder().decode(bytes), path));
    return settingsOrThrow(mergeConfig(null, file));
  }
  return defaultConfig();
}
