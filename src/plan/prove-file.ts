import type { Format } from '../domain/site.ts';
import type { FileExtraction, SourceFile } from '../extract/format.ts';
import { applyEdits } from './edits.ts';
import { type Edit, PlanError } from './plan.ts';
import { type IntendedMove, verifyEdits } from './verify-edits.ts';

/**
 * Applies one file's edits and proves them with every format that reads the file. Each intended place must be known to
 * the format it was found by. Returns the new text; throws PlanError where anything differs from what is intended.
 */
export function proveFile(proof: {
  readonly path: string;
  readonly text: string;
  readonly edits: readonly Edit[];
  readonly intended: readonly IntendedMove[];
  readonly extractions: readonly FileExtraction[];
  readonly extract: (file: SourceFile, format: Format) => FileExtraction;
}): string {
  const { path, text, edits, intended, extractions } = proof;
  const after = applyEdits(text, edits);
  const formats = new Set(extractions.map((extraction) => extraction.format));
  const orphan = intended.find(({ site }) => !formats.has(site.format));
  if (orphan !== undefined) {
    throw new PlanError({
      code: 'unintended-change',
      message: `${path}:${orphan.site.line}: nothing reads this file as ${orphan.site.format}, so the change cannot be proved`,
    });
  }
  for (const extraction of extractions) {
    const again = proof.extract({ path, text: after }, extraction.format);
    const own = intended.filter(({ site }) => site.format === extraction.format);
    verifyEdits({ text, extraction }, { text: after, extraction: again }, edits, own);
  }
  return after;
}
