import { matchesPath, type PathPattern } from '../domain/path-glob.ts';
import type { Format } from '../domain/site.ts';
import type { FormatExtractor } from '../extract/format.ts';

/** Files to read beside those whose names say what they are, and the format to read them as. */
export type IncludeRule = {
  readonly pattern: PathPattern;
  /** Null: the format the path has by itself, else `dockerfile`. */
  readonly format: Format | null;
};

/** What a repository's configuration says about its files. */
export type CandidateRules = {
  readonly include: readonly IncludeRule[];
  /** Files and folders not to read; they win over `include`. */
  readonly exclude: readonly PathPattern[];
  /** Whether folders of test data (`testdata`, `fixtures`, …) are left out. Default off. */
  readonly skipTestData: boolean;
};

export const DEFAULT_RULES: CandidateRules = { include: [], exclude: [], skipTestData: false };

/** Folders that hold other people's files, or none of anyone's. At any depth. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['.git', 'node_modules', 'vendor']);
const TEST_DATA_FOLDERS: ReadonlySet<string> = new Set([
  'testdata',
  'test-data',
  'test_data',
  'fixtures',
  '__fixtures__',
  'testfixtures',
]);

/** Decides which paths of a tree are read, and as what. Paths are relative with `/`. */
export type Candidates = {
  /** Whether a folder's files are left out altogether. For `Tree.list`. */
  skipFolder(path: string): boolean;
  /** The extractors for a file, in the order of the list; empty where it is no candidate. */
  formatsOf(path: string): readonly FormatExtractor[];
};

const NO_FORMATS: readonly FormatExtractor[] = [];

/** Prepares the choice of files for one repository. */
export function candidatesFor(formats: readonly FormatExtractor[], rules: CandidateRules): Candidates {
  const { include, exclude } = rules;
  const fallback = formats.filter((format) => format.format === 'dockerfile');

  const isExcluded = (path: string): boolean => exclude.some((pattern) => matchesPath(pattern, path));
  const skipsName = (name: string): boolean =>
    SKIPPED_FOLDERS.has(name) || (rules.skipTestData && TEST_DATA_FOLDERS.has(name));

  const skipFolder = (path: string): boolean =>
    skipsName(path.slice(path.lastIndexOf('/') + 1)) || isExcluded(path) || isExcluded(`${path}/`);

  const isInSkippedFolder = (path: string): boolean => {
    for (let slash = path.indexOf('/'), start = 0; slash >= 0; slash = path.indexOf('/', start)) {
      if (skipsName(path.slice(start, slash))) return true;
      if (exclude.length > 0 && (isExcluded(path.slice(0, slash)) || isExcluded(path.slice(0, slash + 1)))) {
        return true;
      }
      start = slash + 1;
    }
    return false;
  };

  const formatsOf = (path: string): readonly FormatExtractor[] => {
    const own = formats.filter((format) => format.matchesPath(path));
    const added = include.filter((rule) => matchesPath(rule.pattern, path));
    if (own.length === 0 && added.length === 0) return NO_FORMATS;
    if (isInSkippedFolder(path) || isExcluded(path)) return NO_FORMATS;
    const chosen = new Set(own);
    for (const rule of added) {
      const named =
        rule.format === null
          ? own.length > 0
            ? own
            : fallback
          : formats.filter((f) => f.format === rule.format);
      for (const format of named) chosen.add(format);
    }
    return formats.filter((format) => chosen.has(format));
  };

  return { skipFolder, formatsOf };
}
