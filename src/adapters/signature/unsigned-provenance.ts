import { type ProvenanceFact, parseStatement, readProvenance } from '../../assess/provenance.ts';
import type { Digest } from '../../domain/digest.ts';
import type { Repository } from '../../domain/image-reference.ts';
import type { Registry } from '../../resolve/registry.ts';

const PREDICATE_TYPE = 'in-toto.io/predicate-type';
const MAX_MANIFESTS = 2;
const MAX_PROVENANCE = 4 * 1024 * 1024;

/**
 * The provenance that BuildKit puts into an index (`vnd.docker.reference.type: attestation-manifest`). Nobody signed
 * it: it is shown and never trusted, so whatever fails here only means that there is less to show.
 */
export async function findUnsignedProvenance(
  registry: Registry,
  image: Repository,
  digest: Digest,
): Promise<readonly ProvenanceFact[]> {
  try {
    const index = await registry.manifest(image, digest);
    if (index.kind !== 'index') return [];
    const attestations = index.entries
      .filter((entry) => entry.annotations['vnd.docker.reference.type'] === 'attestation-manifest')
      .slice(0, MAX_MANIFESTS);
    const found = await Promise.all(
      attestations.map((entry) => readAttestation(registry, image, entry.digest)),
    );
    return unique(found.flat());
  } catch {
    return [];
  }
}

async function readAttestation(
  registry: Registry,
  image: Repository,
  digest: Digest,
): Promise<readonly ProvenanceFact[]> {
  const manifest = await registry.manifest(image, digest);
  if (manifest.kind !== 'manifest') return [];
  const layer = manifest.layers.find((candidate) =>
    candidate.annotations[PREDICATE_TYPE]?.startsWith('https://slsa.dev/provenance/'),
  );
  if (layer === undefined || layer.size > MAX_PROVENANCE) return [];
  const bytes = await registry.blob(image, layer.digest, MAX_PROVENANCE);
  const statement = parseStatement(new TextDecoder().decode(bytes));
  const fact = statement.ok ? readProvenance(statement.value) : null;
  return fact === null ? [] : [fact];
}

function unique(facts: readonly ProvenanceFact[]): readonly ProvenanceFact[] {
  return [...new Map(facts.map((fact) => [JSON.stringify(fact), fact])).values()];
}
