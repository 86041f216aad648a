/** One option of a command: how it is parsed, shown in help and completed. Its name is its key in the table. */
export type Option = {
  /** What `--help` says of it, without its default. */
  readonly description: string;
} & (
  | { readonly type: 'flag' }
  /** Any text. `files`: shells complete the names of files. */
  | { readonly type: 'text'; readonly value: string; readonly files?: true }
  /** May be repeated, and takes several words behind it. */
  | { readonly type: 'list'; readonly value: string }
  | {
      readonly type: 'choice';
      readonly value: string;
      readonly choices: readonly string[];
      readonly default?: string;
    }
  /** A whole number from `min` to `max`. */
  | {
      readonly type: 'number';
      readonly value: string;
      readonly min: number;
      readonly max: number;
      readonly default: number;
    }
);

/** The options of a command by name, in the order `--help` shows them. */
export type OptionTable = Readonly<Record<string, Option>>;

/** The names of a table's options of one type. */
export type NamesOf<Options extends OptionTable, Type extends Option['type']> = {
  [Name in keyof Options & string]: Options[Name]['type'] extends Type ? Name : never;
}[keyof Options & string];

/**
 * One command's line: what it takes, and every word `--help` says of it. Parsing ({@link parseArguments}), help
 * ({@link renderHelp}) and shell completion all follow from this; nothing of it is written a second time.
 */
export type CommandLine<Options extends OptionTable = OptionTable> = {
  /** `rotate`, `policy explain`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What stands behind the name, besides the options: `[DIR]`. */
  readonly takes: string;
  readonly maxPositionals: number;
  /** What shells complete in place of a positional argument; folders where absent. */
  readonly completes?: readonly string[];
  readonly options: Options;
  /** Groups of options of which one may be given. */
  readonly exclusive?: readonly (readonly string[])[];
  /** Further ways to call it, each with all that stands behind the name. Their options are left out of the first. */
  readonly alsoCalled?: readonly string[];
  /** Paragraphs. */
  readonly about: readonly string[];
  /** Words besides options that need one: arguments, variables. */
  readonly terms?: readonly (readonly [term: string, description: string])[];
  /** Paragraphs behind the options. */
  readonly notes?: readonly string[];
  /** Lines to copy; none longer than 78 characters. */
  readonly examples: readonly string[];
  readonly exitCodes: string;
};

/** Types a command's line by its own options, so that its command can ask only for those there are. */
export function commandLine<const Options extends OptionTable>(
  line: CommandLine<Options> & { readonly exclusive?: readonly (readonly (keyof Options & string)[])[] },
): CommandLine<Options> {
  return line;
}
