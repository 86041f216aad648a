import type { KeySource, SignaturePorts } from '../../assess/signature.ts';
import type { Tree } from '../../discover/tree.ts';
import type { Registry } from '../../resolve/registry.ts';

/**
 * The signature verifier with the keys that trust rules name; `tree` holds those kept as files of the repository. Its
 * packages are slow to start, so they are loaded only here.
 */
export async function openSignatures(
  keySources: readonly KeySource[],
  tree: Tree,
  registry: Registry,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SignaturePorts> {
  const [{ SigstoreVerifier }, { loadRoots, rootSettings }, { loadKeys }] = await Promise.all([
    import('./sigstore-verifier.ts'),
    import('./trusted-root.ts'),
    import('./keys.ts'),
  ]);
  const settings = rootSettings(env);
  const { keys, gaps } = await loadKeys(keySources, (path) => tree.read(path));
  return { verifier: new SigstoreVerifier({ registry, roots: () => loadRoots(settings) }), keys, gaps };
}
