import type { CommandLine } from './command-line.ts';
import type { ExitCode, Io } from './io.ts';

/** A command: its line, and how its code is loaded, which happens only where it runs. */
export type Command = {
  readonly line: CommandLine;
  readonly load: () => Promise<{ readonly run: (argv: readonly string[], io: Io) => Promise<ExitCode> }>;
};

/** Commands under one word: `policy explain`, `policy baseline`. */
export type CommandGroup = {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
  /** A paragraph of its help. */
  readonly more: string;
};

/** Commands in the order `--help` shows them. */
export type CommandList = readonly (Command | CommandGroup)[];

/** The commands themselves, those of groups too. */
export function allOf(commands: CommandList): readonly Command[] {
  return commands.flatMap((entry) => ('commands' in entry ? entry.commands : [entry]));
}

/** The word that a command or group is called by, and its line in a list. */
export function nameAndSummary(entry: Command | CommandGroup): readonly [name: string, summary: string] {
  return 'commands' in entry ? [entry.name, entry.summary] : [entry.line.name, entry.line.summary];
}
