import { messageOf } from '../domain/errors.ts';
import type { Format } from '../domain/site.ts';
import type { FileExtraction, FormatExtractor, SourceFile } from './format.ts';
import { formats } from './formats/list.ts';

/**
 * What one format makes of a file. An extractor that throws in spite of its promise costs this file alone, and is
 * reported as an error of the file. Pure.
 */
export function extractAs(file: SourceFile, format: Format): FileExtraction {
  return extractBy(formats, file, format);
}

/** {@link extractAs} with a list of one's own: where a configuration's `managers` add a format. */
export function extractBy(
  extractors: readonly FormatExtractor[],
  file: SourceFile,
  format: Format,
): FileExtraction {
  const extractor = extractors.find((candidate) => candidate.format === format);
  try {
    if (extractor !== undefined) return extractor.extract(file);
  } catch (error) {
    return nothing(file, format, messageOf(error));
  }
  return nothing(file, format, `no reader for the format ${format}`);
}

function nothing(file: SourceFile, format: Format, problem: string): FileExtraction {
  const message = `${file.path}: could not be read as ${format}: ${problem.slice(0, 200)}; please report it`;
  const error = { file: file.path, line: null, code: 'internal' as const, message };
  return { file: file.path, format, sites: [], skipped: [], errors: [error], args: [], builds: [] };
}
