import { type MappedText, part, trimmed } from '../../readers/mapped-text.ts';
import type { MapNode, TextNode } from '../../readers/node.ts';
import { addBuild, type NamedText, namedValue, splitAssignment } from '../common/build-values.ts';
import { type SiteCollector, VALUE_COST } from '../common/collector.ts';
import { addBakeOverrides } from '../common/docker-commands.ts';
import type { Scope } from '../common/expand.ts';
import { readings, soleReading } from '../common/expressions.ts';
import { resolvePath } from '../common/paths.ts';
import { addRunScript } from '../common/script-images.ts';
import { expressionsFor, type WorkflowScope } from './scope.ts';

const NO_SCOPE: Scope = () => undefined;
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
    const text = soleReading(script.text, scope.expression);
    addRunScript(collector, text, { folder, scope: scope.shell, at: script.start });
  }
  const inputs = step.map('with');
  if (inputs === undefined) return;
  const uses = step.value('uses') ?? '';
  if (uses.includes('bake-action')) bakeStep(collector, inputs, scope);
  else if (uses.includes('build-push-action') || firstText(inputs, ARG_INPUTS) !== undefined) {
    buildStep(collector, inputs, scope);
  } else {
    if (!collector.spend(VALUE_COST * inputs.entries.length)) return;
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
  const file = soleText(firstText(inputs, FILE_INPUTS), scope);
  const written = soleText(firstText(inputs, CONTEXT_INPUTS), scope);
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
    target: soleText(inputs.text('target'), scope),
    args: args === undefined ? [] : assignments(args, scope),
    contexts: namedLines(inputs.text('build-contexts'), scope),
    scope: NO_SCOPE,
  });
}

function bakeStep(collector: SiteCollector, inputs: MapNode, scope: WorkflowScope): void {
  const set = inputs.text('set');
  if (set === undefined) return;
  addBakeOverrides(collector, lines(set, scope), NO_SCOPE, set.start);
}

function assignments(node: TextNode, scope: WorkflowScope): NamedText[] {
  return lines(node, scope).flatMap((line) => {
    const assignment = splitAssignment(unquoted(line));
    // A line `NAME` alone passes the environment's value on.
    if (assignment === null) return [];
    return [{ name: assignment.name, value: assignment.value ?? scope.env(assignment.name) ?? null }];
  });
}

function namedLines(node: TextNode | undefined, scope: WorkflowScope): NamedText[] {
  return node === undefined ? [] : assignments(node, scope);
}

/** The lines of a list input, comments and empty ones left out, each in all its readings. */
function lines(node: TextNode, scope: WorkflowScope): MappedText[] {
  const { value } = node.text;
  const found: MappedText[] = [];
  for (let at = 0; at <= value.length; ) {
    const lineFeed = value.indexOf('\n', at);
    const end = lineFeed < 0 ? value.length : lineFeed;
    const line = trimmed(part(node.text, at, end));
    if (line.value !== '' && !line.value.startsWith('#')) {
      for (const expression of expressionsFor(scope, line.value)) found.push(...readings(line, expression));
    }
    at = end + 1;
  }
  return found;
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
function soleText(node: TextNode | undefined, scope: WorkflowScope): string | null {
  return node === undefined ? null : soleReading(node.text, scope.expression).value.trim();
}
