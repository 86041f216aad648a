import { AUTO_ORDER } from '../../adapters/scanner/scanners.ts';
import { SCANNER_CHOICES } from '../../domain/scanner-name.ts';
import { commandLine } from '../command-line.ts';
import { REGISTRIES } from './registries.ts';

export const DIFF = commandLine({
  name: 'diff',
  summary: 'what moving an image from one digest to another does to security, packages and configuration',
  takes: 'IMAGE@OLD IMAGE@NEW',
  maxPositionals: 2,
  about: [
    'Shows what moving from one digest to another changes: vulnerabilities fixed, introduced and still there, packages, configuration. Reads an attached SBOM if there is one; otherwise the scanner reads the image. The second image may be just a digest.',
  ],
  exclusive: [['json', 'markdown', 'sarif', 'sbom']],
  options: {
    platform: {
      type: 'text',
      value: 'OS/ARCH',
      description:
        'linux/amd64, linux/arm64, linux/arm/v7, …; default: what the old image has, linux/amd64 first',
    },
    json: {
      type: 'flag',
      description:
        'one JSON document: {"vulnerabilities", "packages", "config", "scanner", "source", "platform"}',
    },
    markdown: { type: 'flag', description: 'the report as the check run shows it' },
    sarif: {
      type: 'flag',
      description: 'SARIF 2.1.0: the findings of the new image, each compared with the old one',
    },
    sbom: {
      type: 'choice',
      value: 'FORMAT',
      choices: ['cyclonedx', 'spdx'],
      description: 'the packages of the new image as an SBOM: cyclonedx or spdx',
    },
    scanner: {
      type: 'choice',
      value: 'NAME',
      choices: SCANNER_CHOICES,
      default: 'auto',
      description: `${SCANNER_CHOICES.join(', ')}; auto tries ${AUTO_ORDER}`,
    },
    ignore: {
      type: 'text',
      value: 'FILE,…',
      files: true,
      description: '.trivyignore, .trivyignore.yaml, or VEX documents (OpenVEX, CycloneDX)',
    },
    timeout: {
      type: 'number',
      value: 'SECONDS',
      min: 1,
      max: 86_400,
      default: 300,
      description: 'for one scan',
    },
    registries: REGISTRIES,
  },
  notes: ["For the variables that name the scanners' programs, see docs/scanning.md."],
  examples: [
    'pinwheel diff python:3.11-slim@sha256:aaaa… python:3.11-slim@sha256:bbbb…',
    'pinwheel diff --json acme/base@sha256:aaaa… sha256:bbbb… | jq .packages',
  ],
  exitCodes:
    'Exit code 0; 1 if vulnerabilities could not be compared (packages and configuration are still shown), or nothing could: with --json, see "status" and "reason".',
});
