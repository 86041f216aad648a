import type { ExtractionError, Format, Site, SiteKind, SkippedText } from '../domain/site.ts';

/** A candidate file, read and decoded once. `path` is relative with `/`; `text` keeps BOM and line ends. */
export type SourceFile = {
  readonly path: string;
  readonly text: string;
};

/**
 * A build that some file declares: which Dockerfile, which build arguments and which named contexts it passes.
 * `extract/link` uses these to join build-arg sites to ARG defaults and to tell named contexts from images.
 */
export type BuildDeclaration = {
  readonly file: string;
  readonly line: number;
  /** The Dockerfile's path relative to the root, or null where the build does not say (then `context` + `/Dockerfile`). */
  readonly dockerfile: string | null;
  /** The context folder relative to the root, `''` for the root, or null where it is unknown (a URL, a variable). */
  readonly context: string | null;
  readonly target: string | null;
  /** Build-argument names passed with a value, and the start offset of the value's site where it holds an image. */
  readonly args: readonly {
    readonly name: string;
    readonly siteStart: number | null;
    readonly value: string;
  }[];
  /** Named contexts: `docker-image://…`, `target:…`, a path or a URL, by name. */
  readonly contexts: readonly { readonly name: string; readonly value: string }[];
};

/** An ARG as a Dockerfile declares it: what build-arg sites are joined to. */
export type ArgDeclaration = {
  readonly name: string;
  /** 'global' before the first FROM, else the stage's number from 0. */
  readonly scope: 'global' | number;
  /** Start offset of the default's site where it holds an image, else null. */
  readonly siteStart: number | null;
  /** Whether a FROM, COPY --from or mount of this file reads it to name an image. */
  readonly namesImage: boolean;
};

/**
 * A `sha256:…` that stands alone under a name (`PYTHON_DIGEST=sha256:…`). It is a site only where `extract/link` finds
 * the image it belongs to: an ARG that a composed FROM reads, or an image with the same digest beside it.
 */
export type BareDigest = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly format: Format;
  readonly kind: SiteKind;
  readonly name: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The tag it follows in the same value: `3.11` in `PYTHON_TAG=3.11@sha256:…`. */
  readonly tag?: string;
};

/** All that one file says. Pure data of the file's text alone, so it may be cached by content. */
export type FileExtraction = {
  readonly file: string;
  readonly format: Format;
  readonly sites: readonly Site[];
  readonly skipped: readonly SkippedText[];
  readonly errors: readonly ExtractionError[];
  readonly args: readonly ArgDeclaration[];
  readonly builds: readonly BuildDeclaration[];
  /** Values that read like an image and are one only if `extract/link` finds an ARG of their name that names one. */
  readonly candidates?: readonly Site[];
  /** Digests standing alone under a name; `extract/link` makes sites of those that belong to an image. */
  readonly digests?: readonly BareDigest[];
};

/** A format's row of the table in docs/formats.md, in Markdown. */
export type FormatDocs = {
  /** The names of its files. */
  readonly files: string;
  /** What is found in them. */
  readonly finds: string;
};

/**
 * One file format. Pure: no I/O, never throws out of a file, linear in its size. A constant of this type names its format
 * in the type (`FormatExtractor<'ko'>`): the union of all formats is derived from it.
 */
export interface FormatExtractor<Name extends string = Format> {
  readonly format: Name;
  readonly docs: FormatDocs;
  /**
   * Set where most files of such paths are something else and only the content tells (any YAML may be a manifest). What
   * cannot be read of a file that no other format claims is then no error of the repository, but a skip.
   */
  readonly byContent?: boolean;
  /** Whether a file of this path may be of this format. By path alone; paths are relative with `/`. */
  matchesPath(path: string): boolean;
  /** A cheap test of the content before parsing; absent means always. */
  mayHold?(text: string): boolean;
  extract(file: SourceFile): FileExtraction;
}
