import type { KeySource, SignaturePorts } from '../../assess/signature.ts';
import type { Tree } from '../../discover/tree.ts';
import type { Registry } from '../../resolve/registry.ts';
import type { SignatureMemory } from './remembering-verifier.ts';

/** What signatures are verified with. */
export type SignatureSources = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Shares answers between the passes of a process; absent: each asks by itself. */
  readonly memory?: SignatureMemory;
};

/**
 * The signature verifier with the keys that trust rules name; `tree` holds those kept as files of the repository. Its
 * packages are slow to start, so they are loaded only here.
 */
export async function openSignatures(
  keySources: readonly KeySource[],
  tree: Tree,
  registry: Registry,
  { env, memory }: SignatureSources,
): Promise<SignaturePorts> {
  const [{ SigstoreVerifier }, { loadRoots, rootSettings }, { loadKeys }] = await Promise.all([
    import('./sigstore-verifier.ts'),
    import('./trusted-root.ts'),
    import('./keys.ts'),
  ]);
  const settings = rootSettings(env);
  const { keys, gaps } = await loadKeys(keySources, (path) => tree.read(path));
  const verifier = new SigstoreVerifier({ registry, roots: () => loadRoots(settings) });
  return { verifier: memory?.of(verifier) ?? verifier, keys, gaps };
}
