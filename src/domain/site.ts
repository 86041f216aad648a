import type { ImageReference } from './image-reference.ts';

/**
 * The names of the file formats. The list of extractors adds its own (`extract/formats/list.ts`), by declaration merging:
 * the domain imports no reader, and a new format is one line there; the union is closed all the same.
 */
export interface FormatNames {
  /** What a repository's own `managers` describe. */
  readonly generic: true;
}

/** A file format Pinwheel reads. */
export type Format = keyof FormatNames;

/** What part an image plays at its site. */
export type SiteKind =
  | 'from'
  | 'copy-from'
  | 'mount-from'
  | 'syntax'
  | 'arg-default'
  | 'build-arg'
  | 'build-context'
  | 'image'
  | 'builder'
  | 'variable';

/** Why a site is found and not handled. Closed: a new reason is a decision. */
export type SkipReason =
  | 'stage'
  | 'scratch'
  | 'unresolvable-variable'
  | 'shared-fragment'
  | 'composed-reference'
  | 'digest-without-tag'
  | 'named-context'
  | 'local-image'
  | 'invalid-reference'
  | 'unsupported-spelling'
  | 'templated'
  | 'ignored-by-configuration';

export type Skip = {
  readonly reason: SkipReason;
  /** One sentence for a person: what is in the way and what would help. */
  readonly detail: string;
};

/**
 * One piece of text that changes when the pin moves.
 * - `reference`: the whole reference as spelled, exactly its characters (no quotes).
 * - `digest`: a `sha256:…` standing alone; its text is empty where an empty value waits for one (`digest: ""`).
 * - `tag`: a tag standing alone. - `date`: the `YYYY-MM-DD` of a pin comment.
 * - `tag-and-digest`: a tag standing apart from its name and carrying, or able to carry, the digest: `3.11` or
 *   `3.11@sha256:…` (Helm's `tag:` where the values have no `digest:`). Written `tag@digest`.
 */
export type Slot = {
  readonly holds: 'reference' | 'digest' | 'tag' | 'tag-and-digest' | 'date';
  readonly start: number;
  readonly end: number;
  /** The text of the span, which an edit expects to find. */
  readonly text: string;
};

/** One place in one file that names a concrete image. Offsets are UTF-16 in the decoded text, a BOM counted. */
export type Site = {
  /** Relative to the root, `/` between folders. */
  readonly file: string;
  /** Of `start`; both from 1. */
  readonly line: number;
  readonly column: number;
  readonly format: Format;
  readonly kind: SiteKind;
  /** The ARG, build-arg or variable that holds the reference; null where it stands in place. */
  readonly name: string | null;
  /** The primary slot, again, for reports. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** What it resolves to after expansion. The tag may be null (see `extract/tag-hints`). */
  readonly image: ImageReference;
  /** What is written when the pin moves; the first is the primary one. Empty never occurs. */
  readonly slots: readonly [Slot, ...Slot[]];
  /** Set where the site names an image that will not be edited, with the reason. */
  readonly skip: Skip | null;
  /** A tag named beside a digest that has none of its own: `# debian:bookworm-slim (pinned 2026-01-31)` on the line before. */
  readonly tagHint: TagHint | null;
  /** The pin this site moves with, where several sites move together (set by `extract/link`). */
  readonly pin: string | null;
  /** A digest that stands alone and has its image, with the tag, at another place of its pin (set by `extract/link`). */
  readonly twin?: true;
};

/** A comment that names the tag of a digest; its slots are kept true when the pin moves. */
export type TagHint = {
  readonly image: ImageReference;
  /** Slots of kind `tag` and `date` inside the comment. */
  readonly slots: readonly Slot[];
};

/** A place that looks like an image and names none that could be handled. */
export type SkippedText = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
} & Skip;

/** Something in a file that could not be read; the rest of the file, and every other file, still counts. */
export type ExtractionError = {
  readonly file: string;
  readonly line: number | null;
  readonly code: 'too-large' | 'not-utf8' | 'binary' | 'syntax' | 'too-deep' | 'unreadable' | 'internal';
  /** Names what is wrong and what would help. */
  readonly message: string;
};
