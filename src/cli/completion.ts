import { parseArguments, UsageError } from './arguments.ts';
import { commands } from './commands.ts';
import { type ExitCode, type Io, write } from './io.ts';

const HELP = `Usage: pinwheel completion bash|zsh|fish

Prints a completion script. Load it from your shell's start-up file:
  bash   eval "$(pinwheel completion bash)"
  zsh    eval "$(pinwheel completion zsh)"
  fish   pinwheel completion fish | source
`;

/** Prints a completion script for the shell that is named. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseArguments(argv, {}, 1);
  if (parsed.flag('help')) {
    await write(io.stdout, HELP);
    return 0;
  }
  const shell = parsed.positionals[0];
  const script = shell === undefined ? undefined : scripts()[shell];
  if (script === undefined) throw new UsageError('name a shell: pinwheel completion bash|zsh|fish');
  await write(io.stdout, script);
  return 0;
}

/** The options of each command besides `--help`, as its own help has them. */
export const COMMAND_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  scan: ['--json'],
  rotate: ['--check', '--write', '--pin', '--only', '--scan', '--registries', '--json'],
  ledger: ['--check', '--write'],
  diff: [
    '--platform',
    '--json',
    '--markdown',
    '--sarif',
    '--sbom',
    '--scanner',
    '--ignore',
    '--timeout',
    '--registries',
  ],
  queue: ['--all', '--json'],
  cron: ['--organisation', '--topic', '--once'],
  check: ['--json', '--sarif', '--as-of', '--ledger', '--registries'],
};

/** Options that take a value. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  '--only',
  '--organisation',
  '--topic',
  '--registries',
  '--platform',
  '--scanner',
  '--sbom',
  '--ignore',
  '--timeout',
  '--as-of',
]);

function scripts(): Readonly<Record<string, string>> {
  const names = commands.map((command) => command.name).join(' ');
  const described = commands.map(
    (command) => `'${command.name}:${command.summary.replaceAll("'", "'\\''")}'`,
  );
  const fish = commands.map(
    (command) =>
      `complete -c pinwheel -n __fish_use_subcommand -a ${command.name} -d '${command.summary.replaceAll("'", "\\'")}'`,
  );
  const bashCases = Object.entries(COMMAND_OPTIONS)
    .map(([command, options]) => `      ${command}) options="$options ${options.join(' ')}" ;;`)
    .join('\n');
  const zshCases = Object.entries(COMMAND_OPTIONS)
    .map(([command, options]) => `      ${command}) options+=(${options.join(' ')}) ;;`)
    .join('\n');
  const fishOptions = Object.entries(COMMAND_OPTIONS).flatMap(([command, options]) =>
    options.map((option) => {
      const value = option === '--registries' ? ' -r -F' : WITH_VALUE.has(option) ? ' -x' : '';
      return `complete -c pinwheel -n '__fish_seen_subcommand_from ${command}' -l ${option.slice(2)}${value}`;
    }),
  );
  return {
    bash: `_pinwheel() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$current"))
  elif [[ $current == -* ]]; then
    local options=--help
    case \${COMP_WORDS[1]} in
${bashCases}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  elif [[ \${COMP_WORDS[COMP_CWORD-1]} == --registries ]]; then
    COMPREPLY=($(compgen -f -- "$current"))
  elif [[ \${COMP_WORDS[1]} == completion ]]; then
    COMPREPLY=($(compgen -W "bash zsh fish" -- "$current"))
  else
    COMPREPLY=($(compgen -d -- "$current"))
  fi
}
complete -o filenames -F _pinwheel pinwheel
`,
    zsh: `#compdef pinwheel
_pinwheel() {
  local -a commands=(${described.join(' ')})
  if (( CURRENT == 2 )); then _describe command commands
  elif [[ $words[CURRENT] == -* ]]; then
    local -a options=(--help)
    case $words[2] in
${zshCases}
    esac
    compadd -- $options
  elif [[ $words[CURRENT-1] == --registries ]]; then _files
  elif [[ $words[2] == completion ]]; then compadd -- bash zsh fish
  else _files -/
  fi
}
compdef _pinwheel pinwheel
`,
    fish: `complete -c pinwheel -f
${fish.join('\n')}
complete -c pinwheel -n 'not __fish_use_subcommand; and not __fish_seen_subcommand_from completion' -a '(__fish_complete_directories)'
complete -c pinwheel -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
${fishOptions.join('\n')}
`,
  };
}
