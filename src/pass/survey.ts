import { imageSettings } from '../config/image-settings.ts';
import type { RepositoryConfig } from '../config/repository.ts';
import { type CandidateRules, candidatesFor } from '../discover/candidates.ts';
import { readIfThere, type Tree, type TreeEntry, TreeError } from '../discover/tree.ts';
import { type Failure, PinwheelError, toFailure } from '../domain/errors.ts';
import type { ExtractionError, Format, Site, SkippedText } from '../domain/site.ts';
import { decodeSource, refuseSize } from '../extract/decode.ts';
import { extractBy } from '../extract/extract-as.ts';
import type { FileExtraction, FormatExtractor, SourceFile } from '../extract/format.ts';
import { formats } from '../extract/formats/list.ts';
import type { LinkFinding } from '../extract/link/links.ts';
import { linkExtractions } from '../extract/link.ts';
import { attachTagHints } from '../extract/tag-hints.ts';
import { decodeText } from '../plan/encoding.ts';
import { ledgerTag } from '../plan/ledger/adopt.ts';
import type { LedgerDocument } from '../plan/ledger/document.ts';
import { locateLedger } from '../plan/ledger/locate.ts';
import { parseLedger } from '../plan/ledger/parse.ts';
import { followedImage } from '../plan/pins.ts';
import { type UnmatchedPattern, unmatchedPatterns } from '../policy/unmatched-patterns.ts';

/** What one tree holds: every place that names an image, linked across files, and the ledger as it stands. */
export type Survey = {
  /** By file and offset; with tags that comments, configuration and ledger name, and with the configuration's skips. */
  readonly sites: readonly Site[];
  readonly skipped: readonly SkippedText[];
  readonly errors: readonly ExtractionError[];
  /** What the places of one pin do not agree on, and what cannot be known of builds. */
  readonly findings: readonly LinkFinding[];
  /** What extraction made of each file alone. */
  readonly extractions: readonly FileExtraction[];
  /** What a format, also one of the configuration's own, makes of a file: to prove edits with. */
  readonly extract: (file: SourceFile, format: Format) => FileExtraction;
  /** Of each file that holds a site: its bytes as read, and their text. */
  readonly sources: ReadonlyMap<string, Uint8Array>;
  readonly texts: ReadonlyMap<string, string>;
  /** Null where none is kept, and where it is damaged. */
  readonly ledger: LedgerDocument | null;
  /** A damaged ledger forbids writing: it could not be kept true. */
  readonly ledgerIsDamaged: boolean;
  /** Patterns of the repository's own file that name nothing in the tree. */
  readonly unmatched: readonly UnmatchedPattern[];
  /** The errors of files, and the ledger's, as failures. */
  readonly failures: readonly Failure[];
};

const READS_AT_ONCE = 32;

/**
 * Reads a tree once: which files, what they say, how they hang together. A file that cannot be read is an error of that
 * file alone. Throws where the tree cannot be listed, or its host cannot be asked.
 */
export async function surveyTree(tree: Tree, config: RepositoryConfig): Promise<Survey> {
  const known = await formatsFor(config);
  const candidates = candidatesFor(known, candidateRules(config));
  const skippedFolders: string[] = [];
  const entries = await tree.list((path) => {
    const isSkipped = candidates.skipFolder(path);
    if (isSkipped) skippedFolders.push(path);
    return isSkipped;
  });
  const wanted = entries.flatMap((entry) => {
    const extractors =
      entry.kind === 'file' || entry.kind === 'executable' ? candidates.formatsOf(entry.path) : [];
    return extractors.length === 0 ? [] : [{ entry, extractors }];
  });
  const read: FileReading[] = [];
  for (let i = 0; i < wanted.length; i += READS_AT_ONCE) {
    const batch = wanted.slice(i, i + READS_AT_ONCE);
    read.push(
      ...(await Promise.all(batch.map(({ entry, extractors }) => readFile(tree, entry, extractors)))),
    );
  }
  for (const entry of entries) if (entry.kind === 'unreadable') read.push(unlistedFolder(entry.path));
  const ledger = await readLedger(tree, entries, new Set(read.map((file) => file.path)), config);
  const survey = assemble(read, keepableLedger(ledger, read), config, known);
  const seen = {
    images: survey.sites.map((site) => followedImage(site) ?? site.image),
    imageFiles: [...new Set(survey.sites.map(({ file }) => file))],
    files: entries.map(({ path }) => path),
    skippedFolders,
  };
  return { ...survey, unmatched: unmatchedPatterns(config, seen) };
}

type FileReading = {
  readonly path: string;
  readonly bytes: Uint8Array | null;
  readonly text: string;
  readonly extractions: readonly FileExtraction[];
  readonly error: ExtractionError | null;
  /** Set where a file could not be read that perhaps nobody meant: a large or binary file of a common name. */
  readonly passedOver: SkippedText | null;
};

async function readFile(
  tree: Tree,
  entry: TreeEntry,
  extractors: readonly FormatExtractor[],
): Promise<FileReading> {
  const { path } = entry;
  const unread = (error: ExtractionError): FileReading => {
    const none = { path, bytes: null, text: '', extractions: [] };
    // Any YAML may be a manifest; that a large or binary one cannot be read is no failure of the repository.
    const isMeant = error.code === 'unreadable' || extractors.some(({ byContent }) => byContent !== true);
    return isMeant
      ? { ...none, error, passedOver: null }
      : { ...none, error: null, passedOver: skipOf(error) };
  };
  const tooLarge = entry.size === null ? null : refuseSize(path, entry.size);
  if (tooLarge !== null) return unread(tooLarge);
  let bytes: Uint8Array;
  try {
    bytes = await tree.read(path);
  } catch (error) {
    // Anything else is an outage or a refusal, and says nothing about the file: pins must not seem gone for it.
    if (!(error instanceof TreeError)) throw error;
    const { message } = error;
    return unread({ file: path, line: null, code: 'unreadable', message });
  }
  const decoded = decodeSource(path, bytes);
  if (!decoded.ok) return unread(decoded.fault);
  const { value: file } = decoded;
  const extractions = extractors
    .filter((extractor) => extractor.mayHold?.(file.text) ?? true)
    .map((extractor) => extractBy(extractors, file, extractor.format));
  return { path, bytes, text: file.text, extractions, error: null, passedOver: null };
}

function skipOf({ file, message }: ExtractionError): SkippedText {
  return { file, line: 1, column: 1, text: '', reason: 'unsupported-spelling', detail: message };
}

function unlistedFolder(path: string): FileReading {
  // What is no UTF-8 in a name was replaced, and nothing is found under that name.
  const remedy = path.includes('\ufffd') ? 'its name is not UTF-8: rename it' : 'make it readable';
  const message = `the folder ${path} cannot be listed; ${remedy}, or exclude it`;
  const error = { file: path, line: null, code: 'unreadable', message } as const;
  return { path, bytes: null, text: '', extractions: [], passedOver: null, error };
}

/**
 * The ledger, or why it cannot be kept true: what a row says of a file that cannot be read may still hold, and leaving
 * the row out because no pin was seen would lose it.
 */
function keepableLedger(ledger: LedgerReading, read: readonly FileReading[]): LedgerReading {
  const { document } = ledger;
  if (document === null) return ledger;
  const unread = read.filter(({ error }) => error !== null).map(({ path }) => path);
  if (unread.length === 0) return ledger;
  const usedIn = document.entries.flatMap((entry) => entry.usedIn);
  const path = unread.find((one) => usedIn.some((used) => used === one || used.startsWith(`${one}/`)));
  if (path === undefined) return ledger;
  const message = `${document.path} has rows for ${path}, which cannot be read, so they cannot be updated; nothing was written`;
  return {
    document,
    failure: { subject: document.path, code: 'ledger-unread', message, temporary: false },
  };
}

type LedgerReading = { readonly document: LedgerDocument | null; readonly failure: Failure | null };

async function readLedger(
  tree: Tree,
  entries: readonly TreeEntry[],
  sources: ReadonlySet<string>,
  config: RepositoryConfig,
): Promise<LedgerReading> {
  if (!config.ledger.enabled) return { document: null, failure: null };
  const files = entries.filter((entry) => entry.kind === 'file' || entry.kind === 'executable');
  const { path } = locateLedger(
    files.map((entry) => entry.path),
    config.ledger.path,
  );
  if (sources.has(path)) {
    const message = `the ledger cannot be ${path}, which is scanned for images; name another path in the configuration`;
    return { document: null, failure: { subject: path, code: 'ledger-path', message, temporary: false } };
  }
  try {
    const isThere = entries.some((entry) => entry.path === path);
    const bytes = isThere ? await readIfThere(tree, path) : null;
    const text = bytes === null ? null : decodeText(path, bytes);
    return { document: parseLedger(path, text), failure: null };
  } catch (error) {
    const isOutage = error instanceof PinwheelError && error.temporary;
    if (error instanceof PinwheelError && !isOutage)
      return { document: null, failure: toFailure(path, error) };
    throw error;
  }
}

function assemble(
  read: readonly FileReading[],
  ledger: LedgerReading,
  config: RepositoryConfig,
  known: readonly FormatExtractor[],
): Omit<Survey, 'unmatched'> {
  const extractions = read.flatMap((file) => file.extractions);
  const { extractions: linked, findings } = linkExtractions(extractions);
  const hinted = attachTagHints(
    linked.flatMap((extraction) => extraction.sites),
    {
      configuredTag: (image) => imageSettings(config, image, '').tag,
      ledgerTag: (image, digest) =>
        ledger.document === null ? null : ledgerTag(ledger.document, image, digest),
    },
  );
  const errors = [
    ...read.flatMap((file) => (file.error === null ? [] : [file.error])),
    ...extractions.flatMap((extraction) => extraction.errors),
  ];
  const files = new Set(linked.flatMap(({ file, sites }) => (sites.length > 0 ? [file] : [])));
  const holding = read.filter((file) => files.has(file.path));
  return {
    sites: hinted.map((site) => withConfiguredSkip(site, config)).sort(byPlace),
    skipped: [
      ...linked.flatMap((extraction) => extraction.skipped),
      ...read.flatMap(({ passedOver }) => passedOver ?? []),
    ].sort(byPlace),
    errors,
    findings,
    extractions,
    extract: (file, format) => extractBy(known, file, format),
    sources: new Map(holding.flatMap(({ path, bytes }) => (bytes === null ? [] : [[path, bytes]]))),
    texts: new Map(holding.map(({ path, text }) => [path, text])),
    ledger: ledger.document,
    ledgerIsDamaged: ledger.failure !== null,
    failures: [...errors.map(fileFailure), ...(ledger.failure === null ? [] : [ledger.failure])],
  };
}

function withConfiguredSkip(site: Site, config: RepositoryConfig): Site {
  if (site.skip !== null) return site;
  const { ignored } = imageSettings(config, followedImage(site) ?? site.image, '');
  return ignored === null ? site : { ...site, skip: { reason: 'ignored-by-configuration', detail: ignored } };
}

/** Every format, and the one that the configuration's `managers` describe. */
async function formatsFor({ managers }: RepositoryConfig): Promise<readonly FormatExtractor[]> {
  if (managers.length === 0) return formats;
  // The engine behind the patterns is as large as all other formats together.
  const { genericExtractor } = await import('../extract/formats/generic.ts');
  return [...formats, genericExtractor(managers)];
}

function candidateRules(config: RepositoryConfig): CandidateRules {
  return {
    include: config.files.include.map((pattern) => ({ pattern, format: null })),
    exclude: config.files.exclude,
    skipTestData: false,
  };
}

function fileFailure(error: ExtractionError): Failure {
  const subject = error.line === null ? error.file : `${error.file}:${error.line}`;
  return { subject, code: error.code, message: error.message, temporary: false };
}

function byPlace(
  a: { readonly file: string; readonly line: number; readonly column: number },
  b: { readonly file: string; readonly line: number; readonly column: number },
): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
