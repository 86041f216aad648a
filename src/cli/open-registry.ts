import { createRegistry } from '../adapters/registry/registry.ts';
import { loadRegistrySettings } from '../config/registries.ts';
import type { Registry } from '../resolve/registry.ts';
import type { Io } from './io.ts';

/**
 * The registry client of a command: with the operator's settings from `file` (`--registries`) or `PINWHEEL_REGISTRIES`.
 * Throws SettingsError where the settings cannot be used.
 */
export async function openRegistry(io: Io, file: string | null): Promise<Registry> {
  return createRegistry({ settings: await loadRegistrySettings({ file, env: io.env }), env: io.env });
}
