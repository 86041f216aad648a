import { commandLine } from '../command-line.ts';

export const SCAN = commandLine({
  name: 'scan',
  summary: 'list every place that names a base image, and what was skipped and why',
  takes: '[DIR]',
  maxPositionals: 1,
  about: [
    'Lists every place below DIR (default: here) that names a base image, and everything that looks like one but is skipped, with the reason. Reads only; contacts no registry.',
  ],
  options: {
    json: {
      type: 'flag',
      description:
        'one JSON document: {"sites": […], "skipped": […], "errors": […]}, and "findings" where places of one pin disagree',
    },
  },
  examples: ['pinwheel scan', "pinwheel scan --json api | jq '.sites[] | select(.image.digest == null)'"],
  exitCodes: 'Exit code 0; 1 if a file could not be read (the others are still listed).',
});
