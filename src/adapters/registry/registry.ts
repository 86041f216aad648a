import type { RegistrySettings } from '../../config/registries.ts';
import { type Registry, RegistryError } from '../../resolve/registry.ts';

export type RegistryOptions = {
  readonly settings: RegistrySettings;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A pull-only client for container registries. */
export function createRegistry(options: RegistryOptions): Registry {
  const none = () =>
    Promise.reject(
      new RegistryError({ code: 'unsupported', message: `${options.settings.registries.length}` }),
    );
  return {
    resolveTag: none,
    manifest: none,
    blob: none,
    tags: none,
    referrers: none,
    requests: () => ({ head: 0, manifest: 0, blob: 0, tags: 0, referrers: 0, token: 0, ping: 0 }),
    close: async () => {},
  };
}
