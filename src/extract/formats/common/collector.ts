import { isDigest } from '../../../domain/digest.ts';
import { type ImageReference, parseImageReference } from '../../../domain/image-reference.ts';
import type {
  ExtractionError,
  Format,
  Site,
  SiteKind,
  Skip,
  SkippedText,
  SkipReason,
  Slot,
} from '../../../domain/site.ts';
import { LineIndex, type SourceSpan } from '../../../domain/source-span.ts';
import { readTagHint } from '../../dockerfile/comment-hint.ts';
import type {
  ArgDeclaration,
  BareDigest,
  BuildDeclaration,
  FileExtraction,
  SourceFile,
} from '../../format.ts';
import { approximate, locate, type MappedText, trimmed } from '../../readers/mapped-text.ts';
import type { ReadFault } from '../../readers/node.ts';
import { MASK } from '../../readers/template-mask.ts';
import { expandVariables, type Scope } from './expand.ts';
import { isOneScalar, isTemplated, looksLikeReference, SHARED, TEMPLATED, unresolvable } from './skips.ts';

/** How a text that should name an image is to be read. */
export type ImageUse = {
  readonly kind: SiteKind;
  /** The ARG, build-arg or variable that holds it. */
  readonly name?: string | null;
  /** Variables to expand; without it a `$` is no variable. */
  readonly scope?: Scope;
  /** `ignore` keeps quiet about a text that is no reference: for keys that often hold something else. */
  readonly invalid?: 'report' | 'ignore';
  /** Found, and not to be edited: the site is kept with this reason. */
  readonly skip?: Skip;
  /** An image only if `extract/link` finds that it is one. */
  readonly candidate?: boolean;
};

/** What one file may cost: four times what the largest file holds if it is all scripts. */
const WORK_LIMIT = 4_000_000;
/** What a value costs of it. */
export const VALUE_COST = 20;

const NO_SCOPE: Scope = () => undefined;

/** Gathers what one file says, with lines and columns; what stands at one place is kept once. */
export class SiteCollector {
  readonly #file: SourceFile;
  readonly #format: Format;
  readonly #lines: LineIndex;
  readonly #sites = new Map<number, Site>();
  readonly #candidates = new Map<number, Site>();
  readonly #digests = new Map<number, BareDigest>();
  readonly #skipped = new Map<string, SkippedText>();
  readonly #skippedAt: number[] = [];
  /** Names that get their digest from elsewhere: one of their own would be one too many. */
  readonly #completed = new Set<number>();
  readonly #errors: ExtractionError[] = [];
  readonly #builds: BuildDeclaration[] = [];
  readonly #args: ArgDeclaration[] = [];
  #budget = WORK_LIMIT;

  constructor(file: SourceFile, format: Format) {
    this.#file = file;
    this.#format = format;
    this.#lines = new LineIndex(file.text);
  }

  get path(): string {
    return this.#file.path;
  }

  /**
   * Counts work that aliases can multiply beyond the size of the file: characters of scripts, 20 for each value looked
   * at. False once it is too much; that is an error of the file, and what was found until then counts.
   */
  spend(units: number): boolean {
    const had = this.#budget > 0;
    this.#budget -= units;
    if (this.#budget > 0) return true;
    if (had) {
      const message = 'its aliases stand for more than can be read: what comes after this much is left out';
      this.faults([{ code: 'too-large', offset: 0, message }]);
    }
    return false;
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    return this.#lines.at(offset).line;
  }

  /**
   * Takes a text that names an image. Variables with a value or default are followed to where the text really stands.
   * Returns the start of the site, or null where there is none (then the reason is among the skipped, unless ignored).
   */
  image(text: MappedText, use: ImageUse, fallback = 0): number | null {
    const written = trimmed(text);
    if (written.value === '') return null;
    const offset = approximate(written, 0, fallback);
    if (isTemplated(written.value)) {
      this.#leave(written.value, offset, TEMPLATED);
      return null;
    }
    const expanded = expandVariables(written, use.scope ?? NO_SCOPE);
    if (!expanded.ok) {
      if (use.invalid !== 'ignore' || looksLikeReference(written.value))
        this.#leave(written.value, offset, use.skip ?? unresolvable(expanded.missing));
      return null;
    }
    const whole = trimmed(expanded.text);
    if (whole.value === '') return null;
    if (isTemplated(whole.value)) {
      this.#leave(written.value, offset, TEMPLATED);
      return null;
    }
    const parsed = parseImageReference(whole.value);
    if (!parsed.ok) {
      if (use.invalid !== 'ignore')
        this.skip(written.value, offset, 'invalid-reference', parsed.fault.message);
      return null;
    }
    const name = use.name ?? expanded.variable;
    const span = locate(whole, 0, whole.value.length);
    if (span !== null) {
      return this.#add(parsed.value, [slotOf('reference', span, whole.value)], { ...use, name });
    }
    return this.#composed(parsed.value, whole, written, { ...use, name }, offset);
  }

  #leave(text: string, offset: number, { reason, detail }: Skip): void {
    this.skip(text, offset, reason, detail);
  }

  /** A reference put together from several places: its digest can move where it stands, nothing else. */
  #composed(
    image: ImageReference,
    whole: MappedText,
    written: MappedText,
    use: ImageUse,
    offset: number,
  ): number | null {
    if (image.digest !== null) {
      const at = whole.value.length - image.digest.length;
      const digest = locate(whole, at, whole.value.length);
      if (digest !== null) {
        for (const segment of whole.segments) if (segment.at < at) this.#completed.add(segment.start);
        return this.#add(image, [slotOf('digest', digest, image.digest)], use);
      }
    }
    const source = locate(written, 0, written.value.length);
    const escaped = !written.value.includes('$') && isOneScalar(this.#file.text, whole);
    const reason: SkipReason = escaped ? 'unsupported-spelling' : 'composed-reference';
    const detail = escaped
      ? 'the reference is spelled with escapes or over several lines: write it plainly on one line'
      : 'the reference is put together from variables: a digest beside a changing tag would silently win over it';
    if (source === null) {
      this.skip(written.value, offset, reason, detail);
      return null;
    }
    return this.#add(image, [slotOf('reference', source, written.value)], {
      ...use,
      skip: use.skip ?? { reason, detail },
    });
  }

  /** A site whose slots are known already. Two images at one place are a shared fragment, which is not edited. */
  site(image: ImageReference, slots: readonly [Slot, ...Slot[]], use: ImageUse): number {
    return this.#add(image, slots, use);
  }

  /** A `sha256:…` standing alone under a name; `extract/link` decides what it belongs to. */
  digest(text: MappedText, kind: SiteKind, name: string, tag?: string): number | null {
    const span = locate(text, 0, text.value.length);
    if (span === null || !isDigest(text.value) || this.#digests.has(span.start)) return span?.start ?? null;
    const { line, column } = this.#lines.at(span.start);
    const place = { file: this.#file.path, line, column, format: this.#format };
    const what = { kind, name, text: text.value, ...span, ...(tag === undefined ? {} : { tag }) };
    this.#digests.set(span.start, { ...place, ...what });
    return span.start;
  }

  /** Where something was found until now, also what was skipped, in order. */
  taken(): readonly number[] {
    const slots = [...this.#sites.values(), ...this.#candidates.values()].flatMap((site) => site.slots);
    const starts = [...slots.map(({ start }) => start), ...this.#digests.keys(), ...this.#skippedAt];
    return starts.sort((a, b) => a - b);
  }

  skip(text: string, offset: number, reason: SkipReason, detail: string): void {
    const { line, column } = this.#lines.at(offset);
    const key = `${offset} ${text}`;
    if (this.#skipped.has(key)) return;
    this.#skippedAt.push(offset);
    // What a template was masked with is shown as it stands.
    const shown = text.includes(MASK) ? this.#file.text.slice(offset, offset + text.length) : text;
    const place = { file: this.#file.path, line, column };
    this.#skipped.set(key, { ...place, text: shown.slice(0, 300), reason, detail });
  }

  faults(faults: readonly ReadFault[]): void {
    const [first] = faults;
    if (first === undefined) return;
    const { line } = this.#lines.at(Math.min(first.offset, this.#file.text.length));
    this.#errors.push({ file: this.#file.path, line, code: first.code, message: first.message });
  }

  build(build: BuildDeclaration): void {
    this.#builds.push(build);
  }

  /** Takes over a site that was found in a text embedded in this file, its slots moved to their places here. */
  adopt(site: Site, slots: readonly [Slot, ...Slot[]]): void {
    const [primary] = slots;
    const there = this.#sites.get(primary.start);
    // A variable of the file around it that builds take, too, is known better there.
    if (there !== undefined && there.skip === null && sameImage(there.image, site.image)) return;
    const { line, column } = this.#lines.at(primary.start);
    const { start, end, text } = primary;
    this.#sites.set(start, {
      ...site,
      file: this.#file.path,
      format: this.#format,
      line,
      column,
      start,
      end,
      text,
      slots,
    });
  }

  /** Notes ARGs that an embedded Dockerfile declares. */
  declare(args: readonly ArgDeclaration[]): void {
    this.#args.push(...args);
  }

  result(): FileExtraction {
    const candidates = inOrder(this.#candidates.values()).filter(
      ({ start, image }) => !this.#sites.has(start) && !(image.digest === null && this.#completed.has(start)),
    );
    const digests = [...this.#digests.values()]
      .filter((digest) => !this.#sites.has(digest.start))
      .sort((a, b) => a.start - b.start);
    return {
      file: this.#file.path,
      format: this.#format,
      sites: inOrder(this.#sites.values()),
      skipped: [...this.#skipped.values()].sort((a, b) => a.line - b.line || a.column - b.column),
      errors: this.#errors,
      args: this.#args,
      builds: this.#builds,
      ...(candidates.length > 0 ? { candidates } : {}),
      ...(digests.length > 0 ? { digests } : {}),
    };
  }

  #add(image: ImageReference, slots: readonly [Slot, ...Slot[]], use: ImageUse): number {
    const [primary] = slots;
    const { line, column } = this.#lines.at(primary.start);
    const site: Site = {
      file: this.#file.path,
      line,
      column,
      format: this.#format,
      kind: use.kind,
      name: use.name ?? null,
      text: primary.text,
      start: primary.start,
      end: primary.end,
      image,
      slots,
      skip: use.skip ?? null,
      tagHint:
        image.digest !== null && image.tag === null
          ? readTagHint(this.#file.text, primary.start - column + 1, image)
          : null,
      pin: null,
    };
    const into = use.candidate === true ? this.#candidates : this.#sites;
    const there = into.get(primary.start);
    if (there === undefined || (there.skip !== null && site.skip === null) || isMereVariable(there, site))
      into.set(primary.start, site);
    else if (site.skip === null && there.skip === null && !sameImage(there.image, image)) {
      into.set(primary.start, { ...there, skip: SHARED });
    }
    return primary.start;
  }
}

/** A slot over a span of the file. */
export function slotOf(holds: Slot['holds'], span: SourceSpan, text: string): Slot {
  return { holds, start: span.start, end: span.end, text };
}

/** What reads a variable says more of it than its own line. */
function isMereVariable(there: Site, site: Site): boolean {
  return there.kind === 'variable' && site.kind !== 'variable' && sameImage(there.image, site.image);
}

function sameImage(a: ImageReference, b: ImageReference): boolean {
  return a.registry === b.registry && a.repository === b.repository && a.tag === b.tag;
}

function inOrder(sites: Iterable<Site>): Site[] {
  return [...sites].sort((a, b) => a.start - b.start);
}
