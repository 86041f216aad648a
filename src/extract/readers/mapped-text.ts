import type { SourceSpan } from '../../domain/source-span.ts';

/** A run of `length` characters that are the same in the value (from `at`) and in the file (from `start`). */
export type Segment = {
  readonly at: number;
  readonly start: number;
  readonly length: number;
};

/**
 * A value as a format's own rules read it, and where each of its characters stands in the file. Escapes, folded line
 * breaks and stripped indentation belong to no segment: text that crosses them cannot be edited in place.
 */
export type MappedText = {
  readonly value: string;
  /** Ordered by `at`, not overlapping, never touching both in value and file (such runs are one segment). */
  readonly segments: readonly Segment[];
};

/** A value that stands in the file at `start`, character for character. */
export function verbatim(value: string, start: number): MappedText {
  return { value, segments: [{ at: 0, start, length: value.length }] };
}

/** A value that stands nowhere in the file (made from others); nothing of it can be located. */
export function unmapped(value: string): MappedText {
  return { value, segments: [] };
}

/** Where [from, to) of the value stands in the file; null where it is not written there as one piece, verbatim. */
export function locate(text: MappedText, from: number, to: number): SourceSpan | null {
  const segment = segmentAt(text.segments, from, to);
  if (segment === null) return null;
  const start = segment.start + (from - segment.at);
  return { start, end: start + (to - from) };
}

/** An offset in the file at or before value offset `at`: for line numbers, where no exact place exists. */
export function approximate(text: MappedText, at: number, fallback: number): number {
  let best = fallback;
  let low = 0;
  let high = text.segments.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = text.segments[middle];
    if (segment === undefined || segment.at > at) {
      high = middle - 1;
    } else {
      best = segment.start + Math.min(at - segment.at, segment.length);
      low = middle + 1;
    }
  }
  return best;
}

/** The part [from, to) of a value, with its places. Linear in the segments it covers. */
export function part(text: MappedText, from: number, to: number): MappedText {
  const segments: Segment[] = [];
  for (let i = firstEndingAt(text.segments, from); i < text.segments.length; i++) {
    const segment = text.segments[i];
    if (segment === undefined || segment.at > to) break;
    const at = Math.max(segment.at, from);
    const end = Math.min(segment.at + segment.length, to);
    if (end < at || (end === at && from !== to)) continue;
    segments.push({ at: at - from, start: segment.start + (at - segment.at), length: end - at });
  }
  return { value: text.value.slice(from, to), segments };
}

/** A value without surrounding blanks and line ends. */
export function trimmed(text: MappedText): MappedText {
  const { value } = text;
  let from = 0;
  let to = value.length;
  while (from < to && isBlank(value.charCodeAt(from))) from++;
  while (to > from && isBlank(value.charCodeAt(to - 1))) to--;
  return from === 0 && to === value.length ? text : part(text, from, to);
}

/** Joins values in order, e.g. the pieces of one shell word. */
export function concat(parts: readonly MappedText[]): MappedText {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const builder = new MappedTextBuilder();
  for (const piece of parts) {
    let at = 0;
    for (const segment of piece.segments) {
      builder.add(piece.value.slice(at, segment.at));
      builder.copy(piece.value.slice(segment.at, segment.at + segment.length), segment.start);
      at = segment.at + segment.length;
    }
    builder.add(piece.value.slice(at));
  }
  return builder.build();
}

/** A text that was read out of the value of `outer` (its places are offsets there), with its places in the file. */
export function embedded(outer: MappedText, inner: MappedText): MappedText {
  const builder = new MappedTextBuilder();
  let at = 0;
  for (const segment of inner.segments) {
    builder.add(inner.value.slice(at, segment.at));
    const end = segment.start + segment.length;
    const placed = part(outer, segment.start, end);
    let from = 0;
    for (const piece of placed.segments) {
      builder.add(placed.value.slice(from, piece.at));
      builder.copy(placed.value.slice(piece.at, piece.at + piece.length), piece.start);
      from = piece.at + piece.length;
    }
    builder.add(placed.value.slice(from));
    at = segment.at + segment.length;
  }
  builder.add(inner.value.slice(at));
  return builder.build();
}

/** Puts a {@link MappedText} together from left to right. */
export class MappedTextBuilder {
  readonly #parts: string[] = [];
  readonly #segments: Segment[] = [];
  #length = 0;

  /** Adds characters that stand in the file at `start`, verbatim. */
  copy(text: string, start: number): void {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.at + last.length === this.#length && last.start + last.length === start) {
      this.#segments[this.#segments.length - 1] = { ...last, length: last.length + text.length };
    } else {
      this.#segments.push({ at: this.#length, start, length: text.length });
    }
    this.add(text);
  }

  /** Adds characters that stand nowhere (a decoded escape, a folded line break). */
  add(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
  }

  build(): MappedText {
    return { value: this.#parts.join(''), segments: this.#segments };
  }
}

function segmentAt(segments: readonly Segment[], from: number, to: number): Segment | null {
  for (let i = firstEndingAt(segments, from); i < segments.length; i++) {
    const segment = segments[i];
    if (segment === undefined || segment.at > from) return null;
    if (from >= segment.at && to <= segment.at + segment.length) return segment;
  }
  return null;
}

/** The index of the first segment that ends at or after `at`. */
function firstEndingAt(segments: readonly Segment[], at: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const segment = segments[middle];
    if (segment !== undefined && segment.at + segment.length < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13;
}
