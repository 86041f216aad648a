import { isDigest } from '../../../domain/digest.ts';
import type { ImageReference } from '../../../domain/image-reference.ts';
import type {
  ExtractionError,
  Format,
  Site,
  SiteKind,
  SkippedText,
  SkipReason,
  Slot,
} from '../../../domain/site.ts';
import { LineIndex } from '../../../domain/source-span.ts';
import { readTagHint } from '../../dockerfile/comment-hint.ts';
import type {
  ArgDeclaration,
  BareDigest,
  BuildDeclaration,
  FileExtraction,
  SourceFile,
} from '../../format.ts';
import { locate, type MappedText } from '../../readers/mapped-text.ts';
import type { ReadFault } from '../../readers/node.ts';
import { MASK } from '../../readers/template-mask.ts';
import { WorkBudget } from '../../work-budget.ts';
import { type ImageUse, readImage } from './image-text.ts';
import { SHARED } from './skips.ts';

const OVERDRAWN =
  'its aliases, variables or matrices expand to more than Pinwheel reads: the rest was skipped';

/** Gathers what one file says, with lines and columns; what stands at one place is kept once. */
export class SiteCollector {
  /** What the file may still cost: for the readers, which charge it. */
  readonly budget = new WorkBudget();
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

  constructor(file: SourceFile, format: Format) {
    this.#file = file;
    this.#format = format;
    this.#lines = new LineIndex(file.text);
  }

  get path(): string {
    return this.#file.path;
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    return this.#lines.at(offset).line;
  }

  /**
   * Takes a text that names an image ({@link readImage}). Returns the start of the site, or null where there is none (then
   * the reason is among the skipped, unless ignored).
   */
  image(text: MappedText, use: ImageUse, fallback = 0): number | null {
    const read = readImage(text, use, { file: this.#file.text, budget: this.budget, fallback });
    if (read.kind === 'skip') this.skip(read.text, read.offset, read.skip.reason, read.skip.detail);
    if (read.kind !== 'site') return null;
    for (const start of read.completes) this.#completed.add(start);
    return this.#add(read.image, read.slots, read.use);
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

  /** Notes a text that names an image and cannot be handled. */
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

  /** Notes the first of what kept a reader from reading more. */
  faults(faults: readonly ReadFault[]): void {
    const [first] = faults;
    if (first === undefined) return;
    const { line } = this.#lines.at(Math.min(first.offset, this.#file.text.length));
    this.#errors.push({ file: this.#file.path, line, code: first.code, message: first.message });
  }

  /** Notes a build that the file declares. */
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

  /** All that was gathered, in the order of the file; an error where the file asks for more work than there is. */
  result(): FileExtraction {
    if (this.budget.isOverdrawn) this.faults([{ code: 'too-large', offset: 0, message: OVERDRAWN }]);
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
