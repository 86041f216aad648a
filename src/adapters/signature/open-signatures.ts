import type { RepositoryConfig } from '../../config/repository.ts';
import type { Tree } from '../../discover/tree.ts';
import type { SignaturePorts } from '../../pass/ports.ts';
import { keySources } from '../../policy/trust-settings.ts';
import type { Registry } from '../../resolve/registry.ts';
import type { SignatureMemory } from './remembering-verifier.ts';

/** What signatures are verified with. */
export type SignatureSources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shares answers between the passes of a process; absent: each asks by itself. */
  readonly memory?: SignatureMemory;
};

/**
 * The signature verifier with the keys that the configuration's trust rules name. Null where no rule is written (and
 * `always` does not ask for it): its packages are slow to start, so they are loaded only here.
 */
export async function openSignatures(
  tree: Tree,
  config: RepositoryConfig,
  registry: Registry,
  { env, memory }: SignatureSources,
  always = false,
): Promise<SignaturePorts | null> {
  if (config.policy.trust.length === 0 && !always) return null;
  const [{ SigstoreVerifier }, { loadRoots, rootSettings }, { loadKeys }] = await Promise.all([
    import('./sigstore-verifier.ts'),
    import('./trusted-root.ts'),
    import('./keys.ts'),
  ]);
  const settings = rootSettings(env);
  const { keys, gaps } = await loadKeys(keySources(config.policy.trust), (path) => tree.read(path));
  const verifier = new SigstoreVerifier({ registry, roots: () => loadRoots(settings) });
  return { verifier: memory?.of(verifier) ?? verifier, keys, gaps };
}
