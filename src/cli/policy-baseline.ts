import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import { type Tree, TreeError } from '../discover/tree.ts';
import { findingsOfTree } from '../pass/pinned-findings.ts';
import { baselineOf, renderBaseline } from '../policy/baseline.ts';
import { parseArguments } from './arguments.ts';
import { type ExitCode, type Io, write } from './io.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { openScanningFacts } from './open-scanning-facts.ts';
import { printable } from './text.ts';

const HELP = `Usage: pinwheel policy baseline [DIR] [--write] [--registries FILE]

Scans every pinned image below DIR (default: here) and prints the baseline that accepts exactly today's CRITICALs:
sorted, one a line, to be reviewed in a pull request. From the stage "baseline" on, a CRITICAL that is not in the file
fails the check.

  --write             write it to policy.baseline (.github/pinwheel-baseline.json)
  --registries FILE   operator settings of registries; default: $PINWHEEL_REGISTRIES

Exit code 0; 1 where an image could not be scanned: then nothing is written.
`;

/** `pinwheel policy baseline`: accepts today's CRITICALs, for somebody to review. */
export async function runBaseline(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, { write: { type: 'boolean' }, registries: { type: 'string' } }, 1);
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
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

async function readIfThere(tree: Tree, path: string): Promise<Uint8Array | null> {
  try {
    return await tree.read(path);
  } catch (error) {
    if (error instanceof TreeError && error.code === 'not-found') return null;
    throw error;
  }
}
