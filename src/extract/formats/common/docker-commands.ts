import { expandVariables, NO_VARIABLES, type VariableScope } from '../../interpolation/interpolate.ts';
import { type MappedText, part } from '../../readers/mapped-text.ts';
import { readShell, type ShellCommand, type ShellWord } from '../../readers/shell-words.ts';
import { addBuild, type NamedText, namedValue, splitAssignment } from './build-values.ts';
import type { SiteCollector } from './collector.ts';
import { nameOf, resolvePath } from './paths.ts';

/** How the commands of a script are to be read. */
export type ScriptUse = {
  /** The folder they start in, relative to the root; null where it is unknown. */
  readonly folder: string | null;
  /** Variables set outside the script. */
  readonly scope?: VariableScope;
  /** Where to point when nothing better is known. */
  readonly at: number;
};

const BUILDERS: ReadonlySet<string> = new Set([
  'docker',
  'podman',
  'nerdctl',
  'buildah',
  'img',
  'depot',
  'finch',
]);
/** Variables that commonly name the builder. */
const ENGINES: ReadonlySet<string> = new Set([
  'CONTAINER_TOOL',
  'CONTAINER_ENGINE',
  'CONTAINER_RUNTIME',
  'CONTAINER_CLI',
  'CONTAINER_CMD',
  'CONTAINER_COMMAND',
  'CONTAINER_EXECUTABLE',
  'IMAGE_BUILDER',
  'OCI_BIN',
  'OCI_RUNTIME',
  'OCI_EXE',
  'CRI_BIN',
  'ENGINE',
]);
const PREFIXES: ReadonlySet<string> = new Set([
  'sudo',
  'time',
  'exec',
  'command',
  'env',
  'then',
  'do',
  'else',
  'if',
  'elif',
  'while',
  'until',
  'nohup',
  '{',
  '!',
  '-',
  '@',
]);
/** Options of build commands whose value is the next word. Unknown options are taken to have none. */
const VALUED: ReadonlySet<string> = new Set(
  (
    '-t --tag -f --file --build-arg --build-context --target --platform --cache-from --cache-to --label -o --output ' +
    '--secret --ssh --progress --network --iidfile --metadata-file --builder --add-host --allow --annotation --attest ' +
    '--cgroup-parent --provenance --sbom --shm-size --ulimit -m --memory --cpuset-cpus --isolation --format --authfile ' +
    '--creds --volume -v --arch --os --variant --from --jobs --layer-label --manifest --retry --runtime --security-opt ' +
    '--set --call --cpu-quota --cpu-period --cpu-shares -c --cpuset-mems --memory-swap --dockerfile --destination ' +
    '--context --env --unsetenv --userns --build-arg-file --logfile --ignorefile --project --token'
  ).split(' '),
);
/** Options of `docker run` and its like that have no value. */
const RUN_FLAGS: ReadonlySet<string> = new Set(
  '--rm -i -t -d -it -ti -dit -itd -P --interactive --tty --detach --privileged --init --read-only --no-healthcheck -q --quiet --all-tags -a --disable-content-trust --publish-all --oom-kill-disable'.split(
    ' ',
  ),
);

/**
 * Takes what a shell script says of images: variables that hold one, `--build-arg` and `--build-context` of image
 * builds (docker, buildx, podman, buildah, nerdctl, kaniko), and images with a digest that it runs or pulls.
 * `cd` and `--file` are followed to the Dockerfile.
 */
export function addScript(collector: SiteCollector, script: MappedText, use: ScriptUse): void {
  addCommands(collector, readShell(script, collector.budget), use);
}

/** {@link addScript} for a script that is split into commands already. */
export function addCommands(
  collector: SiteCollector,
  commands: readonly ShellCommand[],
  use: ScriptUse,
): void {
  const variables = new Map<string, MappedText>();
  const scope: VariableScope = (name) => variables.get(name) ?? use.scope?.(name);
  let folder = use.folder;
  for (const { words } of commands) {
    const rest = withoutAssignments(words, variables, collector);
    const [program, second] = rest;
    if (program === undefined) continue;
    if (program.text.value === 'cd' || program.text.value === 'pushd') {
      folder = folder === null || second === undefined ? null : resolvePath(folder, second.text.value);
      continue;
    }
    dockerCommand(collector, { words: rest }, folder, scope, offsetOf(program.text, use.at));
  }
}

/** Takes what one command says that is given as a list of words (a container's `command` and `args`), as {@link addScript} does. */
export function addCommand(collector: SiteCollector, words: readonly MappedText[], use: ScriptUse): void {
  const [program, second, third] = words;
  if (program === undefined) return;
  // `sh -c SCRIPT` is a script.
  if (/^(?:.*\/)?(?:ba|da|z|a)?sh$/.test(program.value)) {
    if (second !== undefined && third !== undefined && /^-[a-z]*c$/.test(second.value))
      addScript(collector, third, use);
    return;
  }
  const command = { words: words.map((text) => ({ text, at: 0 })) };
  dockerCommand(collector, command, use.folder, use.scope ?? NO_VARIABLES, offsetOf(program, use.at));
}

/** Notes `NAME=value` words at the front (also behind `export` and `readonly`) and gives the command itself. */
function withoutAssignments(
  words: readonly ShellWord[],
  variables: Map<string, MappedText>,
  collector: SiteCollector,
): readonly ShellWord[] {
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    const { value } = word.text;
    if (/^(?:export|readonly|declare|local|typeset|-[a-z]+)$/.test(value)) continue;
    if (PREFIXES.has(value)) continue;
    if (!/^[A-Za-z_][A-Za-z0-9_]*=/.test(value)) break;
    const assignment = splitAssignment(word.text);
    if (assignment?.value == null) continue;
    const before: VariableScope = (name) => variables.get(name);
    namedValue(collector, assignment.name, assignment.value, 'variable', before);
    // `NAME=${NAME:-default}` reads what was there before.
    const expanded = expandVariables(assignment.value, before, collector.budget);
    variables.set(assignment.name, expanded.ok ? expanded.text : assignment.value);
  }
  return words.slice(at);
}

/** Whether a word is kaniko's program. */
export function isKaniko(word: string): boolean {
  return nameOf(word) === 'executor' && word.includes('kaniko');
}

/** Whether a word names a program that builds images, also through a variable: `docker`, `$(CONTAINER_TOOL)`. */
export function isBuilder(word: string): boolean {
  if (BUILDERS.has(nameOf(word))) return true;
  const name = /^\$\{?([A-Za-z_]\w{0,60})(?:\}|:-|$)/.exec(word)?.[1]?.toUpperCase() ?? '';
  return (
    /(?:^|_)(?:DOCKER|PODMAN|BUILDAH|NERDCTL)(?:_?(?:CMD|COMMAND|BIN|EXE|CLI))?$/.test(name) ||
    ENGINES.has(name)
  );
}

function dockerCommand(
  collector: SiteCollector,
  command: ShellCommand,
  folder: string | null,
  scope: VariableScope,
  at: number,
): void {
  const [program, ...rest] = command.words;
  if (program === undefined) return;
  const { value } = program.text;
  if (isKaniko(value)) {
    buildCommand(collector, rest, folder, scope, at);
    return;
  }
  if (!isBuilder(value)) return;
  const from = rest.findIndex((word) => !word.text.value.startsWith('-'));
  const verbs = rest.slice(Math.max(from, 0)).map((word) => word.text.value);
  const nested =
    verbs[0] === 'buildx' || verbs[0] === 'image' || verbs[0] === 'container' || verbs[0] === 'builder';
  const verb = nested ? verbs[1] : verbs[0];
  const operands = rest.slice(Math.max(from, 0) + (nested ? 2 : 1));
  if (verb === 'build' || verb === 'bud' || verb === 'b' || verb === 'build-using-dockerfile') {
    buildCommand(collector, operands, folder, scope, at);
  } else if (verb === 'bake') {
    const overrides = operands.flatMap((word, i) =>
      word.text.value === '--set' ? [operands[i + 1]?.text] : [],
    );
    addBakeOverrides(
      collector,
      overrides.filter((text) => text !== undefined),
      scope,
      at,
    );
  } else if (verb === 'run' || verb === 'pull' || verb === 'create' || verb === 'from') {
    pinnedOperand(collector, operands, scope);
  }
}

function buildCommand(
  collector: SiteCollector,
  words: readonly ShellWord[],
  folder: string | null,
  scope: VariableScope,
  at: number,
): void {
  const args: NamedText[] = [];
  const contexts: NamedText[] = [];
  let file: string | null = null;
  let context: string | null = null;
  let target: string | null = null;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]?.text;
    if (word === undefined) break;
    if (!word.value.startsWith('-') || word.value === '-') {
      // What a variable brings is seldom the context: options, mostly.
      if (context === null || context.includes('$')) context = word.value;
      continue;
    }
    const equals = word.value.indexOf('=');
    const option = equals < 0 ? word.value : word.value.slice(0, equals);
    const takesNext = equals < 0 && VALUED.has(option);
    const value =
      equals >= 0 ? part(word, equals + 1, word.value.length) : takesNext ? words[i + 1]?.text : undefined;
    if (takesNext) i++;
    if (value === undefined) continue;
    const assignment =
      option === '--build-arg' || option === '--build-context' ? splitAssignment(value) : null;
    if (assignment !== null) (option === '--build-arg' ? args : contexts).push(assignment);
    else if (option === '-f' || option === '--file' || option === '--dockerfile') file = value.value;
    else if (option === '--context') context = value.value.replace(/^dir:\/\//, '');
    else if (option === '--target') target = value.value;
  }
  const root = folder === null || context === null ? null : resolvePath(folder, context);
  const dockerfile = file === null || folder === null ? null : resolvePath(folder, file);
  // A Dockerfile that is named and cannot be followed must not be taken for the context's own.
  addBuild(collector, {
    at,
    dockerfile,
    context: file !== null && dockerfile === null ? null : root,
    target,
    args,
    contexts,
    scope,
  });
}

/** `docker buildx bake --set target.args.NAME=value` and the bake action's `set`. */
export function addBakeOverrides(
  collector: SiteCollector,
  overrides: readonly MappedText[],
  scope: VariableScope,
  at: number,
): void {
  const args: NamedText[] = [];
  const contexts: NamedText[] = [];
  for (const text of overrides) {
    const assignment = splitAssignment(text);
    const path = assignment?.name.split('.') ?? [];
    if (assignment === null || path.length < 3) continue;
    const name = path.slice(2).join('.');
    if (path[1] === 'args') args.push({ name, value: assignment.value });
    if (path[1] === 'contexts') contexts.push({ name, value: assignment.value });
  }
  if (args.length + contexts.length === 0) return;
  addBuild(collector, { at, dockerfile: null, context: null, args, contexts, scope });
}

/** The image of `docker run`, `pull`, `create`, where it carries a digest: others are as often built on the spot. */
function pinnedOperand(collector: SiteCollector, words: readonly ShellWord[], scope: VariableScope): void {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]?.text;
    if (word === undefined) return;
    if (word.value.startsWith('-')) {
      if (!word.value.includes('=') && !RUN_FLAGS.has(word.value)) i++;
      continue;
    }
    // `name@$DIGEST` too; a whole variable is judged where it is set.
    const expanded = word.value.includes('@') ? expandVariables(word, scope, collector.budget) : null;
    if (expanded?.ok === true && expanded.text.value.includes('@sha256:')) {
      collector.image(word, { kind: 'image', scope, invalid: 'ignore' });
    }
    return;
  }
}

function offsetOf(text: MappedText, fallback: number): number {
  return text.segments[0]?.start ?? fallback;
}
