import * as v from 'valibot';
import { SCANNER_CHOICES } from '../../domain/scanner-name.ts';
import { repositoryPath } from './values.ts';

/** Where Trivy's ignore files and VEX documents are looked for; those that are not there are no fault. */
const DEFAULT_IGNORE_FILES = ['.trivyignore', '.trivyignore.yaml', '.github/pinwheel.vex.json'] as const;

const detailed = v.strictObject({
  /** `auto` takes the first program that the operator installed; what each is and reads: docs/scanning.md. */
  scanner: v.optional(v.picklist(SCANNER_CHOICES, `expected one of ${SCANNER_CHOICES.join(', ')}`), 'auto'),
  /** Platforms compared in full; the others are named only. */
  maxPlatforms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8)), 2),
  /** Seconds for one scan of one image. */
  timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(3600)), 300),
  /** `.trivyignore`, `.trivyignore.yaml`, OpenVEX and CycloneDX VEX files of the repository, read from the base branch. */
  ignoreFiles: v.optional(v.pipe(v.array(repositoryPath), v.maxLength(50)), [...DEFAULT_IGNORE_FILES]),
  /** Uploads SARIF to code scanning for a pull request's head, where code scanning is enabled. */
  sarif: v.optional(v.boolean(), true),
  /**
   * Keeps SBOMs of the new images (CycloneDX and SPDX) beside a pull request, linked from its check: files of a commit
   * under `refs/pinwheel/`, on no branch.
   */
  sbom: v.optional(v.boolean(), false),
  /** Names a variant of the image with far fewer findings in the pull request; never changes to it. */
  suggestions: v.optional(v.boolean(), true),
});

/** `scan: false` turns scanning off: packages and configuration are still compared. */
export const scanSchema = v.pipe(
  v.union(
    [v.boolean(), detailed],
    'expected true, false, or "scanner", "maxPlatforms", "timeout", "ignoreFiles", "sarif", "sbom", "suggestions"',
  ),
  v.transform((value) => {
    if (typeof value !== 'boolean') return value;
    return { ...v.parse(detailed, {}), scanner: value ? ('auto' as const) : ('none' as const) };
  }),
);
