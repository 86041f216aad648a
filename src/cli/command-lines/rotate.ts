import { commandLine } from '../command-line.ts';
import { REGISTRIES } from './registries.ts';

export const ROTATE = commandLine({
  name: 'rotate',
  summary: 'move pins to what their tags point to now: preview, --check or --write',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Looks up what every pinned tag below DIR (default: here) points to now and moves outdated digests, along with BASE_IMAGE_DIGESTS.md. Without --check or --write it only shows what would change.',
  ],
  exclusive: [['check', 'write']],
  options: {
    check: {
      type: 'flag',
      description: 'change nothing; exit code 2 if a pin would move or the ledger would change',
    },
    write: { type: 'flag', description: 'write the files and the ledger, each completely or not at all' },
    pin: { type: 'flag', description: 'also pin references that have no digest yet' },
    only: {
      type: 'list',
      value: 'IMAGE',
      description: 'only these images: python, python:3.11, ghcr.io/acme/*; repeatable',
    },
    scan: {
      type: 'flag',
      description:
        'scan both sides of every move and look for lost signatures before deciding, as the GitHub App does; implied where the policy depends on findings (docs/policy.md, "A local rotation")',
    },
    registries: REGISTRIES,
    json: {
      type: 'flag',
      description: 'one JSON document: {"rotations", "edits", "ledger", "failures"}',
    },
  },
  examples: [
    'pinwheel rotate',
    'pinwheel rotate --write --only python:3.11-slim',
    `pinwheel rotate --check --json | jq '.rotations[].verdict'`,
  ],
  exitCodes:
    'Exit codes: 0 nothing to do or done, 2 changes found by --check, 1 a failure (the rest is still done and reported).',
});
