import type { Marks, PassRunnerOptions } from '../../src/app/repository/pass-options.ts';

/** Pin checks that find everything as it should be, and write nothing. */
export const NO_PIN_CHECKS: PassRunnerOptions['pinChecks'] = {
  pull: async () => true,
  head: async () => true,
  mergeGroup: async () => true,
};

export function memoryMarks(kept = new Map<string, string>()): Marks {
  return {
    mark: async (name) => kept.get(name) ?? null,
    setMark: async (name, text) => void kept.set(name, text),
  };
}

/** What a pass is made of, for tests that care for some of it: always due, nothing checked, nothing logged. */
export function passOptions(
  init: Pick<PassRunnerOptions, 'openForge' | 'plan'> & Partial<PassRunnerOptions>,
): PassRunnerOptions {
  const quiet = (): void => {};
  return {
    pinChecks: NO_PIN_CHECKS,
    marks: memoryMarks(),
    clock: () => new Date('2026-11-20T09:00:00Z'),
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    isDue: () => true,
    onSettings: async () => {},
    troubles: async () => [],
    ...init,
  };
}
