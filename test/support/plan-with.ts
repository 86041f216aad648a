import type { PassRunnerOptions } from '../../src/app/repository/pass-options.ts';
import { gather } from '../../src/pass/gather.ts';
import { type FactPorts, NO_FACTS } from '../../src/pass/ports.ts';
import { passRequest } from '../../src/pass/request.ts';
import type { Registry } from '../../src/resolve/registry.ts';

/** How a pass runner plans: a real pass with this registry, no history, and nothing else looked at but `facts`. */
export function planWith(registry: Registry, facts: Partial<FactPorts> = {}): PassRunnerOptions['plan'] {
  return (tree, { config, organisation, now }) =>
    gather(
      { tree, registry, facts: { ...NO_FACTS, ...facts }, history: null },
      config,
      passRequest(now, { organisation }),
    );
}
