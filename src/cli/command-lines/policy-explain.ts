import { commandLine } from '../command-line.ts';
import { AS_OF } from './as-of.ts';
import { REGISTRIES } from './registries.ts';

export const POLICY_EXPLAIN = commandLine({
  name: 'policy explain',
  summary:
    "show what is known about an image's pins, the rules that matched, and the verdict with its reasons",
  takes: 'IMAGE [DIR]',
  maxPositionals: 2,
  about: [
    "Prints what is known about the pins of IMAGE below DIR (default: here), the rules that matched, and the verdict with its reasons: the same verdict as in a rotation and the pull request's check. Changes nothing.",
  ],
  terms: [['IMAGE', 'python, python:3.11, ghcr.io/acme/*']],
  options: {
    markdown: { type: 'flag', description: 'Markdown, as folded into the pull request' },
    scan: {
      type: 'flag',
      description:
        'also compare vulnerabilities, as the App does: needs a scanner or the network; implied where "pinwheel rotate" would scan (docs/policy.md)',
    },
    'as-of': AS_OF,
    registries: REGISTRIES,
  },
  examples: ['pinwheel policy explain python:3.11-slim'],
  exitCodes: 'Exit code 0; 1 if the image is not pinned here, or its registry did not answer.',
});
