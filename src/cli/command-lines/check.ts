import { commandLine } from '../command-line.ts';
import { AS_OF } from './as-of.ts';
import { REGISTRIES } from './registries.ts';

export const CHECK = commandLine({
  name: 'check',
  summary: 'judge the pins as they stand by the policy: age, trust, unpinned references',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Judges every pin below DIR (default: here) by the policy of .github/pinwheel.yml: how old it is, whether it is pinned at all, and, where trust rules are written, who signed it. Changes nothing. Where the configuration names no policy.stage, pins past their maximum age (14 days) with a newer digest are violations, and nothing else is.',
  ],
  exclusive: [['json', 'sarif']],
  options: {
    json: { type: 'flag', description: 'one JSON document: {"pins", "violations", "failures"}' },
    sarif: { type: 'flag', description: 'SARIF 2.1.0, one result a place, for code scanning' },
    'as-of': AS_OF,
    ledger: { type: 'flag', description: 'BASE_IMAGE_DIGESTS.md and the files must agree' },
    registries: REGISTRIES,
  },
  notes: [
    'From the stage "baseline" on, pinned images are scanned too (docs/scanning.md), and a CRITICAL that the baseline file does not accept is a violation. The day a pin came in is read from the ledger, else from the git history: in CI fetch it whole (fetch-depth: 0).',
  ],
  examples: [
    'pinwheel check',
    'pinwheel check --as-of 2026-12-24',
    'pinwheel check --sarif > pinwheel.sarif',
  ],
  exitCodes:
    'Exit codes: 0 no violation, 2 violations, 1 a failure (what could be judged is still reported).',
});
