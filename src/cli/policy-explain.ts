import { resolve } from 'node:path';
import { openSignatures } from '../adapters/signature/open-signatures.ts';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import { matchesImage } from '../domain/image-glob.ts';
import { explainPass } from '../pass/explain-pass.ts';
import type { FactPorts } from '../pass/judge-pin.ts';
import { explain, renderExplanation, renderExplanationMarkdown } from '../policy/explain.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { readAsOf } from './as-of.ts';
import { readImagePatterns } from './image-patterns.ts';
import { type ExitCode, type Io, write } from './io.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { openRotationFacts } from './rotation-facts.ts';
import { printable } from './text.ts';

const HELP = `Usage: pinwheel policy explain IMAGE [DIR] [--markdown] [--scan] [--as-of DATE] [--registries FILE]

Prints what is known of the pins of IMAGE below DIR (default: here), the rules that matched, and the verdict with its
reasons: the same that a rotation and the pull request's check come to. Changes nothing.

  IMAGE               python, python:3.11, ghcr.io/acme/*
  --markdown          the fold that stands in the pull request
  --scan              also compare vulnerabilities, as the App does: needs a scanner or the network; by itself where
                      "pinwheel rotate" would scan (docs/policy.md)
  --as-of DATE        judge as on that day (YYYY-MM-DD, UTC)
  --registries FILE   operator settings of registries; default: $PINWHEEL_REGISTRIES

Example:
  pinwheel policy explain python:3.11-slim

Exit code 0; 1 where the image is not pinned here, or its registry did not answer.
`;

/** `pinwheel policy explain`: why a pin is judged as it is. */
export async function runExplain(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(
    argv,
    {
      markdown: { type: 'boolean' },
      scan: { type: 'boolean' },
      'as-of': { type: 'string' },
      registries: { type: 'string' },
    },
    2,
  );
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
  const [image, folder] = parsed.positionals;
  if (image === undefined) throw new UsageError('name an image: pinwheel policy explain python:3.11');
  const patterns = readImagePatterns('IMAGE', image);
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
      matches: (pin) => patterns.some((pattern) => matchesImage(pattern, pin.image)),
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
