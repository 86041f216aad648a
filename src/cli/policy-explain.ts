import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import { type ImagePattern, matchesImage } from '../domain/image-glob.ts';
import { explainView } from '../pass/explain.ts';
import { gather } from '../pass/gather.ts';
import { imageFailures, type Pass } from '../pass/pass.ts';
import { passRequest } from '../pass/request.ts';
import { renderExplanation, renderExplanationMarkdown } from '../policy/explain.ts';
import { parseArguments, UsageError } from './arguments.ts';
import { readAsOf } from './as-of.ts';
import { POLICY_EXPLAIN } from './command-lines/policy-explain.ts';
import { DEFAULT_GATES } from './default-gates.ts';
import { readImagePatterns } from './image-patterns.ts';
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
  const patterns = readImagePatterns('IMAGE', image);
  const root = resolve(io.cwd, folder ?? '.');
  const tree = await openWorktree(root);
  const config = await localSettings(tree);
  const registry = await openRegistry(io, parsed.value('registries'));
  try {
    const registries = parsed.value('registries');
    // What a rotation would look at: the verdict must be the same.
    const looked = await openRotationFacts({
      io,
      root,
      registries,
      registry,
      tree,
      config,
      scan: parsed.flag('scan'),
    });
    const request = passRequest(readAsOf(parsed.value('as-of'), io.now()), {
      look: 'pins',
      only: patterns,
      gates: DEFAULT_GATES,
    });
    const pass = await gather({ tree, registry, ...looked }, config, request);
    for (const explanation of explainView(pass)) {
      const text = parsed.flag('markdown')
        ? `${renderExplanationMarkdown(explanation)}\n`
        : `${renderExplanation(explanation)}\n`;
      await write(io.stdout, text);
    }
    const images = imageFailures(pass);
    for (const { subject, message } of images) {
      await write(io.stderr, `failed: ${printable(`${subject}: ${message}`)}\n`);
    }
    if (pass.answers.length === 0) await write(io.stderr, `${notHere(image, patterns, pass)}\n`);
    return pass.answers.length === 0 || images.length > 0 ? 1 : 0;
  } finally {
    await registry.close();
  }
}

/** Why there is nothing to explain: the image is left alone, or not here at all. */
function notHere(image: string, patterns: readonly ImagePattern[], { survey }: Pass): string {
  const site = survey.sites.find(
    (one) => one.skip !== null && patterns.some((pattern) => matchesImage(pattern, one.image)),
  );
  if (site === undefined) return `${printable(image)} is not pinned here (pinwheel scan lists what is)`;
  return printable(`${site.file}:${site.line}: ${site.text} is skipped: ${site.skip?.detail ?? ''}`);
}
