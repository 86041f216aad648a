import { nearest } from '../domain/nearest.ts';
import { UsageError } from './arguments.ts';
import type { Command } from './io.ts';

/** Every subcommand, in the order `--help` shows them. Each is loaded only when it is asked for. */
export const commands: readonly Command[] = [
  {
    name: 'scan',
    summary: 'list every place that names a base image, and what was skipped and why',
    load: () => import('./scan.ts'),
  },
  {
    name: 'rotate',
    summary: 'move pins to what their tags point to now: preview, --check or --write',
    load: () => import('./rotate.ts'),
  },
  {
    name: 'diff',
    summary: 'what moving an image from one digest to another does to security, packages and configuration',
    load: () => import('./diff.ts'),
  },
  {
    name: 'ledger',
    summary: 'make BASE_IMAGE_DIGESTS.md true, or check that it is',
    load: () => import('./ledger.ts'),
  },
  {
    name: 'check',
    summary: 'judge the pins as they stand by the policy: age, trust, unpinned references',
    load: () => import('./check.ts'),
  },
  {
    name: 'policy',
    summary: 'explain the verdict on an image: facts, rules that matched, reasons',
    load: () => import('./policy.ts'),
  },
  {
    name: 'serve',
    summary: 'run the GitHub App: webhooks, /rotate comments, schedule',
    load: () => import('./serve.ts'),
  },
  {
    name: 'cron',
    summary: 'rotate repositories on GitHub by schedule alone, without webhooks',
    load: () => import('./cron.ts'),
  },
  {
    name: 'run',
    summary: 'one pass over repositories on GitHub, now',
    load: () => import('./run.ts'),
  },
  {
    name: 'queue',
    summary: 'what waits, runs and was given up; try a given-up pass again, or drop it',
    load: () => import('./queue.ts'),
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: () => import('./completion.ts'),
  },
];

type Parsed = { readonly print: string } | { readonly command: Command; readonly argv: readonly string[] };

/** Finds the command of a command line. Throws {@link UsageError} that names the nearest one. */
export function parseCommand(argv: readonly string[], version: string): Parsed {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    const topic = commands.find((command) => command.name === rest[0]);
    return topic === undefined ? { print: help(version) } : { command: topic, argv: ['--help'] };
  }
  if (first === '--version' || first === '-V') return { print: `${version}\n` };
  const command = commands.find((candidate) => candidate.name === first);
  if (command !== undefined) return { command, argv: rest };
  const guess = nearest(
    first,
    commands.map((candidate) => candidate.name),
  );
  throw new UsageError(
    `unknown command ${JSON.stringify(first)}${guess === null ? '' : `; did you mean "${guess}"?`} (pinwheel --help lists them)`,
  );
}

function help(version: string): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const list = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join('\n');
  return `pinwheel ${version}: keeps container base-image pins fresh and safe

Usage: pinwheel COMMAND [DIR] [options]

${list}

Examples:
  pinwheel scan                          what is pinned here, and what is not
  pinwheel rotate                        show what would move, change nothing
  pinwheel rotate --write                move it, and keep BASE_IMAGE_DIGESTS.md true
  pinwheel rotate --check                for CI: exit code 2 where something would move

Exit codes: 0 nothing to do or done, 1 a failure, 2 changes or violations found by a check.
"pinwheel COMMAND --help" tells more. Private registries: --registries FILE (docs/registries.md).
`;
}
