import { nearest } from '../domain/nearest.ts';
import { UsageError } from './arguments.ts';
import { type Command, type CommandGroup, type CommandList, nameAndSummary } from './command.ts';
import { CHECK } from './command-lines/check.ts';
import { COMPLETION } from './command-lines/completion.ts';
import { CRON } from './command-lines/cron.ts';
import { DIFF } from './command-lines/diff.ts';
import { LEDGER } from './command-lines/ledger.ts';
import { POLICY_BASELINE } from './command-lines/policy-baseline.ts';
import { POLICY_EXPLAIN } from './command-lines/policy-explain.ts';
import { QUEUE } from './command-lines/queue.ts';
import { ROTATE } from './command-lines/rotate.ts';
import { RUN } from './command-lines/run.ts';
import { SCAN } from './command-lines/scan.ts';
import { SERVE } from './command-lines/serve.ts';
import { definitions, HELP_COLUMNS, renderHelp } from './help.ts';
import { wrap } from './text.ts';

/** Every command, in the order `--help` shows them. */
export const commands: CommandList = [
  { line: SCAN, load: () => import('./scan.ts') },
  { line: ROTATE, load: () => import('./rotate.ts') },
  { line: DIFF, load: () => import('./diff.ts') },
  { line: LEDGER, load: () => import('./ledger.ts') },
  { line: CHECK, load: () => import('./check.ts') },
  {
    name: 'policy',
    summary: "explain the verdict on an image, or accept today's CRITICALs as the baseline",
    more: 'The policy itself: docs/policy.md.',
    commands: [
      { line: POLICY_EXPLAIN, load: () => import('./policy-explain.ts') },
      { line: POLICY_BASELINE, load: () => import('./policy-baseline.ts') },
    ],
  },
  { line: SERVE, load: () => import('./serve.ts') },
  { line: CRON, load: () => import('./cron.ts') },
  { line: RUN, load: () => import('./run.ts') },
  { line: QUEUE, load: () => import('./queue.ts') },
  {
    line: COMPLETION,
    load: async () => {
      const { printCompletion } = await import('./completion.ts');
      return { run: (argv, io) => printCompletion(commands, argv, io) };
    },
  },
];

type Parsed = { readonly print: string } | { readonly command: Command; readonly argv: readonly string[] };

/** Finds what a command line asks for: a text to print, or a command to run. Throws {@link UsageError} that names the nearest one. */
export function parseCommand(argv: readonly string[], version: string): Parsed {
  const [first, ...rest] = argv;
  if (first === undefined || isHelp(first)) return { print: overview(version) };
  if (first === 'help') {
    return rest[0] === undefined ? { print: overview(version) } : parseCommand([...rest, '--help'], version);
  }
  if (first === '--version' || first === '-V') return { print: `${version}\n` };
  const entry = commands.find((candidate) => nameAndSummary(candidate)[0] === first);
  if (entry === undefined) throw unknownCommand(first);
  return 'commands' in entry ? parseSubcommand(entry, rest) : helpOr(entry, rest);
}

function parseSubcommand(group: CommandGroup, argv: readonly string[]): Parsed {
  const [first, ...rest] = argv;
  if (first === undefined || isHelp(first)) return { print: groupHelp(group) };
  const command = group.commands.find(({ line }) => line.name === `${group.name} ${first}`);
  if (command !== undefined) return helpOr(command, rest);
  const names = group.commands.map(({ line }) => JSON.stringify(line.name.slice(group.name.length + 1)));
  throw new UsageError(`unknown subcommand ${JSON.stringify(first)}; expected ${names.join(' or ')}`);
}

function helpOr(command: Command, argv: readonly string[]): Parsed {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return words.some(isHelp) ? { print: renderHelp(command.line) } : { command, argv };
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h';
}

function unknownCommand(name: string): UsageError {
  const guess = nearest(
    name,
    commands.map((candidate) => nameAndSummary(candidate)[0]),
  );
  return new UsageError(
    `unknown command ${JSON.stringify(name)}${guess === null ? '' : `; did you mean "${guess}"?`} (pinwheel --help lists them)`,
  );
}

function groupHelp(group: CommandGroup): string {
  const usages = group.commands.map(({ line }) => `pinwheel ${line.name} ${line.takes} [options]`);
  const rows = group.commands.map(
    ({ line }) => [line.name.slice(group.name.length + 1), line.summary] as const,
  );
  const more = group.commands.map(({ line }) => `pinwheel ${line.name} --help`).join(' and ');
  return `Usage: ${usages.join('\n       ')}

${definitions(rows)}

${wrap(`For details: ${more}. ${group.more}`, HELP_COLUMNS)}
`;
}

function overview(version: string): string {
  const examples = [
    ['pinwheel scan', 'what is pinned here, and what is not'],
    ['pinwheel rotate', 'show what would move, change nothing'],
    ['pinwheel rotate --write', 'move it, and update BASE_IMAGE_DIGESTS.md'],
    ['pinwheel rotate --check', 'for CI: exit code 2 if something would move'],
  ] as const;
  const notes = [
    'Exit codes: 0 nothing to do or done, 1 a failure, 2 changes or violations found by a check.',
    'For details: pinwheel COMMAND --help. Private registries: --registries FILE (docs/registries.md).',
  ];
  return `pinwheel ${version}: keeps container base-image pins fresh and safe

Usage: pinwheel COMMAND [DIR] [options]

${definitions(commands.map(nameAndSummary))}

Examples:
${examples.map(([line, does]) => `  ${line.padEnd(25)}${does}`).join('\n')}

${notes.map((note) => wrap(note, HELP_COLUMNS)).join('\n')}
`;
}
