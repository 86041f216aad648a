import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import { readIfThere } from '../discover/tree.ts';
import { findingsOfTree } from '../pass/pinned-findings.ts';
import { baselineOf, renderBaseline } from '../policy/baseline.ts';
import { parseArguments } from './arguments.ts';
import { POLICY_BASELINE } from './command-lines/policy-baseline.ts';
import { type ExitCode, type Io, write } from './io.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { openScanningFacts } from './open-scanning-facts.ts';
import { printable } from './text.ts';

/** `pinwheel policy baseline`: accepts today's CRITICALs, for review. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, POLICY_BASELINE);
  const tree = await openWorktree(resolve(io.cwd, parsed.positionals[0] ?? '.'));
  const config = await localSettings(tree);
  const registries = parsed.value('registries');
  const registry = await openRegistry(io, registries);
  try {
    const { scan } = await openScanningFacts({ io, registries, registry, tree, config });
    const { images, failures } = await findingsOfTree(tree, config, { scan }, io.now());
    for (const { subject, message } of failures) {
      await write(io.stderr, `failed: ${printable(`${subject}: ${message}`)}\n`);
    }
    if (failures.length > 0) return 1;
    const text = renderBaseline(baselineOf(images));
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
