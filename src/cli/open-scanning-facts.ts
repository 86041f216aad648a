import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Tree } from '../discover/tree.ts';
import type { FactPorts } from '../pass/ports.ts';
import type { Registry } from '../resolve/registry.ts';
import type { Io } from './io.ts';

/** Everything the App looks at, scans included. Its parts are loaded only where a command asks for it. */
export async function openScanningFacts(options: {
  readonly io: Io;
  /** The file of `--registries`. */
  readonly registries: string | null;
  readonly registry: Registry;
  readonly tree: Tree;
  readonly config: RepositoryConfig;
}): Promise<FactPorts> {
  const { io, registry, tree, config } = options;
  const [{ openFacts }, { loadRegistrySettings }] = await Promise.all([
    import('../app/open-facts.ts'),
    import('../config/registries.ts'),
  ]);
  const sources = {
    registry,
    registrySettings: await loadRegistrySettings({ file: options.registries, env: io.env }),
    env: io.env,
    cwd: io.cwd,
    cacheFolder: cacheFolder(io.env),
    now: io.now,
    seen: null,
  };
  const facts = await openFacts(sources, tree, config, io.signal);
  // A suggestion stands in a pull request; nobody prints one in a terminal.
  return { ...facts, suggest: null };
}

/** Where this user's caches are, by the XDG base directories. */
export function cacheFolder(env: Io['env']): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'pinwheel');
}
