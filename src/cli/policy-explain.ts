import { resolve } from 'node:path';
import { openSignatures } from '../adapters/signature/open-signatures.ts';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import { matchesImage } from '../config/image-glob.ts';
import { explainPass } from '../pass/explain-pass.ts';
import type { FactPorts } from '../pass/judge-pin.ts';
import { explain, renderExplanation, renderExplanationMarkdown } from '../policy/explain.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { readAsOf } from './as-of.ts';
import { POLICY_EXPLAIN } from './command-lines/policy-explain.ts';
import { type ExitCode, type Io, write } from './io.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { openRotationFacts } from './rotation-facts.ts';
import { printable } from './text.ts';

/** `pinwheel policy explain`: why a pin is judged as it is. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, POLICY_EXPLAIN);
  const [image, folder] = parsed.positionals;
  if (image === undefined) throw new UsageError('name an image: pinwheel policy explain python:3.11');
  const root = resolve(io.cwd, folder ?? '.');
  const tree = await openWorktree(root);
  const config = await localSettings(tree);
  const registry = await openRegistry(io, parsed.value('registries'));
  try {
    const registries = parsed.value('registries');
    // What a rotation would look at, and signatures in any case: the verdict must be the same.
    const looked = await openRotationFacts({
      io,
      root,
      registries,
      registry,
      tree,
      config,
      scan: parsed.flag('scan'),
    });
    const signatures = looked.facts.signatures ?? (await openSignatures(tree, config, registry, io, true));
    const facts: FactPorts = { ...looked.facts, signatures };
    const result = await explainPass({ tree, registry, history: looked.history, facts }, config, {
      asOf: readAsOf(parsed.value('as-of'), io.now()),
      matches: (pin) => matchesImage(image, pin.image),
    });
    for (const { facts, rules, judgement } of result.explained) {
      const explanation = explain(facts, rules, judgement);
      const text = parsed.flag('markdown')
        ? `${renderExplanationMarkdown(explanation)}\n`
        : `${renderExplanation(explanation)}\n`;
      await write(io.stdout, text);
    }
    for (const { subject, message } of result.failures) {
      await write(io.stderr, `failed: ${printable(`${subject}: ${message}`)}\n`);
    }
    if (result.explained.length === 0 && result.failures.length === 0) {
      await write(io.stderr, `${printable(image)} is not pinned here (pinwheel scan lists what is)\n`);
    }
    return result.explained.length === 0 || result.failures.length > 0 ? 1 : 0;
  } finally {
    await registry.close();
  }
}
