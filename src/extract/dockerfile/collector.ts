import type { ImageReference } from '../../domain/image-reference.ts';
import type {
  ExtractionError,
  Site,
  SiteKind,
  Skip,
  SkippedText,
  SkipReason,
  Slot,
} from '../../domain/site.ts';
import type { BareDigest } from '../format.ts';
import { type Binding, type Piece, textOf } from './binding.ts';
import { readTagHint } from './comment-hint.ts';
import { Positions } from './positions.ts';

/** The word that names an image: what kind of site it would be, where it stands, and which ARG's default it is. */
export type WordPlace = {
  readonly kind: SiteKind;
  readonly start: number;
  readonly end: number;
  readonly self: Binding | null;
};

/** A resolved reference with where its characters stand. */
type Found = {
  readonly image: ImageReference;
  readonly pieces: readonly Piece[];
  readonly composed: boolean;
};

type Draft = {
  readonly kind: SiteKind;
  readonly name: string | null;
  readonly slot: Slot;
  readonly image: ImageReference;
  readonly found: Found;
  readonly self: Binding | null;
  skip: Skip | null;
  /** Set where the whole reference around the digest turned out to be a site. */
  isDropped: boolean;
};

/** Gathers what one file says, and turns it into sites once all of it is known. */
export class Collector {
  readonly #file: string;
  readonly #text: string;
  readonly #positions: Positions;
  readonly #drafts: Draft[] = [];
  /** Drafts by the offset of the digest they move. */
  readonly #byDigest = new Map<number, Draft>();
  readonly skipped: SkippedText[] = [];
  readonly errors: ExtractionError[] = [];
  readonly digests: BareDigest[] = [];

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
    this.#positions = new Positions(text);
  }

  /** Notes an image at a place; it becomes one site, where its digest or its whole text stands. */
  add(place: WordPlace, found: Found): void {
    const { pieces, image } = found;
    const only = pieces.length === 1 && !found.composed ? pieces[0] : undefined;
    if (only !== undefined && only.owner === place.self && only.at >= 0) {
      const slot = this.#slot('reference', only.at, only.at + only.text.length);
      const digestAt = image.digest === null ? -1 : slot.end - image.digest.length;
      const inner = this.#byDigest.get(digestAt);
      if (inner !== undefined) inner.isDropped = true;
      this.#push(place.kind, place.self, slot, found, null, digestAt);
      return;
    }
    for (const piece of pieces) {
      if (piece.owner !== null && piece.owner !== place.self) piece.owner.isFragment = true;
    }
    if (image.digest !== null) {
      const digest = findRun(pieces, image.text.length - image.digest.length, image.text.length);
      if (digest !== null) {
        this.#addDigest(place, found, digest.at, digest.owner);
        return;
      }
    }
    const slot = this.#slot('reference', place.start, place.end);
    this.#push(place.kind, place.self, slot, found, this.#refusal(found), -1);
  }

  /** Notes text that names no image that can be handled. */
  skip(start: number, end: number, reason: SkipReason, detail: string): void {
    const { line, column } = this.#positions.at(start);
    const text = this.#text.slice(start, end);
    this.skipped.push({ file: this.#file, line, column, text, reason, detail });
  }

  /** Notes an ARG that holds a digest and that no FROM here reads: a checksum, or the twin of a digest elsewhere. */
  addBareDigest(name: string, start: number, end: number): void {
    const { line, column } = this.#positions.at(start);
    const text = this.#text.slice(start, end);
    const place = { file: this.#file, line, column, format: 'dockerfile', kind: 'arg-default' } as const;
    this.digests.push({ ...place, name, text, start, end });
  }

  /** Notes what BuildKit refuses. `message` says what is wrong; the file and line are put before it. */
  error(offset: number, message: string): void {
    const { line } = this.#positions.at(offset);
    this.errors.push({
      file: this.#file,
      line,
      code: 'syntax',
      message: `${this.#file}:${line}: ${message}`,
    });
  }

  /** The file's text between two offsets. */
  textAt(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  /** Whether a site already moves the digest that stands at `offset`. */
  hasDigestAt(offset: number): boolean {
    return this.#byDigest.has(offset);
  }

  /** The sites, in the order of the file. */
  finish(): readonly Site[] {
    const valuesByFragment = new Map<Binding, string>();
    const shared = new Set<Binding>();
    for (const draft of this.#drafts) {
      for (const piece of draft.found.pieces) {
        if (piece.owner === null || piece.owner === draft.self) continue;
        const before = valuesByFragment.get(piece.owner);
        if (before !== undefined && before !== draft.image.text) shared.add(piece.owner);
        valuesByFragment.set(piece.owner, draft.image.text);
      }
    }
    this.skipped.sort((a, b) => a.line - b.line || a.column - b.column);
    const sites: Site[] = [];
    for (const draft of this.#drafts) if (!draft.isDropped) sites.push(this.#site(draft, shared));
    return sites.length < 2 ? sites : sites.sort((a, b) => a.start - b.start);
  }

  #addDigest(place: WordPlace, found: Found, at: number, owner: Binding | null): void {
    const { image } = found;
    const existing = this.#byDigest.get(at);
    if (existing !== undefined) {
      const same =
        existing.image.registry === image.registry &&
        existing.image.repository === image.repository &&
        existing.image.tag === image.tag;
      if (same) return;
      const detail = `the digest is used for ${withoutDigest(existing.image)} and for ${withoutDigest(image)}: give each image its own`;
      if (existing.slot.holds === 'digest') existing.skip = { reason: 'shared-fragment', detail };
      else this.skip(place.start, place.end, 'shared-fragment', detail);
      return;
    }
    const slot = this.#slot('digest', at, at + (image.digest?.length ?? 0));
    const kind = owner === null || owner === place.self ? place.kind : 'arg-default';
    this.#push(kind, owner ?? place.self, slot, found, null, at);
  }

  #push(
    kind: SiteKind,
    owner: Binding | null,
    slot: Slot,
    found: Found,
    skip: Skip | null,
    digestAt: number,
  ): void {
    const draft: Draft = {
      kind,
      name: owner?.name ?? null,
      slot,
      image: found.image,
      found,
      self: owner,
      skip,
      isDropped: false,
    };
    this.#drafts.push(draft);
    if (digestAt >= 0) this.#byDigest.set(digestAt, draft);
    if (owner !== null) owner.siteStart ??= slot.start;
  }

  #refusal(found: Found): Skip {
    if (!found.composed && found.pieces.every((piece) => piece.owner === found.pieces[0]?.owner)) {
      return {
        reason: 'unsupported-spelling',
        detail: 'the reference contains quotes, escapes or a line continuation: write it in one piece',
      };
    }
    return {
      reason: 'composed-reference',
      detail:
        found.image.digest === null
          ? `${withoutDigest(found.image)} is assembled from variables, which a digest would override: write the reference in one piece to pin it`
          : `the digest of ${withoutDigest(found.image)} is assembled from parts: write it in one piece`,
    };
  }

  #site(draft: Draft, shared: ReadonlySet<Binding>): Site {
    const { slot, image } = draft;
    const { line, column } = this.#positions.at(slot.start);
    return {
      file: this.#file,
      line,
      column,
      format: 'dockerfile',
      kind: draft.kind,
      name: draft.name,
      text: slot.text,
      start: slot.start,
      end: slot.end,
      image,
      slots: [slot],
      skip: sharedSkip(draft, shared) ?? draft.skip,
      tagHint: line === 1 ? null : readTagHint(this.#text, slot.start - column + 1, image),
      pin: null,
    };
  }

  #slot(holds: Slot['holds'], start: number, end: number): Slot {
    return { holds, start, end, text: this.#text.slice(start, end) };
  }
}

/** The reference for messages: they must not change when a digest moves. */
function withoutDigest(image: ImageReference): string {
  return image.tag === null ? image.name : `${image.name}:${image.tag}`;
}

/** An unpinned reference whose parts other images or RUN instructions read must not get a digest. */
function sharedSkip(draft: Draft, shared: ReadonlySet<Binding>): Skip | null {
  if (draft.image.digest !== null) return null;
  if (draft.skip === null) {
    if (draft.self === null || !draft.self.isFragment) return null;
    return {
      reason: 'shared-fragment',
      detail: `"${draft.self.name}" is part of other references in this file: a digest in it would break them`,
    };
  }
  if (draft.skip.reason !== 'composed-reference') return null;
  for (const piece of draft.found.pieces) {
    const owner = piece.owner;
    if (owner === null || owner === draft.self) continue;
    if (!shared.has(owner) && !owner.isRedeclared) continue;
    const readers = shared.has(owner) ? 'several images' : 'an image and by stages that declare it again';
    return {
      reason: 'shared-fragment',
      detail: `"${owner.name}" is read by ${readers}: a digest cannot go into it, and one beside it would override it`,
    };
  }
  return null;
}

/** The place of characters [from, to) of a value where they stand in one piece in the file. */
function findRun(
  pieces: readonly Piece[],
  from: number,
  to: number,
): { readonly at: number; readonly owner: Binding | null } | null {
  let offset = 0;
  for (const piece of pieces) {
    const end = offset + piece.text.length;
    if (from >= offset && to <= end) {
      return piece.at < 0 ? null : { at: piece.at + (from - offset), owner: piece.owner };
    }
    offset = end;
  }
  return null;
}

/** The file offset of a bare digest or of the digest that ends a value; -1 where it does not stand in one piece. */
export function digestOffset(pieces: readonly Piece[], length: number): number {
  const total = textOf(pieces).length;
  return findRun(pieces, total - length, total)?.at ?? -1;
}
