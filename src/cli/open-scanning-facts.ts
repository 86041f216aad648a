import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Tree } from '../discover/tree.ts';
import type { FactPorts } from '../judge-pin.ts';
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
    import('../facts.ts'),
    import('../config/registries.ts'),
  ]);
  const sources = {
    registry,
    registrySettings: await loadRegistrySettings({ file: options.registries, env: io.env }),
    env: io.env,
    cwd: io.cwd,
    cacheFolder: join(io.env['XDG_CACHE_HOME'] || join(io.env['HOME'] || homedir(), '.cache'), 'pinwheel'),
    now: io.now,
    seen: null,
  };
  return openFacts(sources, tree, config, io.signal);
}
