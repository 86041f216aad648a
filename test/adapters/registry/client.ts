import { createRegistry, type RegistryOptions } from '../../../src/adapters/registry/registry.ts';
import type { Repository, TaggedImage } from '../../../src/domain/image-reference.ts';
import { type Registry, RegistryError } from '../../../src/resolve/registry.ts';

export const HOST = 'registry.example';
export const REPOSITORY: Repository = { registry: HOST, repository: 'team/app' };
export const IMAGE: TaggedImage = { ...REPOSITORY, tag: '1.0' };
export const START = Date.parse('2026-11-20T12:00:00Z');

/** A client whose time stands still but for its own sleeping, which it notes and does not do. */
export function testClient(over: Partial<RegistryOptions> = {}): {
  readonly registry: Registry;
  readonly slept: readonly number[];
  advance(ms: number): void;
} {
  const slept: number[] = [];
  let now = START;
  const registry = createRegistry({
    settings: { registries: [] },
    env: {},
    clock: () => now,
    random: () => 0,
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    ...over,
  });
  const advance = (ms: number): void => {
    now += ms;
  };
  return { registry, slept, advance };
}

/** The RegistryError that a call ends with. */
export async function failure(call: Promise<unknown>): Promise<RegistryError> {
  const outcome = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof RegistryError) return outcome;
  throw new Error(`expected a RegistryError, got ${String(outcome)}`);
}
