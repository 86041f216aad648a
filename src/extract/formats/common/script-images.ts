import { type ImageReference, parseImageReference } from '../../../domain/image-reference.ts';
import { expandVariables, NO_VARIABLES, type VariableScope } from '../../interpolation/interpolate.ts';
import { type MappedText, part, trimmed } from '../../readers/mapped-text.ts';
import { readShell, type ShellCommand, type ShellWord } from '../../readers/shell-words.ts';
import { addBuild, type NamedText, namedValue, splitAssignment } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { addCommands, isBuilder, isKaniko, type ScriptUse } from './docker-commands.ts';
import { JIB_PREFIX } from './jib.ts';
import { readsAsImage, saysImage } from './names.ts';
import { nameOf } from './paths.ts';

/** Programs that take images as plain arguments. */
const IMAGE_TOOLS: ReadonlySet<string> = new Set(
  'crane skopeo cosign trivy grype syft regctl oras dive docker-slim umoci ctr crictl dockle snyk'.split(' '),
);
/** Verbs of image builders that are about what was built. */
const OUTPUT_VERBS: ReadonlySet<string> = new Set([
  'push',
  'tag',
  'save',
  'rmi',
  'manifest',
  'load',
  'commit',
]);
/** Words before a command's program. */
const PREFIX =
  /^(?:sudo|time|exec|env|command|nohup|if|then|do|else|elif|while|until|[A-Za-z_]\w*=.*|[{!@+-])$/s;
const JIB_OPTION = '-Djib.from.image=';
const OUTPUT_OPTIONS: ReadonlySet<string> = new Set(['-t', '--tag', '--destination']);
const LOCAL_TAGS: ReadonlySet<string> = new Set([
  'local',
  'dev',
  'development',
  'test',
  'snapshot',
  'ci',
  'build',
]);
const NOTHING: ReadonlySet<string> = new Set();
const VARIABLE = /\$\{?([A-Za-z_]\w{0,100})/g;
/** Longer than any reference, or tag made of variables. */
const WORD_LIMIT = 4096;

/** Notes in `outputs` the variables that name what commands build, tag or push: an image in them is no input. */
export function noteOutputs(commands: readonly ShellCommand[], outputs: Set<string>): void {
  for (const { words } of commands) {
    const at = words.findIndex((word) => isBuilder(word.text.value));
    const verbs = at < 0 ? [] : words.slice(at + 1, at + 4).map((word) => word.text.value);
    if (verbs.some((verb) => OUTPUT_VERBS.has(verb))) for (const word of words) noteVariables(word, outputs);
    words.forEach((word, i) => {
      const { value } = word.text;
      const next = words[i + 1];
      if (OUTPUT_OPTIONS.has(value) && next !== undefined) noteVariables(next, outputs);
      else if (/^--(?:tag|destination|output)=/.test(value)) noteVariables(word, outputs);
    });
  }
}

function noteVariables({ text }: ShellWord, into: Set<string>): void {
  if (text.value.length > WORD_LIMIT) return;
  for (const match of text.value.matchAll(VARIABLE)) if (match[1] !== undefined) into.add(match[1]);
}

/**
 * Takes a variable of a script, a Makefile or an `.env` file: a site where its name says that it holds an image, it reads
 * like one and it is not what the file builds; else what {@link namedValue} makes of it.
 */
export function scriptVariable(
  collector: SiteCollector,
  variable: { readonly name: string; readonly value: MappedText },
  outputs: ReadonlySet<string>,
  scope?: VariableScope,
): void {
  const { name, value } = variable;
  // `NAME=${NAME:-default}`: what was set before is not known here.
  const before: VariableScope = (other) => (other === name ? undefined : scope?.(other));
  namedValue(collector, name, value, 'variable', before);
  if (!saysImage(name) || outputs.has(name)) return;
  const written = trimmed(value);
  const expanded = expandVariables(written, before, collector.budget);
  const parsed = expanded.ok ? parseImageReference(expanded.text.value) : null;
  const mayBeImage =
    parsed === null
      ? written.value.includes('$')
      : parsed.ok && readsAsImage(name, parsed.value) && !isMadeHere(parsed.value);
  if (mayBeImage) collector.image(written, { kind: 'variable', name, invalid: 'ignore', scope: before });
}

/**
 * An image that no registry has, by its tag or host: one that was built on this machine. With a digest it counts all the
 * same, as any candidate; asking for one here would make a variable something else when it gets one.
 */
function isMadeHere({ tag, registry }: ImageReference): boolean {
  return registry.startsWith('localhost') || LOCAL_TAGS.has(tag ?? '');
}

/**
 * Takes what commands say beside image builds: `--build-arg` in lists of options that are used elsewhere, and images with
 * a digest that other tools are given, or that stand in a list.
 */
export function addLooseWords(
  collector: SiteCollector,
  commands: readonly ShellCommand[],
  scope: VariableScope,
  at: number,
): void {
  for (const { words } of commands) {
    const [first] = words;
    if (first === undefined) continue;
    for (const { text } of words) pinnedAssignment(collector, text, scope);
    const program = words.find((word) => !PREFIX.test(word.text.value));
    if (program !== undefined && (isBuilder(program.text.value) || isKaniko(program.text.value))) continue;
    addLooseArgs(collector, words, scope, at);
    if (first.text.value === ':') addDefaults(collector, words);
    const isList = first.text.value === 'for';
    const takesImages = isList || (program !== undefined && IMAGE_TOOLS.has(nameOf(program.text.value)));
    words.forEach((word, i) => {
      if (i === 0 || takesImages) pinned(collector, word.text, scope);
      else if (word.text.value.startsWith('--image='))
        pinned(collector, part(word.text, 8, word.text.value.length), scope);
      else if (word.text.value.startsWith(JIB_OPTION)) jibOption(collector, word.text, scope);
    });
  }
}

/** `mvn … -Djib.from.image=eclipse-temurin:21`. */
function jibOption(collector: SiteCollector, word: MappedText, scope: VariableScope): void {
  const prefix = JIB_PREFIX.exec(word.value.slice(JIB_OPTION.length))?.[0].length ?? 0;
  const image = part(word, JIB_OPTION.length + prefix, word.value.length);
  collector.image(image, { kind: 'image', scope, invalid: 'ignore' });
}

/** `: "${NAME:=value}"` sets a variable that is not set. */
function addDefaults(collector: SiteCollector, words: readonly ShellWord[]): void {
  for (const { text } of words) {
    const match = /^\$\{([A-Za-z_]\w{0,100}):?=/.exec(text.value);
    if (match?.[1] === undefined || !text.value.endsWith('}')) continue;
    const value = part(text, match[0].length, text.value.length - 1);
    scriptVariable(collector, { name: match[1], value }, NOTHING);
  }
}

/** `make BASE_IMAGE=debian:12@sha256:…`, `docker run -e IMAGE=…`: what is given to others under a name. */
function pinnedAssignment(collector: SiteCollector, word: MappedText, scope: VariableScope): void {
  if (!word.value.includes('@sha256:') || !/^[A-Za-z_]\w*=/.test(word.value)) return;
  const assignment = splitAssignment(word);
  if (assignment?.value != null) namedValue(collector, assignment.name, assignment.value, 'variable', scope);
}

/** Takes a variable that holds a command or options: `RUN = docker run … IMAGE`, `ARGS += --build-arg …`. */
export function addCommandText(collector: SiteCollector, value: MappedText, scope: VariableScope): void {
  const { value: text } = value;
  if (!text.includes(' ') || !(text.includes('--build-arg') || text.includes('@sha256:'))) return;
  const at = value.segments[0]?.start ?? 0;
  const commands = readShell(value, collector.budget);
  addCommands(collector, commands, { folder: null, scope, at });
  addLooseWords(collector, commands, scope, at);
}

/** Takes a script of a pipeline: its commands, and the pinned images that other tools are given in it. */
export function addRunScript(collector: SiteCollector, script: MappedText, use: ScriptUse): void {
  const commands = readShell(script, collector.budget);
  addCommands(collector, commands, use);
  if (script.value.includes('@sha256:'))
    addLooseWords(collector, commands, use.scope ?? NO_VARIABLES, use.at);
}

function pinned(collector: SiteCollector, word: MappedText, scope: VariableScope): void {
  // A transport, or the key of an array.
  const prefix = /^(?:[a-z-]+:\/\/|\[[^\]]{0,80}\]=)/.exec(word.value)?.[0].length ?? 0;
  const text = part(word, prefix, word.value.length);
  const assignment = /^[A-Za-z_]\w*\+?=/.test(text.value);
  if (!assignment && text.value.includes('@sha256:'))
    collector.image(text, { kind: 'image', scope, invalid: 'ignore' });
}

function addLooseArgs(
  collector: SiteCollector,
  words: readonly ShellWord[],
  scope: VariableScope,
  at: number,
): void {
  const args: NamedText[] = [];
  let found = -1;
  words.forEach(({ text }, i) => {
    const joined = text.value.startsWith('--build-arg=');
    const value = joined ? part(text, '--build-arg='.length, text.value.length) : words[i + 1]?.text;
    const assignment =
      value !== undefined && (joined || text.value === '--build-arg') ? splitAssignment(value) : null;
    if (assignment === null) return;
    args.push(assignment);
    if (found < 0) found = text.segments[0]?.start ?? at;
  });
  // A name alone is handed on to a build that says more of it.
  const given = args.filter((arg) => arg.value !== null);
  if (given.length === 0) return;
  addBuild(collector, { at: found, dockerfile: null, context: null, args: given, scope });
}
