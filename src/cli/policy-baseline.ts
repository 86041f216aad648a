import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import { type Tree, TreeError } from '../discover/tree.ts';
import { checkPass } from '../pass/check-pass.ts';
import { baselineOf, renderBaseline } from '../policy/baseline.ts';
import { parseArguments } from './arguments.ts';
import { POLICY_BASELINE } from './command-lines/policy-baseline.ts';
import { type ExitCode, type Io, write } from './io.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { openScanningFacts } from './open-scanning-facts.ts';
import { printable } from './text.ts';

/** `pinwheel policy baseline`: accepts today's CRITICALs, for somebody to review. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, POLICY_BASELINE);
  const tree = await openWorktree(resolve(io.cwd, parsed.positionals[0] ?? '.'));
  const config = scanningConfig(await localSettings(tree));
  const registries = parsed.value('registries');
  const registry = await openRegistry(io, registries);
  try {
    const { scan } = await openScanningFacts({ io, registries, registry, tree, config });
    const result = await checkPass({ tree, registry, history: null, signatures: null, scan }, config, {
      asOf: io.now(),
      ledger: false,
    });
    for (const { subject, message } of result.failures) {
      await write(io.stderr, `failed: ${printable(`${subject}: ${message}`)}\n`);
    }
    if (result.failures.length > 0) return 1;
    const pins = result.report.pins.map(({ pin }) => ({ image: pin.image, findings: pin.findings ?? [] }));
    const text = renderBaseline(baselineOf(pins));
    if (!parsed.flag('write')) {
      await write(io.stdout, text);
      return 0;
    }
    const path = config.policy.baseline;
    await tree.apply([
      { path, bytes: new TextEncoder().encode(text), before: await readIfThere(tree, path) },
    ]);
    await write(io.stdout, `Wrote ${printable(path)}.\n`);
    return 0;
  } finally {
    await registry.close();
  }
}

/** The configuration as if the baseline were enforced, and nothing else: everything is scanned, no age stands in the way. */
function scanningConfig(config: RepositoryConfig): RepositoryConfig {
  const { policy } = config;
  return { ...config, policy: { ...policy, gates: { baseline: 'enforce', age: 'show', trust: 'show' } } };
}

async function readIfThere(tree: Tree, path: string): Promise<Uint8Array | null> {
  try {
    return await tree.read(path);
  } catch (error) {
    if (error instanceof TreeError && error.code === 'not-found') return null;
    throw error;
  }
}
