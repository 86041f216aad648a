import { PlanError } from './plan.ts';

/**
 * A file's bytes as text: UTF-8, with BOM, line ends and everything else kept, so that {@link encodeText} gives the
 * same bytes back. Throws PlanError `not-utf8`.
 */
export function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new PlanError({
      code: 'not-utf8',
      message: `${path} is not UTF-8 text; save it as UTF-8 so that it can be edited`,
      cause,
    });
  }
}

/** The UTF-8 bytes of a text. A BOM is a character like any other. */
export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
