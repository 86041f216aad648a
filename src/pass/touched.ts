import type { RepositoryConfig } from '../config/repository.ts';
import type { Tree } from '../discover/tree.ts';
import { groupPins, type Pin, pinKey } from '../plan/pins.ts';
import { surveyTree } from './survey.ts';

/**
 * Which pins a change brings to a new place, told from the tree it is laid on; all of them where there is no change. A copy
 * of a pin that is there already counts, a file that moved does not.
 */
export async function touchedBy(
  base: Tree | null,
  config: RepositoryConfig,
  pins: readonly Pin[],
): Promise<(pin: Pin) => boolean> {
  if (base === null) return () => true;
  const before = placesOf(groupPins((await surveyTree(base, config)).sites));
  const after = placesOf(pins);
  return (pin) => (after.get(pinKey(pin)) ?? 0) > (before.get(pinKey(pin)) ?? 0);
}

/** At how many places each pin stands. */
function placesOf(pins: readonly Pin[]): ReadonlyMap<string, number> {
  return new Map(pins.map((pin) => [pinKey(pin), pin.sites.length]));
}
