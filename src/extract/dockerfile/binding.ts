import type { LogicalLine } from './logical-line.ts';

/**
 * A run of characters of an expanded value. `at` is the file offset where the run stands, character by character, or -1
 * where it does not stand anywhere; `owner` is the ARG whose default it stands in, null for the word itself.
 */
export type Piece = {
  readonly text: string;
  readonly at: number;
  readonly owner: Binding | null;
};

/** An ARG as declared, with what its default comes to. */
export type Binding = {
  readonly name: string;
  readonly scope: 'global' | number;
  /** File offsets of the default as spelled, quotes included; both -1 where it has none. */
  readonly start: number;
  readonly end: number;
  /** `unset`: no default. `unknown`: a default that cannot be worked out; `fault` says why. */
  state: 'set' | 'unset' | 'unknown';
  fault: string;
  value: string;
  pieces: readonly Piece[];
  /** Whether the default joins variables with other text. */
  composed: boolean;
  /** The ARG whose value this default is, whole (`ARG B=$A`). */
  sole: Binding | null;
  reads: readonly Binding[];
  namesImage: boolean;
  /** Part of a reference that other text completes. */
  isFragment: boolean;
  /** Declared again in a stage without a default: RUN instructions see it. */
  isRedeclared: boolean;
  /** Whether the default has been turned into a site or a skip. */
  isReported: boolean;
  siteStart: number | null;
};

/** A fresh ARG without a default. */
export function declareBinding(
  name: string,
  scope: 'global' | number,
  span: { readonly start: number; readonly end: number },
): Binding {
  return {
    name,
    scope,
    start: span.start,
    end: span.end,
    state: 'unset',
    fault: '',
    value: '',
    pieces: [],
    composed: false,
    sole: null,
    reads: [],
    namesImage: false,
    isFragment: false,
    isRedeclared: false,
    isReported: false,
    siteStart: null,
  };
}

/** Adds characters [from, to) of a line as pieces, split where the line was continued, merged with what they continue. */
export function pushLiteral(
  pieces: Piece[],
  line: LogicalLine,
  from: number,
  to: number,
  owner: Binding | null,
): void {
  let start = from;
  while (start < to) {
    const end = line.contiguousEnd(start, to);
    pushPiece(pieces, { text: line.text.slice(start, end), at: line.source(start), owner });
    start = end;
  }
}

/** Adds a piece, merged with the last one where they stand side by side in the file. */
export function pushPiece(pieces: Piece[], piece: Piece): void {
  if (piece.text === '') return;
  const last = pieces.at(-1);
  if (
    last !== undefined &&
    last.owner === piece.owner &&
    last.at >= 0 &&
    last.at + last.text.length === piece.at
  ) {
    pieces[pieces.length - 1] = { text: last.text + piece.text, at: last.at, owner: last.owner };
    return;
  }
  pieces.push(piece);
}

/** The text of pieces. */
export function textOf(pieces: readonly Piece[]): string {
  if (pieces.length === 1) return pieces[0]?.text ?? '';
  let text = '';
  for (const piece of pieces) text += piece.text;
  return text;
}

/** The part [from, to) of a value, with where it stands. */
export function slicePieces(pieces: readonly Piece[], from: number, to: number): Piece[] {
  const out: Piece[] = [];
  let offset = 0;
  for (const piece of pieces) {
    const start = Math.max(from - offset, 0);
    const end = Math.min(to - offset, piece.text.length);
    if (start < end) {
      const at = piece.at < 0 ? -1 : piece.at + start;
      out.push({ text: piece.text.slice(start, end), at, owner: piece.owner });
    }
    offset += piece.text.length;
  }
  return out;
}
