import { parseArgs } from 'node:util';
import { messageOf, PinwheelError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import type { CommandLine, NamesOf, Option, OptionTable } from './command-line.ts';

/** A command line that cannot be understood; the message says which word and what would be. */
export class UsageError extends PinwheelError<'usage'> {
  constructor(message: string, cause?: unknown) {
    super({ code: 'usage', message, cause });
  }
}

/** The choice of an option, or its default; null where it has none. */
export type ChoiceOf<Chosen extends Option> = Chosen extends { readonly choices: readonly (infer Choice)[] }
  ? Chosen extends { readonly default: string }
    ? Choice
    : Choice | null
  : never;

/** What was given, asked for by the names of the command's own options. Values of numbers and choices are valid. */
export type ParsedArguments<Options extends OptionTable = OptionTable> = {
  readonly positionals: readonly string[];
  /** Whether a flag was given. */
  flag(name: NamesOf<Options, 'flag'>): boolean;
  /** The value of a text, or null. The last one where it was given twice. */
  value(name: NamesOf<Options, 'text'>): string | null;
  /** All values of a list. */
  values(name: NamesOf<Options, 'list'>): readonly string[];
  choice<Name extends NamesOf<Options, 'choice'>>(name: Name): ChoiceOf<Options[Name]>;
  /** The number, or its default. */
  number(name: NamesOf<Options, 'number'>): number;
};

/**
 * Parses the words behind a command's name by its table. `--` ends options. A list also takes the words behind it up to
 * the next option (`--only a b`), but not paths (`.`, `/`, `~` first). Throws {@link UsageError} that names the word, and
 * the nearest option or the values there are.
 */
export function parseArguments<Options extends OptionTable>(
  argv: readonly string[],
  line: CommandLine<Options>,
): ParsedArguments<Options> {
  const { options } = line;
  const { values, positionals } = parseOrExplain(spreadLists(argv, options), options);
  if (positionals.length > line.maxPositionals) {
    throw new UsageError(`unexpected argument ${JSON.stringify(positionals[line.maxPositionals])}`);
  }
  for (const group of line.exclusive ?? []) {
    const [one, other] = group.filter((name) => values[name] !== undefined);
    if (other !== undefined) throw new UsageError(`--${one} and --${other} exclude each other`);
  }
  const last = (name: string): string | null => {
    const value = values[name];
    const given = Array.isArray(value) ? value.at(-1) : value;
    return typeof given === 'string' ? given : null;
  };
  const checked = new Map(
    Object.entries(options).map(([name, option]) => [name, checkedValue(name, option, last(name))]),
  );
  return {
    positionals,
    flag: (name) => values[name] === true,
    value: last,
    values: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
    },
    // Checked against the table above, which is where the type comes from.
    choice: <Name extends NamesOf<Options, 'choice'>>(name: Name) =>
      (checked.get(name) ?? null) as ChoiceOf<Options[Name]>,
    number: (name) => Number(checked.get(name)),
  };
}

function checkedValue(name: string, option: Option, text: string | null): string | number | null {
  switch (option.type) {
    case 'choice': {
      const chosen = text ?? option.default ?? null;
      if (chosen === null || option.choices.includes(chosen)) return chosen;
      throw new UsageError(`--${name} ${chosen}: expected one of ${option.choices.join(', ')}`);
    }
    case 'number': {
      if (text === null) return option.default;
      const value = Number(text);
      if (/^\d+$/.test(text) && value >= option.min && value <= option.max) return value;
      throw new UsageError(`--${name} ${text}: expected a whole number from ${option.min} to ${option.max}`);
    }
    default:
      return text;
  }
}

function parseOrExplain(argv: readonly string[], table: OptionTable) {
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { type }]) => {
      const kind: 'boolean' | 'string' = type === 'flag' ? 'boolean' : 'string';
      return [name, { type: kind, multiple: type === 'list' }];
    }),
  );
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = messageOf(error);
    const unknown = /Unknown option '(--?[^']*)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message, error);
    const known = [...Object.keys(options), 'help'].map((name) => `--${name}`);
    const guess = nearest(unknown, known);
    throw new UsageError(
      `unknown option ${unknown}${guess === null ? '' : `; did you mean ${guess}?`} (--help lists them)`,
      error,
    );
  }
}

/** Turns `--only a b` into `--only=a --only=b`; words that look like paths end the run, so `--only a ./dir` keeps its folder. */
function spreadLists(argv: readonly string[], table: OptionTable): readonly string[] {
  const spread: string[] = [];
  let open: string | null = null;
  for (const [i, word] of argv.entries()) {
    if (word === '--') return [...spread, ...argv.slice(i)];
    if (word.startsWith('-')) {
      const name = word.startsWith('--') ? word.slice(2) : '';
      open = table[name]?.type === 'list' ? name : null;
      if (open === null) spread.push(word);
      else if (isValueMissing(argv[i + 1])) throw new UsageError(`--${name} needs at least one value`);
      continue;
    }
    if (open !== null && !/^[./~]/.test(word)) spread.push(`--${open}=${word}`);
    else spread.push(word);
  }
  return spread;
}

function isValueMissing(next: string | undefined): boolean {
  return next === undefined || next.startsWith('-');
}
