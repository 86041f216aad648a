import type { Digest } from '../domain/digest.ts';
import type { Site, Slot } from '../domain/site.ts';
import type { BareDigest, FileExtraction } from '../extract/format.ts';
import { inOrder } from './edits.ts';
import { type Edit, PlanError } from './plan.ts';

/** One file's text and what extraction makes of it. */
export type Extracted = { readonly text: string; readonly extraction: FileExtraction };

/** A site that is meant to change, and what it must say afterwards. */
export type IntendedMove = { readonly site: Site; readonly to: Digest; readonly toTag: string };

/**
 * Proves edits by extraction: the new text differs from the old one in the edits' spans alone; every intended site holds
 * its new digest and tag; every other site, skip, argument and build declaration is what it was, moved along.
 * Both sides are one file read by one format. Throws PlanError `unintended-change`, naming file and line.
 */
export function verifyEdits(
  before: Extracted,
  after: Extracted,
  edits: readonly Edit[],
  intended: readonly IntendedMove[],
): void {
  const file = before.extraction.file;
  const proof = new Proof(file, inOrder(edits), after.text);
  proof.bytes(before.text);

  const moves = new Map(intended.map((move) => [spanKey(move.site), move]));
  const [old, fresh] = [before.extraction, after.extraction];
  const seen = new Set<string>();
  const sites = (was: readonly Site[], is: readonly Site[], what: string): void => {
    proof.pairs(
      was,
      is,
      what,
      (one) => one.line,
      (a, b) => {
        const move = moves.get(spanKey(a));
        if (move !== undefined) seen.add(spanKey(a));
        return proof.site(a, b, move);
      },
    );
  };
  sites(old.sites, fresh.sites, 'image');
  sites(old.candidates ?? [], fresh.candidates ?? [], 'value');
  proof.pairs(
    old.digests ?? [],
    fresh.digests ?? [],
    'digest',
    (one) => one.line,
    (a, b) => {
      const move = moves.get(spanKey(a));
      if (move !== undefined) seen.add(spanKey(a));
      return proof.digest(a, b, move);
    },
  );
  for (const [key, move] of moves) {
    if (!seen.has(key)) proof.fail(move.site.line, 'the place to change was not found in the file');
  }
  sameSkips(proof, old, fresh);
  proof.declarations(old, fresh);
}

/** What could not be handled is what it was. */
function sameSkips(proof: Proof, old: FileExtraction, fresh: FileExtraction): void {
  proof.pairs(
    old.skipped,
    fresh.skipped,
    'skipped place',
    (one) => one.line,
    (a, b) =>
      a.line === b.line &&
      a.reason === b.reason &&
      proof.sameText(a.text, b.text) &&
      proof.sameText(a.detail, b.detail),
  );
  proof.pairs(
    old.errors,
    fresh.errors,
    'unreadable place',
    (one) => one.line,
    (a, b) => a.line === b.line && a.code === b.code,
  );
}

class Proof {
  readonly #file: string;
  readonly #edits: readonly Edit[];
  readonly #after: string;
  /** By how much the text has grown before the edit of the same number; one more entry than edits. */
  readonly #growth: readonly number[];

  constructor(file: string, edits: readonly Edit[], after: string) {
    this.#file = file;
    this.#edits = edits;
    this.#after = after;
    let sum = 0;
    this.#growth = [0, ...edits.map((edit) => (sum += edit.replacement.length - edit.expected.length))];
  }

  fail(line: number | null, what: string): never {
    const place = line === null ? this.#file : `${this.#file}:${line}`;
    throw new PlanError({
      code: 'unintended-change',
      message: `${place}: the change was not made, because afterwards ${what}; please report this with the lines concerned`,
    });
  }

  /** Everything outside the edits is byte for byte what it was. */
  bytes(before: string): void {
    let old = 0;
    let fresh = 0;
    for (const edit of this.#edits) {
      const kept = before.slice(old, edit.start);
      if (before.slice(edit.start, edit.end) !== edit.expected) this.fail(null, 'another text was replaced');
      if (!this.#after.startsWith(kept, fresh)) this.fail(null, 'text outside the edited places differs');
      fresh += kept.length;
      if (!this.#after.startsWith(edit.replacement, fresh))
        this.fail(null, 'an edited place does not have the new value');
      fresh += edit.replacement.length;
      old = edit.end;
    }
    if (before.slice(old) !== this.#after.slice(fresh))
      this.fail(null, 'text outside the edited places differs');
  }

  pairs<Item>(
    was: readonly Item[],
    is: readonly Item[],
    what: string,
    lineOf: (item: Item) => number | null,
    same: (a: Item, b: Item) => boolean,
  ): void {
    for (let index = 0; index < Math.max(was.length, is.length); index++) {
      const [a, b] = [was[index], is[index]];
      if (a === undefined) this.fail(b === undefined ? null : lineOf(b), `there is one more ${what}`);
      if (b === undefined) this.fail(lineOf(a), `the ${what} here is gone`);
      if (!same(a, b)) this.fail(lineOf(a), `the ${what} here is not as expected`);
    }
  }

  site(a: Site, b: Site, move: IntendedMove | undefined): boolean {
    const frame =
      a.line === b.line &&
      a.format === b.format &&
      a.kind === b.kind &&
      a.name === b.name &&
      this.#span(a, b) &&
      this.#slots(a.slots, b.slots, move !== undefined) &&
      this.#skip(a, b) &&
      a.image.registry === b.image.registry &&
      a.image.repository === b.image.repository &&
      a.image.name === b.image.name;
    if (!frame) return false;
    if (move === undefined) {
      return a.text === b.text && a.image.text === b.image.text && this.#hint(a, b, false);
    }
    const digestAlone = a.image.tag === null && a.image.digest !== null;
    const tag = digestAlone ? null : move.toTag;
    return b.image.digest === move.to && b.image.tag === tag && this.#hint(a, b, true);
  }

  digest(a: BareDigest, b: BareDigest, move: IntendedMove | undefined): boolean {
    const frame = a.line === b.line && a.name === b.name && a.kind === b.kind && this.#span(a, b);
    return frame && b.text === (move === undefined ? a.text : move.to);
  }

  /** The same text, or the text with one of the edits made in it. */
  sameText(a: string, b: string): boolean {
    if (a === b) return true;
    return this.#edits.some(
      (edit) => edit.expected !== '' && a.replaceAll(edit.expected, () => edit.replacement) === b,
    );
  }

  declarations(a: FileExtraction, b: FileExtraction): void {
    this.pairs(
      a.args,
      b.args,
      'argument',
      () => null,
      (was, is) => {
        const same = was.name === is.name && was.scope === is.scope && was.namesImage === is.namesImage;
        return same && this.#offset(was.siteStart) === is.siteStart;
      },
    );
    this.pairs(
      a.builds,
      b.builds,
      'build',
      (build) => build.line,
      (was, is) => {
        const same =
          was.line === is.line &&
          was.dockerfile === is.dockerfile &&
          was.context === is.context &&
          was.target === is.target;
        if (!same) return false;
        this.pairs(
          was.args,
          is.args,
          'build argument',
          () => was.line,
          (x, y) =>
            x.name === y.name && this.#offset(x.siteStart) === y.siteStart && this.sameText(x.value, y.value),
        );
        this.pairs(
          was.contexts,
          is.contexts,
          'build context',
          () => was.line,
          (x, y) => x.name === y.name && this.sameText(x.value, y.value),
        );
        return true;
      },
    );
  }

  #skip(a: Site, b: Site): boolean {
    if (a.skip === null || b.skip === null) return a.skip === b.skip;
    return a.skip.reason === b.skip.reason && this.sameText(a.skip.detail, b.skip.detail);
  }

  #hint(a: Site, b: Site, moves: boolean): boolean {
    if (a.tagHint === null || b.tagHint === null) return a.tagHint === b.tagHint;
    const same = moves || a.tagHint.image.text === b.tagHint.image.text;
    return same && this.#slots(a.tagHint.slots, b.tagHint.slots, moves);
  }

  #slots(a: readonly Slot[], b: readonly Slot[], moves: boolean): boolean {
    if (a.length !== b.length) return false;
    return a.every((was, index) => {
      const is = b[index];
      if (is === undefined || was.holds !== is.holds || !this.#span(was, is)) return false;
      return is.text === (moves ? this.#after.slice(is.start, is.end) : was.text);
    });
  }

  #span(
    a: { readonly start: number; readonly end: number },
    b: { readonly start: number; readonly end: number },
  ): boolean {
    return this.#offset(a.start) === b.start && this.#endOffset(a.end) === b.end;
  }

  /** Where a place that starts at `offset` starts after the edits: what is inserted right there belongs to it. */
  #offset(offset: number | null): number | null {
    if (offset === null) return null;
    const count = this.#editsUpTo(offset);
    const last = this.#edits[count - 1];
    return offset + (this.#growth[last !== undefined && last.start >= offset ? count - 1 : count] ?? 0);
  }

  /** Where a place that ends at `offset` ends after the edits: an edit that ends there belongs to it. */
  #endOffset(offset: number): number {
    return offset + (this.#growth[this.#editsUpTo(offset)] ?? 0);
  }

  /** How many edits end at or before `offset`. */
  #editsUpTo(offset: number): number {
    let low = 0;
    let high = this.#edits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#edits[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function spanKey(place: { readonly start: number; readonly end: number }): string {
  return `${place.start}-${place.end}`;
}
