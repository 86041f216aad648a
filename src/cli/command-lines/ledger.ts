import { commandLine } from '../command-line.ts';

export const LEDGER = commandLine({
  name: 'ledger',
  summary: 'update BASE_IMAGE_DIGESTS.md, or check that it is up to date',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Brings BASE_IMAGE_DIGESTS.md in line with the files below DIR (default: here): one row per pin, rows of removed pins dropped, a hand-written table adopted. Contacts no registry. Without --check or --write it shows what would change.',
  ],
  exclusive: [['check', 'write']],
  options: {
    check: { type: 'flag', description: 'change nothing; exit code 2 if the ledger and the files disagree' },
    write: { type: 'flag', description: 'write the ledger' },
  },
  examples: ['pinwheel ledger --check', 'pinwheel ledger --write'],
  exitCodes:
    'Exit codes: 0 up to date or updated, 2 out of date (--check), 1 a failure, such as a damaged ledger.',
});
