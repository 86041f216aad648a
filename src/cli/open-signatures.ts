import type { CheckPorts } from '../check-pass.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import type { Tree } from '../discover/tree.ts';
import { keySources } from '../policy/trust-settings.ts';
import type { Registry } from '../resolve/registry.ts';
import type { Io } from './io.ts';

/**
 * The signature verifier with the keys that the configuration's trust rules name. Null where no rule is written (and
 * `always` does not ask for it): its packages are slow to start, so they are loaded only here.
 */
export async function openSignatures(
  tree: Tree,
  config: RepositoryConfig,
  registry: Registry,
  io: Pick<Io, 'env'>,
  always = false,
): Promise<CheckPorts['signatures']> {
  if (config.policy.trust.length === 0 && !always) return null;
  const [{ SigstoreVerifier }, { loadRoots, rootSettings }, { loadKeys }] = await Promise.all([
    import('../adapters/signature/sigstore-verifier.ts'),
    import('../adapters/signature/trusted-root.ts'),
    import('../adapters/signature/keys.ts'),
  ]);
  const settings = rootSettings(io.env);
  const { keys, gaps } = await loadKeys(keySources(config.policy.trust), (path) => tree.read(path));
  return { verifier: new SigstoreVerifier({ registry, roots: () => loadRoots(settings) }), keys, gaps };
}
