import type { Result } from '../../domain/errors.ts';
import type { IsoDate } from '../../domain/ledger-entry.ts';
import type { Suppression } from './suppression.ts';
import { parseTrivyIgnore, parseTrivyIgnoreYaml } from './trivyignore.ts';
import { readVex } from './vex.ts';

const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads a file that says which vulnerabilities do not count: by its name `.yaml` or `.yml` the YAML form of
 * `.trivyignore`, by its content OpenVEX or CycloneDX VEX, else the plain form of `.trivyignore`. Entries past their end
 * on `today` are left out. Pure; a fault says what is wrong, and then nothing of the file counts.
 */
export function readStatements(
  path: string,
  text: string,
  today: IsoDate,
): Result<readonly Suppression[], string> {
  if (text.length > MAX_CHARACTERS) return { ok: false, fault: 'it is longer than 16 MiB' };
  if (/\.ya?ml$/i.test(path)) return parseTrivyIgnoreYaml(text, today);
  if (!text.trimStart().startsWith('{')) return { ok: true, value: parseTrivyIgnore(text, today) };
  const vex = readVex(parseOrNull(text));
  return vex === null
    ? { ok: false, fault: 'it is neither OpenVEX nor CycloneDX VEX' }
    : { ok: true, value: vex };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
