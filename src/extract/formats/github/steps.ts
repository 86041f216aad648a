import { GITHUB } from '../../interpolation/dialects.ts';
import { NO_VARIABLES, readingsInEach, soleReading } from '../../interpolation/interpolate.ts';
import { readLines } from '../../readers/lines.ts';
import { type MappedText, part } from '../../readers/mapped-text.ts';
import type { MapNode, TextNode } from '../../readers/node.ts';
import { addBuild, type NamedText, namedValue, splitAssignment } from '../common/build-values.ts';
import type { SiteCollector } from '../common/collector.ts';
import { addBakeOverrides } from '../common/docker-commands.ts';
import { resolvePath } from '../common/paths.ts';
import { addRunScript } from '../common/script-images.ts';
import { expressionsFor, type WorkflowScope } from './scope.ts';

/** Inputs that hold build arguments: docker/build-push-action's, and those of actions that build otherwise. */
const ARG_INPUTS = [
  'build-args',
  'build_args',
  'buildArgs',
  'buildargs',
  'docker-build-args',
  'docker_build_args',
] as const;
const CONTEXT_INPUTS = ['context', 'path', 'directory'] as const;
const FILE_INPUTS = ['file', 'dockerfile', 'containerfiles', 'containerfile'] as const;

/** Takes what a step builds: a build action's inputs, or its script. `folder` is where the script runs, null if unknown. */
export function addStep(
  collector: SiteCollector,
  step: MapNode,
  scope: WorkflowScope,
  folder: string | null,
): void {
  const script = step.text('run');
  if (script !== undefined) {
    const text = soleReading(script.text, GITHUB, scope.expression, collector.budget);
    addRunScript(collector, text, { folder, scope: scope.shell, at: script.start });
  }
  const inputs = step.map('with');
  if (inputs === undefined) return;
  const uses = step.value('uses') ?? '';
  if (uses.includes('bake-action')) bakeStep(collector, inputs, scope);
  else if (uses.includes('build-push-action') || firstText(inputs, ARG_INPUTS) !== undefined) {
    buildStep(collector, inputs, scope);
  } else {
    for (const { key, value } of inputs.entries) {
      if (value.kind !== 'text') continue;
      namedValue(collector, key.text.value, value.text, 'variable');
      // Actions that run a script of theirs, in a container, say.
      if (value.style === 'block')
        addRunScript(collector, value.text, { folder: null, scope: scope.shell, at: value.start });
    }
  }
}

/** docker/build-push-action: the context is the repository's root unless it says otherwise, `file` is seen from the root. */
function buildStep(collector: SiteCollector, inputs: MapNode, scope: WorkflowScope): void {
  const file = soleText(collector, firstText(inputs, FILE_INPUTS), scope);
  const written = soleText(collector, firstText(inputs, CONTEXT_INPUTS), scope);
  const context =
    written === null || written === '' || written.startsWith('{{defaultContext}}')
      ? resolvePath('', (written ?? '').replace('{{defaultContext}}', '').replace(/^:/, ''))
      : resolvePath('', written);
  const dockerfile = file === null || file === '' ? null : resolvePath('', file);
  const args = firstText(inputs, ARG_INPUTS);
  addBuild(collector, {
    at: (args ?? inputs).start,
    dockerfile,
    context: file !== null && file !== '' && dockerfile === null ? null : context,
    target: soleText(collector, inputs.text('target'), scope),
    args: assignments(collector, args, scope),
    contexts: assignments(collector, inputs.text('build-contexts'), scope),
    scope: NO_VARIABLES,
  });
}

function bakeStep(collector: SiteCollector, inputs: MapNode, scope: WorkflowScope): void {
  const set = inputs.text('set');
  if (set === undefined) return;
  addBakeOverrides(collector, lines(collector, set, scope), NO_VARIABLES, set.start);
}

function assignments(
  collector: SiteCollector,
  node: TextNode | undefined,
  scope: WorkflowScope,
): NamedText[] {
  if (node === undefined) return [];
  return lines(collector, node, scope).flatMap((line) => {
    const assignment = splitAssignment(unquoted(line));
    // A line `NAME` alone passes the environment's value on.
    if (assignment === null) return [];
    return [{ name: assignment.name, value: assignment.value ?? scope.env(assignment.name) ?? null }];
  });
}

/** The lines of a list input, each in all its readings. */
function lines(collector: SiteCollector, node: TextNode, scope: WorkflowScope): readonly MappedText[] {
  const { budget } = collector;
  return readLines(node.text, budget).flatMap((line) =>
    readingsInEach(line, GITHUB, expressionsFor(scope, line.value), budget),
  );
}

/** Quotes around a line or around its value are the list's, not the value's. */
function unquoted(line: MappedText): MappedText {
  const { value } = line;
  const [first, last] = [value[0], value.at(-1)];
  return value.length > 1 && first === last && (first === '"' || first === "'")
    ? part(line, 1, value.length - 1)
    : line;
}

function firstText(inputs: MapNode, names: readonly string[]): TextNode | undefined {
  for (const name of names) {
    const text = inputs.text(name);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A text with its expressions read; null where one of them has no single answer. */
function soleText(collector: SiteCollector, node: TextNode | undefined, scope: WorkflowScope): string | null {
  if (node === undefined) return null;
  return soleReading(node.text, GITHUB, scope.expression, collector.budget).value.trim();
}
