import { canonicalName, type Repository } from '../../domain/image-reference.ts';
import type { IndexOrManifest, Registry } from '../../resolve/registry.ts';

/** A blob larger than this is a layer or the like: not kept. */
const KEPT_BLOB_BYTES = 256 * 1024;
/** What an entry costs besides its bytes. */
const ENTRY_BYTES = 512;

type Kept = { readonly bytes: number; readonly value: IndexOrManifest | Uint8Array };

/**
 * The same registry, which remembers manifests and small blobs: content that is named by its digest never changes, so a
 * pass and the checks after it fetch it once. At most `maxBytes` altogether; what was used longest ago goes first. Tags,
 * lists and referrers are always asked for.
 */
export function rememberingContent(registry: Registry, maxBytes: number): Registry {
  const kept = new Map<string, Kept>();
  let total = 0;

  const recall = (key: string): Kept | undefined => {
    const known = kept.get(key);
    if (known === undefined) return undefined;
    kept.delete(key);
    kept.set(key, known);
    return known;
  };
  const keep = (key: string, entry: Kept): void => {
    total += entry.bytes - (kept.get(key)?.bytes ?? 0);
    kept.delete(key);
    kept.set(key, entry);
    for (const [oldest, { bytes }] of kept) {
      if (total <= maxBytes) return;
      kept.delete(oldest);
      total -= bytes;
    }
  };

  return {
    resolveTag: (image) => registry.resolveTag(image),
    tags: (repository) => registry.tags(repository),
    referrers: (repository, digest) => registry.referrers(repository, digest),
    requests: () => registry.requests(),
    close: () => registry.close(),
    manifest: async (repository, digest) => {
      const key = keyOf('manifest', repository, digest);
      const known = recall(key);
      if (known !== undefined && !(known.value instanceof Uint8Array)) return known.value;
      const value = await registry.manifest(repository, digest);
      keep(key, { bytes: value.descriptor.size + ENTRY_BYTES, value });
      return value;
    },
    blob: async (repository, digest, limit) => {
      const key = keyOf('blob', repository, digest);
      const known = recall(key);
      if (known !== undefined && known.value instanceof Uint8Array && known.value.byteLength <= limit)
        return known.value;
      const value = await registry.blob(repository, digest, limit);
      if (value.byteLength <= KEPT_BLOB_BYTES) keep(key, { bytes: value.byteLength + ENTRY_BYTES, value });
      return value;
    },
  };
}

function keyOf(kind: 'manifest' | 'blob', repository: Repository, digest: string): string {
  return `${kind} ${canonicalName(repository)}@${digest}`;
}
