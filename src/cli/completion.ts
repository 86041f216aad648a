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

function scripts(): Readonly<Record<string, string>> {
  const names = commands.map((command) => command.name).join(' ');
  const described = commands.map(
    (command) => `'${command.name}:${command.summary.replaceAll("'", "'\\''")}'`,
  );
  const fish = commands.map(
    (command) =>
      `complete -c pinwheel -n __fish_use_subcommand -a ${command.name} -d '${command.summary.replaceAll("'", "\\'")}'`,
  );
  const options = '--help --json --check --write --pin --only --registries --sarif --as-of --ledger';
  return {
    bash: `_pinwheel() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$current"))
  elif [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "${options}" -- "$current"))
  else
    COMPREPLY=($(compgen -d -- "$current"))
  fi
}
complete -F _pinwheel pinwheel
`,
    zsh: `#compdef pinwheel
_pinwheel() {
  local -a commands=(${described.join(' ')})
  if (( CURRENT == 2 )); then _describe command commands
  elif [[ $words[CURRENT] == -* ]]; then compadd -- ${options}
  else _files -/
  fi
}
compdef _pinwheel pinwheel
`,
    fish: `complete -c pinwheel -f
${fish.join('\n')}
complete -c pinwheel -n 'not __fish_use_subcommand' -a '(__fish_complete_directories)'
complete -c pinwheel -l registries -r -F -d 'operator settings of registries'
complete -c pinwheel -l json -d 'one JSON document on stdout'
complete -c pinwheel -l check -d 'exit code 2 where something would change'
complete -c pinwheel -l write -d 'write the changes'
complete -c pinwheel -l pin -d 'also pin what is not pinned yet'
complete -c pinwheel -l only -x -d 'only these images'
`,
  };
}
