import type { RegistryEntry } from '../../src/config/registry-settings.ts';

/** An entry that says nothing but its host: the defaults of every key. */
export function registryEntry(host: string, over: Partial<Omit<RegistryEntry, 'host'>> = {}): RegistryEntry {
  return {
    host,
    plainHttp: false,
    allowPrivate: false,
    username: null,
    passwordEnv: null,
    tokenEnv: null,
    mirror: null,
    ca: null,
    concurrency: null,
    ...over,
  };
}
