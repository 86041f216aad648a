/**
 * Markdown for GitHub made from text that others wrote (image labels, package names, vulnerability titles).
 * GitHub links mentions and back-references AFTER Markdown became HTML, in text nodes, so an escape or an entity alone
 * does not stop them: a zero-width space (`&#8203;`) between the sign and the name does.
 */

const ZERO_WIDTH = '&#8203;';
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['|', '&#124;'],
  ['`', '\\`'],
  ['$', '&#36;'],
  ['\\', '\\\\'],
  ['*', '\\*'],
  ['_', '\\_'],
  ['~', '\\~'],
  ['[', '&#91;'],
  [']', '&#93;'],
  ['@', `@${ZERO_WIDTH}`],
  ['#', `\\#${ZERO_WIDTH}`],
]);

/**
 * Plain text as inert inline Markdown on one line: shows the same characters, and makes no mention, no reference
 * (`#1`, `GH-1`, `owner/repo#1`), no link, image, HTML, code, emphasis, math, table cell, list or heading.
 * Line breaks and tabs become blanks; control and bidirectional characters are dropped. Linear.
 * `max` (characters of the plain text) cuts with `…`.
 */
export function escapeMarkdown(text: string, max?: number): string {
  const plain = cut(plainLine(text), max);
  let out = '';
  for (const character of plain) out += ESCAPED.get(character) ?? character;
  return guardLineStart(guardAutolinks(out));
}

/**
 * Plain text as a code span (nothing in it is linked by GitHub). Text that a pair of backticks cannot hold inside a
 * table (backticks, pipes, `<`) becomes an escaped `<code>` element. Empty text gives empty text.
 */
export function codeSpan(text: string, max?: number): string {
  const plain = cut(plainLine(text), max).trim();
  if (plain === '') return '';
  if (/[`|\\<]/.test(plain)) return `<code>${escapeMarkdown(plain)}</code>`;
  return `\`${plain}\``;
}

/**
 * A link with inert text. Only absolute http and https URLs without credentials become links; for any other `url`
 * the text alone is returned. Links to GitHub issues, pull requests and commits go by `redirect.github.com`, which
 * leaves no "mentioned this" mark there.
 */
export function link(text: string, url: string): string {
  const target = safeUrl(url);
  return target === null ? escapeMarkdown(text) : `[${escapeMarkdown(text)}](${target})`;
}

/** The URL as it may stand in a Markdown link, or null where it is no plain http(s) URL of at most 2,048 characters. */
export function safeUrl(url: string): string | null {
  if (url.length > 2048 || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return null;
  if (parsed.username !== '' || parsed.password !== '') return null;
  if (
    parsed.hostname === 'github.com' &&
    /^\/[^/]+\/[^/]+\/(?:issues|pull|discussions|commit)\//.test(parsed.pathname)
  ) {
    parsed.hostname = 'redirect.github.com';
  }
  return parsed.href.replace(/[()<>[\]|`\\*_~@$'"]/g, percentEncode);
}

/**
 * A table. Headers and cells are Markdown that was already made safe (by the functions here); line breaks in them
 * become blanks, and missing cells are empty. Ends without a line break. Empty text where there are no rows.
 */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return [...tableHead(headers), ...rows.map((row) => tableRow(row, headers.length))].join('\n');
}

/** The two lines that open a table. */
export function tableHead(headers: readonly string[]): readonly [string, string] {
  return [tableRow(headers, headers.length), `|${'---|'.repeat(headers.length)}`];
}

/** One line of a table with exactly `width` cells. */
export function tableRow(cells: readonly string[], width: number): string {
  const padded = Array.from({ length: width }, (_, i) => (cells[i] ?? '').replace(/[\r\n]+/g, ' ').trim());
  return `| ${padded.join(' | ')} |`;
}

/** A fold. `summary` is plain text; `body` is Markdown that was already made safe. */
export function details(summary: string, body: string): string {
  return `<details><summary>${escapeHtml(summary)}</summary>\n\n${body.trim()}\n\n</details>`;
}

/** Plain text as inert HTML text on one line, mentions and references broken as in {@link escapeMarkdown}. */
export function escapeHtml(text: string): string {
  const escaped = plainLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('@', `@${ZERO_WIDTH}`)
    .replaceAll('#', `#${ZERO_WIDTH}`)
    .replaceAll(`&#${ZERO_WIDTH}`, '&#');
  return guardAutolinks(escaped);
}

/**
 * A part of a report that may be long. `head` opens it (a heading, a sentence, the head of a table), `rows` are lines
 * that are never cut, `foot` closes it. `rows` may be empty. All are Markdown that was already made safe.
 */
export type Section = {
  readonly head: string;
  readonly rows: readonly string[];
  readonly foot: string;
};

/**
 * The sections in one text of at most `limit` characters (UTF-16 units). What does not fit is left out by whole rows,
 * the last section first, and a line says how many rows were left out. A section of which not even the head fits is
 * left out whole. Never longer than `limit`.
 */
export function fitSections(sections: readonly Section[], limit: number): string {
  const parts: string[] = [];
  let left = limit;
  let omitted = 0;
  for (const [index, section] of sections.entries()) {
    const later = index < sections.length - 1;
    const whole = renderSection(section, section.rows);
    if (omitted === 0 && whole.length + 2 <= left - (later ? NOTE_ROOM : 0)) {
      parts.push(whole);
      left -= whole.length + 2;
      continue;
    }
    const kept = omitted === 0 ? rowsThatFit(section, left - NOTE_ROOM) : 0;
    if (kept > 0) {
      const cutSection = renderSection(section, section.rows.slice(0, kept));
      parts.push(cutSection);
      left -= cutSection.length + 2;
    }
    omitted += Math.max(1, section.rows.length - kept);
  }
  if (omitted > 0) {
    const note = `… ${omitted} more ${omitted === 1 ? 'row' : 'rows'} did not fit.`;
    if (note.length <= left) parts.push(note);
  }
  return parts.join('\n\n');
}

/**
 * The sections in as many texts as needed, each of at most `limit` characters, none cut inside a row; a section that
 * goes on in the next text has its head and foot again. A single row or head longer than `limit` is left out and told.
 */
export function splitSections(sections: readonly Section[], limit: number): readonly string[] {
  const pieces: string[] = [];
  let current = '';
  const close = (): void => {
    if (current !== '') pieces.push(current);
    current = '';
  };
  const room = (): number => limit - (current === '' ? 0 : current.length + 2);
  const add = (text: string): void => {
    current = current === '' ? text : `${current}\n\n${text}`;
  };
  for (const section of sections) {
    let rest: readonly string[] = section.rows;
    do {
      const kept = rowsThatFit({ ...section, rows: rest }, room());
      const fits = rest.length === 0 ? renderSection(section, rest).length <= room() : kept > 0;
      if (fits) {
        add(renderSection(section, rest.slice(0, kept)));
        rest = rest.slice(kept);
      } else if (current !== '') {
        close();
      } else {
        add(TOO_LONG.slice(0, limit));
        rest = rest.slice(1);
      }
      if (fits && rest.length === 0) break;
    } while (rest.length > 0 || current === '');
  }
  close();
  return pieces;
}

const NOTE_ROOM = 60;
const TOO_LONG = '… one row was too long to show.';

function renderSection(section: Section, rows: readonly string[]): string {
  return [section.head, rows.join('\n'), section.foot]
    .filter((part) => part !== '')
    .join('\n')
    .trim();
}

function rowsThatFit(section: Section, room: number): number {
  let used = section.head.length + 1 + section.foot.length + 1;
  let kept = 0;
  for (const row of section.rows) {
    used += row.length + 1;
    if (used > room) break;
    kept += 1;
  }
  return kept;
}

/** One line, well-formed, without control, bidirectional, zero-width and tag characters. */
function plainLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, '');
}

function cut(text: string, max: number | undefined): string {
  if (max === undefined || text.length <= max) return text;
  const characters = Array.from(text.slice(0, max + 1));
  return characters.length <= max && text.length <= max
    ? text
    : `${characters.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/** Breaks `GH-1`, bare URLs and `www.` names: GitHub links these without any Markdown. */
function guardAutolinks(text: string): string {
  return text
    .replace(/\b(gh-)(?=\d)/gi, `$1${ZERO_WIDTH}`)
    .replace(/:\/\//g, `:${ZERO_WIDTH}//`)
    .replace(/\b(www)\./gi, `$1${ZERO_WIDTH}.`)
    .replace(/\b(mailto|xmpp):/gi, `$1${ZERO_WIDTH}:`);
}

/** A line that would open a list, a rule or a setext heading does not. */
function guardLineStart(text: string): string {
  const trimmed = text.trimStart();
  if (/^[-+=]/.test(trimmed)) return `\\${trimmed}`;
  return trimmed.replace(/^(\d{1,9})([.)])/, '$1\\$2');
}

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
