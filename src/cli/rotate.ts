import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import type { TreeWriter } from '../discover/tree.ts';
import { type Failure, PinwheelError, toFailure } from '../domain/errors.ts';
import { type ImagePattern, matchesImage } from '../domain/image-glob.ts';
import { type Pass, planPass } from '../pass/pipeline.ts';
import { groupPins } from '../plan/pins.ts';
import { type ParsedArguments, parseArguments, UsageError } from './arguments.ts';
import { InterruptedError, orFailureDocument } from './failure-document.ts';
import { readImagePatterns } from './image-patterns.ts';
import { type ExitCode, type Io, write, writeJson } from './io.ts';
import { fileFailureJson, imageFailureJson, rotationJson } from './json.ts';
import { localSettings } from './local-settings.ts';
import { openRegistry } from './open-registry.ts';
import { startProgress } from './progress.ts';
import { openRotationFacts } from './rotation-facts.ts';
import { rotationReport } from './rotation-report.ts';
import { paint, printable } from './text.ts';

const HELP = `Usage: pinwheel rotate [DIR] [--check | --write] [--pin] [--only IMAGE…] [--scan]
                       [--registries FILE] [--json]

Looks up what every pinned tag below DIR (default: here) points to now and moves the digests that fell behind, together
with BASE_IMAGE_DIGESTS.md. Without --check or --write it only shows what would change.

  --check             change nothing; exit code 2 where a pin would move or the ledger would change
  --write             write the files and the ledger, each whole or not at all
  --pin               also pin references that have no digest yet
  --only IMAGE…       only these images: python, python:3.11, ghcr.io/acme/*; repeatable (docs/configuration.md, Patterns)
  --scan              scan both sides of every move and look for lost signatures before deciding, as the GitHub App
                      does; by itself where the policy is about findings (docs/policy.md, "A local rotation")
  --registries FILE   operator settings of registries (docs/registries.md); default: $PINWHEEL_REGISTRIES
  --json              one JSON document: {"rotations", "edits", "ledger", "failures"}

Examples:
  pinwheel rotate
  pinwheel rotate --write --only python:3.11-slim
  pinwheel rotate --check --json | jq '.rotations[] | select(.verdict == "hold")'

Exit codes: 0 nothing to do or done, 2 changes found by --check, 1 a failure (the rest is still done and reported).
`;

/** `pinwheel rotate`: move pins to what their tags point to now. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(
    argv,
    {
      check: { type: 'boolean' },
      write: { type: 'boolean' },
      pin: { type: 'boolean' },
      only: { type: 'string', multiple: true },
      scan: { type: 'boolean' },
      registries: { type: 'string' },
      json: { type: 'boolean' },
    },
    1,
  );
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
  const mode: Mode = parsed.flag('write') ? 'write' : parsed.flag('check') ? 'check' : 'preview';
  if (mode === 'write' && parsed.flag('check'))
    throw new UsageError('--check and --write exclude each other');
  const only = parsed.values('only').flatMap((value) => readImagePatterns('--only', value));
  const isJson = parsed.flag('json');
  return orFailureDocument(isJson, io, failedJson, () => rotate(parsed, { mode, only, isJson }, io));
}

type Mode = 'check' | 'write' | 'preview';

async function rotate(
  parsed: ParsedArguments,
  options: { readonly mode: Mode; readonly only: readonly ImagePattern[]; readonly isJson: boolean },
  io: Io,
): Promise<ExitCode> {
  const { mode, only, isJson } = options;
  const root = resolve(io.cwd, parsed.positionals[0] ?? '.');
  const tree = await openWorktree(root);
  const config = await localSettings(tree);
  const registry = await openRegistry(io, parsed.value('registries'));
  const progress = startProgress(io);
  // Closing ends what is being waited for.
  const interrupt = () => void registry.close();
  io.signal.addEventListener('abort', interrupt, { once: true });
  try {
    progress.update('reading files, looking up tags');
    const registries = parsed.value('registries');
    const facts = { io, root, registries, registry, tree, config, scan: parsed.flag('scan') };
    const planned = await planPass({ tree, registry, ...(await openRotationFacts(facts)) }, config, {
      pin: parsed.flag('pin'),
      only,
      now: io.now(),
      onProgress: (done, total) => progress.update(`looking up tags: ${done} of ${total}`),
    });
    progress.done();
    if (io.signal.aborted) throw new InterruptedError('interrupted; nothing was changed');
    await noteUnmatched(only, planned, io);
    const pass = mode === 'write' ? await applied(tree, planned, isJson) : planned;
    if (isJson) await writeJson(io, passJson(pass));
    else await write(io.stdout, await rotationReport(pass, mode, io));
    return exitCode(pass, mode);
  } finally {
    progress.done();
    io.signal.removeEventListener('abort', interrupt);
    await registry.close();
  }
}

/** Writes the changes. With `isJson`, what cannot be written is among the failures of the document. */
async function applied(tree: TreeWriter, pass: Pass, isJson: boolean): Promise<Pass> {
  try {
    await tree.apply(pass.changes);
    return pass;
  } catch (error) {
    if (!isJson || !(error instanceof PinwheelError)) throw error;
    const { survey, plan } = pass;
    const failures = [...survey.failures, toFailure('', error)];
    const own = plan.failures.filter((failure) => !survey.failures.includes(failure));
    return { ...pass, survey: { ...survey, failures }, plan: { ...plan, failures: [...failures, ...own] } };
  }
}

/** A name that fits nothing is most likely a slip; it must not read as "up to date". */
async function noteUnmatched(only: readonly ImagePattern[], { survey }: Pass, io: Io): Promise<void> {
  if (only.length === 0) return;
  const pins = groupPins(survey.sites);
  const { yellow } = paint(io.color);
  for (const pattern of only) {
    if (pins.some((pin) => matchesImage(pattern, pin.image))) continue;
    await write(io.stderr, `${yellow('note')}: --only ${printable(pattern.text)}: matches nothing here\n`);
  }
}

function failedJson(failure: Failure) {
  return { rotations: [], edits: [], ledger: null, failures: [fileFailureJson(failure)] };
}

function exitCode(pass: Pass, mode: Mode): ExitCode {
  if (pass.plan.failures.length > 0) return 1;
  return mode === 'check' && wouldChange(pass) ? 2 : 0;
}

/** A repository that keeps no ledger yet does not fail a check for that alone; `pinwheel ledger --check` asks for one. */
function wouldChange({ plan, changes }: Pass): boolean {
  return plan.edits.length > 0 || (changes.length > 0 && plan.ledger?.before !== null);
}

function passJson({ plan, survey }: Pass) {
  const images = plan.failures.filter((failure) => !survey.failures.includes(failure));
  return {
    rotations: plan.rotations.map(rotationJson),
    edits: plan.edits,
    ledger: plan.ledger === null ? null : { path: plan.ledger.path, changed: plan.ledger.changed },
    failures: [...survey.failures.map(fileFailureJson), ...images.map(imageFailureJson)],
  };
}
