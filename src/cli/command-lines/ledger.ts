import { commandLine } from '../command-line.ts';

export const LEDGER = commandLine({
  name: 'ledger',
  summary: 'make BASE_IMAGE_DIGESTS.md true, or check that it is',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Makes BASE_IMAGE_DIGESTS.md true to the files below DIR (default: here): one row for each pin, rows of pins that are gone left out, a hand-written table taken over. Asks no registry. Without --check or --write it shows what would change.',
  ],
  exclusive: [['check', 'write']],
  options: {
    check: { type: 'flag', description: 'change nothing; exit code 2 where ledger and files disagree' },
    write: { type: 'flag', description: 'write the ledger' },
  },
  examples: ['pinwheel ledger --check', 'pinwheel ledger --write'],
  exitCodes:
    'Exit codes: 0 it is true or was made true, 2 it is not (--check), 1 a failure, such as a damaged ledger.',
});
