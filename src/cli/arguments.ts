import { parseArgs } from 'node:util';
import { PinwheelError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';

/** A command line that cannot be understood; the message says which word and what would be. */
export class UsageError extends PinwheelError<'usage'> {
  constructor(message: string, cause?: unknown) {
    super({ code: 'usage', message, cause });
  }
}

export type OptionSpec = {
  readonly type: 'boolean' | 'string';
  readonly multiple?: boolean;
  readonly short?: string;
};

export type ParsedArguments = {
  readonly positionals: readonly string[];
  /** Whether a boolean option was given. */
  flag(name: string): boolean;
  /** The value of a string option, or null. The last one where it was given twice. */
  value(name: string): string | null;
  /** All values of a repeatable option. */
  values(name: string): readonly string[];
};

/**
 * Parses a command's words. Options of `specs` and `--help`; `--` ends options; at most `maxPositionals` others.
 * A repeatable option also takes the words behind it up to the next option (`--only a b`), but not paths (`.`, `/`, `~` first).
 * Throws {@link UsageError} that names the word and the nearest option.
 */
export function parseArguments(
  argv: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
  maxPositionals: number,
): ParsedArguments {
  const options = { ...specs, help: { type: 'boolean', short: 'h' } as const };
  const { values, positionals } = parseOrExplain(spreadRepeatable(argv, specs), options);
  if (positionals.length > maxPositionals) {
    throw new UsageError(`unexpected argument ${JSON.stringify(positionals[maxPositionals])}`);
  }
  return {
    positionals,
    flag: (name) => values[name] === true,
    value: (name) => {
      const value = values[name];
      const last = Array.isArray(value) ? value.at(-1) : value;
      return typeof last === 'string' ? last : null;
    },
    values: (name) => {
      const value = values[name];
      if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
      return typeof value === 'string' ? [value] : [];
    },
  };
}

function parseOrExplain(argv: readonly string[], options: Readonly<Record<string, OptionSpec>>) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown option '(--?[^']*)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message, error);
    const known = Object.keys(options).map((name) => `--${name}`);
    const guess = nearest(unknown, known);
    throw new UsageError(
      `unknown option ${unknown}${guess === null ? '' : `; did you mean ${guess}?`} (--help lists them)`,
      error,
    );
  }
}

/** Turns `--only a b` into `--only=a --only=b`; words that look like paths end the run, so `--only a ./dir` keeps its folder. */
function spreadRepeatable(
  argv: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
): readonly string[] {
  const spread: string[] = [];
  let open: string | null = null;
  for (const [i, word] of argv.entries()) {
    if (word === '--') return [...spread, ...argv.slice(i)];
    if (word.startsWith('-')) {
      const name = word.startsWith('--') ? word.slice(2) : '';
      open = specs[name]?.multiple === true ? name : null;
      if (open === null) spread.push(word);
      else if (isValueMissing(argv[i + 1])) throw new UsageError(`--${name} wants at least one value`);
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
