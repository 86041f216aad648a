import { UsageError } from './arguments.ts';
import { type ExitCode, type Io, write } from './io.ts';

const HELP = `Usage: pinwheel policy explain IMAGE [DIR] [options]
       pinwheel policy baseline [DIR] [options]

  explain    what is known of an image's pins, the rules that matched, and the verdict with its reasons
  baseline   the file of accepted CRITICALs, made from a scan of what is pinned today

pinwheel policy explain --help and pinwheel policy baseline --help tell more. The policy itself: docs/policy.md.
`;

/** `pinwheel policy`: what the policy makes of the pins, and the baseline it compares with. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [subcommand, ...rest] = argv;
  switch (subcommand) {
    case 'explain':
      return (await import('./policy-explain.ts')).runExplain(rest, io);
    case 'baseline':
      return (await import('./policy-baseline.ts')).runBaseline(rest, io);
    case undefined:
    case '--help':
    case '-h':
      await write(io.stdout, HELP);
      return 0;
    default:
      throw new UsageError(`unknown subcommand ${JSON.stringify(subcommand)}; want "explain" or "baseline"`);
  }
}
