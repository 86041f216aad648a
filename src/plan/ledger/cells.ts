import {
  canonicalName,
  familiarName,
  parseImageReference,
  type Repository,
} from '../../domain/image-reference.ts';
import type { LedgerEntry } from '../../domain/ledger-entry.ts';
import { PIN_STATUSES, type Stopped } from '../../domain/pin-status.ts';

/** What stands in a cell that has nothing to say. */
export const EMPTY_CELL = '—';

/**
 * The cells of a table row (GFM 4.10): split at pipes that no backslash precedes, the outer ones left out, trimmed,
 * `\|` read as a pipe. Linear.
 */
export function splitRow(line: string): readonly string[] {
  const text = line.trim();
  const cells: string[] = [];
  let cell = '';
  for (let at = text.startsWith('|') ? 1 : 0; at < text.length; at++) {
    if (text[at] === '\\' && text[at + 1] === '|') {
      cell += '|';
      at += 1;
    } else if (text[at] === '|') {
      cells.push(cell.trim());
      cell = '';
    } else {
      cell += text[at];
    }
  }
  if (cell.trim() !== '') cells.push(cell.trim());
  return cells;
}

/** Whether these are the cells of the line under a table's head: `---`, `:--`, `:-:`. */
export function isDelimiterRow(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^:?-+:?$/.test(cell));
}

/**
 * The name people know (`python`), or the canonical one where the short form would be read as something else: on
 * Docker Hub a first path component like `localhost` or `a.b` is legal.
 */
export function imageName(repository: Repository): string {
  const familiar = familiarName(repository);
  const parsed = parseImageReference(familiar);
  const same =
    parsed.ok &&
    parsed.value.registry === repository.registry &&
    parsed.value.repository === repository.repository;
  return same ? familiar : canonicalName(repository);
}

/** `index: linux/amd64, linux/arm64`; the kind alone or the platforms alone where that is all that is known. */
export function platformsCell(entry: Pick<LedgerEntry, 'kind' | 'platforms'>): string {
  const platforms = entry.platforms.map(encodePlatform).join(', ');
  if (entry.kind === null) return platforms === '' ? EMPTY_CELL : platforms;
  return platforms === '' ? entry.kind : `${entry.kind}: ${platforms}`;
}

/** The reverse of {@link platformsCell}; null where the cell is not of that form. */
export function parsePlatformsCell(cell: string): Pick<LedgerEntry, 'kind' | 'platforms'> | null {
  if (isNothing(cell)) return { kind: null, platforms: [] };
  const colon = cell.indexOf(':');
  const head = (colon < 0 ? cell : cell.slice(0, colon)).trim();
  const kind = head === 'index' || head === 'manifest' ? head : null;
  if (kind === null && colon >= 0) return null;
  const list = kind === null ? cell : cell.slice(head.length + 1);
  const platforms: string[] = [];
  for (const part of list.split(',')) {
    if (part.trim() === '' && kind !== null && colon < 0) continue;
    const platform = decodePercent(part.trim());
    if (platform === null || platform === '') return null;
    platforms.push(platform);
  }
  return { kind, platforms };
}

/** `expired`, or `expired, held` where a newer digest was held or blocked. */
export function statusCell({ status, stopped }: Pick<LedgerEntry, 'status' | 'stopped'>): string {
  return stopped === null ? status : `${status}, ${stopped}`;
}

/** Words of earlier versions that said nothing of the age. */
const EARLIER_WORDS: ReadonlyMap<string, Stopped | null> = new Map([
  ['held', 'held'],
  ['blocked', 'blocked'],
  ['behind', null],
  ['current', null],
]);

/** The reverse of {@link statusCell}; null where the cell is not of that form. */
export function parseStatusCell(cell: string): Pick<LedgerEntry, 'status' | 'stopped'> | null {
  const earlier = EARLIER_WORDS.get(cell);
  if (earlier !== undefined) return { status: 'unknown', stopped: earlier };
  const [word, behind, ...more] = cell.split(/, */);
  const status = PIN_STATUSES.find((one) => one === word);
  const isStopped = behind === 'held' || behind === 'blocked';
  if (status === undefined || more.length > 0 || (behind !== undefined && !isStopped)) return null;
  return { status, stopped: behind ?? null };
}

/** Paths as code, one a line. Characters that Markdown, a table or a reader's eye would trip over are percent-encoded. */
export function pathsCell(paths: readonly string[]): string {
  return paths.length === 0 ? EMPTY_CELL : paths.map((path) => `\`${encodePath(path)}\``).join('<br>');
}

/** The reverse of {@link pathsCell}; null where the cell is not of that form. */
export function parsePathsCell(cell: string): readonly string[] | null {
  if (isNothing(cell)) return [];
  const paths: string[] = [];
  let at = 0;
  while (at < cell.length) {
    const end = cell[at] === '`' ? cell.indexOf('`', at + 1) : -1;
    if (end < 0) return null;
    const path = decodePercent(cell.slice(at + 1, end));
    if (path === null || path === '') return null;
    paths.push(path);
    at = end + 1;
    const separator = /^\s*(?:<br ?\/?>|,)\s*/.exec(cell.slice(at, at + 32));
    if (at < cell.length && separator === null) return null;
    at += separator?.[0].length ?? 0;
  }
  return paths;
}

/** A cell that says nothing: empty, or a dash. */
export function isNothing(cell: string): boolean {
  return cell === '' || cell === '-' || cell === '–' || cell === EMPTY_CELL;
}

/** The text inside one pair of backticks, or the cell itself. */
export function withoutCode(cell: string): string {
  return cell.length > 2 && cell.startsWith('`') && cell.endsWith('`') ? cell.slice(1, -1) : cell;
}

function encodePlatform(platform: string): string {
  const encoded = encodeWhere(platform, (character) => !/[A-Za-z0-9/._-]/.test(character));
  // Without a slash it could read like a kind or a dash.
  return platform.includes('/') ? encoded : encodeWhere(platform, () => true);
}

function encodePath(path: string): string {
  const last = path.length - 1;
  return encodeWhere(
    path,
    (character, at) =>
      /[%|`\\]|[\p{C}\p{Zl}\p{Zp}]/u.test(character) ||
      (/\p{Zs}/u.test(character) && (character !== ' ' || at === 0 || at === last)),
  );
}

function encodeWhere(text: string, isOdd: (character: string, at: number) => boolean): string {
  let result = '';
  let at = 0;
  for (const character of text) {
    result += isOdd(character, at) ? percentEncode(character) : character;
    at += character.length;
  }
  return result;
}

function percentEncode(character: string): string {
  const bytes = new TextEncoder().encode(character);
  return [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function decodePercent(text: string): string | null {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
