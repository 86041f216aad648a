import { resolve } from 'node:path';
import { openWorktree } from '../adapters/worktree/worktree.ts';
import type { TreeWriter } from '../discover/tree.ts';
import { type Failure, PinwheelError, toFailure } from '../domain/errors.ts';
import { type ImagePattern, matchesImage } from '../domain/image-glob.ts';
import { gather } from '../pass/gather.ts';
import { imageFailures, type Pass } from '../pass/pass.ts';
import { passRequest } from '../pass/request.ts';
import { allChanges, answerOf } from '../pass/rotate.ts';
import { groupPins } from '../plan/pins.ts';
import { type ParsedArguments, parseArguments } from './arguments.ts';
import { ROTATE } from './command-lines/rotate.ts';
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

/** `pinwheel rotate`: move pins to what their tags point to now. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, ROTATE);
  const mode: Mode = parsed.flag('write') ? 'write' : parsed.flag('check') ? 'check' : 'preview';
  const only = parsed.values('only').flatMap((value) => readImagePatterns('--only', value));
  const isJson = parsed.flag('json');
  return orFailureDocument(isJson, io, failedJson, () => rotate(parsed, { mode, only, isJson }, io));
}

type Mode = 'check' | 'write' | 'preview';

async function rotate(
  parsed: ParsedArguments<typeof ROTATE.options>,
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
    const request = passRequest(io.now(), {
      // Without the flag the configuration decides, as it does for the App.
      pin: parsed.flag('pin') ? true : null,
      only,
      // A check only asks whether rows are missing; what is shown or written has their dates.
      ledger: mode === 'check' ? 'with-moves' : 'always',
      onProgress: (done, total) => progress.update(`looking up tags: ${done} of ${total}`),
    });
    const planned = await gather({ tree, registry, ...(await openRotationFacts(facts)) }, config, request);
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
    await tree.apply(allChanges(pass));
    return pass;
  } catch (error) {
    if (!isJson || !(error instanceof PinwheelError)) throw error;
    const { survey, plan } = pass;
    const failures = [...survey.failures, toFailure('', error)];
    const all = [...failures, ...imageFailures(pass)];
    return { ...pass, survey: { ...survey, failures }, plan: { ...plan, failures: all } };
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
function wouldChange(pass: Pass): boolean {
  const { plan } = pass;
  const changes = allChanges(pass);
  return plan.edits.length > 0 || (changes.length > 0 && plan.ledger?.before !== null);
}

function passJson(pass: Pass) {
  const { plan, survey } = pass;
  return {
    rotations: plan.rotations.map((one) => rotationJson(one, answerOf(pass, one)?.age ?? null)),
    edits: plan.edits,
    ledger: plan.ledger === null ? null : { path: plan.ledger.path, changed: plan.ledger.changed },
    failures: [...survey.failures.map(fileFailureJson), ...imageFailures(pass).map(imageFailureJson)],
  };
}
