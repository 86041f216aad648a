import { toFailure } from '../domain/errors.ts';
import { canonicalName, tagKey } from '../domain/image-reference.ts';
import { compareWithTag } from './compare.ts';
import { pooled } from './pool.ts';
import type { Descriptor, Registry } from './registry.ts';
import type { ImageShape, PinnedImage, Resolution } from './resolution.ts';
import { SharedRegistry } from './shared-registry.ts';

export type ResolveOptions = {
  /** Tags looked up at once; the registry client limits requests per host besides. */
  readonly concurrency: number;
  /** Now: creation times in the future are not believed. */
  readonly now: Date;
  /**
   * What is already known of a pinned digest, from the ledger: its platforms, and which one a pin followed when the registry no longer has the pinned digest.
   */
  readonly known?: (pin: PinnedImage) => ImageShape | null;
  /** Called after each tag, for a progress line. */
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * What each pin's tag points to now, in the order of `pins`.
 *
 * Each (registry, repository, tag) costs one HEAD however many pins share it. A pin whose digest the HEAD names costs
 * nothing more; for others the new and the old content are fetched by digest, each once, and compared (see
 * {@link compareWithTag}). Never throws: what could not be looked up is `failed`, and never stops the others.
 */
export async function resolvePins(
  pins: readonly PinnedImage[],
  registry: Registry,
  options: ResolveOptions,
): Promise<readonly Resolution[]> {
  const shared = SharedRegistry.of(registry);
  const byTag = Map.groupBy(pins.keys(), (index) => tagKeyOf(pins, index));
  const resolutions: Resolution[] = [];
  let done = 0;
  await pooled([...byTag.values()], options.concurrency, async (indexes) => {
    await resolveTag(indexes, pins, shared, options, resolutions);
    done += 1;
    options.onProgress?.(done, byTag.size);
  });
  return resolutions;
}

function tagKeyOf(pins: readonly PinnedImage[], index: number): string {
  const pin = pins[index];
  return pin === undefined ? '' : tagKey(pin.image);
}

async function resolveTag(
  indexes: readonly number[],
  pins: readonly PinnedImage[],
  shared: SharedRegistry,
  options: ResolveOptions,
  into: Resolution[],
): Promise<void> {
  let latest: Descriptor | null = null;
  let outage: unknown = null;
  for (const index of indexes) {
    const pin = pins[index];
    if (pin === undefined) continue;
    try {
      if (outage !== null) throw outage;
      try {
        latest ??= await shared.resolveTag(pin.image);
      } catch (error) {
        outage = error ?? new Error('the registry client failed without an error');
        throw outage;
      }
      into[index] = await compareWithTag(pin, latest, shared, options);
    } catch (error) {
      into[index] = { ...pin, status: 'failed', failure: toFailure(subject(pin), error) };
    }
  }
}

function subject(pin: PinnedImage): string {
  return `${canonicalName(pin.image)}:${pin.image.tag}`;
}
