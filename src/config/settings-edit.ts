import { isMap, isScalar, isSeq, type Pair, parseDocument } from 'yaml';
import { parseRepositoryConfig } from './repository.ts';

/** One entry to write under `holds` or `ignores`; keys in this order, null ones left out. */
export type SettingsEntry = {
  readonly image: string;
  readonly digest?: string | null;
  readonly until?: string | null;
  readonly reason?: string | null;
  readonly by?: string | null;
};

export type SettingsList = 'holds' | 'ignores';

/**
 * The settings text with an entry added to a list; an entry of the same image (and digest) is replaced. Nothing else
 * changes: comments, quotes, order and line ends stay byte for byte. Null where the text cannot be edited in place (it
 * does not parse, or the list is written in a way that has no room).
 */
export function addEntry(text: string, list: SettingsList, entry: SettingsEntry): string | null {
  const without = removeEntries(text, list, (one) => sameSubject(one, entry));
  if (without === null) return null;
  const eol = without.text.includes('\r\n') ? '\r\n' : '\n';
  const added = insert(without.text, list, entry, eol);
  return added !== null && parseRepositoryConfig(added, 'edited').ok ? added : null;
}

/**
 * The settings text without the entries of a list that `matches`; how many there were. Null where they cannot be taken
 * out in place.
 */
export function removeEntries(
  text: string,
  list: SettingsList,
  matches: (entry: { readonly image: string; readonly digest: string | null }) => boolean,
): { readonly text: string; readonly removed: number } | null {
  const pair = pairOf(text, list);
  if (pair === 'unreadable') return null;
  if (pair === null || !isSeq(pair.value)) return { text, removed: 0 };
  let edited = text;
  let removed = 0;
  const { items, flow } = pair.value;
  for (const item of items.toReversed()) {
    if (!isMap(item) || !item.range) continue;
    const image = item.get('image');
    const digest = item.get('digest');
    if (typeof image !== 'string') continue;
    if (!matches({ image, digest: typeof digest === 'string' ? digest : null })) continue;
    if (flow) return null;
    removed += 1;
    // From the dash's line to where the next item or key begins.
    const start = edited.lastIndexOf('\n', item.range[0] - 1) + 1;
    const end = item.range[2];
    edited = edited.slice(0, start) + edited.slice(end);
  }
  if (removed > 0 && removed === items.length) {
    const key = isScalar(pair.key) ? pair.key.range : null;
    if (!key) return null;
    const end = edited.indexOf('\n', key[1]);
    edited = edited.slice(0, key[0]) + (end < 0 ? '' : edited.slice(end + 1));
  }
  return removed === 0 || parseRepositoryConfig(edited, 'edited').ok ? { text: edited, removed } : null;
}

function insert(text: string, list: SettingsList, entry: SettingsEntry, eol: string): string | null {
  const pair = pairOf(text, list);
  if (pair === 'unreadable') return null;
  if (pair === null) {
    const start = text === '' || text.endsWith('\n') ? text : `${text}${eol}`;
    return `${start}${list}:${eol}${itemLines(entry, '  ', eol)}`;
  }
  const { value } = pair;
  if (isSeq(value) && value.items.length === 0 && value.range) {
    const before = text.slice(0, value.range[0]).replace(/[ \t]+$/, '');
    return `${before}${eol}${itemLines(entry, '  ', eol).trimEnd()}${text.slice(value.range[1])}`;
  }
  if (isSeq(value) && value.flow && value.range) {
    const close = value.range[1] - 1;
    return `${text.slice(0, close).trimEnd()}, ${JSON.stringify(plain(entry))}${text.slice(close)}`;
  }
  if (isSeq(value)) {
    const first = value.items[0];
    if (!isMap(first) || !first.range) return null;
    const line = text.lastIndexOf('\n', first.range[0] - 1) + 1;
    const indent = /^[ \t]*/.exec(text.slice(line))?.[0] ?? '';
    return text.slice(0, line) + itemLines(entry, indent, eol) + text.slice(line);
  }
  // `holds:` with nothing behind it.
  if (isScalar(pair.key) && pair.key.range && (value === null || (isScalar(value) && value.value === null))) {
    const colon = text.indexOf(':', pair.key.range[1] - 1);
    return `${text.slice(0, colon + 1)}${eol}${itemLines(entry, '  ', eol).trimEnd()}${text.slice(colon + 1)}`;
  }
  return null;
}

function pairOf(text: string, list: SettingsList): Pair | null | 'unreadable' {
  const document = parseDocument(text);
  if (document.errors.length > 0) return 'unreadable';
  const { contents } = document;
  if (contents === null) return null;
  if (!isMap(contents) || contents.flow) return 'unreadable';
  return contents.items.find((pair) => isScalar(pair.key) && pair.key.value === list) ?? null;
}

function itemLines(entry: SettingsEntry, indent: string, eol: string): string {
  const lines = Object.entries(plain(entry)).map(([key, value], index) => {
    const bare =
      key === 'until' || (key === 'image' && /^[a-z0-9][a-z0-9./-]*(?::[\w][\w.-]*)?$/.test(value));
    // JSON's strings are YAML's double-quoted ones.
    return `${indent}${index === 0 ? '- ' : '  '}${key}: ${bare ? value : JSON.stringify(value)}`;
  });
  return `${lines.join(eol)}${eol}`;
}

function plain(entry: SettingsEntry): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(entry).flatMap(([key, value]) => (value == null ? [] : [[key, value]])),
  );
}

function sameSubject(
  one: { readonly image: string; readonly digest: string | null },
  entry: SettingsEntry,
): boolean {
  return one.image === entry.image && one.digest === (entry.digest ?? null);
}
