import { parseArguments, UsageError } from './arguments.ts';
import { allOf, type CommandList, nameAndSummary } from './command.ts';
import type { Option } from './command-line.ts';
import { COMPLETION, SHELLS } from './command-lines/completion.ts';
import { type ExitCode, type Io, write } from './io.ts';

/** Prints a script that completes the commands, for the shell that is named. */
export async function printCompletion(
  commands: CommandList,
  argv: readonly string[],
  io: Io,
): Promise<ExitCode> {
  const [name] = parseArguments(argv, COMPLETION).positionals;
  const shell = SHELLS.find((candidate) => candidate === name);
  if (shell === undefined) throw new UsageError(`name a shell: pinwheel completion ${SHELLS.join('|')}`);
  await write(io.stdout, SCRIPTS[shell](commands));
  return 0;
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], (commands: CommandList) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** An option as a shell needs it: `--sbom` of `diff`, and what stands behind it. */
type Completed = {
  readonly command: string;
  readonly option: string;
  readonly description: string;
  /** What its value may be; null where it is a flag. */
  readonly value: 'files' | 'any' | readonly string[] | null;
};

function completedOptions(commands: CommandList): readonly Completed[] {
  return allOf(commands).flatMap(({ line }) =>
    Object.entries(line.options).map(([name, option]) => ({
      command: line.name,
      option: `--${name}`,
      description: option.description,
      value: completedValue(option),
    })),
  );
}

function completedValue(option: Option): Completed['value'] {
  if (option.type === 'flag') return null;
  if (option.type === 'choice') return option.choices;
  return option.type === 'text' && option.files === true ? 'files' : 'any';
}

/** Words that stand in place of a positional argument, by the words before them: subcommands, and a command's own. */
function completedWords(
  commands: CommandList,
): readonly (readonly [command: string, words: readonly string[]])[] {
  const subcommands = commands.flatMap((entry): [string, readonly string[]][] =>
    'commands' in entry
      ? [[entry.name, entry.commands.map(({ line }) => line.name.slice(entry.name.length + 1))]]
      : [],
  );
  const own = allOf(commands).flatMap(({ line }): [string, readonly string[]][] =>
    line.completes === undefined ? [] : [[line.name, line.completes]],
  );
  return [...subcommands, ...own];
}

/** `rotate) … ;;` for every command that has options: both spell the first two words of the line. */
function optionCases(commands: CommandList, add: (options: string) => string): string {
  return allOf(commands)
    .map(({ line }) => [line.name, Object.keys(line.options).map((name) => `--${name}`)] as const)
    .filter(([, options]) => options.length > 0)
    .map(([name, options]) => `      ${pattern(name)}) ${add(options.join(' '))} ;;`)
    .join('\n');
}

/** `rotate*` for a command of one word, whatever comes behind it; `'policy explain'` for one of two. */
function pattern(name: string): string {
  return name.includes(' ') ? `'${name}'` : `'${name} '*`;
}

/** `*' --sbom') … ;;` for every option with a value, by the command's words and the word before. */
function valueCases(commands: CommandList, files: string, words: (choices: string) => string): string {
  return completedOptions(commands)
    .flatMap(({ command, option, value }) => {
      if (value === null || value === 'any') return [];
      const call = value === 'files' ? files : words(value.join(' '));
      const start = command.includes(' ') ? `'${command}` : `'${command} '*'`;
      return [`      ${start} ${option}') ${call} ;;`];
    })
    .join('\n');
}

function bashScript(commands: CommandList): string {
  const names = commands.map((entry) => nameAndSummary(entry)[0]).join(' ');
  const words = completedWords(commands)
    .map(([command, choices]) => `      '${command}') words="${choices.join(' ')}" ;;`)
    .join('\n');
  const complete = (choices: string) => `COMPREPLY=($(compgen -W "${choices}" -- "$current")); return`;
  return `_pinwheel() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  local command="\${COMP_WORDS[1]} \${COMP_WORDS[2]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$current"))
  elif [[ $current == -* ]]; then
    local options=--help
    case $command in
${optionCases(commands, (options) => `options="$options ${options}"`)}
    esac
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  else
    case "$command \${COMP_WORDS[COMP_CWORD-1]}" in
${valueCases(commands, 'COMPREPLY=($(compgen -f -- "$current")); return', complete)}
    esac
    local words=
    case "\${COMP_WORDS[*]:1:COMP_CWORD-1}" in
${words}
    esac
    if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current"))
    else COMPREPLY=($(compgen -d -- "$current"))
    fi
  fi
}
complete -o filenames -F _pinwheel pinwheel
`;
}

function zshScript(commands: CommandList): string {
  const described = commands
    .map((entry) => nameAndSummary(entry))
    .map(([name, summary]) => `'${name}:${summary.replaceAll("'", "'\\''")}'`);
  const words = completedWords(commands)
    .map(([command, choices]) => `      '${command}') compadd -- ${choices.join(' ')}; return ;;`)
    .join('\n');
  return `#compdef pinwheel
_pinwheel() {
  local -a commands=(${described.join(' ')})
  local command="$words[2] $words[3]"
  if (( CURRENT == 2 )); then _describe command commands
  elif [[ $words[CURRENT] == -* ]]; then
    local -a options=(--help)
    case $command in
${optionCases(commands, (options) => `options+=(${options})`)}
    esac
    compadd -- $options
  else
    case "$command $words[CURRENT-1]" in
${valueCases(commands, '_files; return', (choices) => `compadd -- ${choices}; return`)}
    esac
    case "$words[2,CURRENT-1]" in
${words}
    esac
    _files -/
  fi
}
compdef _pinwheel pinwheel
`;
}

function fishScript(commands: CommandList): string {
  const top = commands
    .map((entry) => nameAndSummary(entry))
    .map(
      ([name, summary]) => `complete -c pinwheel -n __fish_use_subcommand -a ${name} -d ${fishText(summary)}`,
    );
  const words = completedWords(commands);
  const withWords = words.map(([command]) => `not ${seen(command)}`).join('; and ');
  const choices = words.map(([command, all]) => {
    const notYet = all.map((word) => `not __fish_seen_subcommand_from ${word}`).join('; and ');
    return `complete -c pinwheel -n '${seen(command)}; and ${notYet}' -a '${all.join(' ')}'`;
  });
  const options = completedOptions(commands).map(({ command, option, description, value }) => {
    const takes =
      value === null
        ? ''
        : value === 'files'
          ? ' -r -F'
          : value === 'any'
            ? ' -x'
            : ` -x -a '${value.join(' ')}'`;
    return `complete -c pinwheel -n '${seen(command)}' -l ${option.slice(2)}${takes} -d ${fishText(description)}`;
  });
  return `complete -c pinwheel -f
${top.join('\n')}
complete -c pinwheel -n 'not __fish_use_subcommand; and ${withWords}' -a '(__fish_complete_directories)'
${choices.join('\n')}
${options.join('\n')}
`;
}

function seen(command: string): string {
  return command
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
}

function fishText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
