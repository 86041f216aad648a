import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import type { Failure } from '../domain/errors.ts';
import { tagKey } from '../domain/image-reference.ts';
import { type CheckResult, checkView, findLiveTags } from '../pass/check.ts';
import { gather } from '../pass/gather.ts';
import { passRequest } from '../pass/request.ts';
import { checkSarif } from '../policy/check-sarif.ts';
import { version } from '../version.ts';
import { type ParsedArguments, parseArguments, UsageError } from './arguments.ts';
import { readAsOf } from './as-of.ts';
import { checkReport } from './check-report.ts';
import { CHECK } from './command-lines/check.ts';
import { DEFAULT_GATES } from './default-gates.ts';
import { orFailureDocument } from './failure-document.ts';
import { type ExitCode, type Io, write, writeJson } from './io.ts';
import { ageJson, fileFailureJson, imageFailureJson } from './json.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { startProgress } from './progress.ts';
import { openRotationFacts } from './rotation-facts.ts';
import { printable } from './text.ts';

/** `pinwheel check`: the policy's word on the pins as they stand. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, CHECK);
  const asOf = readAsOf(parsed.value('as-of'), io.now());
  return orFailureDocument(parsed.flag('json'), io, failedJson, () => check(parsed, asOf, io));
}

async function check(parsed: ParsedArguments<typeof CHECK.options>, asOf: Date, io: Io): Promise<ExitCode> {
  const root = resolve(io.cwd, parsed.positionals[0] ?? '.');
  const tree = await openWorktree(root);
  const config = await localSettings(tree);
  if (parsed.flag('ledger') && !config.ledger.enabled) {
    throw new UsageError('--ledger: the configuration turns the ledger off ("ledger: false")');
  }
  const registry = await openRegistry(io, parsed.value('registries'));
  const progress = startProgress(io);
  try {
    const looked = await openRotationFacts({
      io,
      root,
      registries: parsed.value('registries'),
      registry,
      tree,
      config,
      scan: false,
    });
    const request = passRequest(asOf, {
      look: 'pins',
      gates: DEFAULT_GATES,
      onProgress: (done, total) => progress.update(`looking up tags: ${done} of ${total}`),
    });
    const pass = await gather({ tree, registry, ...looked }, config, request);
    const alive = await findLiveTags(pass, registry);
    const result = checkView(pass, { ledger: parsed.flag('ledger'), alive });
    progress.done();
    const { notes } = result;
    if (parsed.flag('json')) await writeJson(io, checkJson(result));
    else if (parsed.flag('sarif')) await writeJson(io, checkSarif(result.report, version));
    else await write(io.stdout, checkReport(result, notes, io));
    if (parsed.flag('json') || parsed.flag('sarif')) await writeAside(result, notes, parsed.flag('json'), io);
    if (result.report.violations.length > 0) return 2;
    return result.failures.length > 0 ? 1 : 0;
  } finally {
    progress.done();
    await registry.close();
  }
}

function failedJson(failure: Failure) {
  return { pins: [], violations: [], failures: [fileFailureJson(failure)] };
}

/** The documented shape; `image` is the canonical name with the tag. */
export function checkJson({ report, survey, failures }: CheckResult) {
  return {
    pins: report.pins.map((pin) => ({
      image: tagKey(pin.image),
      digest: pin.digest,
      latest: pin.latest,
      ...ageJson(pin.age),
      pinnedOn: pin.clocks.pinnedOn,
      firstSeen: pin.clocks.firstSeen,
      published: pin.clocks.published,
      verdict: pin.verdict,
      reasons: pin.reasons,
      sites: pin.sites,
    })),
    violations: report.violations.map(({ rule, image, file, line, message }) => ({
      rule,
      image,
      file,
      line,
      message,
    })),
    failures: failures.map((failure) =>
      survey.failures.includes(failure) ? fileFailureJson(failure) : imageFailureJson(failure),
    ),
  };
}

/** What the document on stdout has no place for. */
async function writeAside(
  result: CheckResult,
  notes: readonly string[],
  warnings: boolean,
  io: Io,
): Promise<void> {
  const lines = notes.map((note) => `note: ${printable(note)}`);
  const shown = warnings ? result.report.findings.filter((finding) => finding.level === 'warning') : [];
  for (const { file, line, message } of shown)
    lines.push(`warning: ${printable(`${file}:${line}: ${message}`)}`);
  if (!warnings) {
    for (const { subject, message } of result.failures)
      lines.push(`failed: ${printable(`${subject}: ${message}`)}`);
  }
  if (lines.length > 0) await write(io.stderr, `${lines.join('\n')}\n`);
}
