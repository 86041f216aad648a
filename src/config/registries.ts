import type { RegistrySettings } from './registry-settings.ts';

/** Settings that say nothing: every registry by https, on public addresses only. */
const NO_REGISTRY_SETTINGS: RegistrySettings = { registries: [] };

/**
 * Reads the operator's registry settings: the YAML file named by `file` (`--registries FILE`), else by the environment
 * variable `PINWHEEL_REGISTRIES`, else none. A `ca` is a path beside that file, or absolute; its PEM text is read here.
 * Throws a `SettingsError` that names the file, the line and the key.
 */
export async function loadRegistrySettings(options: {
  readonly file: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}): Promise<RegistrySettings> {
  const file = options.file ?? options.env['PINWHEEL_REGISTRIES'] ?? '';
  if (file === '') return NO_REGISTRY_SETTINGS;
  // The YAML and schema libraries cost about 25 ms of start-up: only paid where there is a file.
  const { readRegistrySettings } = await import('./registries-file.ts');
  return readRegistrySettings(file);
}
