import { commandLine } from '../command-line.ts';
import { AS_OF } from './as-of.ts';
import { REGISTRIES } from './registries.ts';

export const CHECK = commandLine({
  name: 'check',
  summary: 'check pins against the policy: age, trust, unpinned references',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Checks every pin below DIR (default: here) against the policy in .github/pinwheel.yml: its age, whether it is pinned at all and, if there are trust rules, who signed it. Changes nothing. If the configuration sets no policy.stage, only pins past their maximum age (14 days) with a newer digest are violations.',
  ],
  exclusive: [['json', 'sarif']],
  options: {
    json: { type: 'flag', description: 'one JSON document: {"pins", "violations", "failures"}' },
    sarif: { type: 'flag', description: 'SARIF 2.1.0, one result per place, for code scanning' },
    'as-of': AS_OF,
    ledger: { type: 'flag', description: 'BASE_IMAGE_DIGESTS.md and the files must agree' },
    registries: REGISTRIES,
  },
  notes: [
    'From the stage "baseline" on, pinned images are scanned too (docs/scanning.md), and a CRITICAL that the baseline file does not accept is a violation. The day a pin was added comes from the ledger, or else from the git history: in CI, fetch all of it (fetch-depth: 0).',
  ],
  examples: [
    'pinwheel check',
    'pinwheel check --as-of 2026-12-24',
    'pinwheel check --sarif > pinwheel.sarif',
  ],
  exitCodes:
    'Exit codes: 0 no violations, 2 violations, 1 a failure (what could be checked is still reported).',
});
