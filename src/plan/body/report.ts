import type { IsoDate } from '../../domain/ledger-entry.ts';
import type { AgeAssessment } from '../../policy/age.ts';
import type { Section } from '../../report/markdown.ts';
import type { SarifLog } from '../../report/sarif.ts';
import type { SbomFile } from '../scan-diff/sbom-export.ts';

/** Counts of vulnerabilities that come (`introduced`) and go (`fixed`) with one move, by severity. */
export type SecurityDelta = {
  readonly fixed: SeveritySummary;
  readonly introduced: SeveritySummary;
};

/** `lower` counts every severity under high, unknown ones too. */
export type SeveritySummary = { readonly critical: number; readonly high: number; readonly lower: number };

/** A remark at a line of a file, plain text: `title` at most 255 characters. */
export type ReportAnnotation = {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
};

/** A folded part of the body. `summary` is plain text; the section is Markdown that was already made safe. */
export type Fold = { readonly summary: string; readonly section: Section };

/**
 * What is known of one rotation beyond the plan: filled in by the stages that found it out, all of it optional.
 * Every Markdown in it was already made safe (`report/markdown`).
 */
export type RotationReport = {
  /** The line for the table: `🟢 −3 critical · −8 high · +0`; null where nothing was compared. */
  readonly security: string | null;
  readonly delta: SecurityDelta | null;
  /** Of the digest that is replaced; null where there is none, or it was not looked up. */
  readonly age: AgeAssessment | null;
  /** When the new image says it was made. */
  readonly published: IsoDate | null;
  /** When the new digest was first seen behind its tag. */
  readonly firstSeen: IsoDate | null;
  /** The source repository and the commits the two images were built from, as their labels say. */
  readonly source: SourceRange | null;
  /** What speaks for and against it, one line each: `✅ signature verified (…)`. */
  readonly verdicts: readonly string[];
  /** One line on a variant of the image with far fewer findings; null where none is known. */
  readonly suggestion: string | null;
  readonly folds: readonly Fold[];
  /** The complete report for the check run. */
  readonly full: readonly Section[];
  /** What a scan of the new image found, for code scanning; null where nothing was scanned. */
  readonly sarif: SarifLog | null;
  /** SBOMs of the new image to keep for download; made when asked for. */
  readonly sboms: () => readonly SbomFile[];
  /** A label that this rotation asks for on its pull request (the urgent lane's); null where it asks for none. */
  readonly label: string | null;
  /** For the check run, at the lines that pin the image. */
  readonly annotations: readonly ReportAnnotation[];
};

/** From `org.opencontainers.image.source` and `…revision`; `from` is null where the old image does not say. */
export type SourceRange = { readonly url: string; readonly from: string | null; readonly to: string };

export const EMPTY_REPORT: RotationReport = {
  security: null,
  delta: null,
  age: null,
  published: null,
  firstSeen: null,
  source: null,
  verdicts: [],
  suggestion: null,
  folds: [],
  full: [],
  sarif: null,
  sboms: () => [],
  label: null,
  annotations: [],
};
