import { commandLine } from '../command-line.ts';
import { REGISTRIES } from './registries.ts';

export const POLICY_BASELINE = commandLine({
  name: 'policy baseline',
  summary: 'make the file of accepted CRITICALs from a scan of what is pinned today',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Scans every pinned image below DIR (default: here) and prints the baseline that accepts exactly today\'s CRITICALs: sorted, one per line, ready for review in a pull request. From the stage "baseline" on, a CRITICAL that is not in the file fails the check.',
  ],
  options: {
    write: { type: 'flag', description: 'write it to policy.baseline (.github/pinwheel-baseline.json)' },
    registries: REGISTRIES,
  },
  examples: ['pinwheel policy baseline --write'],
  exitCodes: 'Exit code 0; 1 if an image could not be scanned: nothing is written then.',
});
