import type { Result } from '../domain/errors.ts';
import type { ExtractionError } from '../domain/site.ts';
import type { SourceFile } from './format.ts';

/** The size above which a file is not read: 1 MiB. */
export const MAX_FILE_BYTES = 1_048_576;

// Stateless without `stream`; a BOM stays in the text so that offsets are those of the file.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of a candidate file, or why it is not read: larger than 1 MiB, holding NUL bytes, or not UTF-8.
 * `path` is relative with `/` and stands in the message. A BOM and all line ends are kept. Never throws.
 */
export function decodeSource(path: string, bytes: Uint8Array): Result<SourceFile, ExtractionError> {
  const tooLarge = refuseSize(path, bytes.length);
  if (tooLarge !== null) return { ok: false, fault: tooLarge };
  if (isUtf16(bytes)) {
    return fault(path, 'not-utf8', 'it is UTF-16: save it as UTF-8');
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    return fault(
      path,
      'binary',
      `byte ${nul} is NUL, so it is not text: exclude it in the configuration if that is intended`,
    );
  }
  try {
    return { ok: true, value: { path, text: UTF8.decode(bytes) } };
  } catch {
    return fault(path, 'not-utf8', 'it is not valid UTF-8: convert it, or exclude it in the configuration');
  }
}

/** The error for a file of that many bytes, where it is too large to read; null where it is not. For listings that tell sizes. */
export function refuseSize(path: string, size: number): ExtractionError | null {
  if (size <= MAX_FILE_BYTES) return null;
  const message = `${path}: not read: ${size} bytes is more than the cap of 1 MiB: exclude it in the configuration, or split it`;
  return { file: path, line: null, code: 'too-large', message };
}

function isUtf16(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}

function fault(
  path: string,
  code: 'binary' | 'not-utf8',
  problem: string,
): { readonly ok: false; readonly fault: ExtractionError } {
  return { ok: false, fault: { file: path, line: null, code, message: `${path}: not read: ${problem}` } };
}
